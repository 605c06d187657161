"""Reads MakeHuman's base mesh and its targets for head and face: a second population to learn heads from.

Source: MakeHuman Community, base mesh and targets, CC0. They are read out of the archive in memory, in Headroom's
frame: metres, Z up, looking along -Y. Targets of expressions are left out: they are for judging other things.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headroom.core.head.macros import CORNERS

from .ict import to_headroom

ARCHIVE = "makehuman_head_targets.tar.gz"
FAMILIES = ("cheek", "chin", "ears", "eyebrows", "eyes", "forehead", "head", "mouth", "neck", "nose")
LARGEST = 32 << 20
"""Bytes a file in the archive may unpack to."""


@dataclass(frozen=True)
class MakeHuman:
    """base (V, 3) metres; quads (Q, 4) of the body's skin, and groups: name -> its vertices, helpers included;
    targets: name such as `nose/nose-hump-incr` or `macro/asian-male-old` -> (vertices (N,), deltas (N, 3))."""

    base: np.ndarray
    quads: np.ndarray
    groups: dict[str, np.ndarray]
    targets: dict[str, tuple[np.ndarray, np.ndarray]]

    def moved(self, amounts: Mapping[str, float]) -> np.ndarray:
        """Give what targets at the given amounts add to `base`, (V, 3)."""
        total = np.zeros_like(self.base)
        for name, amount in amounts.items():
            vertices, deltas = self.targets[name]
            total[vertices] += amount * deltas
        return total

    def corner(self, shares: np.ndarray) -> np.ndarray:
        """Give the person (V, 3) with the given shares (96,) of `core.head.macros.CORNERS`."""
        return self.base + self.moved({f"macro/{c}": s for c, s in zip(CORNERS, shares, strict=True) if s})


def read(data: Path) -> MakeHuman:
    """Read the archive from the data folder; raises `ValueError` on anything that is not as it should be."""
    base = quads = None
    groups: dict[str, np.ndarray] = {}
    targets = {}
    with tarfile.open(data / ARCHIVE, "r:gz") as archive:
        for member in archive:
            if not member.isfile():
                continue
            if member.size > LARGEST:
                raise ValueError(f"{ARCHIVE}: {member.name!r} is too large")
            parts = member.name.removeprefix("./").split("/")
            stream = archive.extractfile(member)
            if stream is None:
                continue
            if parts == ["3dobjs", "base.obj"]:
                base, quads, groups = _mesh(stream.read().decode("ascii"))
            elif (name := _target_name(parts)) is not None:
                targets[name] = _target(stream.read(), name)
    if base is None or quads is None:
        raise ValueError(f"{ARCHIVE}: no base mesh inside")
    missing = [c for c in CORNERS if f"macro/{c}" not in targets]
    if missing:
        raise ValueError(f"{ARCHIVE}: no target {missing[0]}")
    if any(vertices.max(initial=0) >= len(base) for vertices, _ in targets.values()):
        raise ValueError(f"{ARCHIVE}: a target moves a vertex that the mesh lacks")
    return MakeHuman(base, quads, groups, dict(sorted(targets.items())))


def expression_units(data: Path, ancestry: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Read the expressions of an ancestry (african, asian, caucasian), for judging only: name -> vertices, deltas."""
    units = {}
    with tarfile.open(data / ARCHIVE, "r:gz") as archive:
        for member in archive:
            parts = member.name.removeprefix("./").split("/")
            if member.isfile() and parts[1:4] == ["expression", "units", ancestry]:
                stream = archive.extractfile(member)
                assert stream is not None
                units[parts[4].removesuffix(".target.gz")] = _target(stream.read(), member.name)
    return units


def _target_name(parts: list[str]) -> str | None:
    if len(parts) != 3 or parts[0] != "targets" or not parts[2].endswith(".target.gz"):
        return None
    stem = parts[2].removesuffix(".target.gz")
    if parts[1] in FAMILIES:
        return f"{parts[1]}/{stem}"
    return f"macro/{stem}" if parts[1] == "macrodetails" and stem in CORNERS else None


def _target(blob: bytes, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Lines of `vertex x y z` in decimetres, Y up; lines that begin with # are comments."""
    unpack = zlib.decompressobj(wbits=31)
    text = unpack.decompress(blob, LARGEST)
    if unpack.unconsumed_tail:
        raise ValueError(f"{ARCHIVE}: {name!r} is too large")
    lines = [line for line in text.decode("ascii").splitlines() if line.strip() and not line.startswith("#")]
    table = np.array([line.split() for line in lines], np.float64).reshape(-1, 4)
    if not np.isfinite(table).all() or (table[:, 0] < 0).any():
        raise ValueError(f"{ARCHIVE}: {name!r} is damaged")
    return table[:, 0].astype(np.int64), to_headroom(table[:, 1:]) * 10


def _mesh(text: str) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    points, faces, group = [], {}, ""
    for line in text.splitlines():
        kind, *values = line.split() or [""]
        if kind == "v":
            points.append([float(x) for x in values[:3]])
        elif kind == "g":
            group = values[0]
        elif kind == "f":
            faces.setdefault(group, []).append([int(x.split("/")[0]) - 1 for x in values])
    groups = {name: np.unique(corners) for name, corners in faces.items()}
    return to_headroom(np.array(points)) * 10, np.array(faces["body"]), groups
