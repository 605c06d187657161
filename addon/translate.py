"""Texts in the language of Blender's interface: what panels, reports and tooltips put together.

Blender itself translates labels, tooltips and fixed texts once they are registered; what is put together goes through
one of three functions, called as Blender's own add-ons call them, each of which obeys its switch in the preferences.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import bpy

from .catalogues import Messages, read_all

EXTENSION = __package__.rpartition(".")[0]
"""What Blender knows the translations by."""

OWN = "Headroom"
"""Context of all that our classes show: Blender takes many words in another sense, "Lead" as the metal, "Age" as the
time that has passed, and outside of this context its translation wins."""

ENGLISH = ("", "en_US", "en_GB")

CONTEXTS = ("*", OWN)

_messages: list[str] = []


def iface_(text: str) -> str:
    """Give a text for a panel or the status bar."""
    return _shown(text, bpy.app.translations.pgettext_iface)


def tip_(text: str) -> str:
    """Give a text for a tooltip: why a button is grey, what an item of a menu is."""
    return _shown(text, bpy.app.translations.pgettext_tip)


def rpt_(text: str) -> str:
    """Give a text for a report: what was done, what went wrong."""
    return _shown(text, bpy.app.translations.pgettext_rpt)


def _shown(text: str, look_up: Callable[[str, str], str]) -> str:
    if bpy.app.translations.locale in ENGLISH:
        return text
    return _index().translated(text, lambda message: look_up(message, OWN))


@lru_cache(1)
def _index() -> Messages:
    """Sort the messages when a text is first to be translated, since enabling an extension must not take long."""
    return Messages(_messages)


def own(cls: Any) -> None:
    """Let Blender look up what a class of ours shows, its label and its properties', in our context; before it is
    registered. What it inherits from classes of Blender stays Blender's."""
    cls.bl_translation_context = OWN
    for base in cls.__mro__:
        if base.__module__.startswith(f"{EXTENSION}."):
            for declared in inspect.get_annotations(base).values():
                if hasattr(declared, "keywords"):
                    declared.keywords.setdefault("translation_context", OWN)


def attach() -> None:
    """Hand all catalogues to Blender; every message in our own context, and in that of what panels write out."""
    catalogues = read_all()
    _messages[:] = sorted({message for catalogue in catalogues.values() for message in catalogue})
    both = {
        language: {(context, message): said for message, said in catalogue.items() for context in CONTEXTS}
        for language, catalogue in catalogues.items()
    }
    bpy.app.translations.register(EXTENSION, both)  # type: ignore[arg-type]  # the stubs know no contexts


def detach() -> None:
    """Undo `attach`."""
    bpy.app.translations.unregister(EXTENSION)
    _messages.clear()
    _index.cache_clear()
