"""From nothing to a talking head with the shipped models: what a user gets after two clicks."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

LINE = Path(__file__).parents[2] / "docs" / "demo" / "line.flac"


@pytest.fixture
def talking(part) -> bpy.types.Object:
    """A generated head that speaks the bundled line at 30 frames a second from frame 1."""
    bpy.context.scene.render.fps = 30
    assert bpy.ops.headroom.generate_head(seed=1) == {"FINISHED"}
    body = bpy.context.active_object
    transcript = LINE.with_suffix(".txt").read_text(encoding="utf-8").strip()
    assert bpy.ops.headroom.lip_sync(filepath=str(LINE), start=1, transcript=transcript) == {"FINISHED"}
    return body


def test_a_generated_head_speaks(part, talking):
    scene, meshes = bpy.context.scene, part("addon.bridge.meshes")
    keys = talking.data.shape_keys.key_blocks
    sound = next(iter(scene.sequence_editor.strips_all))
    assert (sound.frame_final_start, sound.frame_final_end) == (1, pytest.approx(scene.frame_end + 1, abs=1))
    jaw, moving = [], set()
    for frame in range(scene.frame_start, scene.frame_end + 1):
        scene.frame_set(frame)
        jaw.append(keys["jawOpen"].value)
        moving |= {key.name for key in keys[1:] if key.value > 0.1}
    assert max(jaw) > 0.2
    assert min(jaw) < 0.02
    assert len(moving) > 8, moving

    slots = [slot.material.name for slot in talking.material_slots]
    index = np.empty(len(talking.data.polygons), dtype=np.int32)
    talking.data.polygons.foreach_get("material_index", index)
    scene.frame_set(scene.frame_start)
    rest = meshes.evaluated_points(talking)
    scene.frame_set(scene.frame_start + int(np.argmax(jaw)))
    moved = np.linalg.norm(meshes.evaluated_points(talking) - rest, axis=1)
    assert 0.004 < moved.max() < 0.05
    teeth = [number for number, name in enumerate(slots) if name.startswith("Teeth")]
    upper = np.unique([v for face in talking.data.polygons if face.material_index == teeth[0] for v in face.vertices])
    lower = np.unique([v for face in talking.data.polygons if face.material_index == teeth[1] for v in face.vertices])
    assert moved[upper].max() < 1e-4, "upper teeth never move"
    assert moved[lower].max() > 0.002, "lower teeth follow the jaw"


def test_every_channel_has_a_shape(part, talking):
    """Nothing that lip sync moves is lost on our own head."""
    assert set(part("core.performance").SHAPES) <= set(talking.data.shape_keys.key_blocks.keys())


def test_the_same_seed_is_the_same_head(part):
    points = []
    for _ in range(2):
        bpy.ops.headroom.generate_head(seed=3)
        points.append(part("addon.bridge.meshes").evaluated_points(bpy.context.active_object))
    bpy.ops.headroom.generate_head(seed=4)
    other = part("addon.bridge.meshes").evaluated_points(bpy.context.active_object)
    assert np.array_equal(points[0], points[1])
    assert np.abs(points[0] - other).max() > 0.002


def test_an_unknown_attribute_is_one_line(part):
    with pytest.raises(RuntimeError, match="beak"):
        bpy.ops.headroom.generate_head(set="beak=1")
    assert not bpy.data.objects


def test_an_unknown_language_is_one_line(part, body):
    with pytest.raises(RuntimeError, match="tlh"):
        bpy.ops.headroom.lip_sync(filepath=str(LINE), transcript="nuqneH", language="tlh")
    assert not bpy.data.actions
