"""Shapes for a head that has none: near the true ones, closed where they must be, whichever way the mesh lies."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from headroom.core.errors import InputError
from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.performance import ARKIT_52
from headroom.core.rig.frame import Frame
from headroom.core.rig.landmarks import template_vertices
from headroom.core.rig.lids import PIXEL, depth
from headroom.core.rig.rig import Mesh, RigOptions, rig
from headroom.core.rig.surface import triangles_of

SEED = 11
PLACED = Frame(7.3, Rotation.from_euler("xyz", [50, 160, -70], degrees=True).as_matrix(), np.array([3.0, -2.0, 9.0]))
"""Turned about any which way, in a unit of its own."""


@pytest.fixture(scope="module")
def true():
    return generate(GenerateOptions(seed=SEED, level="game"))


@pytest.fixture(scope="module")
def marks():
    return generate(GenerateOptions(seed=SEED)).neutral[template_vertices()].astype(np.float64)


@pytest.fixture(scope="module")
def mesh(true):
    return Mesh(PLACED.outward(true.neutral.astype(np.float64)), triangles_of(true.faces.astype(np.int64)))


@pytest.fixture(scope="module")
def rigged(mesh, marks):
    return rig(mesh, PLACED.outward(marks))


def metres(rigged, name):
    """Give a shape's displacements in the frame and unit of the generated head."""
    delta = rigged.shapes[rigged.shape_names.index(name)].astype(np.float64)
    return delta @ PLACED.turn / PLACED.scale


def parts_of(head, *names):
    return np.unique(head.faces[np.isin(head.part, names)])


@pytest.mark.parametrize(
    ("name", "most"),
    [("jawOpen", 1.0), ("mouthSmileLeft", 0.5), ("mouthPucker", 0.6), ("browInnerUp", 0.5), ("eyeBlinkLeft", 1.5)],
)
def test_shapes_are_near_the_true_ones(true, rigged, name, most):
    skin = parts_of(true, "skin")
    wanted = true.shapes[true.shape_names.index(name)][skin]
    moving = np.linalg.norm(wanted, axis=1) > 0.0005
    off = np.linalg.norm(metres(rigged, name)[skin] - wanted, axis=1)[moving]
    assert 1000 * off.mean() < most
    assert off.mean() < 0.35 * np.linalg.norm(wanted[moving], axis=1).mean()


def seen(vertices, true, parts, middle, wide=0.02):
    """Count the pixels of some parts that are seen from the front, about a point, where no skin hides them."""
    triangles, part = triangles_of(true.faces.astype(np.int64)), true.part.repeat(2)
    surface = Mesh(vertices.astype(np.float64), triangles)
    corner, count, back = middle[[0, 2]] - wide, int(2 * wide / PIXEL), middle[1] + 0.07
    found = depth(surface, np.isin(part, parts), corner, count, back)
    return int((found < depth(surface, part == "skin", corner, count, back)).sum())


def test_a_blink_covers_the_eye(true, rigged):
    eye = ("eye_left", "cornea_left")
    center = true.joints[true.joint_names.index("eye.L")].astype(np.float64)
    open_ = seen(true.neutral, true, eye, center)
    assert open_ > 500
    assert seen(true.neutral + metres(rigged, "eyeBlinkLeft"), true, eye, center) < 0.05 * open_


def test_lips_meet_again_when_an_open_mouth_closes(true, rigged):
    inside = ("mouth", "teeth_upper", "teeth_lower", "gums_upper", "gums_lower", "tongue")
    lips = true.neutral[np.unique(true.faces[np.isin(true.region, ("lip_upper", "lip_lower"))])].mean(axis=0)
    opened = true.neutral + metres(rigged, "jawOpen")
    open_ = seen(opened, true, inside, lips, 0.03)
    assert open_ > 2000
    assert seen(opened + metres(rigged, "mouthClose"), true, inside, lips, 0.03) < 0.03 * open_


def test_eyes_turn_and_lower_teeth_go_down_as_a_whole(true, rigged):
    for name, parts in (("eyeLookUpLeft", ("eye_left",)), ("jawOpen", ("teeth_lower",))):
        some = parts_of(true, *parts)
        before = true.neutral[some].astype(np.float64)
        after = before + metres(rigged, name)[some]
        for one in (before, after):
            one -= one.mean(axis=0)
        assert np.linalg.norm(after, axis=1) == pytest.approx(np.linalg.norm(before, axis=1), rel=0.08)
    assert np.abs(metres(rigged, "jawOpen")[parts_of(true, "teeth_upper")]).max() < 1e-4
    assert metres(rigged, "jawOpen")[parts_of(true, "teeth_lower")][:, 2].mean() < -0.008


def test_pieces_are_known(true, rigged):
    kinds = {"eye_left": "eye_left", "eye_right": "eye_right", "teeth_upper": "teeth_upper",
             "teeth_lower": "teeth_lower", "tongue": "tongue", "skin": "skin", "lashes": "on_skin"}  # fmt: skip
    for part, kind in kinds.items():
        assert (rigged.piece[parts_of(true, part)] == kind).mean() > 0.9


def test_weights_sum_to_one_and_bones_stand_where_they_do_in_the_true_head(true, rigged):
    assert rigged.weights.sum(axis=1) == pytest.approx(np.ones(len(true.neutral)), abs=1e-5)
    joints = PLACED.inward(rigged.joints)
    for name, near in (("eye.L", 0.003), ("eye.R", 0.003), ("jaw", 0.01), ("skull", 0.015)):
        wanted = true.joints[true.joint_names.index(name)]
        assert np.linalg.norm(joints[rigged.joint_names.index(name)] - wanted) < near
    eye = rigged.weights[parts_of(true, "eye_left")]
    assert eye[:, rigged.joint_names.index("eye.L")] == pytest.approx(1)


def test_options_leave_out_what_is_not_wanted(mesh, marks):
    plain = rig(mesh, PLACED.outward(marks), RigOptions(shapes="arkit", bones=False))
    assert plain.shape_names == ARKIT_52
    assert plain.joint_names == () and plain.weights.shape == (len(mesh.vertices), 0)


def test_some_landmarks_may_be_missing_and_faces_may_look_inward(mesh, marks, true, rigged):
    marks = marks.copy()
    marks[51:] = np.nan
    again = rig(replace(mesh, triangles=mesh.triangles[:, ::-1]), PLACED.outward(marks))
    skin = parts_of(true, "skin")
    off = np.linalg.norm(metres(again, "jawOpen") - metres(rigged, "jawOpen"), axis=1)[skin]
    assert 1000 * off.mean() < 1.0


def test_vertices_split_along_seams_stay_together(mesh, marks):
    """What glTF and STL make of a mesh: a vertex per corner."""
    soup = Mesh(mesh.vertices[mesh.triangles].reshape(-1, 3), np.arange(mesh.triangles.size).reshape(-1, 3))
    made = rig(soup, PLACED.outward(marks), RigOptions(shapes="arkit", bones=False))
    where = np.unique(mesh.triangles.ravel(), return_inverse=True)[1].ravel()
    for name in ("jawOpen", "mouthSmileLeft"):
        delta = made.shapes[made.shape_names.index(name)]
        total = np.stack([np.bincount(where, axis) for axis in delta.T], axis=1) / np.bincount(where)[:, None]
        assert np.abs(delta - total[where]).max() < 1e-3 * PLACED.scale


def test_loose_vertices_survive(mesh, marks):
    more = Mesh(np.concatenate([mesh.vertices, PLACED.outward(np.zeros((5, 3)) + [0, -0.5, 0])]), mesh.triangles)
    made = rig(more, PLACED.outward(marks), RigOptions(shapes="arkit"))
    assert made.shapes.shape[1] == len(more.vertices)
    assert np.isfinite(made.shapes).all() and np.abs(made.shapes[:, -5:]).max() == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m, k: (Mesh(m.vertices, m.triangles[:0]), k), "has no faces"),
        (lambda m, k: (Mesh(m.vertices * np.nan, m.triangles), k), "no numbers"),
        (lambda m, k: (Mesh(m.vertices, m.triangles + 10**6), k), "not there"),
        (lambda m, k: (Mesh(m.vertices * 0, m.triangles), k), "one place"),
        (lambda m, k: (m, k[:10]), "54 points"),
        (lambda m, k: (m, np.where(np.arange(54)[:, None] < 5, k, np.nan)), "must be known"),
        (lambda m, k: (m, np.random.default_rng(0).normal(size=k.shape)), "landmarks"),
        (lambda m, k: (m, k + 10 * PLACED.scale), "landmarks"),
    ],
)
def test_what_is_no_head_is_refused_in_one_line(mesh, marks, change, words):
    with pytest.raises(InputError) as caught:
        rig(*change(mesh, PLACED.outward(marks)))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
