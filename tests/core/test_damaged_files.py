"""Sound files of every kind with bytes turned over, taken out or put in: read as far as they go, or refused at once."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from headroom.addon import headfile, rigging
from headroom.core.errors import HeadroomError, InputError
from headroom.core.formats import glb, livelink, objs, phone_files, ply, sequences, table, textgrid
from headroom.core.performance import Performance
from headroom.core.rig import keymap
from headroom.core.sequence import MeshSequence
from headroom.core.speech import dictionary
from headroom.core.speech.phones import Phones, Word

TIMES = 150
PUT_IN = (
    b"9",
    b"-",
    b'"',
    b"[",
    b"{",
    b"}",
    b",",
    b"\n",
    b"e9",
    b"\0",
    b"nan",
    b"1e999",
    b"null",
    b"\xff\xff",
    b"9" * 12,
)
POINTS = np.random.default_rng(1).random((5, 9, 3)).astype(np.float32)
FACES = np.array([[0, 1, 2, 3], [3, 2, 4, -1]], np.int32)
CURVES = Performance(60.0, ("jawOpen", "headYaw"), ("lips", "head"), POINTS.reshape(-1)[:60].reshape(30, 2))
SPOKEN = Phones(
    ("SIL", "AA", "M"), np.array([0, 0.1, 0.2]), np.array([0.1, 0.2, 0.4]), np.ones(3), (Word("am", 0, 0.4),)
)
SUBTITLES = "1\n00:00:01,000 --> 00:00:02,000\n<b>Hi</b> &amp; [noise] (x)\n\n2\n00:00:03,000 --> 00:00:04,000\n- you\n"
CUES = {"metadata": {}, "mouthCues": [{"start": 0, "end": 0.5, "value": "X"}, {"start": 0.5, "end": 1, "value": "A"}]}
TEXT_PLY = (
    "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\nelement face 1\n"
    "property list uchar int vertex_indices\nend_header\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n"
)
KEYS = (
    b'{"animations": [{"channels": [{"sampler": 0}], "samplers": [{"input": 0}]}], '
    b'"accessors": [{"count": 30, "min": [0], "max": [1]}]}'
)


def read_sequence(path: Path) -> object:
    with sequences.about(path):
        return sequences.read(path).vertices[:]


def read_frame(path: Path) -> object:
    return read_sequence(path.parent)


def write_sequence(path: Path) -> None:
    sequences.write(path, MeshSequence(POINTS, 30.0, FACES, tuple("abcde")))


def write_keys(path: Path) -> None:
    path.write_bytes(struct.pack("<4sIIII", b"glTF", 2, 20 + len(KEYS), len(KEYS), 0x4E4F534A) + KEYS)


KINDS: dict[str, tuple[Callable[[Path], object], Callable[[Path], object]]] = {
    "take.csv": (lambda path: livelink.write(path, CURVES), livelink.read),
    "curves.npz": (lambda path: table.write_npz(path, CURVES, SPOKEN), table.read_npz),
    "phones.json": (lambda path: table.write_json(path, CURVES, SPOKEN), phone_files.read),
    "phones.TextGrid": (lambda path: textgrid.write(path, SPOKEN), phone_files.read),
    "phones.tsv": (lambda path: path.write_text("0.0\tX\n0.5\tA\n1.0\tB\n"), phone_files.read),
    "cues.json": (lambda path: path.write_text(json.dumps(CUES)), phone_files.read),
    "said.srt": (lambda path: path.write_text(SUBTITLES), phone_files.read),
    "frames.npz": (write_sequence, read_sequence),
    "packed.npz": (lambda path: np.savez_compressed(path, vertices=POINTS, fps=30, faces=FACES), read_sequence),
    "frames.pc2": (write_sequence, read_sequence),
    "frames.mdd": (write_sequence, read_sequence),
    "frame.obj": (lambda path: objs.write(path, POINTS[0], FACES), read_frame),
    "frame.ply": (lambda path: ply.write(path, POINTS[0], FACES), read_frame),
    "text.ply": (lambda path: path.write_text(TEXT_PLY), read_frame),
    "keys.json": (
        lambda path: path.write_text(keymap.KeyMap((keymap.Entry("F", "k", "jawOpen", 1.0),)).to_json()),
        keymap.read,
    ),
    "own.dict": (lambda path: path.write_text("ZORBLAX  Z AO1 R B L AE2 K S\nHäagen  /ˈhɑːɡən/\n"), dictionary.read),
    "marks.npy": (lambda path: np.save(path, np.ones((54, 3))), rigging.read_marks),
    "keys.glb": (write_keys, glb.times),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_read_or_refused(starved, tmp_path, kind):
    write, read = KINDS[kind]
    path, random = tmp_path / kind, np.random.default_rng(3)
    write(path)
    good = path.read_bytes()
    read(path)

    def act():
        for _ in range(TIMES):
            path.write_bytes(damaged(good, random))
            try:
                read(path)
            except HeadroomError as error:
                assert str(error).isprintable()

    end, said, took = starved(act, 200)
    assert end == "done", (said, path.read_bytes()[:400])
    assert took < 48


def damaged(good: bytes, random: np.random.Generator) -> bytes:
    """Turn bytes over, take some out, put others in, or repeat some: one to four times."""
    data = bytearray(good)
    for _ in range(random.integers(1, 5)):
        at = int(random.integers(0, len(data)))
        change = random.integers(0, 4)
        if change == 0:
            data[at] ^= int(random.integers(1, 256))
        elif change == 1:
            data[at:at] = PUT_IN[random.integers(len(PUT_IN))]
        elif change == 2:
            del data[at : at + int(random.integers(1, 9))]
        else:
            data[at:at] = data[: int(random.integers(1, 40))]
        data = data or bytearray(b"x")
    return bytes(data)


class Harm:
    """What makes a folder when it is unpickled."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (self.folder,)


@pytest.mark.parametrize(
    ("read", "name"),
    [
        (read_sequence, "vertices"),
        (table.read_npz, "channels"),
        (headfile.load, "shapes"),
        (rigging.read_marks, "landmarks"),
    ],
)
def test_pickles_are_never_run(tmp_path, read, name):
    path = tmp_path / "given.npz"
    np.savez(path, **{name: np.array([Harm(str(tmp_path / "harm"))], object)})
    with pytest.raises(InputError, match=r"given\.npz"):
        read(path)
    assert not (tmp_path / "harm").exists()
    with pytest.raises(OSError):  # the harm is real
        np.load(path, allow_pickle=True)[name], np.load(path, allow_pickle=True)[name]
