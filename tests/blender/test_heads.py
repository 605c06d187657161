"""A head arrives in Blender whole: geometry, shapes, colors, materials, bones."""

from __future__ import annotations

import bpy
import numpy as np
import pytest


def test_vertices_stand_where_the_head_has_them(part, small_head, body):
    points = part("addon.bridge.meshes").evaluated_points(body)
    np.testing.assert_allclose(points, small_head.neutral, atol=1e-6)


def test_a_shape_key_moves_what_its_shape_moves(part, small_head, body):
    body.data.shape_keys.key_blocks["jawOpen"].value = 0.5
    bpy.context.view_layer.update()
    points = part("addon.bridge.meshes").evaluated_points(body)
    np.testing.assert_allclose(points, small_head.pose({"jawOpen": 0.5}), atol=1e-6)


def test_all_shapes_are_there_and_at_rest(small_head, body):
    keys = body.data.shape_keys.key_blocks
    assert keys.keys() == ["Basis", *small_head.shape_names]
    assert all(abs(key.value) < 1e-5 for key in keys)


def test_uvs_and_colors_come_through(small_head, body):
    mesh = body.data
    uv = np.empty(len(mesh.loops) * 2, dtype=np.float32)
    mesh.uv_layers.active.uv.foreach_get("vector", uv)
    np.testing.assert_allclose(uv.reshape(-1, 4, 2), small_head.uv, atol=1e-6)
    color = mesh.color_attributes.active_color
    assert color.domain == "POINT"
    stored = np.empty(len(mesh.vertices) * 4, dtype=np.float32)
    color.data.foreach_get("color", stored)
    np.testing.assert_allclose(stored.reshape(-1, 4), small_head.colors, atol=1e-6)


def test_slots_follow_the_parts(small_head, body):
    names = [slot.material.name for slot in body.material_slots]
    assert names == ["Skin", "Eye", "Eye", "Tongue"]
    slots = np.empty(len(body.data.polygons), dtype=np.int32)
    body.data.polygons.foreach_get("material_index", slots)
    assert (slots[small_head.part == "tongue"] == 3).all()
    assert all(face.use_smooth for face in body.data.polygons)


def test_heads_share_materials_without_textures(part, small_head, body):
    part("addon.bridge.heads").add_head(small_head)
    assert sorted(material.name for material in bpy.data.materials) == ["Eye", "Skin", "Tongue"]


def test_parts_and_regions_have_groups(small_head, body):
    for name, member in (("part_tongue", small_head.part == "tongue"), ("region_forehead", small_head.part == "skin")):
        group = body.vertex_groups[name].index
        there = {vertex.index for vertex in body.data.vertices if group in [entry.group for entry in vertex.groups]}
        assert there == set(np.unique(small_head.faces[member]).tolist())
    assert not [name for name in body.vertex_groups.keys() if name in body.parent.data.bones and "DEF-" not in name]


def test_a_head_remembers_what_it_was_made_from(part, body):
    assert part("addon.bridge.heads").recipe(body)["attributes"] == {"seed": 3}


@pytest.mark.parametrize("ending", [".glb", ".fbx", ".usdc", ".obj", ".blend"])
def test_every_format_is_written(part, body, tmp_path, ending):
    path = tmp_path / f"head{ending}"
    part("addon.bridge.exports").export(path, body)
    assert path.stat().st_size > 10_000


def test_an_unwritable_export_is_one_line(part, body, tmp_path):
    errors = part("core.errors")
    with pytest.raises(errors.OutputError) as caught:
        part("addon.bridge.exports").export(tmp_path / "missing" / "deep" / "head.obj", body)
    assert "\n" not in str(caught.value)
