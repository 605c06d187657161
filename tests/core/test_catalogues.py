"""Translations: catalogues are read as translators' tools write them, and what was put together is found in them."""

import ast
from pathlib import Path

import pytest

from headroom.addon.catalogues import FOLDER, Messages, read
from headroom.tools.messages import Module

ROOT = Path(__file__).resolve().parents[2]
GERMAN = read(FOLDER / "de.po")


@pytest.fixture(scope="module")
def german():
    """Translate a text by the catalogue that is shipped."""
    messages = Messages(GERMAN)
    return lambda text: messages.translated(text, lambda said: GERMAN.get(said, said))


def test_a_catalogue_is_read_as_translators_tools_write_it(tmp_path: Path) -> None:
    (tmp_path / "xx.po").write_text(
        'msgid ""\nmsgstr ""\n"Language: xx\\n"\n\n'
        '# a remark\n#: addon.jobs\nmsgid "Say \\"hi\\""\nmsgstr "Sag „hallo“"\n\n'
        'msgid ""\n"in two "\n"lines"\nmsgstr "in zwei "\n"Zeilen"\n\n'
        '#, fuzzy\nmsgid "Unsure"\nmsgstr "Falsch"\n\nmsgid "Later"\nmsgstr ""\n\n#~ msgid "Gone"\n#~ msgstr "Weg"\n',
        encoding="utf-8",
    )
    assert read(tmp_path / "xx.po") == {'Say "hi"': "Sag „hallo“", "in two lines": "in zwei Zeilen"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Lip Sync", "Lippen synchronisieren"),
        ("take.wav: no such file", "take.wav: keine solche Datei"),
        ("face.obj: has no vertices", "face.obj: hat keine Punkte"),
        ("face: frame 3 (face.obj) has no vertices", "face: Bild 3 (face.obj) hat keine Punkte"),
        (
            "The driver of jawOpen on Head cannot be worked out; it may need Auto Run Python Scripts",
            "Der Treiber von jawOpen an Head lässt sich nicht berechnen; vielleicht fehlt „Python-Skripte automatisch "
            "ausführen“",
        ),
        ("Action Wave moves jawOpen, which Head lacks", "Aktion Wave bewegt jawOpen; das fehlt Head"),
        (
            "a.glb: 52 of 53 keys, largest vertex error 0.1 mm, 0.2 mm without what the format cannot hold; 1 loss",
            "a.glb: 52 von 53 Schlüsseln, größter Punktfehler 0.1 mm, 0.2 mm ohne das, was das Format nicht fassen "
            "kann; 1 Verlust",
        ),
        ("Right brow, outer end", "Rechte Braue, äußeres Ende"),
        ("The drivers of a, b and 3 more on Head are muted", "Die Treiber von a, b und 3 weitere an Head sind stumm"),
    ],
)
def test_what_was_put_together_is_translated(german, text: str, said: str) -> None:
    assert german(text) == said


@pytest.mark.parametrize("name", ["Neck", "Key Map", "Lips", "no such file of mine", "Cache", "{0}", "50% {1}", "a\\b"])
def test_names_of_the_artists_own_stay(german, name: str) -> None:
    """Though some are messages too."""
    assert german(f"{name}: {3} shape keys, frames 1 to 20, by action {name}") == (
        f"{name}: 3 Formschlüssel, Bilder 1 bis 20, durch Aktion {name}"
    )
    assert german(f"{name} is hidden in the viewport") == f"{name} ist im Ansichtsfenster versteckt"


@pytest.mark.parametrize("text", ["", "No message of anyone's", "Fixed: 3", "{0}"])
def test_what_no_catalogue_has_stays(german, text: str) -> None:
    assert german(text) == text


def said_by(code: str) -> set[str]:
    return {text for _, text in Module(ast.parse(code), {}).messages()}


def test_messages_are_found_however_they_are_put_together() -> None:
    assert said_by("raise InputError(f'{path.name}: has {count:,} frames')") == {"{0}: has {1} frames"}
    assert said_by("why = f\"{n} key{'s' * (n != 1)} of {name}\"") == {"{0} keys of {1}", "{0} key of {1}"}
    code = "def f(n):\n    more = f', and {n} more' if n else ''\n    show(f'{n} fixed' + more)"
    assert said_by(code) == {"{0} fixed, and {1} more", "{0} fixed"}
    assert said_by("column.label(text='Expected {:.2f} mm'.format(x))") == {"Expected {0} mm"}
    assert said_by("layout.label(text='Ready')\nname = 'Ready or not'.split()\nraise ValueError('a bug here')") == {
        "Ready"
    }


SHOWN = {"report": ("rpt_", 1), "poll_message_set": ("tip_", 0)}


def test_reports_and_reasons_are_shown_in_the_artists_language() -> None:
    """What is put together would otherwise come out in English, since Blender looks up whole texts alone."""
    plain = []
    for folder in ("addon", "operators", "panels"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                    continue
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                name, at = SHOWN.get(node.func.attr, ("", 0))
                if name and len(node.args) > at and name not in ast.unparse(node.args[at]):
                    plain.append(f"{place}: {node.func.attr} without {name}()")
                for word in node.keywords if node.func.attr == "label" else ():
                    if word.arg == "text" and isinstance(word.value, ast.JoinedStr) and has_words(word.value):
                        plain.append(f"{place}: label without iface_()")
    assert not plain, "\n".join(plain)


def has_words(text: ast.JoinedStr) -> bool:
    """Tell whether an f-string says more than figures and units."""
    fixed = "".join(str(part.value) for part in text.values if isinstance(part, ast.Constant))
    return sum(sign.isalpha() for sign in fixed) > 2
