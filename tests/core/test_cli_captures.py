"""`headroom stabilize` with its own models: a capture comes to rest as it does in Python, a bad one gets one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from headroom.addon import cli
from headroom.core.formats import sequences
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


@pytest.mark.parametrize("target", ["npz", "pc2", "ply"])
@pytest.mark.parametrize("source", ["npz", "mdd", "obj"])
def test_gives_the_same_numbers_as_in_python(take, still, tmp_path: Path, source: str, target: str) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / f"take.{source}"
    sequences.write(path, MeshSequence(take.astype(np.float32), 24.0))
    given = path.parent if source == "obj" else path
    command = ["stabilize", given, "-o", tmp_path / "out", "--format", target, "--reference", 0, "--fps", 24]
    assert cli.run([str(word) for word in command]) == 0
    read = sequences.read(tmp_path / "out" if target == "ply" else next((tmp_path / "out").iterdir())).vertices[:]
    result = stabilize(MeshSequence(take.astype(np.float32), 24.0), StabilizeOptions(reference=0))
    np.testing.assert_allclose(read, result.track.apply(take.astype(np.float32)), atol=1e-5)
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
