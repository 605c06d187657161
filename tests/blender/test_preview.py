"""See before baking: a head speaks while frames and sliders change, and nothing of it is left in the file."""

import bpy
import numpy as np
import pytest
import talking
from previewing import activate, everything, now, preview, seen, settings, values


def test_what_is_seen_while_scrubbing_is_what_is_baked(body, said):
    assert not now(body).any()
    assert preview() == {"FINISHED"}
    shown = values(body)
    assert np.ptp(shown, axis=0).max() > 0.1
    assert bpy.ops.headroom.bake_preview() == {"FINISHED"}
    np.testing.assert_allclose(values(body), shown, atol=1e-5)
    assert len(said) == 1  # nothing was listened to again


def test_baking_is_lip_sync(body, another, said):
    settings().jaw, settings().lips, settings().articulation = 1.4, 0.7, "clear"
    preview()
    bpy.ops.headroom.bake_preview()
    baked, strips = values(body), len(bpy.context.scene.sequence_editor.strips)
    other = another()
    hand = {name: getattr(settings(), name) for name in ("filepath", "jaw", "lips", "articulation", "keys_error")}
    bpy.ops.headroom.lip_sync(**hand)
    np.testing.assert_array_equal(values(other), baked)
    assert strips == 1
    take, its = (body["headroom_take"], other["headroom_take"])
    assert take == its


def test_the_mesh_is_seen_moving(body, said):
    rest = seen(body)
    preview()
    bpy.context.scene.frame_set(17)
    shown = seen(body)
    assert np.abs(shown - rest).max() > 1e-3
    bpy.ops.headroom.stop_preview()
    bpy.context.view_layer.update()
    np.testing.assert_array_equal(seen(body), rest)


def test_a_slider_moves_the_mouth_at_once(body, said):
    preview()
    bpy.context.scene.frame_set(17)
    jaw = body.data.shape_keys.key_blocks["jawOpen"]
    usual = jaw.value
    settings().jaw = 0.5
    assert jaw.value == pytest.approx(usual / 2, abs=1e-4)
    settings().strength = 0.0
    assert not now(body).any()


def test_nothing_is_added_while_previewing_and_stop_puts_everything_back(body, said):
    keys = body.data.shape_keys.key_blocks
    keys["mouthSmileLeft"].value, keys["browInnerUp"].value = 0.3, 0.4
    before = everything()
    preview()
    settings().jaw = 1.5
    values(body)
    during = everything()
    assert during["data"] == before["data"] and during["tracks"] == before["tracks"] and not during["strips"]
    assert keys["browInnerUp"].value == pytest.approx(0.4)  # the lips have nothing to say about it
    assert bpy.ops.headroom.stop_preview() == {"FINISHED"}
    assert everything() == before
    bpy.context.scene.frame_set(17)
    assert everything() == before
    assert not any(handler.__module__.endswith("addon.preview") for handler in bpy.app.handlers.frame_change_post)


def test_a_saved_file_knows_nothing_of_it(body, said, part, tmp_path):
    body.data.shape_keys.key_blocks["jawOpen"].value = 0.2
    before = everything()
    preview()
    bpy.context.scene.frame_set(17)
    shown = now(body)
    assert shown[body.data.shape_keys.key_blocks.find("jawOpen")] != pytest.approx(0.2)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "kept.blend"))
    np.testing.assert_allclose(now(body), shown)  # the preview goes on
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "kept.blend"))
    assert everything() == before
    bpy.context.scene.frame_set(20)
    assert everything() == before
    assert bpy.ops.headroom.stop_preview.poll() is False


def test_a_copy_that_blender_saved_by_itself_is_put_right_when_opened(body, said, part, tmp_path):
    """Such a copy is written without telling anybody."""
    body.data.shape_keys.key_blocks["jawOpen"].value = 0.2
    before = everything()
    preview()
    bpy.context.scene.frame_set(17)
    save = bpy.app.handlers.save_pre
    ours = [handler for handler in save if handler.__module__.endswith("addon.preview")]
    for handler in ours:
        save.remove(handler)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "auto.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "auto.blend"))
    assert everything() == before


def test_two_heads_speak_and_stop_on_their_own(body, another, said):
    preview(body)
    other = another()
    activate(other)
    settings().start = 13
    preview(other)
    bpy.context.scene.frame_set(29)
    assert now(other).any() and now(body).any()
    activate(other)
    bpy.ops.headroom.stop_preview()
    bpy.context.scene.frame_set(17)
    assert not now(other).any() and now(body).any()
    bpy.ops.headroom.bake_preview()  # of the only one that is left
    tracks = [len(one.data.shape_keys.animation_data.nla_tracks) for one in (body, other)]
    assert tracks == [2, 0]


def test_a_head_that_is_renamed_goes_on_and_one_that_is_removed_ends(body, said):
    preview()
    body.name = "Somebody"
    bpy.context.scene.frame_set(17)
    assert now(body).any()
    bpy.data.objects.remove(body)
    bpy.context.scene.frame_set(18)
    assert not everything()["marks"] and bpy.context.scene.frame_end == 250


def test_another_frame_rate_is_followed(part, body, said):
    preview()
    talking.rate(48)
    shown = values(body)
    bpy.ops.headroom.bake_preview()
    np.testing.assert_allclose(values(body), shown, atol=1e-5)


def test_the_scene_grows_over_the_sound_until_the_preview_ends(body, said):
    scene = bpy.context.scene
    scene.frame_end = 50
    preview()
    assert scene.frame_end == 120
    bpy.ops.headroom.stop_preview()
    assert (scene.frame_end, scene.sync_mode) == (50, "NONE")
    preview()
    scene.frame_end = 99  # the artist's own wish
    bpy.ops.headroom.stop_preview()
    assert scene.frame_end == 99


def test_undo_and_redo_while_previewing(part, body, said):
    """Sliders go back and the head follows; what was kept beside the values in the file is put back at the end."""
    name = body.name
    body.data.shape_keys.key_blocks["jawOpen"].value = 0.2
    bpy.context.scene.frame_set(17)
    bpy.ops.ed.undo_push(message="before")
    preview()
    usual = now(body)
    bpy.ops.ed.undo_push(message="previewed")
    settings().jaw = 0.3
    bpy.ops.ed.undo_push(message="jaw")
    less = now(bpy.data.objects[name])
    assert not np.allclose(less, usual)
    bpy.ops.ed.undo()
    np.testing.assert_allclose(now(bpy.data.objects[name]), usual, atol=1e-5)
    bpy.ops.ed.redo()
    np.testing.assert_allclose(now(bpy.data.objects[name]), less, atol=1e-5)
    bpy.ops.ed.undo()
    bpy.ops.ed.undo()  # to before the preview: it goes on all the same
    np.testing.assert_allclose(now(bpy.data.objects[name]), usual, atol=1e-5)
    bpy.ops.headroom.stop_preview()
    keys = bpy.data.objects[name].data.shape_keys.key_blocks
    assert keys["jawOpen"].value == pytest.approx(0.2) and np.count_nonzero(now(bpy.data.objects[name])) == 1
    bpy.ops.ed.redo()  # into a step that was taken while previewing
    bpy.ops.ed.redo()
    keys = bpy.data.objects[name].data.shape_keys.key_blocks
    assert keys["jawOpen"].value == pytest.approx(0.2) and np.count_nonzero(now(bpy.data.objects[name])) == 1
    assert not everything()["marks"]


def test_baking_is_one_step_of_undo(part, body, said):
    name, before = body.name, everything()
    bpy.ops.ed.undo_push(message="before")
    preview()
    bpy.ops.headroom.bake_preview("EXEC_DEFAULT", True)
    assert bpy.data.actions
    bpy.ops.ed.undo()
    assert everything() == before | {"marks": []}
    bpy.ops.ed.redo()
    assert bpy.data.actions and bpy.data.objects[name].data.shape_keys.animation_data is not None


def test_a_head_that_spoke_before_is_not_listened_to_again(body, said):
    preview()
    settings().jaw = 1.3
    bpy.ops.headroom.bake_preview()
    baked = values(body)
    preview()
    assert len(said) == 1
    np.testing.assert_allclose(values(body), baked, atol=0.02)  # what it remembers is rounded
    settings().transcript = "something else"
    preview()
    assert len(said) == 2


def test_a_render_shows_what_is_in_the_file(part, body, said):
    preview()
    bpy.context.scene.frame_set(17)
    shown = now(body)
    for handler in bpy.app.handlers.render_init:
        handler(bpy.context.scene)
    assert not now(body).any()
    bpy.context.scene.frame_set(18)
    assert not now(body).any()
    bpy.context.scene.frame_set(17)
    for handler in bpy.app.handlers.render_complete:
        handler(bpy.context.scene)
    np.testing.assert_allclose(now(body), shown)


def test_what_cannot_be_previewed_says_why(body, said):
    settings().filepath = ""
    with pytest.raises(RuntimeError, match="Choose a sound"):
        preview()
    bpy.ops.object.empty_add()
    assert not bpy.ops.headroom.preview.poll()
    assert not bpy.ops.headroom.bake_preview.poll()
