"""Every button is one step of undo: undone all is as before, redone as after, one by one and in a chain."""

from __future__ import annotations

import bpy
import livetakes
import numpy as np
import pytest
from captures import (  # noqa: F401 - fixtures
    animated,
    choose,
    head,
    motion,
)
from states import differing, everything


@pytest.fixture
def steps(part):
    """Press one button after the other, each a step of undo, and look at the file before and after each."""
    return Steps(part)


class Steps:
    """What was pressed, and what the file was like after each press."""

    def __init__(self, part) -> None:
        self.part, self.names, self.states = part, [], []

    def begin(self) -> None:
        bpy.context.preferences.edit.undo_steps = 64
        bpy.ops.ed.undo_push(message="begin")
        self.names, self.states = ["begin"], [everything(self.part)]

    def press(self, name: str, button) -> None:
        """Press, take it back, do it again; `button` gives what an operator gives, or nothing for an artist's hand."""
        found = button()
        assert found in (None, {"FINISHED"}), (name, found)
        bpy.ops.ed.undo_push(message=name)
        self.names.append(name)
        self.states.append(everything(self.part))
        assert bool(differing(*self.states[-2:])) == (name != "export"), f"{name} changes the file"
        bpy.ops.ed.undo()
        self.same(len(self.states) - 2, f"{name} undone")
        bpy.ops.ed.redo()
        self.same(len(self.states) - 1, f"{name} redone")

    def chain(self) -> None:
        """Take all back, one by one, and do all again."""
        for number in reversed(range(len(self.states) - 1)):
            bpy.ops.ed.undo()
            self.same(number, f"{self.names[number + 1]} undone in the chain")
        for number in range(1, len(self.states)):
            bpy.ops.ed.redo()
            self.same(number, f"{self.names[number]} redone in the chain")

    def same(self, number: int, what: str) -> None:
        assert not differing(self.states[number], everything(self.part)), what


def active() -> bpy.types.Object:
    return bpy.context.view_layer.objects.active


def test_an_artists_hour(part, models, speak, perform, wave, tmp_path, steps):
    """From a head to a spoken, captured, edited and exported one."""
    press, take = bpy.ops.headroom, str(livetakes.write(part, perform, tmp_path / "take.csv"))
    sound, later = str(wave(2.0)), str(wave(1.0, "later.wav"))
    steps.begin()
    steps.press("generate", lambda: press.generate_head(seed=1))
    steps.press("vary", lambda: press.vary_head(seed=2))
    steps.press("slide", lambda: slide(part, "nose_width", 2.0))
    steps.press("variants", lambda: press.variants(seed=3))
    steps.press("keep", lambda: press.keep_variant())
    steps.press("rebuild", lambda: press.rebuild_head(level="game"))
    steps.press("reset", lambda: press.reset_head())
    steps.press("lip sync", lambda: press.lip_sync(filepath=sound))
    steps.press("lip sync again", lambda: press.lip_sync(filepath=later, start=30))
    steps.press("speak", lambda: speak(active(), 1) and None)
    steps.press("show phones", lambda: press.show_phones())
    steps.press("drag", lambda: drag("M", -4))
    steps.press("update", lambda: press.update_lips())
    bpy.context.scene.frame_set(14)
    steps.press("retype", lambda: press.retype_phone(text="IY"))
    steps.press("update again", lambda: press.update_lips())
    steps.press("add", lambda: press.add_phone(phone="M"))
    steps.press("delete", lambda: press.delete_phone())
    steps.press("take", lambda: press.import_live_link(filepath=take))
    steps.press("reduce", lambda: press.reduce_keys(layer="capture", stepped=True, step=4))
    steps.press("reduce lips", lambda: press.reduce_keys(layer="lips", keys_error=0.1))
    steps.press("solo", lambda: press.solo_layer(layer="lips"))
    steps.press("all", lambda: press.solo_layer(layer="lips"))
    steps.press("edit layer", lambda: press.edit_layer(layer="capture"))
    steps.press("leave layer", lambda: press.edit_layer(layer="capture"))
    steps.press("delete layer", lambda: press.delete_layer(layer="capture"))
    steps.press("hide phones", lambda: press.hide_phones())
    steps.press("recognize", lambda: press.recognize_keys())
    steps.press("map", lambda: press.map_key(key="jawOpen", channel="jawLeft", weight=-0.5))
    steps.press("forget", lambda: press.forget_keys())
    steps.press("export", lambda: press.export_check(folder=str(tmp_path), format="glb"))
    steps.press("spoil", spoil)
    press.examine()
    steps.press("fix all", lambda: press.fix_all())
    steps.press("crowd", lambda: press.generate_crowd(count=3, seed=9))
    steps.press("landmarks", lambda: press.place_landmarks())
    steps.press("clear", lambda: press.clear_landmarks())
    steps.chain()
    assert active().type == "MESH"


def slide(part, name: str, value: float) -> None:
    body = part("addon.bridge.heads").head_of(active())
    setattr(part("addon.person").person_of(body), name, value)
    part("addon.editing").settle(body)


def drag(name: str, frames: int) -> None:
    next(one for one in bpy.context.scene.timeline_markers if one.name == name).frame += frames


def spoil() -> None:
    keys = active().data.shape_keys
    keys.key_blocks["jawOpen"].mute = True
    keys.animation_data.use_nla = False
    active().hide_viewport = False


def test_a_capture(part, animated, steps):  # noqa: F811
    press = bpy.ops.headroom
    choose(animated)
    steps.begin()
    steps.press("stabilize", lambda: press.stabilize(neutral=False, frame=5))
    steps.press("solve", lambda: press.solve_capture())
    steps.press("solved head speaks", lambda: press.reduce_keys(layer="lips", stepped=True, step=2))
    steps.press("marks", mark)
    steps.press("clear marks", lambda: press.clear_marks())
    steps.chain()


def mark() -> None:
    bpy.context.scene.timeline_markers.new("unsure", frame=7)


def test_what_a_head_speaks_comes_back_with_undo(part, body, speak, spoken, perform):
    """Panels and buttons go by what the head is now, not by what they held before the undo."""
    speak(body)
    first = spoken()
    bpy.ops.ed.undo_push(message="one")
    speak(body, 31, (("SIL", 0.5), ("OW", 0.5), ("SIL", 1.0)), ())
    bpy.ops.headroom.show_phones()
    bpy.ops.ed.undo_push(message="two")
    bpy.ops.ed.undo()
    assert spoken() == first and not bpy.ops.headroom.hide_phones.poll()
    assert bpy.ops.headroom.show_phones() == {"FINISHED"}
    assert len(bpy.context.scene.timeline_markers) == len(first) + 3
    assert np.isclose(part("addon.bridge.takes").take_of(bpy.data.objects["Head"]).start, 1)
