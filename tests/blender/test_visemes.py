"""Meshes with visemes speak: in the set they have, on keys of whatever spelling."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
import talking

VISEMES = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U")
RPM = [f"viseme_{one}" for one in VISEMES]
HEADS = {
    "oculus": (RPM, "viseme_PP", "viseme_aa"),
    "vrm": ([f"Fcl_MTH_{one}" for one in "AIUEO"], "", "Fcl_MTH_A"),
    "rhubarb": (list("ABCDEFGHX"), "A", "D"),
    "microsoft": ([f"viseme_{one}" for one in range(22)], "viseme_21", "viseme_2"),
    "arkit": (["blendShape1.jawOpen", "blendShape1.mouthClose", *RPM], "", "blendShape1.jawOpen"),
}


def mesh_with(keys: list[str], name: str = "Face") -> bpy.types.Object:
    """Make a mesh whose shape keys move its only face."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    body = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(body)
    bpy.context.view_layer.objects.active = body
    body.shape_key_add(name="Basis")
    for key in keys:
        body.shape_key_add(name=key).value = 0.0  # 5.0 adds them at 1
    return body


def value_at(body, key: str, seconds: float) -> float:
    scene = bpy.context.scene
    scene.frame_set(1 + round(seconds * scene.render.fps))
    return body.data.shape_keys.key_blocks[key].value


@pytest.fixture
def says_bob(part, monkeypatch):
    """Put "bob … may … too" in the recogniser's place, and a simple jaw in the network's."""
    lipsync, lips = part("core.speech.lipsync"), part("core.speech.lips")
    edges = np.r_[0.0, np.cumsum([length for _, length in talking.BOB])]
    label = tuple(label for label, _ in talking.BOB)
    phones = part("core.speech.phones").Phones(label, edges[:-1], edges[1:], np.ones(len(label)))
    ticks = round(edges[-1] * 100)
    heard = part("core.speech.recognise").Heard(np.zeros((ticks, 44), np.float16), np.full(ticks, 0.1, np.float32))
    asked = []

    def move(*given):
        controls = np.zeros((round(edges[-1] * 60), len(lips.CONTROLS)), np.float32)
        controls[36:48, lips.COLUMN["jawOpen"]] = 0.5
        return lips.to_performance(controls)

    def speak(sound, options, progress=None, given=None):
        asked.append(options)
        return lipsync.LipsyncResult(lipsync.solve(phones, heard, options), phones, (), heard)

    monkeypatch.setattr(lips, "move", move)
    monkeypatch.setattr(lipsync, "lipsync", speak)
    return asked


@pytest.mark.parametrize("target", HEADS)
@pytest.mark.parametrize("fps", [24, 60])
def test_a_head_speaks_in_what_it_has(says_bob, wave, part, target, fps):
    keys, closed, opened = HEADS[target]
    bpy.context.scene.render.fps = fps
    body = mesh_with(keys)
    assert not part("addon.bridge.heads").why_not(body)
    assert bpy.ops.headroom.lip_sync(filepath=str(wave())) == {"FINISHED"}
    assert says_bob[-1].visemes == target
    assert part("addon.bridge.takes").take_of(body).options.visemes == target
    assert value_at(body, opened, 0.7) > 0.4
    for seconds in (0.55, 0.865, 1.75):
        if closed:
            assert value_at(body, closed, seconds) > 0.95
        if target != "arkit":
            assert value_at(body, opened, seconds) < 0.02
    bpy.context.scene.frame_set(1 + round(1.35 * fps))
    at_rest = {key: body.data.shape_keys.key_blocks[key].value for key in keys}
    rest = {"oculus": "viseme_sil", "rhubarb": "X", "microsoft": "viseme_0"}.get(target)
    assert at_rest == pytest.approx({key: float(key == rest) for key in keys}, abs=1e-5)


def test_what_moves_can_be_chosen(says_bob, wave):
    body = mesh_with(HEADS["arkit"][0])
    assert bpy.ops.headroom.lip_sync(filepath=str(wave()), visemes="oculus") == {"FINISHED"}
    assert value_at(body, "viseme_PP", 0.55) > 0.95
    assert value_at(body, "blendShape1.jawOpen", 0.7) == 0


def test_an_edited_phone_moves_its_visemes(says_bob, wave, part):
    from dataclasses import replace

    body = mesh_with(RPM)
    bpy.context.scene.render.fps = 60
    bpy.ops.headroom.lip_sync(filepath=str(wave()))
    takes, lipsync = part("addon.bridge.takes"), part("core.speech.lipsync")
    take = takes.take_of(body)
    label = tuple("UW" if name == "AA" else name for name in take.phones.label)
    performance = lipsync.solve(replace(take.phones, label=label), take.heard, take.options)
    part("addon.bridge.actions").write(performance, body, 1, 60, span=(1, 90))
    assert value_at(body, "viseme_U", 0.7) > 0.6 > 0.1 > value_at(body, "viseme_aa", 0.7)
    assert value_at(body, "viseme_PP", 1.75) > 0.95


def test_a_viseme_that_is_missing_is_named_but_not_the_one_at_rest(part, perform):
    body = mesh_with([key for key in RPM if key not in ("viseme_sil", "viseme_TH")])
    performance = perform({("sil", "lips"): np.ones(9), ("TH", "lips"): np.ones(9), ("aa", "lips"): np.ones(9)})
    assert part("addon.bridge.actions").unanswered(performance, body) == ["TH"]


def test_keys_made_by_hand_on_visemes_are_known(part):
    body = mesh_with(RPM)
    body.data.shape_keys.key_blocks["viseme_U"].keyframe_insert("value", frame=1)
    assert part("addon.bridge.actions").overridden(body) == ["ou"]


def test_a_mesh_of_other_shapes_still_says_why_it_cannot(part):
    reason = part("addon.bridge.heads").why_not(mesh_with(["A", "Smile"]))
    assert "such as jawOpen" in reason and "viseme_PP" in reason


def test_the_command_line_moves_what_a_head_has(says_bob, part):
    verbs, lipsync = part("addon.verbs"), part("core.speech.lipsync")
    options = lipsync.LipsyncOptions(fps=24)
    result = lipsync.lipsync(None, options)
    for target, (keys, *_) in HEADS.items():
        moved, chosen = verbs.for_head(mesh_with(keys), result, options)
        assert moved.performance.fps == 24 and moved.phones == result.phones
        if target == "arkit":
            assert moved is result
        else:
            assert moved.performance.channels == part("core.speech.viseme_tables").SETS[target].visemes
            assert chosen.visemes == target
    forced = lipsync.LipsyncOptions(fps=24, visemes="vrm")
    assert verbs.for_head(mesh_with(RPM), result, forced) == (result, forced)
