"""Judge the face finder on heads that it never saw, lying any which way in any unit; prints a table in markdown.

    python -m headroom.training.rig.judge_face --data ../shared/data --count 20

An error is in percent of the head's height (chin to crown).
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

from headroom.core.rig.face.find import find

from .subjects import subjects


def main() -> None:
    """Find every face and print how far off its landmarks are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    torch.set_num_threads(1)
    random = np.random.default_rng(11)
    rows: dict[str, list[tuple[np.ndarray, float, float]]] = defaultdict(list)
    for subject in subjects(options.data, options.count, random):
        if options.only.lower() not in subject.kind.lower():
            continue
        there = subject.moved(random)
        begin = time.process_time()
        faces = find(there.vertices, there.triangles)
        spent = time.process_time() - begin
        off = np.full(54, np.inf)
        if faces:
            off = 100 * np.linalg.norm(faces[0].landmarks - there.marks, axis=1) / there.height
            off = off[np.isfinite(there.marks[:, 0])]
        rows[subject.kind].append((off, faces[0].score if faces else 0.0, spent))
        print(
            subject.kind,
            subject.name,
            f"{np.mean(off):.2f} %",
            f"{rows[subject.kind][-1][1]:.2f}",
            f"{spent:.1f} s",
            len(faces),
            flush=True,
        )
    print("\n| heads | found | mean error % | median | 95 % within | score | seconds |\n|---|---|---|---|---|---|---|")
    for kind, found in rows.items():
        seen = [off for off, _, _ in found if np.isfinite(off).all() and off.mean() < 15]
        every = np.concatenate(seen) if seen else np.full(1, np.nan)
        print(
            f"| {kind} | {len(seen)} of {len(found)} | {every.mean():.2f} | {np.median(every):.2f} | "
            f"{np.percentile(every, 95):.2f} | {np.mean([score for _, score, _ in found]):.2f} | "
            f"{np.mean([spent for _, _, spent in found]):.1f} |"
        )


if __name__ == "__main__":
    main()
