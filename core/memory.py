"""What Headroom keeps in memory to be quick the next time, how much that is, and letting go of it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from . import device

PACKAGE = __package__.rpartition(".")[0]
"""The extension's or the Python package's name, whichever this is part of."""
PASSED = (type, ModuleType, FunctionType, str, int, float, type(None))
"""What holds no numbers of ours, or leads to everything there is."""


def held() -> int:
    """Count the bytes of the arrays and networks that are kept; some milliseconds."""
    return _size([*_caches(), *device.copies()])


def release() -> int:
    """Let go of them, and give how many bytes that were. What is needed again is read again.

    Not while something runs: it would hold on to what it has.
    """
    before = held()
    for cache in list(_caches()):
        if _size([cache]):
            cache.cache_clear()
    device.forget()
    gc.collect()
    return before - held()


def _caches() -> Iterator[Any]:
    """Find every function of Headroom's modules that remembers what it gave."""
    seen = set()
    for name, module in list(sys.modules.items()):
        if module is None or not name.startswith(f"{PACKAGE}."):
            continue
        for thing in list(vars(module).values()):
            if callable(getattr(thing, "cache_clear", None)) and id(thing) not in seen:
                seen.add(id(thing))
                yield thing


def _size(roots: Iterable[Any]) -> int:
    """Add up the memory of arrays and tensors that can be reached, that of views on the same memory once."""
    torch: Any = sys.modules.get("torch")
    seen: set[int] = set()
    sizes: dict[int, int] = {}
    waiting = list(roots)
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, PASSED) or id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, np.ndarray):
            owner: Any = thing
            while isinstance(owner.base, np.ndarray):
                owner = owner.base
            blob = owner.base if isinstance(owner.base, bytes | bytearray) else owner
            sizes[id(blob)] = len(blob) if isinstance(blob, bytes | bytearray) else owner.nbytes
        elif torch is not None and isinstance(thing, torch.Tensor):
            storage = thing.untyped_storage()
            sizes[storage.data_ptr() or id(thing)] = storage.nbytes()
        else:
            waiting += gc.get_referents(thing)
    return sum(sizes.values())
