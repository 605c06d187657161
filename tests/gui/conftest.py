"""Two real Blender windows: the oldest and the newest that Debian has, each with the zip that users get.

`SUITES=sid` in the environment takes one of them alone.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from headroom.tools.gui.window import Window, WindowError

ROOT = Path(__file__).resolve().parents[2]
LINE = ROOT / "docs" / "demo" / "line.flac"


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    command = [sys.executable, ROOT / "tools" / "build_zip.py", tmp_path_factory.mktemp("zip")]
    return Path(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())


@pytest.fixture(scope="module", params=os.environ.get("SUITES", "trixie sid").split())
def window(request: pytest.FixtureRequest, archive: Path):
    """Give a window with files beside it: the zip, a spoken line and ten minutes of it."""
    try:
        made = Window(request.param, ROOT / "out" / "gui")
    except WindowError as error:
        pytest.fail(str(error), pytrace=False)
    (made.shared / "headroom.zip").write_bytes(archive.read_bytes())
    samples, rate = soundfile.read(LINE, dtype="int16")
    soundfile.write(made.shared / "line.wav", samples, rate)
    soundfile.write(made.shared / "long.wav", np.tile(samples, 600 * rate // len(samples)), rate)
    yield made
    made.close()
