"""Judge the shipped networks on speakers that training never heard, and print a table.

    python -m training.speech.evaluate --data ../shared/data --work build/speechwork

Contacts are judged as DESIGN says: the lip gap on the ICT face, curves applied linearly; closed is a gap of at most
1 mm or a tenth of the clip's 95th percentile, at any frame within 40 ms of the phone. Labels are pocketsphinx's
forced alignment, not the teacher's. Phones that touch p, b, m, f, v or a pause are left out of the counts of what
should stay open.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from headroom.core.performance import Performance
from headroom.core.speech.lipsync import LipsyncOptions, lipsync
from headroom.core.speech.phones import BILABIAL, Phones, from_frames
from headroom.core.speech.sound import Sound

from .corpus import HELD_OUT, Corpus, split
from .face import ict_measures

OPEN_VOWELS = {"AA", "AE", "AH", "AO", "AW", "AY", "EH", "EY", "OW"}
STAYS_OPEN = {"T", "D", "N", "S", "K", "G", "L", "X"}
NEIGHBOURS = {"SIL", *BILABIAL, "F", "V"}


def gap(performance: Performance, measures: np.ndarray) -> np.ndarray:
    """Give the inner-lip gap on the ICT face, (F,) mm."""
    from headroom.core.speech.lips import CONTROLS, SIDES

    names = [f"{name}Left" if name in SIDES else name for name in CONTROLS]
    curves = np.stack([performance.channel(name) for name in names], axis=1)
    return np.maximum(0, curves @ measures[:, 0])


def contacts(phones: Phones, height: np.ndarray, fps: float, reach: float = 0.04) -> Counter:
    """Count, per kind of phone, how many there are and at how many the lips are closed."""
    shut = height <= max(1.0, 0.1 * np.percentile(height, 95))
    found: Counter = Counter()
    around = ("SIL", *phones.label, "SIL")
    for place, label in enumerate(phones.label):
        kind = "pbm" if label in BILABIAL else "open" if label in OPEN_VOWELS else "other"
        if kind == "other" and label not in STAYS_OPEN:
            continue
        if kind != "pbm" and {around[place], around[place + 2]} & NEIGHBOURS:
            continue
        first = int(np.ceil((phones.start[place] - reach) * fps))
        last = int((phones.end[place] + reach) * fps)
        found[kind] += 1
        found[f"{kind} shut"] += bool(shut[max(0, first) : last + 1].any())
    return found


def edits(first: list[str], second: list[str]) -> int:
    """Count insertions, deletions and substitutions between two lists."""
    row = np.arange(len(second) + 1)
    for place, item in enumerate(first, 1):
        last, row = row, np.empty_like(row)
        row[0] = place
        for column, other in enumerate(second, 1):
            row[column] = min(last[column] + 1, row[column - 1] + 1, last[column - 1] + (item != other))
    return int(row[-1])


def judge(kind: str, work: Path, measures: np.ndarray, limit: int) -> dict[str, float]:
    """Lip-sync the held-out utterances of a corpus without their text and count."""
    corpus = Corpus.load(work / f"{kind}.npz")
    total, wrong, said, seconds, spent, moving, still = Counter(), 0, 0, 0.0, 0.0, 0, 0
    for place in split(corpus, kind)[1][:limit]:
        sound, label = corpus.utterance(place)
        begin = time.time()
        result = lipsync(Sound.from_array(sound, 16000), LipsyncOptions())
        spent += time.time() - begin
        seconds += len(sound) / 16000
        truth = from_frames(label.astype(int), 100.0)
        total += contacts(truth, gap(result.performance, measures), result.performance.fps)
        spoken = [name for name in truth.label if name != "SIL"]
        wrong += edits(spoken, [name for name in result.phones.label if name != "SIL"])
        said += len(spoken)
        time_of = np.arange(result.performance.frame_count) / 60
        for name, start, end in zip(truth.label, truth.start, truth.end, strict=True):
            if name == "SIL" and end - start > 0.7:
                rest = (time_of > start + 0.35) & (time_of < end - 0.3)
                moving += (result.performance.values[rest] != 0).any(axis=1).sum()
                still += rest.sum()
    return {
        "pbm closed %": 100 * total["pbm shut"] / total["pbm"],
        "open vowels shut %": 100 * total["open shut"] / total["open"],
        "tdnskgl shut %": 100 * total["other shut"] / total["other"],
        "phone errors %": 100 * wrong / said,
        "frames moving in silence %": 100 * moving / max(1, still),
        "pbm": total["pbm"],
        "minutes": seconds / 60,
        "x real time": seconds / spent,
    }


def main() -> None:
    """Print one row per corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path("build/speechwork"))
    parser.add_argument("--limit", type=int, default=400)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    measures = ict_measures(options.data)
    for kind in HELD_OUT:
        if (options.work / f"{kind}.npz").exists():
            row = judge(kind, options.work, measures, options.limit)
            print(f"{kind:12s} " + "  ".join(f"{key} {value:.1f}" for key, value in row.items()), flush=True)


if __name__ == "__main__":
    main()
