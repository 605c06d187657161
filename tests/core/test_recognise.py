"""Keys without names: recognized by what they do, on meshes of any grid, unit and orientation."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from headroom.core.errors import InputError
from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.performance import ARKIT_52
from headroom.core.rig.landmarks import template_vertices
from headroom.core.rig.recognise import Piece, by_shapes, recognize

NAMES = [f"Key {number}" for number in range(len(ARKIT_52))]


@pytest.fixture(scope="module")
def person():
    """Somebody else than the mean, in inches, upside down, keys shuffled: mesh, deltas, what they are, landmarks."""
    random = np.random.default_rng(1)
    head = generate(GenerateOptions(seed=77, variety=1.2))
    kept = head.faces[np.isin(head.part, ("skin", "mouth", "tongue", "eye_left", "eye_right", "teeth_lower"))]
    triangles = np.concatenate([kept[:, [0, 1, 2]], kept[:, [0, 2, 3]]]).astype(np.int64)
    turn = Rotation.from_euler("xyz", [170, 20, 40], degrees=True).as_matrix() / 0.0254
    order = random.permutation(len(ARKIT_52))
    deltas = np.stack([head.shapes[head.shape_names.index(ARKIT_52[k])] for k in order]) @ turn.T
    vertices = head.neutral @ turn.T + [50, -20, 9]
    return vertices, triangles, deltas, [ARKIT_52[k] for k in order], vertices[template_vertices()]


def rightly(entries, truth) -> int:
    found = {entry.key: entry for entry in entries if entry.weight == 1}
    return sum(name in found and found[name].channel == channel for name, channel in zip(NAMES, truth, strict=True))


def test_nameless_keys_are_recognized_wherever_the_head_lies(person):
    vertices, triangles, deltas, truth, marks = person
    entries = by_shapes(NAMES, vertices, triangles, deltas, marks, name="Face")
    assert rightly(entries, truth) == len(ARKIT_52)
    assert all(entry.how == "shape" and entry.object == "Face" and 0.5 < entry.score <= 1 for entry in entries)


def test_on_a_coarse_mesh_with_wrong_landmarks(person):
    vertices, triangles, deltas, truth, marks = person
    cell = 0.006 / 0.0254
    _, number = np.unique(np.floor(vertices / cell).astype(int), axis=0, return_inverse=True)
    share = 1 / np.bincount(number.ravel())

    def joined(values):
        return np.stack([np.bincount(number.ravel(), column) * share for column in values.T], axis=1)

    coarse = number.ravel()[triangles]
    coarse = coarse[(coarse != np.roll(coarse, 1, axis=1)).all(axis=1)]
    wrong = marks + np.random.default_rng(2).normal(size=marks.shape) * 0.015 * 0.22 / 0.0254 / 1.6
    wrong[[3, 20, 51, 52, 53]] = np.nan
    entries = by_shapes(NAMES, joined(vertices), coarse, [joined(delta) for delta in deltas], wrong)
    assert rightly(entries, truth) >= 0.95 * len(ARKIT_52)


def test_on_a_mesh_whose_faces_look_inwards(person):
    vertices, triangles, deltas, truth, marks = person
    assert rightly(by_shapes(NAMES, vertices, triangles[:, ::-1], deltas, marks), truth) == len(ARKIT_52)


def test_keys_that_make_no_face_are_left_alone(person):
    vertices, triangles, deltas, truth, marks = person
    middle = vertices.mean(axis=0)
    strange = [np.zeros_like(vertices), 0.2 * (vertices - middle), np.full_like(vertices, 3.0)]
    strange.append(np.random.default_rng(5).normal(size=vertices.shape) * 0.1)
    names = [*NAMES, "rest", "larger", "away", "noise"]
    entries = by_shapes(names, vertices, triangles, [*deltas, *strange], marks)
    assert rightly(entries, truth) == len(ARKIT_52)
    assert not {entry.key for entry in entries} & set(names[len(NAMES) :])


def test_halves_and_both_sides_are_told_from_wholes(person):
    vertices, triangles, deltas, truth, marks = person
    at = {channel: delta for channel, delta in zip(truth, deltas, strict=True)}
    back = np.linalg.inv(Rotation.from_euler("xyz", [170, 20, 40], degrees=True).as_matrix())
    left = 1 / (1 + np.exp(-((vertices - [50, -20, 9]) @ back.T)[:, :1] * 0.0254 / 0.004))
    keys = {
        "smile": at["mouthSmileLeft"] + at["mouthSmileRight"], "brow one": at["browInnerUp"] * left,
        "brow two": at["browInnerUp"] * (1 - left), "jaw": at["jawOpen"],
    }  # fmt: skip
    found = {}
    for entry in by_shapes(tuple(keys), vertices, triangles, keys.values(), marks):
        found.setdefault(entry.key, {})[entry.channel] = entry.weight
    assert found == {
        "smile": {"mouthSmileLeft": 0.5, "mouthSmileRight": 0.5}, "brow one": {"browInnerUp": 1.0},
        "brow two": {"browInnerUp": 1.0}, "jaw": {"jawOpen": 1.0},
    }  # fmt: skip


def test_names_go_first_and_pieces_share_what_is_found(person):
    vertices, triangles, deltas, truth, marks = person
    at = {channel: delta for channel, delta in zip(truth, deltas, strict=True)}
    lower = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]) + vertices.mean(axis=0)
    face = Piece(
        "Face", vertices, triangles, {"Mund": at["jawOpen"], "browInnerUp": at["mouthPucker"], "x": at["mouthLeft"]}
    )
    teeth = Piece("Teeth", lower, np.array([[0, 1, 2]]), {"Mund": np.full((3, 3), 0.1)})
    found = recognize([face, teeth], marks)
    assert found.for_object("Teeth") == {"jawOpen": [("Mund", 1.0)]}
    assert found.for_object("Face")["mouthLeft"] == [("x", 1.0)]
    assert found.for_object("Face")["browInnerUp"] == [("browInnerUp", 1.0)]
    assert {entry.key: entry.how for entry in found.entries} == {"Mund": "shape", "browInnerUp": "name", "x": "shape"}
    assert recognize([face, teeth], None).for_object("Face") == {"browInnerUp": [("browInnerUp", 1.0)]}


def test_bad_input_is_told_in_one_line(person):
    vertices, triangles, deltas, _, marks = person
    nowhere = vertices.copy()
    nowhere[5] = np.nan
    empty = Piece("Hat", vertices, triangles, {})
    for problem in (
        lambda: by_shapes(NAMES, nowhere, triangles, deltas, marks),
        lambda: by_shapes(NAMES, vertices, triangles[:0], deltas, marks),
        lambda: by_shapes(NAMES, vertices, triangles + len(vertices), deltas, marks),
        lambda: by_shapes(NAMES, vertices, triangles, deltas, np.full_like(marks, np.nan)),
        lambda: by_shapes(NAMES, vertices, triangles, deltas, marks[:51]),
        lambda: recognize([empty], marks),
    ):
        with pytest.raises(InputError) as caught:
            problem()
        assert "\n" not in str(caught.value)


def test_a_mesh_elsewhere_has_no_face_keys(person):
    vertices, triangles, deltas, _, marks = person
    assert by_shapes(NAMES, vertices + 1000, triangles, deltas, marks) == ()
