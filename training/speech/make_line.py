"""Make the bundled line: speech by flite's voice slt, so that no recording of a person is shipped.

    python -m headroom.training.speech.make_line

Writes `docs/demo/line.flac` and `docs/demo/line.txt`.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile

TEXT = (
    "Maybe you never met me before. I am a brand new face, made from a few numbers, and every word of this is my own."
)
FOLDER = Path(__file__).parents[2] / "docs" / "demo"


def main() -> None:
    """Speak the line and write it at -3 dB, with a breath of silence around it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        command = ["flite", "-voice", "slt", "--setf", "duration_stretch=1.08", "-t", TEXT, "-o", path]
        subprocess.run(command, check=True)
        samples, rate = soundfile.read(path, dtype="float64")
    samples = np.concatenate([np.zeros(rate // 3), samples / np.abs(samples).max() * 0.7, np.zeros(rate // 2)])
    soundfile.write(FOLDER / "line.flac", samples, rate, subtype="PCM_16")
    (FOLDER / "line.txt").write_text(TEXT + "\n", encoding="utf-8")
    print(f"{len(samples) / rate:.1f} s at {rate} Hz")


if __name__ == "__main__":
    main()
