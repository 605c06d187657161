"""Single frames are those of the whole, whatever the sliders say."""

import numpy as np
import pytest

from headroom.core.speech.lipsync import LipsyncOptions, solve
from headroom.core.speech.phones import INVENTORY, Phones
from headroom.core.speech.recognise import Heard
from headroom.core.speech.scrub import Scrub

SECONDS = 12


@pytest.fixture(scope="module")
def spoken() -> tuple[Phones, Heard]:
    """Give phones of all kinds with pauses and gaps between them, and what is heard of them."""
    rng = np.random.default_rng(5)
    edges = np.cumsum(rng.choice([0.05, 0.08, 0.13, 0.4], 80)).round(2)
    edges = edges[edges < SECONDS]
    label = tuple(rng.choice(INVENTORY, len(edges) - 1).tolist())
    kept = rng.random(len(label)) > 0.1
    phones = Phones(
        tuple(name for name, stays in zip(label, kept, strict=True) if stays),
        edges[:-1][kept], edges[1:][kept], rng.choice([0.1, 0.5, 1.0], len(label))[kept],
    )  # fmt: skip
    scores = np.log(rng.dirichlet(np.full(len(INVENTORY), 0.05), SECONDS * 100) + 1e-6).astype(np.float32)
    return phones, Heard(scores, rng.uniform(0.0, 0.2, SECONDS * 100).astype(np.float32))


@pytest.mark.parametrize(
    "sliders",
    [
        {"fps": 24.0}, {"fps": 60.0}, {"fps": 23.976, "lead": -0.3, "rounding": 1.4}, {"fps": 120.0, "strength": 0.5},
        {"fps": 30.0, "smoothing": 0.1, "lead": 0.2, "articulation": "sung"}, {"fps": 24.0, "visemes": "oculus"},
        {"fps": 12.0, "visemes": "rhubarb", "smoothing": 0.05, "lead": 0.1},
    ],
    ids=str,
)  # fmt: skip
def test_frames_are_those_of_the_whole(spoken, sliders) -> None:
    options = LipsyncOptions(**sliders)
    whole, scrub = solve(*spoken, options), Scrub(*spoken, options)
    assert scrub.frame_count == whole.frame_count
    order = np.random.default_rng(0).permutation(whole.frame_count)
    found = np.empty_like(whole.values)
    for frame in order.tolist():
        found[frame] = scrub.at(frame).values[0]
    np.testing.assert_allclose(found, whole.values, atol=1e-5)
    assert scrub.at(0).channels == whole.channels and np.ptp(whole.values) > 0.1


def test_between_frames_and_around_the_sound(spoken) -> None:
    scrub = Scrub(*spoken, LipsyncOptions(fps=24.0))
    before, after = (scrub.at(frame).values for frame in (23, 24))  # on either side of what is solved together
    np.testing.assert_allclose(scrub.at(23.25).values, 0.75 * before + 0.25 * after, atol=1e-6)
    for outside in (-1, -0.5, scrub.frame_count, 1e6):
        assert not scrub.at(outside).values.any()


def test_other_sliders_are_followed_at_once(spoken) -> None:
    scrub = Scrub(*spoken, LipsyncOptions(fps=24.0))
    usual = scrub.at(100).values
    scrub.turn(LipsyncOptions(fps=24.0, strength=0.5))
    np.testing.assert_allclose(scrub.at(100).values, usual / 2, atol=1e-5)
