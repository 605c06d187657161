"""The skull out of a moving face: on Headroom's own heads, however they lie and whatever is shown of them."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from headroom.core.errors import InputError
from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.sequence import MeshSequence
from headroom.core.stabilize.smoothing import smooth
from headroom.core.stabilize.solve import SolveOptions, solve
from headroom.core.stabilize.stabilize import StabilizeOptions, stabilize

FRAMES = 12
POSES = (
    {"jawOpen": 0.7},
    {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8, "cheekSquintLeft": 0.4, "cheekSquintRight": 0.4},
    {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
    {"mouthPucker": 0.9, "browInnerUp": 0.6},
    {"browDownLeft": 0.8, "browDownRight": 0.8, "noseSneerLeft": 0.5, "noseSneerRight": 0.5},
)
HELD = StabilizeOptions(reference=0)


@pytest.fixture(scope="module")
def head():
    return generate(GenerateOptions(seed=12))


@pytest.fixture(scope="module")
def seen(head):
    """The vertices of a capture: the face alone, no scalp, no neck, no ears."""
    skin = np.unique(head.faces[head.part == "skin"])
    middle = (head.neutral[skin] - [0, -0.085, 0]) / [0.075, 0.075, 0.1]
    return skin[(middle**2).sum(axis=1) < 1]


@pytest.fixture(scope="module")
def still(head, seen):
    """A face making faces on a skull that does not move (FRAMES, V, 3); the first frame is neutral."""
    frames = [head.pose({name: value * k / 4 for name, value in pose.items()}) for pose in POSES for k in (2, 4)]
    return np.stack([head.neutral, head.pose({"jawOpen": 0.1}), *frames])[:, seen].astype(np.float64)


@pytest.fixture(scope="module")
def motion():
    rng = np.random.default_rng(4)
    turn = Rotation.from_rotvec(rng.normal(size=(FRAMES, 3)) * 0.3).as_matrix()
    turn[0] = np.eye(3)
    return turn, rng.normal(size=(FRAMES, 1, 3)) * 0.1 * (np.arange(FRAMES) > 0)[:, None, None]


@pytest.fixture(scope="module")
def shaken(still, motion):
    return np.einsum("fij,fvj->fvi", motion[0], still) + motion[1]


def off_by(result, frames, still):
    """Mean distance (F,) in millimetres between frames without their motion and as they are."""
    return 1000 * np.linalg.norm(result.track.apply(frames) - still, axis=2).mean(axis=1)


def test_takes_the_head_out_and_leaves_the_face(shaken, still):
    result = stabilize(MeshSequence(shaken), HELD)
    off = off_by(result, shaken, still)
    assert off.mean() < 0.35 and off.max() < 0.8
    assert off[0] == 0 and result.reference == 0


def test_a_head_that_only_moves_comes_to_rest(still, motion):
    frames = np.einsum("fij,vj->fvi", motion[0], still[0]) + motion[1]
    result = stabilize(MeshSequence(frames), HELD)
    assert off_by(result, frames, still[:1]).max() < 0.02
    assert (result.track.confidence > 0.9).all()


def test_is_the_same_however_the_capture_lies(shaken, still):
    plain = stabilize(MeshSequence(shaken), HELD)
    order = np.random.default_rng(1).permutation(shaken.shape[1])
    turned = Rotation.from_rotvec([2.0, -1.0, 0.7]).as_matrix() * 100  # centimetres, lying on its ear
    other = stabilize(MeshSequence(shaken[:, order] @ turned.T + [3, 200, -50]), HELD)
    assert other.metres == pytest.approx(0.01)
    flat = (other.track.apply(shaken[:, order] @ turned.T + [3, 200, -50]) - [3, 200, -50]) @ np.linalg.inv(turned).T
    away = np.linalg.norm(flat - plain.track.apply(shaken)[:, order], axis=2).mean()
    assert away < 0.0002
    mirrored = shaken * [-1, 1, 1]
    off = off_by(stabilize(MeshSequence(mirrored), HELD), mirrored, still * [-1, 1, 1])
    assert off.mean() < 0.4


@pytest.mark.parametrize("count", [300, 3000])
def test_needs_few_vertices(shaken, still, count):
    some = np.random.default_rng(2).choice(shaken.shape[1], count, replace=False)
    off = off_by(stabilize(MeshSequence(shaken[:, some]), HELD), shaken[:, some], still[:, some])
    assert off.mean() < 0.45


def test_finds_the_most_neutral_frame(shaken):
    order = np.r_[5, 3, 7, 0, 9]
    assert stabilize(MeshSequence(shaken[order]), StabilizeOptions()).reference == 3


def test_confidence_falls_where_nothing_can_be_known(shaken):
    broken = shaken.copy()
    broken[6] += np.random.default_rng(3).normal(size=broken[6].shape) * 0.01
    track = stabilize(MeshSequence(broken), HELD).track
    assert track.confidence[6] < track.confidence[[5, 7]].min()
    assert track.residual_mm[6] > 3 * track.residual_mm[[5, 7]].max()


def test_reads_a_few_frames_at_a_time(shaken):
    class Reader:
        shape = (4000, *shaken.shape[1:])
        most = 0

        def __getitem__(self, frames):
            chosen = np.arange(*frames.indices(4000)) % FRAMES
            self.most = max(self.most, len(chosen))
            return shaken[chosen]

    reader = Reader()
    track = stabilize(MeshSequence(reader), HELD).track
    assert reader.most < 1000
    assert np.allclose(track.rotation, track.rotation[np.arange(4000) % FRAMES], atol=1e-5)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: f[:1], "one frame"),
        (lambda f: np.repeat(f[:1], 4, axis=0), "all frames are the same"),
        (lambda f: _with(f, 3, f[3] * np.nan), "frame 3"),
        (lambda f: _with(f, 4, f[4] * [-1, 1, 1]), "frame 4 is mirrored"),
        (lambda f: _with(f, 5, f[5] * 100), "frame 5 has another scale"),
        (lambda f: _with(f, 5, f[5] * 1.2), "frame 5 has another scale"),
        (lambda f: _with(f, 2, np.random.default_rng(0).permutation(f[2])), "frame 2 is not in correspondence"),
        (lambda f: f[:, :20], "20 vertices"),
    ],
)
def test_refuses_what_cannot_be_stabilized(shaken, spoil, message):
    with pytest.raises(InputError, match=message):
        stabilize(MeshSequence(spoil(shaken)), HELD)


def _with(frames, k, one):
    changed = frames.copy()
    changed[k] = one
    return changed


def test_one_unit_for_all_frames_is_fine(shaken):
    assert stabilize(MeshSequence(shaken * 1000), HELD).metres == pytest.approx(0.001)


def test_smoothing_takes_jitter_and_leaves_motion():
    rng, time = np.random.default_rng(5), np.arange(240) / 60
    angle = 1.5 * np.sin(2 * np.pi * 0.5 * time) * (time > 1)  # a fast start, then more than a full turn a second
    clean = Rotation.from_rotvec(np.outer(angle, [0, 0, 1])).as_matrix()
    shift = np.zeros((240, 3))
    noisy = Rotation.from_rotvec(rng.normal(size=(240, 3)) * 0.0015).as_matrix() @ clean
    turned, moved = smooth(noisy, shift, np.zeros(3), 0.08, 0.0004)

    def jitter(r):
        return np.abs(np.diff(r, 3, axis=0)).mean()

    assert jitter(turned) < 0.4 * jitter(noisy)
    point = np.array([0.08, 0, 0])
    assert np.linalg.norm((turned - noisy) @ point + moved, axis=1).max() < 0.00041
    assert (
        np.linalg.norm((turned - clean) @ point, axis=1).mean() < np.linalg.norm((noisy - clean) @ point, axis=1).mean()
    )


def test_solves_a_capture_to_the_shapes_that_made_it(head, seen, shaken):
    track = stabilize(MeshSequence(shaken), HELD).track
    shapes = head.shapes[:, seen]
    result = solve(MeshSequence(shaken), track, 1.0, head.neutral[seen], shapes, head.shape_names, SolveOptions())
    assert result.error_mm.mean() < 0.5
    values = dict(zip(result.performance.channels, result.performance.values.T, strict=True))
    assert values["eyeBlinkLeft"][7] > 0.8 and values["jawOpen"][3] > 0.55
    assert (result.performance.values >= 0).all() and (result.performance.values <= 1).all()
    assert (values["mouthClose"] <= values["jawOpen"] + 1e-6).all()


def test_solving_needs_shapes_of_the_same_mesh(head, seen, shaken):
    track = stabilize(MeshSequence(shaken), HELD).track
    with pytest.raises(InputError, match="same mesh"):
        solve(MeshSequence(shaken), track, 1.0, head.neutral, head.shapes, head.shape_names, SolveOptions())
    with pytest.raises(InputError, match="no shape key"):
        names = tuple(f"x{k}" for k in range(len(head.shapes)))
        solve(MeshSequence(shaken), track, 1.0, head.neutral[seen], head.shapes[:, seen], names, SolveOptions())
