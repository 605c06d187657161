"""Keys that a worker made beforehand are those that writing would make, and cost the main thread nothing."""

import bpy
import numpy as np
import pytest


@pytest.fixture
def speech(perform):
    wave = (np.sin(np.arange(240) / 9) ** 2).astype(np.float32)
    return perform({("jawOpen", "lips"): wave, ("mouthClose", "lips"): wave / 3, ("headPitch", "head"): wave / 9})


def keys(part, body) -> list[list[float]]:
    actions, compat = part("addon.bridge.actions"), part("addon.compat")
    found = [curve for one in bpy.data.actions for curve in compat.fcurves(one)]
    assert actions and found
    return sorted([*(round(v, 6) for point in curve.keyframe_points for v in point.co)] for curve in found)


def test_keys_made_beforehand_are_the_same(part, body, speech, monkeypatch):
    actions = part("addon.bridge.actions")
    actions.write(speech, body, 11, 24)
    wanted = keys(part, body)
    ready = actions.keys_of(speech, 11, 24)
    monkeypatch.setattr(part("addon.bridge.keyframes"), "reduce", None)
    actions.write(speech, body, 11, 24, ready=ready)
    assert keys(part, body) == wanted


def test_keys_for_another_rate_are_made_anew(part, body, speech):
    actions = part("addon.bridge.actions")
    actions.write(speech, body, 11, 30)
    wanted = keys(part, body)
    actions.write(speech, body, 11, 30, ready=actions.keys_of(speech, 11, 24))
    assert keys(part, body) == wanted
