"""Every button in NLA tweak mode, of a strip of ours or of the artist's: nothing is lost, what is written plays."""

from __future__ import annotations

import bpy
import livetakes
import numpy as np
import pytest
from talking import keys_of, lips, marker, show, update, values

HAND = 'key_blocks["mouthFunnel"].value'


def by_hand(part, thing, id_type: str, name: str, path: str, value: float) -> bpy.types.Action:
    """Make an action of the artist's own."""
    action = bpy.data.actions.new(name)
    curve = part("addon.compat").fcurve(action, id_type, path, 0)
    for frame in (1, 100):
        curve.keyframe_points.insert(frame, value)
    return action


@pytest.fixture
def busy(part, body, speak):
    """A head that speaks, with an active action and a strip of the artist's on its keys and on its rig."""
    speak(body)
    rig, compat = body.parent, part("addon.compat")
    turn = 'pose.bones["head"].rotation_euler'
    for thing, id_type, path in ((body.data.shape_keys, "KEY", HAND), (rig, "OBJECT", turn)):
        data = thing.animation_data_create()
        track = data.nla_tracks.new()
        track.name = "Mine"
        compat.nla_strip(track, "mine", 1, by_hand(part, thing, id_type, f"{id_type} strip", path, 0.1))
        compat.play(data, by_hand(part, thing, id_type, f"{id_type} hand", path, 0.2))
    return body


def tweak(part, thing, track: str) -> None:
    """Enter tweak mode as Tab does in the NLA editor."""
    data = thing.animation_data
    for one in data.nla_tracks:
        one.select = one.name == track
        for strip in one.strips:
            strip.select = one.name == track
    data.nla_tracks.active = data.nla_tracks[track]
    strip = data.nla_tracks[track].strips[0]
    strip.select = True
    data.use_tweak_mode = True
    assert data.use_tweak_mode and data.action == strip.action


def hands(part) -> dict[str, object]:
    names = [f"{kind} {what}" for kind in ("KEY", "OBJECT") for what in ("strip", "hand")]
    return {name: {path: table.tobytes() for path, table in keys_of(part, bpy.data.actions[name]).items()}
            for name in names}  # fmt: skip


def pressed(part, perform, wave, tmp_path, name: str):
    take = str(livetakes.write(part, perform, tmp_path / "take.csv"))
    press = bpy.ops.headroom
    return {
        "lip_sync": lambda: press.lip_sync(filepath=str(wave())),
        "import_live_link": lambda: press.import_live_link(filepath=take),
        "import_parts": lambda: press.import_live_link(filepath=take, layers="PARTS"),
        "reduce_keys": lambda: press.reduce_keys(layer="lips", stepped=True, step=3),
        "update_lips": update,
        "edit_layer": lambda: press.edit_layer(layer="lips"),
        "recognize_keys": lambda: press.recognize_keys(),
    }[name]


BUTTONS = ("lip_sync", "import_live_link", "import_parts", "reduce_keys", "update_lips", "recognize_keys", "edit_layer")


@pytest.mark.parametrize("where", ["ours", "mine", "rig"])
@pytest.mark.parametrize("name", BUTTONS)
def test_nothing_is_lost_in_tweak_mode(models, part, perform, wave, tmp_path, busy, where, name):
    keys, rig = busy.data.shape_keys, busy.parent
    before = hands(part)
    show()
    marker("M").frame -= 4
    press = pressed(part, perform, wave, tmp_path, name)
    if where == "rig":
        tweak(part, rig, "Mine")
    else:
        tweak(part, keys, "Headroom lips" if where == "ours" else "Mine")
    old = lips(busy)
    assert press() == {"FINISHED"}
    assert hands(part) == before
    for thing, kind in ((keys, "KEY"), (rig, "OBJECT")):
        thing.animation_data.use_tweak_mode = False
        assert thing.animation_data.action == bpy.data.actions[f"{kind} hand"]
        assert thing.animation_data.nla_tracks["Mine"].strips[0].action == bpy.data.actions[f"{kind} strip"]
    assert lips(busy).users >= 1 and (lips(busy) == old) == (name not in ("lip_sync", "import_parts"))
    if name != "recognize_keys":
        assert np.ptp(values(busy, "jawOpen", range(1, 60, 4))) > 0.05
    assert values(busy, "mouthFunnel", [20]) == pytest.approx([0.2])


@pytest.mark.parametrize("where", ["mine", "ours"])
def test_a_warning_names_keys_of_the_artist_alone(models, part, busy, wave, where, capfd):
    """In tweak mode the action of the strip stands in the place of the artist's."""
    tweak(part, busy.data.shape_keys, "Headroom lips" if where == "ours" else "Mine")
    assert bpy.ops.headroom.lip_sync(filepath=str(wave())) == {"FINISHED"}
    assert "keys made by hand win" not in capfd.readouterr().out


def test_the_doctor_in_tweak_mode_ends_it_and_loses_nothing(part, busy):
    before = hands(part)
    tweak(part, busy.data.shape_keys, "Mine")
    bpy.ops.headroom.examine()
    bpy.ops.headroom.fix_all()
    assert not busy.data.shape_keys.animation_data.use_tweak_mode
    assert hands(part) == before
