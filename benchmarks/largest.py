"""What the largest files that are let through cost: for each reader one as heavy as its limits allow, memory and time.

python -m headroom.benchmarks.largest [KIND…]      (Linux; the table is the one in docs/development/hostile.md)
"""

from __future__ import annotations

import base64
import json
import os
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from ..addon import headfile
from ..core.errors import HeadroomError
from ..core.formats import glb, livelink, phone_files, sequences, table
from ..core.rig import keymap
from ..core.speech import dictionary, sound, take

MB = 1 << 20
ROW = "00:00:%02d:%02d.000,61" + ",0.1234567890" * 61 + "\n"


def cases(folder: Path) -> dict[str, tuple[str, Callable[[Path], None], Callable[[Path], object]]]:
    """Name each kind: its file, how it is written, how it is read."""
    one = ["v 0 0 0\n" * 100_000, "f 1 1 1\n" * 100_000]
    return {
        "curves .npz": ("a.npz", _curves, table.read_npz),
        "curves .json": ("a.json", _values, table.read_json),
        "phones .json": ("b.json", lambda p: _text(p, "[" + "{}," * 15_000_000 + "{}]"), phone_files.read),
        "Live Link .csv, an hour at 120 fps": ("a.csv", _take, livelink.read),
        "phones .TextGrid": ("a.TextGrid", _grid, phone_files.read),
        "phones .tsv": ("a.tsv", lambda p: _rows(p, "{}e-3\tA\n", 1_300_000), phone_files.read),
        "subtitles .srt": ("a.srt", _subtitles, phone_files.read),
        "frame .obj": ("obj/a.obj", lambda p: _text(p, one[0] * 39 + one[1] * 38), lambda p: _first(p.parent)),
        "frame .ply": ("ply/a.ply", _ply, lambda p: _first(p.parent)),
        "frames .npz": ("f.npz", lambda p: np.savez(p, vertices=np.zeros((1, 4_000_000, 3))), _first),
        "head .npz": ("h.npz", lambda p: np.savez(p, **_head()), headfile.load),
        "head's take": ("t.npz", lambda p: np.savez(p, x=np.zeros(32 * MB - 99)), _unpack),
        "key map .json": ("k.json", lambda p: _text(p, "[" + "[[]]," * (8 * MB // 5 - 9) + "[]]"), keymap.read),
        "contents of .glb": ("a.glb", _glb, glb.times),
        "dictionary": ("a.dict", lambda p: _rows(p, "w{:x}  AA\n", 2_600_000), dictionary.read),
        "sound": ("a.wav", _sound, lambda p: [None for _ in sound.read(p).blocks()]),
    }  # fmt: skip


def main(wanted: list[str]) -> None:
    """Print a table of what each reader took more than was taken before, and for how long."""

    def bound(act: Callable[[Path], object], path: Path) -> Callable[[], object]:
        return lambda: act(path)

    with tempfile.TemporaryDirectory() as name:
        for kind, (file, write, read) in cases(Path(name)).items():
            if wanted and not any(word in kind for word in wanted):
                continue
            path = Path(name) / file
            path.parent.mkdir(exist_ok=True)
            _apart(bound(write, path))
            took, seconds, said = _apart(bound(read, path))
            print(f"| {kind} | {path.stat().st_size / MB:.0f} | {took} | {seconds:.1f} | {said} |", flush=True)
            path.unlink()


def _apart(act: Callable[[], object]) -> tuple[int, float, str]:
    """Do something in a process of its own; gives MB, seconds and whether it was read or refused."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        begun, before, said = time.perf_counter(), _memory("VmRSS:"), "read"
        try:
            act()
        except HeadroomError:
            said = "refused"
        except BaseException as error:
            said = repr(error)[:80]
        os.write(theirs, json.dumps([_memory("VmHWM:") - before >> 10, time.perf_counter() - begun, said]).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as pipe:
        took, seconds, said = json.loads(pipe.read())
    os.waitpid(child, 0)
    return took, seconds, said


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def _text(path: Path, text: str) -> None:
    path.write_text(text)


def _rows(path: Path, row: str, count: int) -> None:
    path.write_text("".join(map(row.format, range(count))))


def _subtitles(path: Path) -> None:
    path.write_text("00:01,0 --> 00:02,0\n" + "<b>word " * (2 * MB - 9))


def _unpack(path: Path) -> object:
    return take.unpack(base64.b64encode(path.read_bytes()).decode())


def _first(path: Path) -> object:
    with sequences.about(path):
        return sequences.read(path).vertices[0:1]


def _curves(path: Path) -> None:
    values = np.zeros((table.LARGEST_VALUES // 256, 64), np.float32)
    np.savez(path, fps=60.0, channels=np.array([f"c{k}" for k in range(64)]), values=values)


def _values(path: Path) -> None:
    row = json.dumps([round(0.1 + k / 1000, 4) for k in range(63)])
    channels = json.dumps([f"c{k}" for k in range(63)])
    path.write_text(f'{{"fps": 60, "channels": {channels}, "values": [{row}' + f",{row}" * 480_000 + "]}")


def _take(path: Path) -> None:
    with path.open("w") as file:
        file.write(",".join(livelink.HEADER) + "\n")
        for frame in range(120 * 3600):
            file.write(ROW % (frame // 120 % 60, frame % 120))


def _grid(path: Path) -> None:
    count = 1_000_000
    head = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0 3000 <exists> 1 "IntervalTier" "phones" 0 1 '
    rows = "".join(f'{k}e-3 {k + 1}e-3 "m"\n' for k in range(count))
    path.write_text(f"{head}{count}\n{rows}")


def _ply(path: Path) -> None:
    head = "ply\nformat ascii 1.0\nelement vertex {}\n" + "".join(f"property float {axis}\n" for axis in "xyz")
    count = 5_000_000
    face = f"element face {count // 2}\nproperty list uchar int vertex_indices\nend_header\n"
    path.write_text(head.format(count) + face + "0 0 0\n" * count + "3 0 0 0\n" * (count // 2))


def _head() -> dict[str, np.ndarray]:
    return {"shapes": np.zeros((headfile.LARGEST - MB) // 4, np.float32)}


def _glb(path: Path) -> None:
    text = b"[" + b"{}," * 1_900_000 + b"{}]"
    path.write_bytes(struct.pack("<4sIIII", b"glTF", 2, 20 + len(text), len(text), 0x4E4F534A) + text)


def _sound(path: Path) -> None:
    soundfile.write(path, np.zeros((200_000, 64), np.float32), 767_999, subtype="FLOAT")


if __name__ == "__main__":
    main(sys.argv[1:])
