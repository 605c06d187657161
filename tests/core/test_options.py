"""Options classes say enough to build a command line, and refuse what is out of range."""

import dataclasses
import math

import pytest

from headroom.core.errors import InputError
from headroom.core.options import check, field_types, option


@dataclasses.dataclass(frozen=True)
class Options:
    """A verb's options, small enough for a test."""

    seed: int = option(0, "Which head", low=0, high=10)
    frame_rate: float | None = option(None, "Frames a second", low=1.0, high=240.0, unit="frames per second")
    style: str = option("calm", "How", choices=("calm", "wild"))
    set: dict[str, float] = option({"age": 30.0}, "Attributes")

    def __post_init__(self) -> None:
        check(self)


def test_defaults_pass() -> None:
    made = Options()
    assert (made.seed, made.frame_rate, made.style, made.set) == (0, None, "calm", {"age": 30.0})


def test_a_dictionary_default_is_not_shared() -> None:
    Options().set["age"] = 99.0
    assert Options().set == {"age": 30.0}


@pytest.mark.parametrize("seed", [0, 10])
def test_the_ends_of_a_range_belong_to_it(seed: int) -> None:
    assert Options(seed=seed).seed == seed


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seed": -1}, "--seed -1: must lie between 0 and 10"),
        ({"seed": 11}, "--seed 11: must lie between 0 and 10"),
        ({"frame_rate": 0.0}, "--frame-rate 0.0: must lie between 1 and 240 frames per second"),
        ({"frame_rate": math.nan}, "--frame-rate nan: must lie between 1 and 240 frames per second"),
        ({"frame_rate": math.inf}, "--frame-rate inf: must lie between 1 and 240 frames per second"),
        ({"style": "loud"}, "--style loud: not known; choose one of calm, wild"),
    ],
)
def test_bad_values_are_named_as_the_command_line_spells_them(given: dict, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Options(**given)
    assert str(caught.value) == message


def test_every_field_says_what_it_is() -> None:
    for field in dataclasses.fields(Options):
        assert field.metadata["help"]
    assert dict(dataclasses.fields(Options)[1].metadata)["unit"] == "frames per second"


def test_types_are_resolved() -> None:
    assert field_types(Options)["frame_rate"] == float | None
    assert field_types(Options)["seed"] is int
