"""What is kept is counted, and let go."""

from functools import cache

import numpy as np
import pytest

from headroom.core import memory, weights
from headroom.core.head import decode
from headroom.core.speech import espeak, recognise


@pytest.fixture(autouse=True)
def empty():
    memory.release()
    assert memory.held() == 0


def test_a_model_that_is_loaded_is_counted_and_let_go():
    weights.load("head")
    size = sum(array.nbytes for array in weights.load("head").arrays.values())
    assert memory.held() == pytest.approx(size, rel=0.01)
    assert memory.release() == pytest.approx(size, rel=0.01)
    assert memory.held() == 0 and weights.load.cache_info().currsize == 0


def test_networks_are_counted():
    network = recognise.network()
    size = sum(one.numel() * one.element_size() for one in network.parameters())
    arrays = sum(array.nbytes for array in weights.load("phones").arrays.values())
    assert memory.held() == pytest.approx(size + arrays, rel=0.01)


def test_views_of_one_array_are_counted_once(monkeypatch):
    big = np.zeros(1_000_000, np.float32)
    kept = cache(lambda k: big[k:])
    monkeypatch.setattr(weights, "kept", kept, raising=False)
    kept(0), kept(1), kept(2)
    assert memory.held() == big.nbytes


def test_the_same_comes_out_after_letting_go():
    mixture = np.linspace(-1, 1, 290)
    first = decode.motions(mixture)
    assert memory.release() > 1e6
    np.testing.assert_array_equal(first, decode.motions(mixture))


def test_what_holds_no_numbers_stays():
    """The speech library keeps state of its own: opened once."""
    library = espeak.library()
    memory.release()
    assert espeak.library() is library
