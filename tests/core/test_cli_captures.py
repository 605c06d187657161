"""`headroom stabilize` with its own models: a capture comes to rest as it does in Python, a bad one gets one line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from headroom.addon import cli, headfile
from headroom.core.formats import livelink, sequences, table
from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.sequence import MeshSequence
from headroom.core.stabilize.stabilize import StabilizeOptions, stabilize

FRAMES = 10


@pytest.fixture(scope="module")
def still() -> np.ndarray:
    """A face that smiles and opens its mouth (FRAMES, V, 3) on a head that does not move: its front alone, metres."""
    head = generate(GenerateOptions(seed=5))
    skin = np.unique(head.faces[head.part == "skin"])
    seen = skin[(((head.neutral[skin] - [0, -0.085, 0]) / [0.075, 0.075, 0.1]) ** 2).sum(axis=1) < 1]
    smile = np.sin(np.arange(FRAMES) / 3).clip(0)
    return np.stack([head.pose({"mouthSmileLeft": s, "mouthSmileRight": s, "jawOpen": s / 3})[seen] for s in smile])


@pytest.fixture(scope="module")
def take(still: np.ndarray) -> np.ndarray:
    """The same on a head that nods."""
    turn = Rotation.from_rotvec(0.3 * np.sin(np.arange(FRAMES) / 2)[:, None] * [1, 0, 0]).as_matrix()
    return np.einsum("fij,fvj->fvi", turn, still)


@pytest.fixture(scope="module")
def head():
    return generate(GenerateOptions(seed=5, level="game"))


@pytest.mark.parametrize("ending", ["npz", "csv"])
def test_solves_to_the_shapes_of_a_head(head, tmp_path: Path, ending: str, capsys) -> None:
    headfile.save(tmp_path / "head.npz", head)
    opened = 0.4 + 0.4 * np.sin(np.arange(30) / 5)
    posed = np.stack([head.pose({"jawOpen": value}) for value in opened])
    turn = Rotation.from_rotvec(np.linspace(0.2, 0.5, 30)[:, None] * [0, 0.5, 1]).as_matrix()
    take = write(tmp_path / "take.npz", 100 * np.einsum("fij,fvj->fvi", turn, posed) + [3, 4, 5])
    target = tmp_path / f"curves.{ending}"
    command = ["stabilize", take, "--solve", tmp_path / "head.npz", "-o", target, "--json"]
    assert cli.run([str(word) for word in command]) == 0
    assert json.loads(capsys.readouterr().out)["solve_error_mm"]["mean"] < 0.5
    curves = table.read_npz(target)[0] if ending == "npz" else livelink.read(target)
    np.testing.assert_allclose(curves.channel("jawOpen"), opened, atol=0.08)


def test_solving_needs_a_head_of_the_same_mesh(take, head, tmp_path: Path, capsys) -> None:
    headfile.save(tmp_path / "head.npz", head)
    path = write(tmp_path / "take.npz", take)
    for given, words in (("head.npz", "give the same mesh"), ("take.npz", "no head file"), ("gone.npz", "no such file"),
                         ("take.fbx", "no such file")):  # fmt: skip
        command = ["stabilize", path, "--solve", tmp_path / given, "-o", tmp_path / "curves.csv"]
        assert cli.run([str(word) for word in command]) == 2
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 1 and lines[0].startswith(f"headroom: --solve {tmp_path / given}: ") and words in lines[0]
    assert not (tmp_path / "curves.csv").exists()


def write(path: Path, vertices: np.ndarray) -> Path:
    np.savez(path, vertices=vertices.astype(np.float32), fps=30.0)
    return path


def line_of(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Stabilize what cannot be; gives the one line that says so."""
    target = path.parent / "out" / "still.npz"
    assert cli.run(["stabilize", str(path), "-o", str(target)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith(f"headroom: {path}: "), lines
    assert not target.parent.exists()
    return lines[0]


@pytest.fixture(scope="module")
def in_python(take: np.ndarray) -> np.ndarray:
    take = take.astype(np.float32)
    return stabilize(MeshSequence(take, 24.0), StabilizeOptions(reference=0)).track.apply(take)


@pytest.mark.parametrize(("source", "target"), [("npz", "npz"), ("obj", "ply"), ("mdd", "pc2")])
def test_gives_the_same_numbers_as_in_python(take, still, in_python, tmp_path: Path, source: str, target: str) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / f"take.{source}"
    sequences.write(path, MeshSequence(take.astype(np.float32), 24.0))
    given = path.parent if source == "obj" else path
    command = ["stabilize", given, "-o", tmp_path / "out", "--format", target, "--reference", 0, "--fps", 24]
    assert cli.run([str(word) for word in command]) == 0
    read = sequences.read(tmp_path / "out" if target == "ply" else next((tmp_path / "out").iterdir())).vertices[:]
    np.testing.assert_allclose(read, in_python, atol=1e-5)
    assert np.linalg.norm(read - still, axis=2).mean() < 0.0005


def test_a_frame_that_is_not_a_number(take, tmp_path: Path, capsys) -> None:
    take = take.copy()
    take[4, 17, 2] = np.inf
    assert "frame 4: vertex 17" in line_of(write(tmp_path / "a.npz", take), capsys)


def test_frames_that_are_all_equal(take, tmp_path: Path, capsys) -> None:
    assert "all frames are the same" in line_of(write(tmp_path / "a.npz", take[[3] * 6]), capsys)


def test_scans_without_correspondence(take, tmp_path: Path, capsys) -> None:
    rng = np.random.default_rng(0)
    scans = np.stack([frame[rng.permutation(take.shape[1])] for frame in take])
    assert "not in correspondence" in line_of(write(tmp_path / "a.npz", scans), capsys)


def test_a_mirrored_frame(take, tmp_path: Path, capsys) -> None:
    take = take.copy()
    take[6] *= [-1, 1, 1]
    assert "frame 6 is mirrored" in line_of(write(tmp_path / "a.npz", take), capsys)


def test_a_frame_in_another_unit(take, tmp_path: Path, capsys) -> None:
    take = take.copy()
    take[7] *= 1.5
    assert "frame 7 has another scale" in line_of(write(tmp_path / "a.npz", take), capsys)


def test_a_frame_of_another_mesh(take, tmp_path: Path, capsys) -> None:
    (tmp_path / "in").mkdir()
    sequences.write(tmp_path / "in" / "f.ply", MeshSequence(take))
    sequences.write(tmp_path / "in" / "g.ply", MeshSequence(take[:2, :-1]))
    line = line_of(tmp_path / "in", capsys)
    assert f"frame {FRAMES} (g_0000.ply) has {take.shape[1] - 1} vertices" in line
