"""What the doctor finds about rigs and modifiers."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from patients import (  # noqa: F401 - fixtures
    RAMP,
    data,
    doctor,
    fix,
    look,
    mouth,
    moves,
    mute_key,
    strip,
)


def nod(part, body, perform) -> None:
    part("addon.bridge.actions").write(perform({("headPitch", "head"): RAMP / 2}, 30.0), body, 1, 30)


def rest_position(body):
    body.parent.data.pose_position = "REST"


def armature_off(body):
    body.modifiers["Armature"].show_viewport = False


def armature_empty(body):
    body.modifiers["Armature"].object = None


def armature_missing(body):
    body.modifiers.remove(body.modifiers["Armature"])


def armature_wrong(body):
    armature = bpy.data.armatures.new("Box")
    rig = bpy.data.objects.new("Box", armature)
    bpy.context.scene.collection.objects.link(rig)
    body.modifiers["Armature"].object = rig


@pytest.mark.parametrize(
    ("what", "spoil"),
    [
        ("rest_position", rest_position), ("armature_off", armature_off), ("armature_wrong", armature_empty),
        ("armature_missing", armature_missing), ("armature_wrong", armature_wrong),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)  # fmt: skip
def test_what_keeps_bones_from_moving_a_head(part, mouth, perform, look, fix, what, spoil):
    nod(part, mouth, perform)
    strip(mouth).mute = True
    for driver in list(data(mouth).drivers):  # some shape keys follow the neck's bones
        mouth.data.shape_keys.driver_remove(driver.data_path)
    assert moves(mouth)
    spoil(mouth)
    assert not moves(mouth), "this is no trouble at all"
    found = look()
    assert what in found
    fix(found[what])
    assert list(look()) == ["muted_strips"]
    assert moves(mouth)


def test_a_muted_track_of_the_rig(part, mouth, perform, look, fix):
    nod(part, mouth, perform)
    mouth.parent.animation_data.nla_tracks["Headroom head"].mute = True
    assert list(look()) == ["muted_tracks"]
    fix(look()["muted_tracks"])
    assert not look()


def test_a_cache_in_the_place_of_shape_keys(part, mouth, look, fix, tmp_path):
    from headroom.core.formats import pc2
    from headroom.core.sequence import MeshSequence

    rest = part("addon.bridge.meshes").points_of(mouth.data.shape_keys.reference_key)
    pc2.write(tmp_path / "still.pc2", MeshSequence(np.stack([rest, rest]), 30.0))
    cache = mouth.modifiers.new("Cache", "MESH_CACHE")
    cache.cache_format, cache.filepath = "PC2", str(tmp_path / "still.pc2")
    assert not moves(mouth)
    assert list(look()) == ["overwritten"]
    fix(look()["overwritten"])
    assert not look() and moves(mouth)
    assert "Cache" in mouth.modifiers


def test_a_cache_that_is_off(body, look, fix):
    cache = body.modifiers.new("Cache", "MESH_CACHE")
    cache.show_viewport = False
    assert "deformer_off" in look()
    fix(look()["deformer_off"])
    assert "deformer_off" not in look()


def test_modifiers_that_drop_keys_on_export_are_a_note(mouth, doctor, look):
    mouth.modifiers.new("Subdivision", "SUBSURF")
    assert not look(), "it still moves"
    report = doctor.examine([mouth], bpy.context.scene, bpy.context.view_layer)
    assert [finding.what for finding in report.findings] == ["drops_on_export"]


def test_the_rig_alone_may_be_selected(part, mouth, look):
    mute_key(mouth, part)
    bpy.context.view_layer.objects.active = mouth.parent
    mouth.select_set(False)
    assert list(look()) == ["muted_keys"]


def part_of(body, name: str, keys: dict[str, float]) -> bpy.types.Object:
    """Give a head a small mesh on its rig, with keys that move a vertex by so much."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(0, 0, 0), (0, 0, 0.1), (0, 0.1, 0)], [], [(0, 1, 2)])
    made = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(made)
    made.parent = body.parent
    for key_name, far in {"Basis": 0.0, **keys}.items():
        key = made.shape_key_add(name=key_name, from_mix=False)
        key.value = 0.0
        key.points[0].co = (0, 0, far)
    return made


def test_parts_may_rest_while_the_head_moves(mouth, look):
    part_of(mouth, "Lashes", {"longer": 0.01})
    assert not look()


def test_a_key_that_is_empty_on_a_part_does_its_work_on_the_head(part, mouth, look):
    teeth = part_of(mouth, "Teeth", {"jawOpen": 0.0, "cheekPuff": 0.0})
    part("addon.compat").play(teeth.data.shape_keys.animation_data_create(), strip(mouth).action)
    assert not look()
    jaw = mouth.data.shape_keys.key_blocks["jawOpen"]
    jaw.points.foreach_set("co", part("addon.bridge.meshes").points_of(mouth.data.shape_keys.reference_key).ravel())
    assert list(look()) == ["empty_keys"]


def test_a_hidden_part_is_not_meant(mouth, look):
    part_of(mouth, "Low", {"jawOpen": 0.0}).hide_viewport = True
    assert not look()


def test_a_hidden_head_is_found_through_its_rig(mouth, look):
    mouth.hide_viewport = True
    bpy.context.view_layer.objects.active = mouth.parent
    assert list(look()) == ["hidden"]
