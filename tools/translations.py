"""Look after the catalogues in `addon/translations`: what is missing, stale or broken, and fill in what is new.

.venv/bin/python tools/translations.py             say what is wrong, and exit with 1 when anything is
.venv/bin/python tools/translations.py --update    write every catalogue anew: new messages with nothing beside
                                                   them, to be filled in; those that no source has are dropped
.venv/bin/python tools/translations.py --new fr    begin a catalogue for another language
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from headroom.addon.catalogues import FOLDER, GAP, read
from headroom.tools.messages import messages

HEADER = """msgid ""
msgstr ""
"Project-Id-Version: Headroom\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""

WIDE = str.maketrans("。：；，、！？", ".:;,,!?")
"""Signs of Chinese and Japanese, and what they are here."""

PHONE = re.compile(r"[A-Z]+   .*")
"""A phone and an English word that has it: the same in every language."""


def interface(classes: Iterable[Any]) -> dict[str, set[str]]:
    """Give every text that Blender shows of registered classes by itself, each with the classes that have it."""
    import bpy

    found: dict[str, set[str]] = {}
    for cls in classes:
        rna = cls.bl_rna
        texts = [getattr(cls, "bl_label", ""), getattr(cls, "bl_description", "")]
        if issubclass(cls, bpy.types.Operator):
            category, _, verb = cls.bl_idname.partition(".")
            rna = getattr(getattr(bpy.ops, category), verb).get_rna_type()
            texts.append(rna.description)
        known = set(rna.base.properties.keys()) if rna.base is not None else set()
        for prop in rna.properties:
            if prop.identifier in known or prop.name in ("", prop.identifier) or prop.is_hidden:
                continue
            texts += [prop.name, prop.description]
            for item in prop.enum_items_static if prop.type == "ENUM" else ():
                texts += [item.description, *([item.name] if not item.identifier.endswith(item.name) else [])]
        for declared in getattr(cls, "__annotations__", {}).values():
            items = getattr(declared, "keywords", {}).get("items")
            for item in items(None, bpy.context) if callable(items) else ():
                texts.append(item[1])  # what it says is put together in the source
        for text in texts:
            if text and text.strip() and not PHONE.fullmatch(text):
                found.setdefault(text, set()).add(cls.__module__.rpartition("headroom.")[2])
    return found


def wanted(classes: Iterable[Any]) -> dict[str, set[str]]:
    """Give every message that a catalogue must have, each with the modules that it stands in.

    Phrases of core that the interface shows as parts of its own texts need no translation of theirs.
    """
    found = interface(classes)
    shown = {text[0].lower() + text[1:] for text in found}
    for text, where in messages().items():
        if text in found or not any(one.startswith(text) for one in shown):
            found.setdefault(text, set()).update(where)
    return found


def faults(catalogue: Mapping[str, str], expected: Iterable[str]) -> Iterator[str]:
    """Say what is wrong with a catalogue, a line each."""
    expected = set(expected)
    yield from (f"missing: {text}" for text in sorted(expected - set(catalogue)))
    yield from (f"stale, no source has it: {text}" for text in sorted(set(catalogue) - expected))
    for text, said in catalogue.items():
        if set(GAP.findall(text)) != set(GAP.findall(said)):
            yield f"other gaps: {text!r}: {said!r}"
        elif _end(text) != _end(said):
            yield f"ends otherwise: {text!r}: {said!r}"
        elif _edge(text) != _edge(said):
            yield f"other blanks around it: {text!r}: {said!r}"


def _end(text: str) -> str:
    """Give the sign at the end of a text, "" for letters, figures, quotes and brackets."""
    last = text.rstrip()[-1:].translate(WIDE)
    return last if last in ".:;,!?…" else ""


def _edge(text: str) -> tuple[bool, bool]:
    return text[:1].isspace(), text[-1:].isspace()


def written(language: str, catalogue: Mapping[str, str], expected: Mapping[str, set[str]]) -> str:
    """Write a catalogue out, ordered by where its messages stand."""
    blocks = [HEADER.format(language=language)]
    for text, where in sorted(expected.items(), key=lambda item: (sorted(item[1])[0], item[0])):
        places = " ".join(sorted(where)[:3])
        said = catalogue.get(text, "")
        blocks.append(f"#: {places}\nmsgid {_quoted(text)}\nmsgstr {_quoted(said)}\n")
    return "\n".join(blocks)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def main() -> int:
    """Check or renew the catalogues, in Blender's module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--new", metavar="LANGUAGE")
    given = parser.parse_args()
    os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp()
    import headroom

    headroom.register()
    from headroom.addon.registration import CLASSES

    expected = wanted(CLASSES)
    if given.new:
        (FOLDER / f"{given.new}.po").write_text(written(given.new, {}, expected), encoding="utf-8")
    wrong = 0
    for path in sorted(FOLDER.glob("*.po")):
        if given.update:
            path.write_text(written(path.stem, read(path), expected), encoding="utf-8")
        found = list(faults(read(path), expected))
        wrong += len(found)
        print(f"{path.name}: {len(expected)} messages, {len(found)} to mend", *found, sep="\n  ")
    return min(wrong, 1)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # Blender 4.5's module hangs at the interpreter's end
