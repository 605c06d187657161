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
    part("addon.bridge.actions").write(performance, body, start, fps, reduction=None)
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


def wander(count: int, seed: int) -> np.ndarray:
    """Give a curve that speaks without words: it wanders, and rests at 0 for a while."""
    rng = np.random.default_rng(seed)
    smooth = np.hanning(27)[1:-1]
    curve = np.convolve(rng.normal(0, 1, count + 24), smooth / np.linalg.norm(smooth), mode="valid")
    curve = np.clip(0.3 + 0.25 * curve, 0, 1)
    curve[count // 3 : count // 2] = 0
    return curve


def curves_on(part, body, layer: str = "lips") -> dict:
    strip = body.data.shape_keys.animation_data.nla_tracks[f"Headroom {layer}"].strips[0]
    curves = part("addon.compat").fcurves(strip.action)
    return {curve.data_path.split('"')[1]: curve for curve in curves}


def keys_of(curve) -> list[tuple]:
    return [
        (*key.co, *key.handle_left, *key.handle_right, key.interpolation, key.handle_left_type, key.handle_right_type)
        for key in curve.keyframe_points
    ]


def played(part, body, frames, layer: str = "lips") -> dict[str, np.ndarray]:
    return {name: np.array([curve.evaluate(f) for f in frames]) for name, curve in curves_on(part, body, layer).items()}


@pytest.fixture
def speech(perform):
    """Ten seconds of a mouth that wanders."""
    names = ("jawOpen", "mouthFunnel", "mouthSmileLeft", "mouthRollLower", "tongueTipUp")
    return perform({(name, "lips"): wander(600, seed) for seed, name in enumerate(names)})


@pytest.mark.parametrize(("fps", "start"), [(60.0, 1), (30.0, 101), (24.0, 1), (60.0, 10.25)])
def test_few_keys_play_back_within_the_error(part, body, speech, fps, start):
    """What Blender plays at every frame is what was reduced, and that is near enough at the lips."""
    reduction = part("core.curves.reduce")
    part("addon.bridge.actions").write(speech, body, start, fps)
    at_rate = speech.resample(fps)
    frames = start + np.arange(at_rate.frame_count)
    values = played(part, body, frames)
    keys = reduction.reduce(at_rate, reduction.ReduceOptions())
    want = keys.sample().values
    for column, name in enumerate(speech.channels):
        np.testing.assert_allclose(values[name], want[:, column], atol=2e-5)
    assert reduction.off_at_lips(at_rate, keys).max() <= 0.3
    assert keys.key_count < at_rate.values.size / 2
    for name, curve in curves_on(part, body).items():
        times = np.array([key.co[0] for key in curve.keyframe_points])
        np.testing.assert_allclose(times - start, np.rint(times - start), atol=1e-4)
        assert {key.interpolation for key in curve.keyframe_points} == {"BEZIER"}, name


def test_between_frames_nothing_overshoots(part, body, speech):
    part("addon.bridge.actions").write(speech, body, 1, 60)
    for values in played(part, body, np.arange(1, 600, 0.1)).values():
        assert values.min() >= -1e-6 and values.max() <= 1 + 1e-6
    rest = np.arange(202, 299, 0.1)
    assert all(not values.any() for values in played(part, body, rest).values())


def test_stepped_keys_hold(part, body, speech):
    options = part("core.curves.reduce").ReduceOptions(stepped=True, step=3)
    part("addon.bridge.actions").write(speech, body, 1, 30, options)
    for name, curve in curves_on(part, body).items():
        assert {key.interpolation for key in curve.keyframe_points} == {"CONSTANT"}
        assert {(round(key.co[0]) - 1) % 3 for key in curve.keyframe_points} == {0}, name
    values = played(part, body, np.arange(1, 301))["jawOpen"].reshape(-1, 3)
    assert (values == values[:, :1]).all()


def test_a_span_is_replaced_and_the_rest_stays(part, body, speech, perform):
    """Keys outside, made by hand or not, are the same afterwards; so is every value; the seam does not jump."""
    actions = part("addon.bridge.actions")
    actions.write(speech, body, 1, 60)
    jaw = curves_on(part, body)["jawOpen"]
    by_hand = jaw.keyframe_points.insert(90, 0.77)
    by_hand.interpolation = "LINEAR"
    jaw.keyframe_points.insert(500, 0.33)
    jaw.update()
    before = {name: keys_of(curve) for name, curve in curves_on(part, body).items()}
    everywhere = np.arange(1, 601)
    old = played(part, body, everywhere)
    tracks = body.data.shape_keys.animation_data.nla_tracks.keys()
    other = perform({(name, "lips"): wander(600, 50 + k) for k, name in enumerate(speech.channels)})
    changed = actions.write(other, body, 1, 60, span=(150, 400))
    assert [action.name for action in changed] == ["Head lips"]
    assert body.data.shape_keys.animation_data.nla_tracks.keys() == tracks
    new = played(part, body, everywhere)
    inside = (everywhere >= 154) & (everywhere <= 396)
    for column, name in enumerate(other.channels):
        outside = (everywhere <= 150) | (everywhere >= 400)
        np.testing.assert_allclose(new[name][outside], old[name][outside], atol=1e-5)
        assert np.abs(new[name] - other.values[:, column])[inside].max() < 0.12
        steps = np.abs(np.diff(new[name]))
        assert steps[147:153].max() < 0.5 and steps[397:403].max() < 0.5
        left = [key for key in before[name] if key[0] < 149.9 or key[0] > 400.1]
        kept = [key for key in keys_of(curves_on(part, body)[name]) if key[0] < 149.9 or key[0] > 400.1]
        assert [key[:2] for key in kept] == [key[:2] for key in left]
        beside = {k for k in range(len(left) - 1) if left[k][0] < 150 < left[k + 1][0]}
        same = [k for k in range(len(left)) if k not in beside and k - 1 not in beside]
        for k in same:
            assert kept[k][6:] == left[k][6:]
            np.testing.assert_allclose(kept[k][:6], left[k][:6], atol=1e-4)


def test_a_span_over_a_new_channel_grows_out_of_rest(part, body, perform):
    actions = part("addon.bridge.actions")
    actions.write(perform({("jawOpen", "lips"): np.full(120, 0.3)}), body, 1, 60)
    both = perform({("jawOpen", "lips"): np.full(120, 0.3), ("cheekPuff", "lips"): np.full(120, 0.8)})
    actions.write(both, body, 1, 60, span=(40, 80))
    assert value_at(body, "cheekPuff", 60) == pytest.approx(0.8, abs=0.01)
    assert value_at(body, "cheekPuff", 30) == value_at(body, "cheekPuff", 100) == 0
    assert value_at(body, "jawOpen", 60) == pytest.approx(0.3, abs=1e-5)


def test_a_span_follows_a_strip_that_was_moved(part, body, perform):
    actions = part("addon.bridge.actions")
    actions.write(perform({("jawOpen", "lips"): np.full(120, 0.3)}), body, 1, 60)
    strip = body.data.shape_keys.animation_data.nla_tracks["Headroom lips"].strips[0]
    strip.frame_end, strip.frame_start = 220, 101
    actions.write(perform({("jawOpen", "lips"): np.full(120, 0.6)}), body, 101, 60, span=(140, 180))
    assert value_at(body, "jawOpen", 160) == pytest.approx(0.6, abs=0.01)
    assert value_at(body, "jawOpen", 130) == pytest.approx(0.3, abs=1e-5)


def test_a_layer_is_reduced_again_with_its_hand_edits(part, body, speech):
    actions, options = part("addon.bridge.actions"), part("core.curves.reduce").ReduceOptions
    actions.write(speech, body, 1, 60)
    jaw = curves_on(part, body)["jawOpen"]
    jaw.keyframe_points.insert(250, 0.9)
    jaw.update()
    before = played(part, body, np.arange(1, 601))
    few = actions.reduce_layer(body, "lips", options(keys_error=1.5))
    assert few[1] < few[0]
    after = played(part, body, np.arange(1, 601))
    assert after["jawOpen"][249] == pytest.approx(0.9, abs=1e-4)
    for name in before:
        assert np.abs(after[name] - before[name]).max() < 0.4
    assert np.abs(after["jawOpen"] - before["jawOpen"]).max() < 1.5 / 30 * 1.2
    tracks = body.data.shape_keys.animation_data.nla_tracks
    assert tracks["Headroom lips"].strips[0].frame_start == 1


def test_head_turns_are_reduced_too(part, body, perform):
    actions = part("addon.bridge.actions")
    turn = 0.4 * np.sin(np.arange(240) / 40)
    actions.write(perform({("headPitch", "head"): turn}), body, 1, 60)
    rig = part("addon.bridge.heads").rig_of(body)
    action = rig.animation_data.nla_tracks["Headroom head"].strips[0].action
    curve = part("addon.compat").fcurves(action)[0]
    assert len(curve.keyframe_points) < 40
    np.testing.assert_allclose([curve.evaluate(f) for f in range(1, 241)], -turn, atol=0.006)


def test_a_span_may_be_stepped_or_dense(part, body, speech):
    actions, options = part("addon.bridge.actions"), part("core.curves.reduce").ReduceOptions
    actions.write(speech, body, 1, 60, options(stepped=True, step=4))
    actions.write(speech, body, 1, 60, options(stepped=True, step=4), span=(401, 481))
    for curve in curves_on(part, body).values():
        assert {key.interpolation for key in curve.keyframe_points} == {"CONSTANT"}
    actions.write(speech, body, 1, 60, reduction=None)
    actions.write(speech, body, 1, 60, None, span=(401, 481))
    assert all(len(curve.keyframe_points) == 600 for curve in curves_on(part, body).values())
