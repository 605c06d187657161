"""The texture of a head: which pixel shows what, and colors that follow the person's tones."""

import numpy as np
import pytest

from headroom.core.head.raster import texels
from headroom.core.head.textures import PIGMENTS, Canvas, dots, noise, paint, pigments

TONES = {"skin_tone": 0.2, "hair_tone": 0.5, "eye_tone": 0.3, "freckles": 0.3, "redness": 0.4, "stubble": 0.0}


def test_pixels_mix_the_corners_of_the_quad_they_lie_on():
    faces = np.array([[0, 1, 2, 3], [1, 4, 5, 2]])
    points = np.array([[0.1, 0.1], [0.5, 0.1], [0.5, 0.8], [0.1, 0.8], [0.9, 0.1], [0.9, 0.8]])
    found = texels(faces, points[faces], 64)
    place = found.mix(points)
    rows, columns = np.nonzero(np.ones((64, 64)))
    spot = np.stack([(columns + 0.5) / 64, 1 - (rows + 0.5) / 64], axis=1)
    inside = ((spot > [0.1, 0.1]) & (spot < [0.9, 0.8])).all(axis=1)
    assert np.abs(place[found.pixel.ravel()][inside] - spot[inside]).max() < 1e-6
    assert set(found.face[place[:, 0] < 0.49]) == {0} and set(found.face[place[:, 0] > 0.51]) == {1}
    outside = place[found.pixel.ravel()][~inside]
    assert np.linalg.norm(outside - spot[~inside].clip([0.1, 0.1], [0.9, 0.8]), axis=1).max() < 0.03


def test_colors_are_srgb_of_the_pigments_and_alpha_stays():
    share = np.zeros((2, len(PIGMENTS)), np.float32)
    share[0, PIGMENTS.index("skin")] = share[1, PIGMENTS.index("enamel")] = 1
    image = paint(Canvas(share, np.array([[0, 1]], np.int32), np.array([255, 8], np.uint8)), TONES)
    linear = pigments(TONES)[PIGMENTS.index("skin")]
    assert image.shape == (1, 2, 4) and image.dtype == np.uint8 and image[0, :, 3].tolist() == [255, 8]
    assert np.abs(image[0, 0, :3] - 255 * (1.055 * linear ** (1 / 2.4) - 0.055)).max() <= 1


def test_darker_tones_give_darker_skin_hair_and_eyes():
    light, dark = (pigments({name: tone for name in TONES}) for tone in (0.1, 0.9))
    for name in ("skin", "blood", "strands", "iris", "lips"):
        assert dark[PIGMENTS.index(name)].sum() < light[PIGMENTS.index(name)].sum(), name


@pytest.mark.parametrize(("tone", "pigment"), [("freckles", "spots"), ("stubble", "stubble")])
def test_freckles_and_stubble_darken_their_own_pigment_alone(tone, pigment):
    none, full = (pigments(TONES | {tone: value}) for value in (0.0, 1.0))
    changed = [name for name, before, after in zip(PIGMENTS, none, full, strict=True) if np.any(before != after)]
    assert changed == [pigment] and full[PIGMENTS.index(pigment)].sum() < 0.8 * none[PIGMENTS.index(pigment)].sum()


def test_redness_takes_green_and_blue_from_the_blood():
    pale, red = (pigments(TONES | {"redness": value})[PIGMENTS.index("blood")] for value in (0.0, 1.0))
    assert red[0] == pytest.approx(pale[0]) and np.all(red[1:] < pale[1:])


def test_noise_and_dots_depend_on_the_place_alone():
    points = np.random.default_rng(1).uniform(-0.1, 0.1, (500, 3)).astype(np.float32)
    assert np.array_equal(noise(points, 0.01, 3)[:50], noise(points[:50], 0.01, 3))
    spots = dots(points, 0.01, 0.2, 4)
    assert np.array_equal(spots[:50], dots(points[:50], 0.01, 0.2, 4)) and spots.min() >= 0 and spots.max() <= 1
    near = noise(points + 1e-5, 0.01, 3)
    assert np.abs(near - noise(points, 0.01, 3)).max() < 0.02
