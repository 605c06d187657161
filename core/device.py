"""Which processor the networks run on: the one place that all of them ask.

Results are those of the CPU within what float32 rounds. On the CPU nothing is copied or moved.
"""

from __future__ import annotations

import copy
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from .errors import InputError

if TYPE_CHECKING:
    from torch import nn

AUTO, CPU = "auto", "cpu"
CARDS = {"cuda": "CUDA", "mps": "MPS"}
"""What torch calls graphics cards (AMD's too are "cuda"), and what people do."""
CHOICES = (AUTO, CPU, *CARDS)
VARIABLE = "HEADROOM_DEVICE"
"""Environment variable that wins over what was chosen in Preferences."""


class _State:
    """What was chosen, and why it is not used."""

    chosen, trouble = AUTO, ""


_copies: WeakKeyDictionary[nn.Module, dict[str, nn.Module]] = WeakKeyDictionary()


def choose(name: str) -> None:
    """Have networks run on one of `CHOICES` from now on. Raises `InputError` for anything else."""
    if name not in CHOICES:
        raise InputError(f"device {name}: not known; choose one of {', '.join(CHOICES)}")
    _State.chosen, _State.trouble = name, ""


def forced() -> str:
    """Give what the environment asks for, nothing when it does not. Raises `InputError` for what is no device."""
    name = os.environ.get(VARIABLE, "").strip().lower()
    if name and name not in CHOICES:
        raise InputError(f"{VARIABLE} {name}: not known; choose one of {', '.join(CHOICES)}")
    return name


def offered() -> tuple[str, ...] | None:
    """Name the graphics cards that torch offers; None while torch was not loaded, since that takes seconds."""
    return _cards() if "torch" in sys.modules else None


def trouble() -> str:
    """Say in one line why what was chosen is not used, or nothing when it is; known after a network ran."""
    return _State.trouble


def place(heavy: bool = True) -> str:
    """Give where a network runs: "cpu", "cuda" or "mps"; loads torch.

    heavy: whether it has so much to do that a graphics card gains by it. Where nobody chose, the small ones stay on the
    CPU: moving their numbers there and back takes longer than they do.
    """
    chosen, cards = forced() or _State.chosen, _cards()
    if chosen == AUTO:
        return cards[0] if heavy and cards and not _State.trouble else CPU
    if chosen == CPU or chosen in cards:
        return CPU if _State.trouble else chosen
    _State.trouble = f"PyTorch offers no {CARDS[chosen]} here; the CPU is used"
    return CPU


def run(network: nn.Module, *inputs: Any, heavy: bool = False, **settings: Any) -> Any:
    """Give what a network makes of tensors on the CPU, on the CPU too, wherever it runs.

    A card that has no memory left, or lacks an operation, is not asked again: the CPU goes on.
    """
    where = place(heavy)
    if where != CPU:
        try:
            with _exactly(where):
                return _back(_copy(network, where)(*(one.to(where) for one in inputs), **settings))
        except RuntimeError as error:
            why = (str(error).strip().splitlines() or [type(error).__name__])[0][:120]
            _State.trouble = f"{CARDS.get(where, where)} failed and the CPU is used: {why}"
    return network(*inputs, **settings)


def forget() -> None:
    """Let go of what lies on graphics cards."""
    used = {where for places in _copies.values() for where in places}
    _copies.clear()
    for card in used & set(CARDS):
        getattr(sys.modules["torch"], card).empty_cache()


def copies() -> list[nn.Module]:
    """Give the networks that lie on graphics cards."""
    return [network for places in _copies.values() for network in places.values()]


@cache
def _cards() -> tuple[str, ...]:
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return tuple(name for name in CARDS if there[name])


def _copy(network: nn.Module, where: str) -> nn.Module:
    """Give the network on a card: a copy, so that the one on the CPU stays as it is."""
    import torch

    places = _copies.setdefault(network, {})
    if where not in places:
        with torch.inference_mode(False):
            places[where] = copy.deepcopy(network).to(where)
    return places[where]


def _exactly(where: str) -> AbstractContextManager:
    """Let convolutions count with all bits of float32: NVIDIA's cards would leave out half of them."""
    import torch

    return torch.backends.cudnn.flags(enabled=True, allow_tf32=False) if where == "cuda" else nullcontext()


def _back(made: Any) -> Any:
    """Bring tensors, in whatever they lie, back to the CPU."""
    if isinstance(made, dict):
        return {name: _back(one) for name, one in made.items()}
    if isinstance(made, list | tuple):
        return type(made)(_back(one) for one in made)
    return made.cpu()
