"""Performances become keys that play back exactly, on layers that can be redone one by one."""

from __future__ import annotations

import bpy
import numpy as np
import pytest


def value_at(body, name: str, frame: int) -> float:
    bpy.context.scene.frame_set(frame)
    return body.data.shape_keys.key_blocks[name].value


@pytest.mark.parametrize(("fps", "start"), [(60.0, 1), (30.0, 101), (24.0, 1), (23.976, 10), (25.0, 0)])
def test_keys_play_back_at_the_right_time(part, body, perform, fps, start):
    rng = np.random.default_rng(0)
    curve = np.cumsum(rng.normal(0, 0.02, 120)) + 0.5
    performance = perform({("jawOpen", "lips"): curve.clip(0, 1)})
    part("addon.bridge.actions").write(performance, body, start, fps)
    for offset in (0, 1, 7, 30):
        time = offset / fps
        want = np.interp(time, np.arange(120) / 60, performance.values[:, 0])
        assert value_at(body, "jawOpen", start + offset) == pytest.approx(want, abs=1e-4)


def test_vertices_follow_the_keys(part, small_head, body, perform):
    performance = perform({("jawOpen", "lips"): np.linspace(0, 1, 61)})
    part("addon.bridge.actions").write(performance, body, 1, 60)
    bpy.context.scene.frame_set(31)
    points = part("addon.bridge.meshes").evaluated_points(body)
    np.testing.assert_allclose(points, small_head.pose({"jawOpen": 0.5}), atol=1e-5)


def test_nothing_moves_outside_the_performance(part, body, perform):
    part("addon.bridge.actions").write(perform({("jawOpen", "lips"): np.ones(60)}), body, 50, 60)
    assert [value_at(body, "jawOpen", frame) for frame in (1, 49, 60, 200)] == [0, 0, 1, 0]


def test_layers_add_up_and_can_be_muted(part, body, perform):
    performance = perform(
        {("eyeBlinkLeft", "blinks"): np.full(30, 0.25), ("eyeBlinkLeft", "emotion"): np.full(30, 0.5)}
    )
    part("addon.bridge.actions").write(performance, body, 1, 30)
    assert value_at(body, "eyeBlinkLeft", 5) == pytest.approx(0.75)
    tracks = body.data.shape_keys.animation_data.nla_tracks
    assert tracks.keys() == ["Headroom Rest", "Headroom blinks", "Headroom emotion"]
    tracks["Headroom emotion"].mute = True
    assert value_at(body, "eyeBlinkLeft", 6) == pytest.approx(0.25)


def test_a_second_write_replaces_only_its_layer(part, body, perform):
    write = part("addon.bridge.actions").write
    write(perform({("jawOpen", "lips"): np.full(30, 0.5), ("eyeBlinkLeft", "blinks"): np.full(30, 1.0)}), body, 1, 30)
    body.data.shape_keys.animation_data.nla_tracks["Headroom blinks"].mute = True
    write(perform({("jawOpen", "lips"): np.full(60, 0.2)}), body, 11, 30)
    assert value_at(body, "jawOpen", 5) == 0
    assert value_at(body, "jawOpen", 20) == pytest.approx(0.2)
    tracks = body.data.shape_keys.animation_data.nla_tracks
    assert tracks.keys() == ["Headroom Rest", "Headroom lips", "Headroom blinks"]
    assert tracks["Headroom blinks"].mute
    assert sorted(action.name for action in bpy.data.actions) == ["Head Rest", "Head blinks", "Head lips"]


def test_keys_made_by_hand_stay_and_win(part, body, perform):
    key = body.data.shape_keys.key_blocks["jawOpen"]
    key.value = 0.9
    key.keyframe_insert("value", frame=1)
    by_hand = body.data.shape_keys.animation_data.action
    actions = part("addon.bridge.actions")
    for _ in range(2):
        actions.write(perform({("jawOpen", "lips"): np.full(30, 0.2), ("cheekPuff", "lips"): np.ones(30)}), body, 1, 30)
    assert body.data.shape_keys.animation_data.action == by_hand
    assert value_at(body, "jawOpen", 5) == pytest.approx(0.9)
    assert value_at(body, "cheekPuff", 5) == pytest.approx(1.0)
    assert actions.overridden(body) == ["jawOpen"]


def test_head_channels_turn_the_head_bone(part, small_head, body, perform):
    part("addon.bridge.actions").write(perform({("headYaw", "head"): np.full(30, 0.4)}), body, 1, 30)
    bpy.context.scene.frame_set(5)
    points = part("addon.bridge.meshes").evaluated_points(body)
    top = small_head.skin_weights[:, small_head.joint_names.index("skull")] == 1
    before, after = (place - place.mean(axis=0) for place in (small_head.neutral[top], points[top]))
    turn = np.linalg.lstsq(before, after, rcond=None)[0].T
    np.testing.assert_allclose(turn @ [0, 0, 1], [0, 0, 1], atol=1e-4)
    assert abs(np.arctan2(turn[1, 0], turn[0, 0])) == pytest.approx(0.4, abs=1e-3)


def test_channels_without_a_shape_are_named(part, body, perform):
    body.shape_key_remove(body.data.shape_keys.key_blocks["tongueOut"])
    performance = perform(
        {("tongueOut", "lips"): np.ones(9), ("jawOpen", "lips"): np.ones(9), ("headYaw", "head"): np.ones(9)}
    )
    assert part("addon.bridge.actions").unanswered(performance, body) == ["tongueOut"]


def test_a_minute_of_every_shape_is_written_at_once(part, body, perform):
    import time

    names = part("core.performance").SHAPES
    performance = perform({(name, "lips"): np.random.default_rng(0).random(3600) for name in names})
    begun = time.perf_counter()
    part("addon.bridge.actions").write(performance, body, 1, 60)
    assert time.perf_counter() - begun < 1.0
