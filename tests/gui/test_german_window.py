"""Blender in German: every panel, what a button refuses and why, and English again where that is chosen.

The pictures are looked at for what is cut off, and for what is still in English.
"""

import re

import pytest

from headroom.tools.gui.window import Window

from .alone import CLIP, FOREIGN, GENERATED, only, press

GERMAN = """
view_preferences = bpy.context.preferences.view
view_preferences.language = 'de_DE'
view_preferences.use_translate_interface = view_preferences.use_translate_tooltips = True
view_preferences.use_translate_reports = True
result = bpy.app.translations.locale
"""

LOOKED_UP = """
of = bpy.app.translations
result = [of.pgettext_iface('Lip Sync', 'Headroom'), of.pgettext_iface('Eye Spacing'),
          of.pgettext_tip('How far the jaw opens'), of.pgettext_iface('Lead', 'Headroom')]
"""

REFUSED = """
import os
with bpy.context.temp_override(window=window(), **{context}):
    try:
        bpy.ops.headroom.{call}
    except RuntimeError as error:
        result = str(error)
"""


def refused(window: Window, call: str, context: str = "{}") -> str:
    return window.ask(REFUSED.format(call=call, context=context))


def test_the_language_is_german(window: Window) -> None:
    window.ask("bpy.context.preferences.view.show_developer_ui = False")
    only(window, "HEADROOM_PT_head")
    assert window.ask(GERMAN).startswith("de")
    assert window.ask(LOOKED_UP) == [
        "Lippen synchronisieren", "Augenabstand", "Wie weit der Kiefer sich öffnet", "Vorlauf",
    ]  # fmt: skip


def test_a_button_says_in_german_what_is_missing(window: Window) -> None:
    window.ask("bpy.data.objects.remove(bpy.data.objects['Cube'])")
    assert "Einen Kopf, einen Teil davon oder das Rig auswählen" in refused(window, "examine()")
    window.ask(FOREIGN)
    window.ask(CLIP.format(curves={"jawOpen": 1.0}))
    assert "nowhere.wav: keine solche Datei" in refused(window, "lip_sync(filepath='/mnt/work/nowhere.wav')")


@pytest.mark.parametrize(
    "panel", ["speak", "speak_tuning", "speak_known", "speak_keys", "stabilize", "export", "doctor", "head"]
)
def test_panels_with_a_head_of_others(window: Window, panel: str) -> None:
    only(window, f"HEADROOM_PT_{panel}")
    if panel == "doctor":
        window.ask("bpy.data.shape_keys[0].key_blocks['jawOpen'].mute = True")
        press(window, "headroom.examine", "bpy.context.window_manager.headroom_doctor.looked")
    window.screenshot(f"g1-{panel}")


SPOKEN = """
with bpy.context.temp_override(window=window()):
    bpy.ops.headroom.lip_sync(filepath='/mnt/work/line.wav')
    bpy.ops.headroom.show_phones()
"""

PREVIEW = """
window().scene.headroom.filepath = '/mnt/work/line.wav'
with bpy.context.temp_override(window=window()):
    bpy.ops.headroom.preview()
view()[0].tag_redraw()
"""

PREFERENCES = """
area, _ = view()
area.type = 'PREFERENCES'
region = next(one for one in area.regions if one.type == 'WINDOW')
bpy.context.preferences.active_section = 'ADDONS'
bpy.context.window_manager.addon_search = 'Headroom'
with bpy.context.temp_override(window=window(), area=area, region=region):
    bpy.ops.preferences.addon_expand(module='bl_ext.user_default.headroom')
    bpy.ops.headroom.self_test()
"""

OURS = (
    "head", "wishes", "crowd", "person", "attributes", "rig", "shapes", "keymap", "assets", "layers", "layers_keys",
    "phones", "preview",
)  # fmt: skip


@pytest.mark.parametrize("panel", OURS)
def test_panels_with_a_head_of_ours(window: Window, panel: str) -> None:
    if panel == "head":
        window.ask("for other in list(bpy.data.objects):\n    bpy.data.objects.remove(other)\n" + GENERATED, 120)
    if panel == "layers":
        window.ask(SPOKEN, 120)
    only(window, f"HEADROOM_PT_{'speak' if panel == 'preview' else panel}")
    if panel == "preview":  # is within Speak, once there is one
        window.ask(PREVIEW, 120)
    window.screenshot(f"g2-{panel}")


def test_preferences(window: Window) -> None:
    window.ask(PREFERENCES, 180)
    window.screenshot("g3-preferences")
    window.ask("area.type = 'VIEW_3D'")


def test_english_is_english_again_and_so_is_blender_without_headroom(window: Window) -> None:
    window.ask("bpy.context.preferences.view.language = 'en_US'")
    assert "nowhere.wav: no such file" in refused(window, "lip_sync(filepath='/mnt/work/nowhere.wav')")
    window.ask(GERMAN)
    window.ask("import addon_utils; addon_utils.disable('bl_ext.user_default.headroom')")
    assert window.ask(LOOKED_UP)[:2] == ["Lip Sync", "Eye Spacing"]
    wrong = re.findall(r"(?m)^.*(?:Traceback|Error: Python|rna_uiItemO|unknown operator).*$", window.output())
    assert not wrong, window.output()[-3000:]
