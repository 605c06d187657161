"""MakeHuman's archive: read in memory, refused when it is not as it should be."""

import gzip
import io
import tarfile

import numpy as np
import pytest

pytest.importorskip("igl")

from headroom.training.head import loops, makehuman, people


def archive(folder, files):
    with tarfile.open(folder / makehuman.ARCHIVE, "w:gz") as tar:
        for name, blob in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(blob)
            tar.addfile(info, io.BytesIO(blob))
    return folder


CUBE = (
    b"".join(b"v %d %d %d\n" % (x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1))
    + b"g body\nf 1/1 2/2 4/4 3/3\n"
)
CORNERS = {f"./targets/macrodetails/{c}.target.gz": gzip.compress(b"# none\n") for c in makehuman.CORNERS}


def test_targets_come_in_our_frame(tmp_path):
    files = {"./3dobjs/base.obj": CUBE, **CORNERS, "targets/nose/nose-hump-incr.target.gz": gzip.compress(b"1 1 2 3\n")}
    mh = makehuman.read(archive(tmp_path, files))
    vertices, deltas = mh.targets["nose/nose-hump-incr"]
    assert vertices.tolist() == [1] and np.allclose(deltas, [[0.1, -0.3, 0.2]])
    assert len(mh.base) == 8 and mh.quads.shape == (1, 4)


@pytest.mark.parametrize("line", [b"99 0 0 0\n", b"0 nan 0 0\n", b"-1 0 0 0\n", b"0 0 0\n", b"x y z w\n"])
def test_damaged_targets_are_refused(tmp_path, line):
    files = {"3dobjs/base.obj": CUBE, **CORNERS, "targets/nose/nose-hump-incr.target.gz": gzip.compress(line)}
    with pytest.raises(ValueError):
        makehuman.read(archive(tmp_path, files))


def test_a_bomb_and_a_missing_mesh_are_refused(tmp_path):
    bomb = {
        "3dobjs/base.obj": CUBE,
        **CORNERS,
        "targets/nose/a.target.gz": gzip.compress(b"0" * (makehuman.LARGEST + 9)),
    }
    for files in (bomb, CORNERS):
        with pytest.raises(ValueError):
            makehuman.read(archive(tmp_path, files))


def test_targets_pair_into_sliders_with_sides():
    names = ["ears/l-ear-wing-decr", "ears/l-ear-wing-incr", "ears/r-ear-wing-decr", "ears/r-ear-wing-incr",
             "head/head-round", "nose/nose-trans-down", "nose/nose-trans-up"]  # fmt: skip
    found = people.sliders(names)
    assert len(found["ears/ear-wing"]) == 2 and found["head/head-round"] == [(None, "head/head-round")]
    assert found["nose/nose-trans-up"] == [("nose/nose-trans-down", "nose/nose-trans-up")]


def test_loops_of_a_tube_are_followed_and_matched():
    quads = np.array(
        [[r * 8 + k, r * 8 + (k + 1) % 8, r * 8 + 8 + (k + 1) % 8, r * 8 + 8 + k] for r in range(2) for k in range(8)]
    )
    assert sorted(loops.walk(quads, 8, 9)) == list(range(8, 16))
    with pytest.raises(ValueError):
        loops.walk(quads, 0, 8)
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    fine = np.stack([np.cos(turn), np.zeros(40), np.sin(turn)], axis=1)
    coarse = np.roll(fine[::5], 3, axis=0)
    assert np.abs(loops.matched(coarse, fine[::-1], 0) - coarse).max() < 0.01
