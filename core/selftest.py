"""Does all of Headroom work here? Every model is run on something tiny that is made on the spot."""

from __future__ import annotations

import importlib
import json
import tempfile
import wave
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from . import device, libraries, weights
from .errors import Cancelled, HeadroomError, InputError
from .head.generate import GenerateOptions, generate
from .head.head import Head
from .progress import Progress, part, silent
from .speech.sound import RATE, Sound, read

SAME = 1e-3
"""How far apart scores on a graphics card and on the CPU may lie."""
STILL = 1.0
"""Millimetres that the made sequence may move by once it is stabilized."""
FRAMES = 8
OpenSound = Callable[[Path], Sound]


@dataclass(frozen=True)
class Outcome:
    """One line of the result: what was tried, whether it works, and what came out or what to do."""

    name: str
    works: bool
    said: str


def run(progress: Progress = silent, open_sound: OpenSound = read) -> tuple[Outcome, ...]:
    """Try everything, one after the other, whatever fails; lets `Cancelled` pass. Writes one temporary sound file.

    open_sound: how sound files are opened here; Blender has a decoder of its own.
    """
    made: dict[str, Head] = {}
    checks: tuple[tuple[str, Callable[[Progress], str]], ...] = (
        ("Libraries", _libraries),
        ("Model files", _files),
        ("Device", _device),
        ("Sound", lambda _: _sound(open_sound)),
        ("Lip sync", _lips),
        ("Transcript", _transcript),
        ("Head", partial(_head, made)),
        ("Stabilizer", partial(_stabilizer, made)),
        ("Face finder", partial(_finder, made)),
    )
    outcomes = []
    for number, (name, check) in enumerate(checks):
        step = part(progress, number / len(checks), (number + 1) / len(checks))
        step(0.0, name)
        outcomes.append(_tried(name, check, lambda done, stage, step=step, name=name: step(done, name)))  # type: ignore[misc]
    return tuple(outcomes)


def _tried(name: str, check: Callable[[Progress], str], progress: Progress) -> Outcome:
    try:
        return Outcome(name, True, check(progress))
    except Cancelled:
        raise
    except HeadroomError as error:
        return Outcome(name, False, str(error))
    except Exception as error:  # whatever is wrong with this Python belongs into the line, not into a traceback
        why = f"{type(error).__name__}: {error}"
        return Outcome(
            name, False, str(HeadroomError(f"{why}; reinstall Headroom, and report it when that does not help"))
        )


def _libraries(progress: Progress) -> str:
    said = []
    for number, library in enumerate(libraries.LIBRARIES):
        progress(number / len(libraries.LIBRARIES), "")
        try:
            module = importlib.import_module(library.module)
        except Exception as error:  # a library for another system may fail in any way
            if library.without and isinstance(error, ModuleNotFoundError):
                said.append(f"{library.without} instead of {library.name}")
                continue
            raise InputError(
                f"{library.name} cannot be imported ({type(error).__name__}: {error}); "
                "install the Headroom zip that is made for this system and Blender"
            ) from error
        version = libraries.look_at(library).version or getattr(module, "__version__", "?")
        said.append(f"{library.name} {version}")
    return ", ".join(said)


def _files(progress: Progress) -> str:
    names = sorted(json.loads((weights.FOLDER / "index.json").read_text(encoding="utf-8")))
    for number, name in enumerate(names):
        progress(number / len(names), "")
        weights.load.__wrapped__(name)  # reads and checks it, whether it was loaded before or not
    return f"all {len(names)} are whole"


def _device(progress: Progress) -> str:
    """Networks give the same on what is used as on the CPU."""
    from .speech import recognise

    where = device.place()
    if why := device.trouble():
        raise InputError(f"{why}; choose Automatic or CPU above")
    if where == device.CPU:
        return "CPU"
    import torch

    net = recognise.network()
    mel = torch.zeros(1, 4 * net.reach, 64)
    with torch.inference_mode():
        off = float((device.run(net, mel, heavy=True) - net(mel)).abs().max())
    if why := device.trouble():
        raise InputError(f"{why}; choose CPU above")
    if not off <= SAME:
        raise InputError(f"{device.CARDS[where]} counts other than the CPU (by {off:.2g}); choose CPU above")
    return device.CARDS[where]


def _made_sound() -> np.ndarray:
    """A second of something like a vowel that opens and closes, (16000,)."""
    time = np.arange(RATE) / RATE
    voice = sum(np.sin(2 * np.pi * 120 * k * time) / k for k in range(1, 12))
    return (0.1 * voice * np.clip(np.sin(2 * np.pi * 2 * time), 0, 1)).astype(np.float32)


def _sound(open_sound: OpenSound) -> str:
    with tempfile.TemporaryDirectory(prefix="headroom-") as folder:
        path = Path(folder) / "second.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(48000)
            file.writeframes((np.repeat(_made_sound(), 3) * 32767).astype("<i2").tobytes())
        sound = open_sound(path)
        count = sum(len(block) for block in sound.blocks())
    if abs(count - RATE) > RATE // 100:
        raise InputError(f"a second of sound came back as {count / RATE:.2f} s; reinstall Headroom")
    return "a wav file is read"


def _lips(progress: Progress) -> str:
    from .speech.lipsync import LipsyncOptions, lipsync

    made = lipsync(Sound.from_array(_made_sound(), RATE), LipsyncOptions(), progress).performance
    if not np.isfinite(made.values).all() or not made.values.max() > 0:
        raise InputError("lips stay still in a loud sound; reinstall Headroom")
    return f"{made.frame_count} frames of a second of sound"


def _transcript(progress: Progress) -> str:
    from .speech.espeak import ipa

    return " ".join("".join(word) for word in ipa("head room", "en"))


def _head(made: dict[str, Head], progress: Progress) -> str:
    head = generate(GenerateOptions(level="game"), progress)
    if not np.isfinite(head.neutral).all() or not np.isfinite(head.shapes).all():
        raise InputError("the head has vertices that are nowhere; reinstall Headroom")
    made["head"] = head
    return f"{len(head.neutral):,} vertices, {len(head.shape_names)} shapes"


def _needed(made: dict[str, Head]) -> Head:
    if "head" not in made:
        raise InputError("not tried: the head above is needed for it")
    return made["head"]


def _stabilizer(made: dict[str, Head], progress: Progress) -> str:
    """A head that turns while its jaw opens: its skull has to stand still afterwards."""
    from scipy.spatial.transform import Rotation

    from .sequence import MeshSequence
    from .stabilize.stabilize import StabilizeOptions, stabilize

    head = _needed(made)
    jaw, share = head.shapes[head.shape_names.index("jawOpen")], np.linspace(0, 1, FRAMES)
    turns = Rotation.from_rotvec(share[:, None] * np.radians([0, 0, 20])).as_matrix()
    posed = head.neutral + share[:, None, None] * jaw
    moved = posed @ turns.transpose(0, 2, 1) + share[:, None, None] * 0.02
    result = stabilize(MeshSequence(moved.astype(np.float32), 24.0), StabilizeOptions(reference=0), progress)
    stays = np.linalg.norm(jaw, axis=1) == 0
    held = result.track.apply(moved)
    off = float(np.linalg.norm(held[:, stays] - posed[:, stays], axis=2).mean(axis=1).max() * 1000)
    if not off <= STILL:
        raise InputError(f"a turning head is held to {off:.1f} mm only; reinstall Headroom")
    return f"a turning head is held to {off:.2f} mm"


def _finder(made: dict[str, Head], progress: Progress) -> str:
    from .rig.face.find import SURE, find

    head = _needed(made)
    triangles = head.faces[:, :3], head.faces[:, [0, 2, 3]]
    faces = find(head.neutral, np.concatenate(triangles), progress)
    if not faces or faces[0].score < SURE:
        raise InputError("the face of a made head is not found; reinstall Headroom")
    return f"a face is found ({faces[0].score:.0%} sure)"
