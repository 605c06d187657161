"""Judge lip sync beside its rivals on speakers and voices that no phones were trained on; prints tables in markdown.

    python -m headroom.training.speech.judge --data ../shared/data --work build/speechwork

Contacts are measured on the ICT face with the curves applied linearly, see `mouth_scores`; labels are never our own
network's, see `recordings`. "shut" is within 40 ms of the phone, "at middle" counts the same phones
at the one frame in their middle. styletalk's people
trained the lips (never the phones): there, and for lips on video, each is judged by a lips network that never saw them,
which `train_lips --cross` leaves in the work folder. A score against tracked lips is one against real mouths; the
teacher's rows say what imitating rules would reach. Everything also goes to `out/judge_speech.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch

from headroom.benchmarks import machine

from .face import ict_bite, ict_measures
from .followed import KEYS, filmed, follow
from .mouth_scores import Mouth, contacts, jerk, moving
from .phone_scores import matched, spoken
from .recordings import Collection, Recording, collections
from .rivals import FPS, Headroom, Rhubarb, Way, headroom, loudness

COLUMNS = {
    "p b m closed %": 1, "f v bite %": 1, "open vowels shut %": 1, "at middle %": 1, "t d n s k g l x shut %": 1,
    "at their middle %": 1, "moves in silence %": 1, "jerk m/s³": 0, "onset ms, median": 1, "mean": 1,
    "phones wrong %": 1, "x real time": 0,
}  # fmt: skip
"""Columns of the tables, and their digits."""


class Face:
    """The ICT face that curves are applied to."""

    def __init__(self, data: Path) -> None:
        """Read it from the data folder."""
        self.measures = ict_measures(data)
        self.rest, self.bite = ict_bite(data)

    def __call__(self, controls: np.ndarray) -> Mouth:
        """Measure a mouth whose controls are (F, C) at 60 frames a second."""
        gap = np.maximum(0, controls @ self.measures[:, 0])
        return Mouth(gap, np.linalg.norm(self.rest + controls @ self.bite, axis=1), controls, FPS)


def score(way: Way, recordings: list[Recording], face: Face) -> dict[str, Any]:
    """Let one way speak every recording, and count."""
    total, wrong, jerks, offsets, seconds, spent = Counter(), 0, [], [], 0.0, 0.0
    heard = False
    for one in recordings:
        said = way(one)
        mouth = face(said.controls)
        total += contacts(one.truth, mouth) + moving(mouth, one.still)
        jerks.append((jerk(mouth.gap, FPS), one.duration))
        seconds, spent = seconds + one.duration, spent + said.seconds
        if said.phones is not None:
            heard = True
            off, errors = matched(one.truth, said.phones)
            wrong += errors
            total["phones"] += len(spoken(one.truth)[0])
            offsets.append(off)
    off = np.concatenate(offsets) * 1000 if offsets else np.zeros(0)

    def percent(part: str, whole: str) -> float | None:
        return 100 * total[part] / total[whole] if total[whole] else None

    return {
        "p b m closed %": percent("pbm touched", "pbm"),
        "f v bite %": percent("fv touched", "fv"),
        "open vowels shut %": percent("open touched", "open"),
        "at middle %": percent("open at middle", "open"),
        "t d n s k g l x shut %": percent("other touched", "other"),
        "at their middle %": percent("other at middle", "other"),
        "moves in silence %": percent("moving", "still"),
        "jerk m/s³": float(np.sqrt(np.average([j**2 for j, _ in jerks], weights=[w for _, w in jerks]))) / 1000,
        "onset ms, median": float(np.median(np.abs(off))) if len(off) else None,
        "mean": float(np.mean(np.abs(off))) if len(off) else None,
        "onset ms, signed": float(np.median(off)) if len(off) else None,
        "90 % within ms": float(np.percentile(np.abs(off), 90)) if len(off) else None,
        "phones wrong %": 100 * wrong / total["phones"] if heard else None,
        "x real time": seconds / spent,
        "counts": dict(total),
    }


def ways_for(collection: Collection, chain: Headroom, rhubarb: Rhubarb | None) -> dict[str, Way]:
    """List who is judged on a collection: with a transcript where all of it is known."""
    text = all(one.text for one in collection.recordings)
    ways: dict[str, Way] = {"Headroom, sound alone": chain}
    if text:
        ways["Headroom, transcript"] = chain.with_text
    if rhubarb and collection.rhubarb:
        ways["Rhubarb (words)"] = rhubarb
        if text and collection.english:
            ways["Rhubarb, transcript"] = rhubarb.with_text
    return ways | {"loudness alone": loudness, "teacher on our phones": chain.teacher}


def cell(value: float | None, digits: int) -> str:
    """Write a number, or a dash."""
    return "–" if value is None else f"{value:.{digits}f}"


def table(rows: dict[str, dict[str, Any]], columns: dict[str, int]) -> str:
    """Lay rows out in markdown."""
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, row in rows.items():
        lines.append(f"| {name} | " + " | ".join(cell(row.get(key), digits) for key, digits in columns.items()) + " |")
    return "\n".join(lines)


def judge_video(work: Path, face: Face, chain: Headroom, rhubarb: Rhubarb | None) -> dict[str, Any]:
    """Correlate every way with tracked lips and print means and clips."""
    seen = filmed(work, face.measures, chain)
    missing = sorted({one.recording.speaker for one in seen} - set(chain.folds))
    name = "Headroom" + (" (its lips SAW these clips: run train_lips --cross)" if missing else ", person unseen")
    ways: dict[str, Way] = {name: chain, "loudness alone": loudness, "teacher on our phones": chain.teacher}
    if rhubarb:
        ways["Rhubarb (words)"] = rhubarb
    found = {name: follow(way, seen, face.measures) for name, way in ways.items()}
    means = {
        name: {key: float(np.mean([row[key] for row in rows.values()])) for key in KEYS} for name, rows in found.items()
    }
    digits = {key: 0 if key == "lead ms" else 3 for key in KEYS}
    print(f"\n## Lips on video: correlation over {len(seen)} clips\n\n{table(means, digits)}\n")
    by_clip = {name: {clip: row["gap"] for clip, row in rows.items()} for name, rows in found.items()}
    print(table(by_clip, dict.fromkeys([one.recording.name for one in seen], 2)), flush=True)
    return {"mean": means, "clips": found}


def judge_collection(collection: Collection, face: Face, chain: Headroom, rhubarb: Rhubarb | None) -> dict[str, Any]:
    """Score every way on a collection and print the table."""
    ways = ways_for(collection, chain, rhubarb)
    rows = {name: score(way, collection.recordings, face) for name, way in ways.items()}
    counts = next(iter(rows.values()))["counts"]
    groups = {"pbm": "p b m", "fv": "f v", "open": "open vowels", "other": "t d n s k g l x"}
    print(
        f"\n## {collection.name}: {collection.minutes:.1f} minutes, {collection.speakers} speakers, "
        f"labels {collection.labels}; " + ", ".join(f"{counts.get(key, 0)} {name}" for key, name in groups.items())
    )
    print(f"\n{table(rows, COLUMNS)}", flush=True)
    return {"labels": collection.labels, "minutes": collection.minutes, "rows": rows}


def listen_ahead(rhubarb: Rhubarb, every: list[Collection]) -> None:
    """Let Rhubarb hear all that it is asked for, two at a time."""
    print("Rhubarb listens; what it has heard before is kept", file=sys.stderr, flush=True)
    hears = [(part, one) for part in every if part.rhubarb for one in part.recordings]
    rhubarb.prepare([(one, "") for _, one in hears])
    rhubarb.prepare([(one, one.text) for part, one in hears if part.english and one.text])


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path("build/speechwork"))
    parser.add_argument("--limit", type=float, default=2.0, help="minutes of each collection")
    parser.add_argument("--only", default="", help="judge what has this in its name; `video` for tracked lips")
    parser.add_argument("--no-rhubarb", action="store_true")
    parser.add_argument("--phones", type=Path, help="checkpoint of train_phones instead of the shipped network")
    parser.add_argument("--lips", type=Path, help="checkpoint of train_lips instead of the shipped network")
    parser.add_argument("--out", type=Path, default=machine.ROOT / "out" / "judge_speech.json")
    return parser.parse_args()


def main() -> None:
    """Judge everything, print tables and write JSON."""
    options = arguments()
    torch.set_num_threads(1)
    face, chain = Face(options.data), headroom(options.work, options.phones, options.lips)
    rhubarb = None if options.no_rhubarb else Rhubarb(options.work, machine.ROOT / ".cache" / "peers")
    every = collections(options.data, options.work, options.limit)
    every = [part for part in every if options.only.lower() in part.name.lower()]
    if rhubarb:
        listen_ahead(rhubarb, every)
    for part in every[:1]:
        chain(part.recordings[0])  # networks are loaded before anything is timed
    facts = machine.facts()
    print(", ".join(f"{key} {value}" for key, value in facts.items()))
    judged = {part.name: judge_collection(part, face, chain, rhubarb) for part in every}
    video = judge_video(options.work, face, chain, rhubarb) if options.only in ("", "video") else None
    options.out.parent.mkdir(parents=True, exist_ok=True)
    result = {"machine": facts, "collections": judged, "video": video}
    options.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"\n{options.out}")


if __name__ == "__main__":
    main()
