"""IPA to the phone inventory: each symbol goes to the phone with the nearest articulation, lips first."""

from __future__ import annotations

import unicodedata

# Place, manner and rounding after the IPA chart (International Phonetic Association, 2020); longest match wins.
TABLE = {
    "aɪ": "AY", "ai": "AY", "aʊ": "AW", "au": "AW", "ɑu": "AW", "ɑʊ": "AW", "eɪ": "EY", "ei": "EY", "oʊ": "OW",
    "əʊ": "OW", "ou": "OW", "əu": "OW", "ɔɪ": "OY", "ɔi": "OY", "ɔø": "OY", "ɔʏ": "OY", "ɑɪ": "AY", "ɑi": "AY",
    "ɪə": "IH AH", "eə": "EH AH", "ʊə": "UH AH", "aɪɚ": "AY ER", "aɪə": "AY AH", "œy": "OE UE", "ʌu": "AW",
    "tɕh": "CH", "tsh": "T S", "ph": "P", "th": "T", "kh": "K", "tʃ": "CH", "dʒ": "JH", "tɕ": "CH", "dʑ": "JH",
    "tʂ": "CH", "dʐ": "JH", "ts": "T S", "dz": "D Z", "pf": "P F", "oːɹ": "AO R", "ɔːɹ": "AO R", "ɑːɹ": "AA R",
    "ɪɹ": "IH R", "ɛɹ": "EH R", "ʊɹ": "UH R", "p": "P", "b": "B", "m": "M", "ɱ": "M", "ɓ": "B", "β": "B", "ʙ": "B",
    "f": "F", "v": "V", "ɸ": "F", "ʋ": "V", "ⱱ": "V", "θ": "TH", "ð": "DH", "t": "T", "d": "D", "ʈ": "T", "ɖ": "D",
    "ɗ": "D", "n": "N", "ɳ": "N", "ɲ": "N", "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH", "ʂ": "SH", "ʐ": "ZH", "ɕ": "SH",
    "ʑ": "ZH", "ɧ": "SH", "ç": "X", "ʝ": "Y", "j": "Y", "k": "K", "ɡ": "G", "g": "G", "c": "K", "ɟ": "G", "q": "K",
    "ɢ": "G", "ɠ": "G", "x": "X", "ɣ": "X", "χ": "X", "ʁ": "X", "ʀ": "X", "ħ": "X", "ʕ": "X", "h": "HH", "ɦ": "HH",
    "ŋ": "NG", "ɴ": "NG", "l": "L", "ɫ": "L", "ɭ": "L", "ʎ": "L", "ɬ": "L", "ɮ": "L", "ɹ": "R", "ɻ": "R", "r": "RR",
    "ɾ": "RR", "ɽ": "RR", "w": "W", "ʍ": "W", "ɥ": "W", "ɰ": "W", "i": "IY", "ɪ": "IH", "ɨ": "IH", "ᵻ": "IH",
    "e": "EY", "ɛ": "EH", "æ": "AE", "a": "AA", "ɑ": "AA", "ɒ": "AO", "ɐ": "AH", "ə": "AH", "ʌ": "AH", "ɤ": "AH",
    "ɘ": "AH", "ɯ": "UH", "ɜ": "AH", "ɚ": "ER", "ɝ": "ER", "ɞ": "OE", "ɔ": "AO", "o": "OW", "ʊ": "UH", "u": "UW",
    "ʉ": "UW", "y": "UE", "ʏ": "UE", "ø": "OE", "œ": "OE", "ɶ": "OE", "ɵ": "OE", "ʔ": "",
}  # fmt: skip
LONGEST = max(map(len, TABLE))
LOCAL = {
    "en": {"ɾ": "D", "ɜ": "ER", "ɚ": "ER", "r": "R"}, "ru": {"y": "IH"}, "uk": {"y": "IH"}, "da": {"ε": "EH"},
    **{language: {"ɜ": ""} for language in ("zh", "cm", "yu", "ha", "vi", "th")},
}  # fmt: skip
"""Where espeak-ng's signs mean something else: the tap in "city" is a quick d, the Russian y is unrounded, Danish has
a Greek epsilon, and the third tone of Chinese, Vietnamese and Thai is written ɜ."""


def to_phones(phoneme: str, language: str = "") -> list[str]:
    """Turn one IPA phoneme or cluster into labels of the inventory, without silence; unknown signs are left out."""
    local = LOCAL.get(language.lower()[:2], {})
    bare = plain(phoneme)
    labels: list[str] = []
    place = 0
    while place < len(bare):
        for length in range(min(LONGEST, len(bare) - place), 0, -1):
            piece = bare[place : place + length]
            if piece in TABLE or piece in local:
                labels += (local[piece] if piece in local else TABLE[piece]).split()
                place += length
                break
        else:
            place += 1
    return labels


def plain(phoneme: str) -> str:
    """Take stress, length, tone digits, ties and diacritics off, and espeak-ng's language switches "(en)"."""
    if phoneme.startswith("(") and phoneme.endswith(")"):
        return ""
    decomposed = unicodedata.normalize("NFD", phoneme.replace("ç", "\ue000"))
    kept = (sign for sign in decomposed if unicodedata.category(sign) in ("Ll", "Lo", "Co"))
    return unicodedata.normalize("NFC", "".join(kept)).replace("\ue000", "ç")
