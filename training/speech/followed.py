"""How well mouths follow lips that were tracked in video, clip by clip."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headroom.core.speech.phones import from_frames
from headroom.core.speech.sound import read

from .clips import clips
from .mouth_scores import correlation
from .recordings import Recording
from .rivals import Headroom, Way

LAG = 6  # frames of 60 a second by which a way may be early or late in the second pair of numbers


@dataclass(frozen=True)
class Filmed:
    """A clip's recording and its tracked lips (F, 4) mm at 60 frames a second, NaN where they are not seen."""

    recording: Recording
    tracked: np.ndarray


def filmed(work: Path, measures: np.ndarray, chain: Headroom) -> list[Filmed]:
    """Read the tracked clips, sound and picture put in step (see `clips`)."""
    nothing, found = from_frames(np.zeros(0, int), 100.0), []
    with chain.networks(""), redirect_stdout(sys.stderr):
        every = clips(work, measures)
    for clip in every:
        with np.load(work / "lips" / f"{clip.name}.npz") as file:
            sound = np.concatenate(list(read(Path(str(file["sound"]))).blocks()))
        found.append(Filmed(Recording(clip.name, sound, nothing, (), speaker=clip.person), clip.tracked))
    return found


def follow(way: Way, clips_filmed: list[Filmed], measures: np.ndarray) -> dict[str, dict[str, float]]:
    """Give, per clip, the correlation of gap and width with tracked ones, in step and at each way's best lag."""
    result = {}
    for clip in clips_filmed:
        made = way(clip.recording).controls @ measures
        pairs = {"gap": (np.maximum(made[:, 0], 0), clip.tracked[:, 0]), "width": (made[:, 1], clip.tracked[:, 1])}
        row = {name: correlation(*pair) for name, pair in pairs.items()}
        for name, pair in pairs.items():
            row[f"{name}, best lag"] = max(correlation(*pair, lag) for lag in range(-LAG, LAG + 1))
        result[clip.recording.name] = row
    return result
