"""How well mouths follow lips that were tracked in video, clip by clip."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headroom.core.speech.lips import FPS
from headroom.core.speech.phones import from_frames
from headroom.core.speech.sound import read

from .clips import clips
from .mouth_scores import correlation
from .recordings import Recording
from .rivals import Headroom, Way

LAG = 8  # frames of 60 a second by which a way may be early or late where it has its own lead
KEYS = ("gap", "width", "gap, own lead", "width, own lead", "lead ms")


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
    """Give, per clip, the correlation of gap and width with tracked ones: in step, and with the way's own lead.

    That is one lead for all clips, as an animator sets it: the one with the best gap. "lead ms" is positive where the
    way has to come earlier.
    """
    made = [way(clip.recording).controls @ measures for clip in clips_filmed]

    def scores(lag: int) -> np.ndarray:
        """Correlate gap and width of every clip, (clips, 2)."""
        pairs = zip(made, clips_filmed, strict=True)
        return np.array(
            [
                (
                    correlation(np.maximum(mouth[:, 0], 0), clip.tracked[:, 0], lag),
                    correlation(mouth[:, 1], clip.tracked[:, 1], lag),
                )
                for mouth, clip in pairs
            ]
        )

    found = {lag: scores(lag) for lag in range(-LAG, LAG + 1)}
    best = max(found, key=lambda lag: float(found[lag][:, 0].mean()))
    rows = np.concatenate([found[0], found[best], np.full((len(made), 1), -1000 * best / FPS)], axis=1)
    return {
        clip.recording.name: dict(zip(KEYS, row, strict=True))
        for clip, row in zip(clips_filmed, rows.tolist(), strict=True)
    }
