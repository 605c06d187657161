"""The one door to libespeak-ng: its library and data, found and opened once, and text turned into IPA.

`espeakng_loader` carries the library and its language data for the three systems; where it is not installed, the
system's own libespeak-ng is used. The library keeps global state, so that every call holds a lock.
"""

from __future__ import annotations

import atexit
import ctypes
import ctypes.util
import os
import shutil
import tempfile
import threading
from functools import cache
from pathlib import Path

from ..errors import InputError

LOCK = threading.RLock()
RETRIEVAL, PHONEME_EVENTS, DONT_EXIT = 1, 0x0003, 0x8000  # speak_lib.h: output mode, events in IPA, never exit()
UTF8, IPA = 1, 0x02
LONGEST_PATH = 140
EXAMPLES = "en, de, fr, es, it, pt, nl, pl, ru, ja, zh"
ALIASES = {"en": "en-us", "zh": "cmn", "zh-cn": "cmn", "fr": "fr-fr", "es-mx": "es-419", "no": "nb"}


@cache
def library() -> ctypes.CDLL:
    """Open libespeak-ng, ready to give sound and phonemes back. Raises `InputError` when there is none."""
    folder = None
    try:
        import espeakng_loader

        name, folder = espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
    except (ImportError, RuntimeError):
        name = ctypes.util.find_library("espeak-ng")
    try:
        espeak = ctypes.CDLL(name) if name else None
    except OSError:
        espeak = None
    if espeak is None:
        raise InputError("a transcript needs espeak-ng, which is not installed; install it or leave the transcript out")
    espeak.espeak_TextToPhonemes.restype = ctypes.c_char_p
    espeak.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int]
    espeak.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
    path = os.fsencode(_short(Path(folder))) if folder else None
    if espeak.espeak_Initialize(RETRIEVAL, 0, path, PHONEME_EVENTS | DONT_EXIT) <= 0:
        raise InputError(f"espeak-ng finds no language data in {folder}; leave the transcript out")
    return espeak


def _short(folder: Path) -> Path:
    """Give a short way to the data: the library has room for 160 characters, an extension's folder can be longer."""
    if len(os.fsencode(folder)) <= LONGEST_PATH:
        return folder
    temporary = tempfile.TemporaryDirectory(prefix="espeak")
    atexit.register(temporary.cleanup)
    link = Path(temporary.name) / "espeak-ng-data"
    try:
        link.symlink_to(folder, target_is_directory=True)
    except OSError:  # Windows asks for a privilege
        shutil.copytree(folder, link)
    return link


def choose(language: str) -> ctypes.CDLL:
    """Set the language ("en", "de", "pt-br") and give the library. Raises `InputError` for an unknown one."""
    espeak = library()
    code = language.strip().lower().replace("_", "-")
    for name in (ALIASES.get(code, code), code, code.split("-")[0]):
        # the name goes to a file search inside the library: letters, digits and hyphens only
        if name and name.replace("-", "").isalnum() and espeak.espeak_SetVoiceByName(name.encode()) == 0:
            return espeak
    raise InputError(f"--language {language}: not known; choose a code such as {EXAMPLES}")


def ipa(text: str, language: str) -> list[list[str]]:
    """Turn text into IPA: for each spoken word, its phonemes as espeak-ng writes them ("ˈeɪ", "tʃ").

    Raises `InputError` for an unknown language.
    """
    words: list[list[str]] = []
    with LOCK:
        espeak = choose(language)
        buffer = ctypes.create_string_buffer(text.replace("\0", " ").encode("utf-8", "replace"))
        pointer = ctypes.c_void_p(ctypes.addressof(buffer))
        while pointer.value:  # one clause a call
            clause = espeak.espeak_TextToPhonemes(ctypes.byref(pointer), UTF8, IPA | ord("_") << 8) or b""
            for word in clause.decode("utf-8", "replace").split():
                words.append([phoneme for phoneme in word.split("_") if phoneme])
    return words
