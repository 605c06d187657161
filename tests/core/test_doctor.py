"""What the doctor knows without Blender: the order of findings, names in other spellings, shapes that do nothing."""

from __future__ import annotations

import numpy as np

from headroom.core.rig import doctor
from headroom.core.rig.doctor import EXPORT, LIKELY, Finding, few, ordered, respelled


def test_the_likeliest_comes_first_and_each_once():
    clipped, hidden = Finding("clipped", "Head", "why"), Finding("hidden", "Head", "why")
    assert ordered([clipped, hidden, clipped]) == [hidden, clipped]
    assert ordered([hidden, Finding("hidden", "Teeth", "why")])[1].thing == "Teeth"
    assert LIKELY[-1] == "drops_on_export" and Finding("drops_on_export", "Head", "", where=EXPORT).where == EXPORT
    assert len(set(LIKELY)) == len(LIKELY)


def test_lists_are_spelled_in_few_words():
    assert few(["a"]) == "a" and few(["a", "b", "a"]) == "a and b" and few("abcde") == "a, b and 3 more"


def test_names_in_other_spellings_are_known_again():
    keys = ["Basis", "eyeBlink_L", "jawOpen", "mouthClose", "BrowTwitch"]
    lost = ["eyeBlinkLeft", "JawOpen", "Face.M_mouth_close", "brow twitch", "hornWiggle"]
    assert respelled(lost, keys) == {
        "eyeBlinkLeft": "eyeBlink_L", "JawOpen": "jawOpen", "Face.M_mouth_close": "mouthClose",
        "brow twitch": "BrowTwitch",
    }  # fmt: skip
    assert respelled(["jaw_open", "JAWOPEN"], ["jawOpen"]).keys() == {"jaw_open"}, "a key is given once"


def face(keys: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Give a basis (V, 3) and keys (K, V, 3) that each move a place of their own."""
    rng = np.random.default_rng(0)
    basis = rng.uniform(-0.1, 0.1, (1000, 3)).astype(np.float32)
    shapes = np.repeat(basis[None], keys, axis=0)
    for number, shape in enumerate(shapes):
        shape[40 * number : 40 * number + 60] += rng.normal(0, 0.005, (60, 3)).astype(np.float32)
    return basis, shapes


def test_a_basis_that_was_edited_alone_is_found_and_nothing_else():
    basis, shapes = face()
    assert not len(doctor.pulled_back(shapes, basis)[0])
    edited = basis.copy()
    edited[850:900] += [0.01, 0, 0.02]
    places, back = doctor.pulled_back(shapes, edited)
    assert places.tolist() == list(range(850, 900))
    np.testing.assert_allclose(back, np.tile([-0.01, 0, -0.02], (50, 1)), atol=1e-6)
    assert doctor.is_pulled_back(shapes[0][places] - edited[places], back, doctor.size_of(basis))
    assert not doctor.is_pulled_back(np.zeros_like(back), back, doctor.size_of(basis))


def test_keys_that_all_lower_the_jaw_are_no_edited_basis():
    basis, shapes = face()
    shapes[:, 300:600] -= np.arange(1, 21, dtype=np.float32)[:, None, None] * np.float32(0.0005)
    assert not len(doctor.pulled_back(shapes, basis)[0])
    assert not len(doctor.pulled_back(shapes[:4], basis + np.float32(0.1))[0]), "too few to say"


def test_a_key_that_moves_nothing_is_still():
    basis, shapes = face()
    assert doctor.is_still(basis.copy(), basis) and not doctor.is_still(shapes[0], basis)
