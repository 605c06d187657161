"""The tongue's shapes: a body that bends and keeps its volume, under the palate and off the teeth."""

import numpy as np
import pytest

from headroom.core.performance import TONGUE

igl = pytest.importorskip("igl")  # only where training is set up

from headroom.core.head.correctives import TONGUE_TURNS, TONGUES  # noqa: E402
from headroom.core.head.generate import GenerateOptions, generate  # noqa: E402
from training.head.collisions import in_solid  # noqa: E402
from training.head.tongue import TONGUE_AROUND, TONGUE_STATIONS  # noqa: E402
from training.head.tongue_contact import CLEARANCE, Mouth, held, samples, volume  # noqa: E402
from training.head.tongue_shapes import BENDS, tongue_shapes  # noqa: E402

TEETH_AND_GUMS = ("teeth_upper", "teeth_lower", "gums_upper", "gums_lower")
DEEPEST = {"tongueOut": 0.0006}
"""Metres that a tongue may lie in teeth or gums of the mean; any other shape: 0.3 mm."""


def closed_grid(rows, columns):
    """Quads (F, 4) of a tube of rows and columns, each end closed by a fan of triangles (quads with a corner twice)."""
    r, c = np.meshgrid(np.arange(rows - 1), np.arange(columns), indexing="ij")
    n = (c + 1) % columns
    tube = np.stack([r * columns + c, r * columns + n, (r + 1) * columns + n, (r + 1) * columns + c], -1).reshape(-1, 4)
    k = np.arange(1, columns - 1)
    fan = np.stack([0 * k, k + 1, k, k], axis=1)
    return np.concatenate([tube, fan, (rows - 1) * columns + fan[:, [0, 2, 1, 1]]])


@pytest.fixture(scope="module")
def mouth():
    """A plain tongue six centimetres long with a block of teeth above and below its tip."""
    y = np.linspace(-0.034, -0.094, TONGUE_STATIONS)
    turn = np.linspace(0, 2 * np.pi, TONGUE_AROUND, endpoint=False)
    wide, tall = np.linspace(0.016, 0.006, TONGUE_STATIONS), np.linspace(0.012, 0.002, TONGUE_STATIONS)
    points = np.stack(
        [np.outer(wide, np.cos(turn)), np.repeat(y[:, None], TONGUE_AROUND, 1), -0.04 + np.outer(tall, np.sin(turn))],
        axis=-1,
    ).reshape(-1, 3)
    faces = closed_grid(TONGUE_STATIONS, TONGUE_AROUND)
    tongue = points, faces if volume(points, faces) > 0 else faces[:, ::-1]

    def block(low, high):
        corners = np.array([[x, y, z] for x in (-0.005, 0.005) for y in (-0.106, -0.100) for z in (low, high)])
        quads = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])
        return corners, quads

    upper, lower = (block(-0.034, -0.020), block(-0.034, -0.026)), (block(-0.060, -0.046), block(-0.060, -0.054))

    def opened(opening):
        lifted = tuple((corners + [0, 0, 0.03 * opening], quads) for corners, quads in upper)
        return Mouth((*lifted, *lower), np.array([0, -0.106, -0.034]) if opening == 0 else None)

    return tongue, opened


@pytest.fixture(scope="module")
def shapes(mouth):
    return tongue_shapes(*mouth)


def test_every_channel_of_the_tongue_has_a_shape():
    assert {*BENDS, "tongueOut"} == {"tongueOut", *TONGUE}


def test_every_corrective_of_the_tongue_is_made(shapes):
    assert set(shapes) == {"tongueOut", *TONGUE, *TONGUES} - {"tongueOut_jawOpen"}  # that one follows from `jawOpen`
    assert {f"jawOpen_{name}" for name in TONGUE_TURNS} < set(shapes)


@pytest.mark.parametrize("name", ["tongueOut", "tongueTipUp", "tongueBackUp", "tongueNarrow", "tongueWide"])
def test_the_tongue_keeps_its_volume(mouth, shapes, name):
    (points, faces), *_ = mouth
    assert volume(points + shapes[name], faces) == pytest.approx(volume(points, faces), rel=0.02)


def test_shapes_move_where_their_names_say(mouth, shapes):
    points = mouth[0][0]
    tip, back = points[:, 1].argmin(), np.flatnonzero(np.abs(points[:, 1] + 0.05) < 0.005)
    assert shapes["tongueOut"][tip, 1] < -0.02
    assert shapes["tongueTipUp"][tip, 2] > 0.006
    assert shapes["tongueBackUp"][back, 2].max() > 0.006
    assert shapes["tongueLeft"][tip, 0] > 0.006 > -0.006 > shapes["tongueRight"][tip, 0]
    assert shapes["tongueRetract"][tip, 1] > 0.006


def test_the_root_stays(mouth, shapes):
    root = mouth[0][0][:, 1] > -0.0341
    for name in ("tongueOut", *TONGUE):
        shape = shapes[name]
        assert np.abs(shape[root]).max() < 2e-3, name


def test_a_tooth_between_corners_is_found(mouth):
    """A spike that comes up through the middle of a quad touches none of its corners."""
    tongue, _ = mouth
    points, faces = tongue
    middle = points[faces[40]].mean(axis=0)
    box = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * [4e-4, 4e-4, 1e-3]
    quads = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])
    spike = middle + box, quads
    posed = held(points, tongue, Mouth((spike,)))
    spread = samples(faces, len(points))
    assert in_solid(spread @ points, *spike) > CLEARANCE / 2
    assert in_solid(spread @ posed, *spike) == 0


@pytest.mark.parametrize("jaw", (0.0, 0.3, 1.0))
def test_no_shape_brings_the_tongue_into_teeth_or_gums(mean_head, jaw):
    faces = {part: mean_head.faces[mean_head.part == part] for part in ("tongue", *TEETH_AND_GUMS)}
    for name in (None, "tongueOut", *TONGUE):
        posed = mean_head.pose({"jawOpen": jaw} | ({name: 1.0} if name else {})).astype(float)
        for part in TEETH_AND_GUMS:
            deep = in_solid(posed[np.unique(faces["tongue"])], posed, faces[part])
            deep = max(deep, in_solid(posed[np.unique(faces[part])], posed, faces["tongue"]))
            assert deep < DEEPEST.get(name, 0.0003), (name, jaw, part, deep)


@pytest.fixture(scope="module")
def mean_head():
    return generate(GenerateOptions(seed=0, variety=0.0, set={"asymmetry": 0.0}))


def test_a_tongue_put_out_opens_the_jaw_as_far_as_it_must(mean_head):
    teeth = np.unique(mean_head.faces[mean_head.part == "teeth_lower"])

    def drop(values):
        return (mean_head.neutral - mean_head.pose(values))[teeth, 2].max()

    assert drop({"tongueOut": 1.0}) == pytest.approx(drop({"jawOpen": 0.3}), rel=0.01)
    assert drop({"tongueOut": 1.0, "jawOpen": 0.5}) == pytest.approx(drop({"jawOpen": 0.5}), rel=0.01)
