"""Which libraries Headroom runs on, and what of them can be imported here, found without importing any."""

from __future__ import annotations

import importlib.util
import re
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

FINE, OTHER, MISSING, BROKEN = "fine", "other", "missing", "broken"


@dataclass(frozen=True)
class Library:
    """A library by its name on the index and in `import`; `lowest` <= version < `below` is what Headroom is made for.

    without: what is used in its place where it is missing, nothing when Headroom cannot do without.
    """

    name: str
    module: str
    lowest: str
    below: str
    without: str = ""

    @property
    def range(self) -> str:
        """The range in words."""
        return f"{self.lowest} to before {self.below}"


LIBRARIES = (
    Library("numpy", "numpy", "1.26", "3"),
    Library("torch", "torch", "2.6", "2.15"),
    Library("scipy", "scipy", "1.15", "2"),
    Library("safetensors", "safetensors", "0.4", "1"),
    Library("soundfile", "soundfile", "0.13", "1", "Blender's own decoder"),
    Library("espeakng-loader", "espeakng_loader", "0.2.4", "1", "the system's espeak-ng"),
)


@dataclass(frozen=True)
class Found:
    """What there is of a library: its version ("" when missing), the folder it lies in, one of the states above, and,
    where another copy is imported instead of that one, the file."""

    library: Library
    version: str = ""
    folder: Path | None = None
    state: str = MISSING
    hidden_by: Path | None = None


def look() -> list[Found]:
    """Look at every library; reads some folders, imports nothing."""
    return [look_at(library) for library in LIBRARIES]


def look_at(library: Library) -> Found:
    """Find a library's version and folder, and whether `import` would get that copy."""
    origin = _origin(library.module)
    try:
        there = metadata.distribution(library.name)
        version, folder = there.version or "", Path(str(there.locate_file(""))).resolve()
    except metadata.PackageNotFoundError:
        if origin is None:
            return Found(library)
        return Found(library, "", origin.parent.parent, OTHER)  # a copy that does not say what it is
    if origin is None:
        return Found(library, version, folder, BROKEN)
    if not origin.is_relative_to(folder):
        return Found(library, version, folder, OTHER, origin)
    return Found(library, version, folder, FINE if within(version, library) else OTHER)


def within(version: str, library: Library) -> bool:
    """Tell whether a version lies in a library's range; what follows its numbers ("2.6.0+debian") does not count."""
    return _numbers(library.lowest) <= _numbers(version) < _numbers(library.below)


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(number) for number in found[0].split(".")) if found else ()


def _origin(module: str) -> Path | None:
    """Give the file that `import` takes, or has taken; None when there is none, or only an empty folder."""
    try:
        spec = importlib.util.find_spec(module)
    except (ValueError, ImportError):  # somebody put a thing of their own into sys.modules
        file = getattr(sys.modules.get(module), "__file__", None)
        return Path(file).resolve() if file else None
    return Path(spec.origin).resolve() if spec is not None and spec.origin else None
