"""A file saved and opened again between any two steps, by Save or as Blender's own recovery does: work goes on as if it
had never been closed."""

from __future__ import annotations

import bpy
import livetakes
import numpy as np
import pytest
from captures import (  # noqa: F401 - fixtures
    FIRST,
    animated,
    cached,
    choose,
    head,
    motion,
)
from states import differing, everything
from talking import marker


@pytest.fixture(params=["saved", "copy"])
def reopen(request, tmp_path):
    """Close the file and open it again; gives the active object. "copy" is what Auto Save leaves: another file."""

    def again() -> bpy.types.Object:
        path = str(tmp_path / f"{request.param}.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path, copy=request.param == "copy")
        bpy.ops.wm.open_mainfile(filepath=path)
        return bpy.context.view_layer.objects.active

    return again


def active() -> bpy.types.Object:
    return bpy.context.view_layer.objects.active


def hour(part, speak, perform, wave, tmp_path):
    """The steps of an artist's hour, each (name, what is pressed)."""
    press, take = bpy.ops.headroom, str(livetakes.write(part, perform, tmp_path / "take.csv"))
    sound = str(wave(2.0))
    yield "generate", lambda: press.generate_head(seed=1)
    yield "vary", lambda: press.vary_head(seed=2)
    yield "slide", lambda: slide(part, "nose_width", 2.0)
    yield "variants", lambda: press.variants(seed=3)
    yield "keep", lambda: press.keep_variant()
    yield "rebuild", lambda: press.rebuild_head(level="game")
    yield "reset", lambda: press.reset_head()
    yield "lip sync", lambda: press.lip_sync(filepath=sound)
    yield "speak", lambda: speak(active(), 1)
    yield "show phones", lambda: press.show_phones()
    yield "drag", drag
    yield "update", lambda: press.update_lips()
    yield "retype", retype
    yield "update again", lambda: press.update_lips()
    yield "take", lambda: press.import_live_link(filepath=take)
    yield "reduce", lambda: press.reduce_keys(layer="capture", stepped=True, step=4)
    yield "solo", lambda: press.solo_layer(layer="lips")
    yield "all", lambda: press.solo_layer(layer="lips")
    yield "edit layer", lambda: press.edit_layer(layer="capture")
    yield "leave layer", lambda: press.edit_layer(layer="capture")
    yield "hide phones", lambda: press.hide_phones()
    yield "recognize", lambda: press.recognize_keys()
    yield "map", lambda: press.map_key(key="jawOpen", channel="jawLeft", weight=-0.5)
    yield "lip sync again", lambda: press.lip_sync(filepath=sound, start=5)
    yield "export", lambda: press.export_check(folder=str(tmp_path), format="glb")
    yield "spoil", spoil
    yield "fix all", lambda: press.fix_all()
    yield "landmarks", lambda: press.place_landmarks()
    yield "move landmark", move_landmark
    yield "clear", lambda: press.clear_landmarks()


def slide(part, name: str, value: float) -> None:
    """Move a slider and save before it rests."""
    body = part("addon.bridge.heads").head_of(active())
    setattr(part("addon.person").person_of(body), name, value)


def drag() -> None:
    marker("M").frame -= 4


def retype() -> None:
    bpy.context.scene.frame_set(14)
    bpy.ops.headroom.retype_phone(text="IY")


def spoil() -> None:
    keys = active().data.shape_keys
    keys.key_blocks["jawOpen"].mute = True
    keys.animation_data.use_nla = False


def move_landmark() -> None:
    next(one for one in bpy.data.objects if one.get("headroom_landmark") is not None).location.x += 0.01


def test_an_artists_hour_with_the_file_closed_between_any_two_steps(
    part, models, speak, perform, wave, tmp_path, reopen
):
    """What is there at the end, and after each step, is what an hour without closing gives."""
    want = []
    for name, press in hour(part, speak, perform, wave, tmp_path):
        press()
        if name == "slide":
            part("addon.editing").settle(active())
        want.append((name, everything(part)))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    for (name, state), (_, press) in zip(want, hour(part, speak, perform, wave, tmp_path), strict=True):
        press()
        reopen()
        assert not differing(saved(state), saved(everything(part))), name
    body = part("addon.bridge.heads").head_of(active())
    assert not part("addon.editing").stale(body)


def saved(state):
    """Leave out what Blender itself drops on saving: data that nothing uses."""
    return {name: told for name, told in state.items() if name.split()[0] in ("object", "scene", "mesh")}


def test_a_slider_that_was_not_settled(part, models, reopen):
    """Recovery saves without asking anybody: the head is finished when the file is opened."""
    bpy.ops.headroom.generate_head(seed=1)
    slide(part, "nose_width", 2.0)
    handlers, before = bpy.app.handlers, list(bpy.app.handlers.save_pre)
    handlers.save_pre.clear()
    try:
        body = reopen()
    finally:
        for one in before:
            handlers.save_pre.append(one)
    editing = part("addon.editing")
    assert editing.stale(body) and body.name in editing._moved  # the timer, which does not fire here, finds it
    editing.settle_all()
    assert not editing.stale(body)
    assert part("addon.person").person_of(body).nose_width == pytest.approx(2.0)


def test_a_capture_is_solved_after_reopening(part, animated, reopen):  # noqa: F811
    choose(animated)
    assert bpy.ops.headroom.stabilize(neutral=False, frame=FIRST) == {"FINISHED"}
    before = cached(part, active())
    face = reopen()
    np.testing.assert_array_equal(cached(part, face), before)
    assert part("addon.active").capture(bpy.context)["fps"] == 24
    assert bpy.ops.headroom.solve_capture() == {"FINISHED"}
    solved = reopen()
    assert solved.name.endswith("solved")
    assert bpy.ops.headroom.reduce_keys(layer="lips", stepped=True, step=2) == {"FINISHED"}


def test_a_take_of_a_file_that_moved(part, body, speak, reopen, tmp_path):
    """Live editing of phones goes on in the opened file."""
    speak(body)
    bpy.ops.headroom.show_phones()
    bpy.context.scene.headroom_phones.live = True
    marker("M").frame -= 4
    reopen()
    phones, markers = part("addon.phones"), part("addon.bridge.markers")
    assert bpy.context.scene.headroom_phones.live and markers.pending(bpy.context.scene)
    for _ in range(5):
        phones.tick()
        for _, _, job in list(phones._jobs.values()):
            job._thread.join()
    assert not markers.pending(bpy.context.scene)
    assert marker("M").frame == 38
