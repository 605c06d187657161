"""What an artist types for a phone: a label of the inventory in any case, with stress or without, or IPA."""

from __future__ import annotations

import unicodedata

from .ipa import TABLE, plain, to_phones
from .phones import NUMBER, SILENCE

MOST = 3  # phones that one sign may stand for: "ts" is two, "aɪə" three
PAUSES = ("_", "-", "PAU")
KINDS = ("Ll", "Lo", "Lm", "Mn", "Sk")
"""Unicode's categories of IPA's letters, lengths, stresses and diacritics: no capitals, digits, spaces."""


def read_label(text: str, language: str = "") -> tuple[str, ...]:
    """Give the phones of the inventory that a text stands for; nothing when it is no phone.

    ARPAbet goes before IPA where they differ: "y" is the Y of "yes". Signs of `language` are read as espeak-ng
    means them.
    """
    bare = text.strip()
    arpabet = bare.upper().rstrip("012")
    if arpabet in NUMBER:
        return (arpabet,)
    if arpabet in PAUSES:
        return (SILENCE,)
    bare = bare.strip("/[]")
    signs = plain(bare)
    foreign = any(unicodedata.category(sign) not in KINDS for sign in unicodedata.normalize("NFD", bare))
    if foreign or not signs or any(sign not in TABLE for sign in signs):
        return ()
    labels = tuple(to_phones(bare, language))
    return labels if len(labels) <= MOST else ()
