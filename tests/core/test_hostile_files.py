"""Arrays and texts that were made to do harm: every reader refuses them in one line, at once and in little memory, or
reads them as far as they are sound. What may be taken is stated in docs/development/hostile.md."""

from __future__ import annotations

import base64
import bz2
import io
import json
import os
import struct
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from headroom.addon import headfile, rigging, verbs
from headroom.core.errors import InputError
from headroom.core.formats import livelink, npz, phone_files, sequences, table
from headroom.core.head.identity import Identity
from headroom.core.rig import keymap
from headroom.core.speech import dictionary, sound, take

REFUSED = 48
"""MB that a file which is refused by its header may take."""


# NumPy's files


def npy(array: np.ndarray, **lies: object) -> bytes:
    """Spell an array as .npy, with a header that may lie."""
    file = io.BytesIO()
    header = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape} | lies
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + array.tobytes()


def bomb(shape: tuple[int, ...], dtype: str = "<f4") -> tuple[int, bytes, int]:
    """Deflate an array of zeros without ever having it: packing method, packed bytes, size."""
    head = npy(np.zeros(0, dtype), shape=shape)
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = pack.compress(head) + pack.flush(zlib.Z_FULL_FLUSH)
    million = pack.compress(bytes(1 << 20)) + pack.flush(zlib.Z_FULL_FLUSH)
    packed += million * (size >> 20) + pack.compress(bytes(size & 0xFFFFF)) + pack.flush()
    return zlib.DEFLATED, packed, len(head) + size


def zipped(**members: tuple[int, bytes, int] | bytes | np.ndarray) -> bytes:
    """Write a zip by hand, as nobody would let it be written; sizes are what is claimed."""
    body, listed = b"", b""
    for name, given in members.items():
        data = npy(given) if isinstance(given, np.ndarray) else given
        method, packed, size = data if isinstance(data, tuple) else (0, data, len(data))
        spelled = f"{name}.npy".encode()
        fields = struct.pack(
            "<HHHHHLLLHH", 20, 0, method, 0, 33, zlib.crc32(packed), len(packed), size, len(spelled), 0
        )
        listed += b"PK\1\2" + struct.pack("<H", 20) + fields + struct.pack("<HHHLL", 0, 0, 0, 0, len(body)) + spelled
        body += b"PK\3\4" + fields + spelled + packed
    count = len(members)
    return body + listed + b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, count, count, len(listed), len(body), 0)


def read_sequence(path: Path) -> object:
    with sequences.about(path):
        return sequences.read(path).vertices[0:1]


def read_take(path: Path) -> object:
    return take.unpack(base64.b64encode(path.read_bytes()).decode())


READERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "sequence": (read_sequence, "vertices"),
    "curves": (table.read_npz, "values"),
    "phones": (phone_files.read, "phone_label"),
    "head": (headfile.load, "shapes"),
    "landmarks": (rigging.read_marks, "landmarks"),
    "take": (read_take, "heard.scores"),
}
EVERY_NPZ: dict[str, Callable[[str], bytes]] = {
    "bomb": lambda name: zipped(**{name: bomb((1500, 262144, 1))}),
    "bzip2": lambda name: zipped(**{name: (12, squeezed(), 200)}),
    "lzma": lambda name: zipped(**{name: (14, b"\x09\x04\x05\0" + bytes(99), 200)}),
    "pickled": lambda name: zipped(**{name: npy(np.zeros(9), descr="|O")}),
    "records": lambda name: zipped(**{name: npy(np.zeros(9), descr=[("a", "<f8")])}),
    "header of gigabytes": lambda name: zipped(**{name: b"\x93NUMPY\2\0\xff\xff\xff\xff" + b" " * 999}),
    "nested header": lambda name: zipped(**{name: b"\x93NUMPY\1\0\x88\x13" + b"[" * 5000}),
    "more than there is": lambda name: zipped(**{name: npy(np.zeros(9), shape=(1 << 60, 1 << 60, 3))}),
    "claimed": lambda name: zipped(**{name: (0, npy(np.zeros(3), shape=(1 << 26, 3)), npy_size(1 << 26))}),
    "negative": lambda name: zipped(**{name: npy(np.zeros(36), shape=(-12, -3))}),
    "no signs": lambda name: zipped(**{name: npy(np.full((4, 6, 3), 0x110000, np.uint32), descr="<U1")}),
    "lines in names": lambda name: zipped(**{"a\nb\x1b[2J": np.zeros(3)}),
    "crowd": lambda name: zipped(**{name: np.zeros(3)})[:-12] + struct.pack("<LLH", 1 << 31, 0, 0),
    "no zip": lambda name: b"PK\3\4" + bytes(range(256)) * 40,
}  # fmt: skip


@cache
def squeezed() -> bytes:
    return bz2.compress(bytes(96 << 20), 1)


def npy_size(rows: int) -> int:
    return len(npy(np.zeros(0), shape=(rows, 3))) + rows * 24


@pytest.mark.parametrize("kind", EVERY_NPZ)
@pytest.mark.parametrize("reader", READERS)
def test_numpys_files(refuses, tmp_path, reader, kind):
    path = tmp_path / "given.npz"
    read, name = READERS[reader]
    path.write_bytes(EVERY_NPZ[kind](name))
    refuses(lambda: read(path), path.name if reader != "take" else "head", REFUSED)


@pytest.mark.parametrize("shape", [(4, 0, 3), (0, 4, 3), (1, 5_000_000, 3), (2_000_000, 1, 3)])
def test_sequences_of_nothing_or_of_everything(refuses, tmp_path, shape):
    (tmp_path / "a.npz").write_bytes(zipped(vertices=npy(np.zeros(shape, np.float16))))
    refuses(lambda: read_sequence(tmp_path / "a.npz"), "a.npz", REFUSED)


def test_landmarks_as_one_array(refuses, tmp_path):
    path = tmp_path / "given.npy"
    for data in (npy(np.zeros(9), descr="|O"), npy(np.zeros(9), shape=(1 << 50, 3)), b"\x93NUMPY\2\0\xff\xff\xff\xff"):
        path.write_bytes(data)
        refuses(lambda: rigging.read_marks(path), "given.npy", REFUSED)
    with pytest.raises(InputError, match="needed"):
        path.write_bytes(npy(np.zeros((9, 3))))
        rigging.read_marks(path)
    assert npz.array(path, 1000).shape == (9, 3)


# Texts


HEADER = ",".join(livelink.HEADER)
LONG = b"1" + b"0" * 400
ROW = "\n00:00:00:{}.000,61" + ",0.0" * 61
TEXTS: dict[str, tuple[str, Callable[[], bytes], int]] = {
    "a million columns": (".csv", lambda: (HEADER + ",x" * 1_000_000 + ROW.format("00")).encode(), REFUSED),
    "a million columns of numbers": (".csv", lambda: (HEADER + ROW.format("00") + ",0" * 1_000_000).encode(), REFUSED),
    "a cell of 100 MB": (".csv", lambda: (HEADER + "\n").encode() + b"0" * (100 << 20), REFUSED),
    "a quote that is never closed": (".csv", lambda: (HEADER + '\n"').encode() + b"0\n" * (8 << 20), REFUSED),
    "a take of nothing": (".csv", lambda: b"Timecode\n" + b"," * (32 << 20), REFUSED),
    "empty rows": (".csv", lambda: (HEADER + "\n" * (4 << 20)).encode(), REFUSED),
    "times beyond all": (".csv", lambda: (HEADER + (ROW * 3).replace("00:00:00", "1e308:1e308:0")).encode(), REFUSED),
    "values beyond all": (".csv", lambda: (HEADER + ROW.format("00").replace("0.0", "1e300")).encode(), REFUSED),
    "not a text": (".csv", lambda: b"\xff" * 5000, REFUSED),
    "json of empty lists": (".json", lambda: b"[" + b"0," * (33 << 20) + b"0]", 160),
    "nested json": (".json", lambda: b'{"values":' + b"[" * 3_000_000, REFUSED),
    "json of a number": (".json", lambda: b'{"fps": 1' + b"0" * 400 + b', "channels": [], "values": []}', REFUSED),
    "json of a long number": (".json", lambda: b"9" * 5_000_000, REFUSED),
    "json of large values": (".json", lambda: b'{"fps": 1, "channels": ["a"], "values": [[%s]]}' % LONG, REFUSED),
    "json of a mouth": (".json", lambda: b'{"mouthCues": [{"start": %s, "end": 2, "value": "A"}]}' % LONG, REFUSED),
    "labels of many lines": (
        ".json",
        lambda: json.dumps(
            {"fps": 1, "channels": [], "values": [], "phones": [{"label": "a\n\x1b[2J" * 9999, "start": 0, "end": 1,
             "confidence": 1}]}
        ).encode(),
        REFUSED,
    ),
    "a textgrid of counts": (".TextGrid", lambda: grid("0 1 <exists> 9999999999 "), REFUSED),
    "a textgrid of claims": (".TextGrid", lambda: grid('0 1 <exists> 1 "IntervalTier" "a" 0 1 400 0 1 "x"'), REFUSED),
    "a textgrid of one label": (".TextGrid", lambda: grid(one_label("ab" * (1 << 20))), REFUSED),
    "a textgrid of quotes": (".TextGrid", lambda: grid('"' * (8 << 20)), 200),
    "a textgrid of digits": (".TextGrid", lambda: grid("1" * (8 << 20)), 200),
    "a textgrid of exclamations": (".TextGrid", lambda: grid("!" * (8 << 20)), 200),
    "empty subtitles": (".srt", lambda: CUE + b"<>\n" * 300_000, 200),
    "subtitles of arrows": (".vtt", lambda: b"-->" * 2_000_000, 200),
    "subtitles of blanks": (".vtt", lambda: b" " * 4_000_000 + b"-->", 200),
    "rhubarb of nothing": (".tsv", lambda: b"0.0\tQ\n" * 200_000, 100),
    "too large": (".tsv", lambda: b"0.0\tA\n" * (3 << 20), REFUSED),
}  # fmt: skip
CUE = b"1\n00:00:01,000 --> 00:00:02,000\n"


def grid(rest: str) -> bytes:
    return f'File type = "ooTextFile"\nObject class = "TextGrid"\n\n{rest}'.encode()


def one_label(label: str) -> str:
    return f'0 1 <exists> 1 "IntervalTier" "phones" 0 1 1 0 1 "{label}"'


@pytest.mark.parametrize("kind", TEXTS)
def test_texts(refuses, tmp_path, kind):
    ending, make, megabytes = TEXTS[kind]
    path = tmp_path / f"given{ending}"
    path.write_bytes(make())
    refuses(lambda: livelink.read(path) if ending == ".csv" else phone_files.read(path), path.name, megabytes)


@pytest.mark.parametrize(
    "said", [b"&#" + b"9" * 5000 + b";", b"&#x" + b"f" * 300 + b";", b"&" * 1_000_000 + b"a", b"<([{\\" * 300_000]
)
def test_subtitles_of_impossible_signs_are_read(starved, tmp_path, said):
    path = tmp_path / "given.srt"
    path.write_bytes(CUE + said)
    assert starved(lambda: phone_files.read(path), 200)[0] == "done"


ENTRY = '{"headroom_keymap": 1, "entries": [["Face", "Open", "jawOpen", %s, 1, "hand"]]}'


@pytest.mark.parametrize(
    ("read", "text", "megabytes"),
    [
        (keymap.read, "[" * 4_000_000, REFUSED),
        (keymap.read, ENTRY % ("1" + "0" * 400), REFUSED),
        (keymap.read, ENTRY % "NaN", REFUSED),
        (keymap.read, ENTRY % ('"' + "x" * (9 << 20) + '"'), REFUSED),
        (keymap.read, '{"headroom_keymap": 1, "entries": [' + "[]," * 1_000_000 + "[]]}", 160),
        (lambda path: Identity.from_json(path.read_text()), "[" * 60_000, REFUSED),
        (lambda path: Identity.from_json(path.read_text()), '{"code": [1%s]}' % ("0" * 400), REFUSED),
        (lambda path: dictionary.read(path), "word /" + "a" * 4_000_000 + "/", REFUSED),
        (lambda path: verbs.text_of(str(path)), "a" * (17 << 20), REFUSED),
    ],
)
def test_presets_and_words(refuses, tmp_path, read, text, megabytes):
    path = tmp_path / "given.txt"
    path.write_text(text)
    refuses(lambda: read(path), "", megabytes)


def test_a_long_sentence_is_no_file():
    assert verbs.text_of("word " * 100) == "word " * 100


@pytest.mark.parametrize(
    "read", [livelink.read, keymap.read, sound.read, phone_files.read, headfile.load, read_sequence]
)
def test_pipes_are_not_waited_for(refuses, tmp_path, read):
    path = tmp_path / "given.npz"
    os.mkfifo(path)
    refuses(lambda: read(path), path.name, REFUSED)


def test_a_message_is_one_line():
    message = str(InputError("a\nb\x1b[2J" + "c" * 100_000 + "; do this"))
    assert (
        message.isprintable() and len(message) <= 2000 and message.startswith("a b") and message.endswith("; do this")
    )
