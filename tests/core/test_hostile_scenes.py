"""Meshes, scenes, sounds and weights that were made to do harm; see `test_hostile_files` for arrays and texts."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import scipy.signal
import soundfile

from headroom.core import weights
from headroom.core.errors import HeadroomError
from headroom.core.formats import alembic, glb, sequences
from headroom.core.speech import sound

assert scipy.signal is not None and safetensors.numpy is not None  # loaded before memory is limited
REFUSED = 48
"""MB that a file which is refused by its header may take."""


def read_sequence(path: Path) -> object:
    with sequences.about(path):
        return sequences.read(path).vertices[0:1]


# Point caches and meshes


def sparse(path: Path, head: bytes, size: int) -> None:
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)


@pytest.mark.parametrize(
    ("name", "head", "size"),
    [
        ("a.pc2", struct.pack("<12siiffi", b"POINTCACHE2", 1, 1 << 30, 0, 1, 1), 32 + (12 << 30)),
        ("a.pc2", struct.pack("<12siiffi", b"POINTCACHE2", 1, 1, 0, 1, 1 << 30), 32 + (12 << 30)),
        ("a.pc2", struct.pack("<12siiffi", b"POINTCACHE2", 1, 1 << 30, 0, 1, 1), 5000),
        ("a.mdd", struct.pack(">ii", 1 << 30, 1), 8 + (16 << 30)),
        ("a.mdd", struct.pack(">ii", 1, 1 << 30), 12 + (12 << 30)),
        ("a.mdd", struct.pack(">ii", (1 << 31) - 1, (1 << 31) - 1), 16 << 30),
    ],
)
def test_point_caches(refuses, tmp_path, name, head, size):
    sparse(tmp_path / name, head, size)
    refuses(lambda: read_sequence(tmp_path / name), name, REFUSED)


PLY = "ply\nformat {} 1.0\nelement vertex {}\n{}element face {}\nproperty list {} int vertex_indices\nend_header\n"
XYZ = "property float x\nproperty float y\nproperty float z\n"
MESHES: dict[str, tuple[str, Callable[[], bytes], int]] = {
    "lines": ("obj", lambda: b"\n" * (33 << 20), REFUSED),
    "faces of one": ("obj", lambda: b"v 0 0 0\n" + b"f 1\n" * (1 << 18), 100),
    "a vertex of all": ("obj", lambda: b"v" + b" 0" * (10 << 20), 300),
    "a wide polygon": ("obj", lambda: b"v 0 0 0\n" + b"f 1 1 1\n" * 30_000 + b"f" + b" 1" * 30_000, 100),
    "huge corners": ("obj", lambda: b"v 0 0 0\nf 1 1 1%s\n" % (b"0" * 400), REFUSED),
    "text faces": ("ply", lambda: PLY.format("ascii", 1, XYZ, 30_001, "int").encode() + b"0 0 0\n"
                   + b"3 0 0 0\n" * 30_000 + b"30000" + b" 0" * 30_000, 100),
    "no corners": ("ply", lambda: PLY.format("ascii", 1, XYZ, 1, "int").encode() + b"0 0 0\n0\n", REFUSED),
    "counts": ("ply", lambda: PLY.format("binary_little_endian", 1 << 40, XYZ, 1 << 40, "int").encode(), REFUSED),
    "corners": ("ply", lambda: PLY.format("binary_little_endian", 1, XYZ, 1, "uint").encode() + bytes(12)
                + b"\xff" * 4 + bytes(99), REFUSED),
    "properties": ("ply", lambda: ("ply\nformat ascii 1.0\nelement vertex 1\n" + XYZ + "".join(
        f"property float p{k}\n" for k in range(2000)) + "end_header\n1").encode(), REFUSED),
}  # fmt: skip


@pytest.mark.parametrize("kind", MESHES)
def test_meshes(refuses, tmp_path, kind):
    ending, make, megabytes = MESHES[kind]
    (tmp_path / f"a.{ending}").write_bytes(make())
    refuses(lambda: read_sequence(tmp_path), f"a.{ending}", megabytes)


def glb_of(content: str, claimed: int = 0) -> bytes:
    text = content.encode()
    return struct.pack("<4sIIII", b"glTF", 2, claimed or 20 + len(text), claimed or len(text), 0x4E4F534A) + text


def keys(count: str, first: str = "0", last: str = "1") -> str:
    return (
        '{"animations": [{"channels": [{"sampler": 0}], "samplers": [{"input": 0}]}], "accessors": '
        f'[{{"count": {count}, "min": [{first}], "max": [{last}]}}]}}'
    )


def abc_of(count: int, cycle: float, *inside: float, child: int = 0) -> bytes:
    times = struct.pack("<IdI", count, cycle, len(inside)) + struct.pack(f"<{len(inside)}d", *inside)
    at = 16 + 8 + 8 * 6
    group = struct.pack("<Q6Q", 6, *(1 << 63 | at,) * 5, child or 1 << 63 | at)
    return b"Ogawa\xff\0\1" + struct.pack("<Q", 16) + group + struct.pack("<Q", len(times)) + times


SCENES: dict[str, tuple[str, bytes]] = {
    "nested": ("glb", glb_of("[" * 1_000_000)),
    "many": ("glb", glb_of("[" + "{}," * 5_000_000 + "{}]")),
    "claimed": ("glb", glb_of("{}", 1 << 31)),
    "endless keys": ("glb", glb_of(keys("1" + "0" * 400))),
    "infinite keys": ("glb", glb_of(keys("Infinity"))),
    "no time": ("glb", glb_of(keys("9", "NaN", "NaN"))),
    "ages": ("glb", glb_of(keys("7000000", "-3600", "3600"))),
    "no text": ("glb", glb_of("{}").replace(b"{}", b"\xff\xff")),
    "endless samples": ("abc", abc_of((1 << 32) - 1, 0.04, 0.0)),
    "no times": ("abc", abc_of(50, 0.04, float("nan"))),
    "endless times": ("abc", abc_of(50, 0.04, 1e300)),
    "a child beyond": ("abc", abc_of(50, 0.04, 0.0, child=1 << 40)),
    "a block beyond": ("abc", abc_of(50, 0.04, 0.0, child=1 << 63 | 70)),
    "a group in itself": ("abc", abc_of(1, 0.04, float("inf"), 0.0, child=16)),
    "positions": ("abc", b"Ogawa\xff\0\1" + b"\xff" * 64),
    "circles": ("abc", b"Ogawa\xff\0\1" + struct.pack("<Q", 8) * 20),
    "groups": ("abc", b"Ogawa\xff\0\1" + struct.pack("<QQ", 16, 1 << 60)),
}


@pytest.mark.parametrize("kind", SCENES)
def test_scenes(refuses, tmp_path, kind):
    ending, data = SCENES[kind]
    path = tmp_path / f"a.{ending}"
    path.write_bytes(data)
    refuses(lambda: (glb if ending == "glb" else alembic).times(path), "", REFUSED)


# Sounds


def riff(*chunks: tuple[bytes, int, bytes]) -> bytes:
    body = b"".join(name + struct.pack("<I", size) + data for name, size, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def form(channels: int = 1, rate: int = 48000, bits: int = 16) -> tuple[bytes, int, bytes]:
    return (
        b"fmt ",
        16,
        struct.pack("<HHIIHH", 1, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits),
    )


SOUNDS = {
    "channels": riff(form(1024), (b"data", 4096, bytes(4096))),
    "all that counts": riff(form(), (b"data", 0xEFFF0000, bytes(4096))),
    "rate": riff(form(rate=0x7FFFFFFF), (b"data", 4096, bytes(4096))),
    "chunks": riff(form(), *((b"JUNK", 0, b""),) * 400_000),
    "long chunk": riff((b"LIST", 0xFFFFFFF0, b""), form(), (b"data", 4096, bytes(4096))),
    "no data": riff(form()),
    "flac of ages": b"fLaC\x80\0\0\x22" + struct.pack(">HH", 4096, 4096) + bytes(6) + b"\x0b\xb8\x00\xff"
    + b"\xff" * 4 + bytes(16) + b"\xff\xf8" * 40,
    "aiff": b"FORM\xff\xff\xff\xffAIFFCOMM\0\0\0\x12\0\1\xff\xff\xff\xff\0\x10\x40\x0e\xbb\x80" + bytes(300),
    "ogg": b"OggS\0\2" + b"\xff" * 20 + b"\xff" * 256 + b"\1vorbis" + b"\xff" * 400,
    "mp3": b"ID3\4\0\0\x7f\x7f\x7f\x7f" + b"\xff\xfb\x90\0" * 200,
}  # fmt: skip


def listen(path: Path) -> None:
    for _ in sound.read(path).blocks():
        pass


@pytest.mark.parametrize("kind", SOUNDS)
def test_sounds(refuses, tmp_path, kind):
    path = tmp_path / f"given.{kind if kind in ('aiff', 'ogg', 'mp3') else 'flac' if 'flac' in kind else 'wav'}"
    path.write_bytes(SOUNDS[kind])
    refuses(lambda: listen(path), path.name, 96)


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3", "aiff"])
def test_damaged_sounds_are_read_or_refused(starved, tmp_path, ending):
    """Bits of the first kilobyte are turned over, sixty times."""
    good, path, random = tmp_path / f"good.{ending}", tmp_path / f"given.{ending}", np.random.default_rng(7)
    soundfile.write(good, random.normal(0, 0.1, 16000), 16000)
    whole = np.frombuffer(good.read_bytes(), np.uint8)

    def act():
        for _ in range(60):
            data = whole.copy()
            places = random.integers(0, random.choice([48, 1024]), 3)
            data[places] ^= random.integers(1, 256, 3).astype(np.uint8)
            path.write_bytes(data.tobytes())
            try:
                listen(path)
            except HeadroomError as error:
                assert path.name in str(error)

    end, said, took = starved(act, 800)
    assert end == "done" and took <= 192, (said, took)


def test_a_strange_rate_takes_no_more_than_others(starved, tmp_path):
    path = tmp_path / "given.wav"
    soundfile.write(path, np.zeros(100_000), 767_999)
    end, said, took = starved(lambda: listen(path), 400)
    assert end == "done" and took <= 192, (said, took)


# Weights


def safe(header: bytes, claimed: int | None = None, body: bytes = bytes(64)) -> bytes:
    return struct.pack("<Q", len(header) if claimed is None else claimed) + header + body


def tensor(kind: str, shape: str, offsets: str) -> bytes:
    return b'{"a": {"dtype": "%s", "shape": %s, "data_offsets": %s}}' % (
        kind.encode(),
        shape.encode(),
        offsets.encode(),
    )


WEIGHTS = {
    "empty": b"",
    "cut": safe(tensor("F16", "[32]", "[0, 64]"), body=b""),
    "claimed": safe(b"{}", 1 << 62),
    "nested": safe(b"[" * 1_000_000),
    "huge shape": safe(tensor("F32", "[4611686018427387904, 4]", "[0, 64]")),
    "beyond": safe(tensor("F32", "[16]", "[0, 9999999999]")),
    "backwards": safe(tensor("F32", "[16]", "[64, 0]")),
    "unknown kind": safe(tensor("X99", "[16]", "[0, 64]")),
    "no table": safe(b"[1, 2, 3]"),
    "bfloat": safe(tensor("BF16", "[32]", "[0, 64]")),
}


@pytest.mark.parametrize("kind", WEIGHTS)
def test_weights(refuses, tmp_path, kind):
    blob = WEIGHTS[kind]
    (tmp_path / "x.safetensors").write_bytes(blob)
    entry = {"file": "x.safetensors", "format": weights.FORMAT, "sha256": hashlib.sha256(blob).hexdigest()}
    (tmp_path / "index.json").write_text(json.dumps({"x": entry}))
    refuses(lambda: weights.load("x", tmp_path), "reinstall Headroom", REFUSED)


@pytest.mark.parametrize("index", ["[" * 100_000, "null", '{"x": 1}', '{"x": {"file": 1}}', '{"x": {"file": "big"}}'])
def test_indexes_of_weights(refuses, tmp_path, index):
    (tmp_path / "index.json").write_text(index)
    sparse(tmp_path / "big", b"", 1 << 40)
    refuses(lambda: weights.load("x", tmp_path), "reinstall Headroom", 140)
