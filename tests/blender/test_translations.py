"""Every text that an artist may see is in every catalogue, and comes out in the language of the interface."""

import subprocess
import sys
from types import SimpleNamespace

import bpy
import pytest

from headroom.tools import translations


@pytest.fixture
def german(part, monkeypatch):
    """Set the interface to German: the module of Blender has no languages of its own, so what it gives is stood for."""
    catalogue = part("addon.catalogues").read_all()["de"]

    def speak(**off: bool) -> None:
        def lookup(kind: str):
            return (lambda text, _: text) if off.get(kind) else (lambda text, _: catalogue.get(text, text))

        kinds = {f"pgettext_{kind}": lookup(kind) for kind in ("iface", "tip", "rpt")}
        app = SimpleNamespace(translations=SimpleNamespace(locale="de_DE", **kinds))
        monkeypatch.setattr(part("addon.translate"), "bpy", SimpleNamespace(app=app))

    speak()
    return speak


def test_what_is_shown_is_looked_up_in_our_own_context(installed) -> None:
    """Blender takes many words in another sense, and would win elsewhere; what is Blender's own stays Blender's."""
    kinds = ("headroom.generate_head", "headroom.lip_sync", "headroom.stabilize", "headroom.map_key")
    for name in kinds:
        category, verb = name.split(".")
        rna = getattr(getattr(bpy.ops, category), verb).get_rna_type()
        own = [one for one in rna.properties if one.identifier != "rna_type"]
        assert own and {one.translation_context for one in own} == {rna.translation_context} == {"Headroom"}, name
    assert bpy.types.HEADROOM_PT_speak.bl_rna.translation_context == "Headroom"
    saves = bpy.ops.headroom.save_key_map.get_rna_type().properties["check_existing"]
    assert saves.translation_context != "Headroom"


def refused(operator, **settings: object) -> str:
    """Give what an operator says when it refuses."""
    with pytest.raises(RuntimeError) as caught:
        operator(**settings)
    return str(caught.value)


def test_catalogues_have_all_that_can_be_seen_and_nothing_else() -> None:
    """Fill in what is listed: `.venv/bin/python tools/translations.py --update`, then addon/translations/*.po.

    In a Blender of its own: presets that other tests chose have given their panels other labels here.
    """
    found = subprocess.run([sys.executable, translations.__file__], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


def test_tooltips_end_without_a_period(part) -> None:
    for said in part("addon.catalogues").read_all().values():
        assert not [text for text in said.values() if text.rstrip().endswith((".", "。"))]


def test_faults_of_a_catalogue_are_named() -> None:
    said = {"{0} keys": "Schlüssel", "Fix": "Beheben.", " and": "und", "Gone now": "Jetzt weg"}
    found = list(translations.faults(said, {"{0} keys", "Fix", " and", "New"}))
    assert [fault.split(":")[0] for fault in found] == [
        "missing", "stale, no source has it", "other gaps", "ends otherwise", "other blanks around it",
    ]  # fmt: skip


def test_a_catalogue_survives_being_written_anew(part, tmp_path) -> None:
    read = part("addon.catalogues").read
    said = {'Say "hi"': "Sag „hallo“", "back\\slash": "zurück\\strich"}
    (tmp_path / "xx.po").write_text(
        translations.written("xx", said, {text: {"addon.jobs"} for text in said}), encoding="utf-8"
    )
    assert read(tmp_path / "xx.po") == said


def test_errors_come_out_in_german(german, body, tmp_path) -> None:
    path = tmp_path / "nowhere.wav"
    said = refused(bpy.ops.headroom.lip_sync, filepath=str(path))
    assert "nowhere.wav: keine solche Datei" in said


def test_a_grey_button_says_why_in_german(german) -> None:
    assert "Einen Kopf, einen Teil davon oder das Rig auswählen" in refused(bpy.ops.headroom.examine)
    assert "Einen Kopf auswählen" in refused(bpy.ops.headroom.lip_sync)


def test_the_doctor_speaks_german(german, part, body) -> None:
    body.hide_viewport = False
    body.hide_set(True)
    bpy.context.view_layer.objects.active = body
    bpy.ops.headroom.examine()
    state = part("addon.doctor").state_of(bpy.context)
    operator = part("operators.doctor").HEADROOM_OT_fix
    finding = next(item for item in state.findings if item.name.startswith("hidden"))
    said = operator.description(bpy.context, SimpleNamespace(finding=finding.name))
    assert said == f"Anzeigen, denn: {body.name} ist im Ansichtsfenster versteckt"


def test_what_the_preferences_leave_in_english_stays(german, part) -> None:
    translate = part("addon.translate")
    german(rpt=True)
    assert translate.rpt_("a.wav: no such file") == "a.wav: no such file"
    assert translate.tip_("a.wav: no such file") == "a.wav: keine solche Datei"


def test_english_is_left_alone(part, body, tmp_path) -> None:
    part("addon.translate")._index.cache_clear()
    assert "nowhere.wav: no such file" in refused(bpy.ops.headroom.lip_sync, filepath=str(tmp_path / "nowhere.wav"))
    assert not part("addon.translate")._index.cache_info().currsize, "English needs no index of messages"
