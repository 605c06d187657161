"""The commands of the pages on file formats run as they stand, page by page, with the files that the pages speak of."""

import os
import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "formats").glob("*.md"))


def commands(page: Path) -> list[tuple[list[str], int]]:
    """Give each command of a page without the program's name, and the exit code that a note behind it promises."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M)
    lines = [line for block in blocks for line in block.splitlines() if line.strip()]
    assert all(line.startswith("headroom ") for line in lines), "only headroom's own commands can be tried"
    ends = [re.search(r"# exits with (\d)", line) for line in lines]
    return [
        (shlex.split(line, comments=True)[1:], int(end[1]) if end else 0) for line, end in zip(lines, ends, strict=True)
    ]


@pytest.fixture(scope="module")
def files(installed, tmp_path_factory):
    """A line of speech, its text, a head, one that speaks, a bare mesh and a short capture in every kind of file."""
    import importlib

    import soundfile

    def part(name):
        return importlib.import_module(f"{installed.__name__}.{name}")

    folder = tmp_path_factory.mktemp("formats")
    samples, rate = soundfile.read(ROOT / "docs" / "demo" / "line.flac", dtype="float32")
    soundfile.write(folder / "line.wav", samples[: 2 * rate], rate)
    (folder / "line.txt").write_text("Maybe you never met me before.\n")
    (folder / "names.txt").write_text("MAYBE  M EY1 B IY0\n", encoding="utf-8")
    (folder / "line.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\nMaybe you never met me before.\n")
    generate, sequence = part("core.head.generate"), part("core.sequence").MeshSequence
    head = replace(generate.generate(generate.GenerateOptions(seed=7, level="game")), textures={})
    part("addon.headfile").save(folder / "head.npz", head)
    faces = head.faces.astype(np.int32)
    poses = [head.pose({"jawOpen": 0.5 - 0.5 * np.cos(k / 2), "mouthSmileLeft": (k % 5) / 8}) for k in range(12)]
    frames = (np.stack(poses) + np.linspace(0, 0.02, 12)[:, None, None]).astype(np.float32)
    part("core.formats.sequences").write(folder / "take.pc2", sequence(frames, 30.0))
    part("core.formats.points_npz").write(folder / "take.npz", sequence(frames, 30.0, faces))
    part("core.formats.folders").write(folder, ".obj", sequence(frames[:1], None, faces), "bare")
    (folder / "bare_0000.obj").rename(folder / "bare.obj")
    (folder / "scans").mkdir()
    part("core.formats.folders").write(folder / "scans", ".ply", sequence(frames[:6], None, faces), "f")
    np.save(folder / "marks.npy", _marks(part))
    here = Path.cwd()
    os.chdir(folder)
    try:
        command = shlex.split("lipsync line.wav --head head.npz -o talk.blend --fps 24")
        assert part("addon.cli").run(command) == 0
    finally:
        os.chdir(here)
    return folder


def _marks(part):
    """Give the landmarks of a person, which are vertices of the standard level."""
    generate, landmarks = part("core.head.generate"), part("core.rig.landmarks")
    fine = generate.generate(generate.GenerateOptions(seed=7))
    return fine.neutral[landmarks.template_vertices()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_run(part, files, tmp_path, monkeypatch, page, capfd):
    head = part("addon.headfile").load(files / "head.npz")  # one person is enough, and no pictures: they take longest
    monkeypatch.setattr(part("core.head.generate"), "decode", lambda *_: head)
    shutil.copytree(files, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    for command, code in commands(page):
        assert part("addon.cli").run(command) == code, capfd.readouterr().err
        if code != 2 and "-o" in command:
            assert Path(command[command.index("-o") + 1]).exists()
