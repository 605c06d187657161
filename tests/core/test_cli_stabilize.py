"""`headroom stabilize` as a pipeline meets it: the same kinds in and out, exit codes, one line when it fails."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from headroom.addon import cli
from headroom.core.errors import InputError
from headroom.core.formats import mdd, pc2, sequences
from headroom.core.sequence import MeshSequence, RigidTrack
from headroom.core.stabilize.checks import check_finite, check_size
from headroom.core.stabilize.place import Place
from headroom.core.stabilize.stabilize import StabilizeResult

FRAMES, POINTS = 9, 80
FACES = np.array([[0, 1, 2, 3], [3, 2, 4, -1]], np.int32)


def capture() -> np.ndarray:
    """A cloud of points that is thrown about, (FRAMES, POINTS, 3) metres; nothing else in it moves."""
    rng = np.random.default_rng(0)
    still = rng.normal(size=(POINTS, 3)) * 0.1
    turns = Rotation.from_rotvec(rng.normal(size=(FRAMES, 3)) * 0.4).as_matrix()
    return (still @ turns.transpose(0, 2, 1) + rng.normal(size=(FRAMES, 1, 3))).astype(np.float32)


def aligned(sequence, options, progress=None) -> StabilizeResult:
    """Stand in for the model: what brings each frame onto the reference, all of it."""
    check_size(sequence)
    if options.reference >= sequence.frame_count:
        raise InputError(f"--reference {options.reference}: the frames are numbered 0 to {sequence.frame_count - 1}")
    for first, frames in sequence.chunks():
        check_finite(sequence, frames, first)
    reference = max(options.reference, 0)
    still = sequence.vertices[reference : reference + 1][0].astype(float)
    turns, shifts = [], []
    for frame in sequence.vertices[:].astype(float):
        turn = Rotation.align_vectors(still - still.mean(0), frame - frame.mean(0))[0].as_matrix()
        turns.append(turn)
        shifts.append(still.mean(0) - turn @ frame.mean(0))
    count = sequence.frame_count
    sure = np.where(np.arange(count) == 4, 0.2, 0.9)
    track = RigidTrack(np.array(turns), np.array(shifts), np.full(count, 0.25), np.full(count, 0.5), sure)
    return StabilizeResult(track, reference, Place(np.eye(3), np.zeros(3), 0.0), 0.01)


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headroom.core.stabilize.stabilize.stabilize", aligned)


@pytest.fixture
def take(tmp_path: Path) -> Path:
    np.savez(tmp_path / "take.npz", vertices=capture(), fps=30.0, faces=FACES)
    return tmp_path / "take.npz"


def run(*arguments: object) -> int:
    return cli.run([str(argument) for argument in arguments])


def test_an_npz_holds_what_is_promised(take: Path, tmp_path: Path) -> None:
    assert run("stabilize", take, "-o", tmp_path / "new" / "still.npz", "--reference", 2) == 0
    with np.load(tmp_path / "new" / "still.npz", allow_pickle=False) as stored:
        out = {name: stored[name] for name in stored.files}
    assert out["rotation"].shape == (FRAMES, 3, 3) and out["translation"].shape == (FRAMES, 3)
    assert out["stabilized"].shape == (FRAMES, POINTS, 3) and out["residual_mm"].shape == (FRAMES,)
    again = np.einsum("fvc,fdc->fvd", capture(), out["rotation"]) + out["translation"][:, None]
    np.testing.assert_allclose(out["stabilized"], again, atol=1e-5)
    np.testing.assert_allclose(out["stabilized"], np.tile(capture()[2], (FRAMES, 1, 1)), atol=1e-5)
    assert float(out["fps"]) == 30 and np.array_equal(out["faces"], FACES) and int(out["reference"]) == 2
    assert {"error_mm", "confidence", "metres_per_unit"} <= set(out)


@pytest.mark.parametrize("source", ["npz", "pc2", "mdd", "obj", "ply"])
@pytest.mark.parametrize("target", ["npz", "pc2", "mdd", "obj", "ply"])
def test_any_kind_becomes_any_other(tmp_path: Path, source: str, target: str) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / f"take.{source}"
    sequences.write(path, MeshSequence(capture(), 24.0, FACES))
    given = path.parent if source in ("obj", "ply") else path
    assert run("stabilize", given, "-o", tmp_path / "out", "--format", target) == 0
    assert run("stabilize", given, "-o", tmp_path / "out", "--format", target) == 0, "a second time"
    made = sorted((tmp_path / "out").iterdir())
    assert len(made) == (FRAMES if target in ("obj", "ply") else 1)
    still = sequences.read(tmp_path / "out" if target in ("obj", "ply") else made[0])
    np.testing.assert_allclose(still.vertices[:], np.tile(capture()[0], (FRAMES, 1, 1)), atol=1e-5)
    if source in ("obj", "ply") and target in ("obj", "ply"):
        assert [path.stem for path in made] == [path.stem for path in sorted(given.iterdir())]


def test_a_folder_goes_to_a_folder_of_its_kind(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    sequences.write(tmp_path / "in" / "take.ply", MeshSequence(capture()))
    assert run("stabilize", tmp_path / "in", "-o", tmp_path / "out") == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir())[0] == "take_0000.ply"


def test_obj_files_keep_texture_coordinates_and_find_their_materials(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number, frame in enumerate(capture()):
        rows = [f"v {x} {y} {z}" for x, y, z in frame.tolist()]
        text = ["mtllib face.mtl", *rows, "vt 0.5 0.25", "usemtl skin", "f 1/1 2/1 3/1"]
        (tmp_path / "in" / f"smile{number}.obj").write_text("\n".join(text))
    assert run("stabilize", tmp_path / "in", "-o", tmp_path / "out" / "still") == 0
    made = sorted((tmp_path / "out" / "still").iterdir())
    assert [path.name for path in made] == [f"smile{number}.obj" for number in range(FRAMES)]
    lines = made[3].read_text().splitlines()
    assert lines[0] == "mtllib ../../in/face.mtl" and lines[-3:] == ["vt 0.5 0.25", "usemtl skin", "f 1/1 2/1 3/1"]
    still = sequences.read(tmp_path / "out" / "still").vertices[:]
    np.testing.assert_allclose(still, np.tile(capture()[0], (FRAMES, 1, 1)), atol=1e-5)


def test_the_summary_tells_how_it_went(take: Path, tmp_path: Path, capsys) -> None:
    assert run("stabilize", take, "-o", tmp_path / "still.pc2", "--json") == 0
    streams = capsys.readouterr()
    summary = json.loads(streams.out)
    wanted = {"verb": "stabilize", "frames": FRAMES, "vertices": POINTS, "unit": "cm", "reference": 0, "unsure": [4]}
    assert wanted.items() <= summary.items()
    assert summary["residual_mm"] == {"mean": 0.25, "max": 0.25} and summary["seconds"] > 0
    assert Path(summary["output"]).is_file()
    assert streams.err.startswith("headroom: warning:") and "frame 4" in streams.err and "\r" not in streams.err
    assert run("stabilize", take, "-o", tmp_path / "still.pc2") == 0
    text = capsys.readouterr().out
    assert "9 frames of 80 vertices in cm" in text and "residual 0.25 mm" in text


def test_fps_makes_a_sequence_of_what_has_no_order(tmp_path: Path, fails) -> None:
    np.savez(tmp_path / "set.npz", vertices=capture())
    out = tmp_path / "still.npz"
    assert "--fps" in fails("stabilize", tmp_path / "set.npz", "-o", out, "--smoothing", 0.1)
    assert run("stabilize", tmp_path / "set.npz", "-o", out, "--smoothing", 0.1, "--fps", 50) == 0
    assert sequences.read(out).fps == 50
    for fps in (0, -1, "nan"):
        assert "--fps" in fails("stabilize", tmp_path / "set.npz", "-o", out, "--fps", fps)


def test_metres_are_written_when_asked_for(take: Path, tmp_path: Path) -> None:
    assert run("stabilize", take, "-o", tmp_path / "out.npz", "--metres") == 0
    with np.load(tmp_path / "out.npz") as stored:
        assert float(stored["metres_per_unit"]) == 1
        again = 0.01 * np.einsum("fvc,fdc->fvd", capture(), stored["rotation"]) + stored["translation"][:, None]
        np.testing.assert_allclose(stored["stabilized"], again, atol=1e-6)


def test_wrong_words_are_one_line(take: Path, tmp_path: Path, fails) -> None:
    out, cache = tmp_path / "out.npz", tmp_path / "take_stabilized.pc2"
    pc2.write(cache, MeshSequence(capture()))
    for arguments, words in (
        ((take,), "-o FILE"),
        ((take, "-o", tmp_path / "out.fbx"), "unknown ending '.fbx'"),
        ((take, "-o", tmp_path / "out.obj"), "-o FOLDER --format obj"),
        ((take, "-o", tmp_path), "add --format"),
        ((take, "-o", take), "would replace the capture itself"),
        ((cache, "-o", tmp_path / "take.blend"), "would replace the capture itself"),
        ((take, "-o", out, "--reference", 99), "--reference 99"),
        ((take, "-o", out, "--reference", -2), "--reference -2"),
        ((take, "-o", out, "--smoothing", 9), "--smoothing 9"),
        ((tmp_path / "gone.npz", "-o", out), "gone.npz: no such file"),
        ((tmp_path, "-o", out), "no .obj and no .ply"),
        (("-o", out), "SEQUENCE"),
    ):
        assert words in fails("stabilize", *arguments)


def test_a_bad_frame_is_named_with_its_file(take: Path, tmp_path: Path, fails) -> None:
    broken = capture()
    broken[5, 7, 1] = np.nan
    for name, write in (("a.pc2", pc2.write), ("b.mdd", mdd.write)):
        write(tmp_path / name, MeshSequence(broken))
        line = fails("stabilize", tmp_path / name, "-o", tmp_path / "out.npz")
        assert line.startswith(f"headroom: {tmp_path / name}: frame 5: vertex 7 is not a number")


def test_frames_of_another_capture_are_not_mixed_up(take: Path, tmp_path: Path, fails) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "other.ply").write_bytes(b"")
    assert "holds other frames" in fails("stabilize", take, "-o", tmp_path / "out", "--format", "obj")


def test_stopping_leaves_nothing(take: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(sequences, "write", stopped)
    assert run("stabilize", take, "-o", tmp_path / "x" / "out.npz") == 130
    assert [path.name for path in tmp_path.iterdir()] == ["take.npz"]


def test_blender_is_not_needed(take: Path, tmp_path: Path) -> None:
    assert run("stabilize", take, "-o", tmp_path / "out.mdd") == 0
    assert "bpy" not in sys.modules
