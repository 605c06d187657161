"""The talking clips of `data/av`: what is heard in them, and how the lips move, put in step, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from headroom.core.speech import lips
from headroom.core.speech.phones import Phones
from headroom.core.speech.recognise import Heard, listen, recognise
from headroom.core.speech.sound import read

from .face import tracked_measures
from .teacher import articulate

LIKELY_GAP = 11.0  # mm, the 95th percentile that tracked gaps are brought halfway to: people differ, an animator scales
PEOPLE = {"Obama": "obama", "andrew": "andrew", "feifei": "feifei", "Kristi": "kristi", "reagan": "reagan",
          "uncrop_Obama": "obama", "mouth_source": "mouth", "pose_source2": "pose"}  # fmt: skip


@dataclass(frozen=True)
class Clip:
    """A talking clip: network inputs (F, 46) with likely phones and with the recogniser's choice, the teacher's
    controls (F, C), and tracked mm (F, 4) with NaN for unseen."""

    name: str
    person: str
    inputs: np.ndarray
    chosen: np.ndarray
    taught: np.ndarray
    tracked: np.ndarray
    phones: Phones


def person_of(name: str) -> str:
    """Say who is in a clip; one man is in both archives."""
    return next(person for start, person in PEOPLE.items() if name.startswith(start))


def clips(work: Path, measures: np.ndarray, sync: bool = True) -> list[Clip]:
    """Read the tracked clips, with phones by our own network, and put sound and picture in step."""
    found = []
    for path in sorted((work / "lips").glob("*.npz")):
        with np.load(path) as file:
            tracked, fps, sound = tracked_measures(file["points"]), float(file["fps"]), Path(str(file["sound"]))
        heard = listen(read(sound))
        phones = recognise(heard)
        count = int(min(len(tracked) / fps, len(heard.loudness) / 100) * lips.FPS)
        place = np.arange(count) / lips.FPS * fps
        at_60 = np.stack([np.interp(place, np.arange(len(tracked)), column) for column in tracked.T], axis=1)
        inputs, chosen = both_inputs(phones, heard, count)
        taught = articulate(phones, count, lips.FPS)
        found.append(Clip(path.stem, person_of(path.stem), inputs, chosen, taught, normal(at_60), phones))
    if not sync:
        return found
    lags = [lag(clip, measures) for clip in found]
    usual = round(float(np.median(lags)))
    print("lag in frames", dict(zip([clip.name for clip in found], lags, strict=True)), "usual", usual)
    return [replace(clip, tracked=shift(clip.tracked, one - usual)) for clip, one in zip(found, lags, strict=True)]


def both_inputs(phones: Phones, heard: Heard, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the network's input with likely phones, and with the recogniser's choice taken at its word, (count, 46)."""
    inputs = lips.encode(phones, heard, count)
    return inputs, np.concatenate([lips.chosen(phones, count), inputs[:, -2:]], axis=1)


def normal(tracked: np.ndarray) -> np.ndarray:
    """Take the mouth at rest as zero, and bring everybody's amplitude halfway to the usual one."""
    gap = np.maximum(0, tracked[:, :1] - np.percentile(tracked[:, 0], 3))
    factor = (LIKELY_GAP / np.percentile(gap, 95)) ** 0.7
    closed = tracked[gap[:, 0] < np.percentile(gap, 20)]
    return np.concatenate([gap, tracked[:, 1:] - np.median(closed[:, 1:], axis=0)], axis=1) * factor


def shift(values: np.ndarray, frames: int) -> np.ndarray:
    """Move rows later in time; what comes in is NaN."""
    moved = np.full_like(values, np.nan)
    if frames > 0:
        moved[frames:] = values[:-frames]
    else:
        moved[: len(values) + frames] = values[-frames:]
    return moved


def lag(clip: Clip, measures: np.ndarray, reach: int = 24) -> int:
    """Find by how many frames the picture is early (positive) against what the teacher expects."""
    expected = clip.taught @ measures
    scores = []
    for frames in range(-reach, reach + 1):
        moved = shift(clip.tracked, frames)
        seen = np.isfinite(moved[:, 0])
        scores.append(sum(np.corrcoef(moved[seen, k], expected[seen, k])[0, 1] for k in (0, 1)))
    return int(np.argmax(scores)) - reach
