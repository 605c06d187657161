"""Rigs to judge the recognition of shapes on: meshes of other makers, other people, coarse and stylized ones.

Ours and ICT FaceKit's shapes have one source, since the template learned its motions from that scan; the units of
MakeHuman and the muscles that pull at a raw scan have nothing in common with either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.interpolate import RBFInterpolator
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.performance import ARKIT_52, SHAPES
from headroom.core.rig.landmarks import reference, template_vertices
from headroom.core.rig.names_conventions import MAKEHUMAN
from headroom.training.head import ict, makehuman, scan, template
from headroom.training.head.register import register
from headroom.training.stabilize import rigs as known
from headroom.training.stabilize.vary import smooth

from .stylize import stylize
from .subjects import _split, _usual, people_of

PAIRED = ("browInnerUp", "cheekPuff")
"""Channels that ICT FaceKit has in halves."""
STRANGERS = 20
"""Keys of no face's motion that every rig of ICT's gets: its identities."""


@dataclass(frozen=True)
class KeyRig:
    """A mesh with keys whose meaning is known, in its own units: `truth[k]` are the channels that key k may be mapped
    to, "" among them says that it may stay free, and empty that it must; marks (54, 3) are NaN where unknown."""

    kind: str
    vertices: np.ndarray
    triangles: np.ndarray
    deltas: np.ndarray
    truth: tuple[frozenset[str], ...]
    marks: np.ndarray
    height: float

    def moved(self, random: np.random.Generator, error: float = 0.0) -> KeyRig:
        """Lay it about any which way, in another unit, its keys shuffled, landmarks off by `error` heads' heights."""
        turn, size = Rotation.random(random_state=random).as_matrix(), float(np.exp(random.normal(0, 2)))
        order = random.permutation(len(self.deltas))
        off = random.normal(0, 1, self.marks.shape) * error * self.height / 1.6  # of this mean length
        shift = random.normal(0, 3, 3) * size
        return replace(
            self, vertices=self.vertices @ turn.T * size + shift, deltas=self.deltas[order] @ turn.T * size,
            truth=tuple(self.truth[k] for k in order), marks=(self.marks + off) @ turn.T * size + shift,
            height=self.height * size,
        )  # fmt: skip


def own(count: int, random: np.random.Generator) -> Iterator[KeyRig]:
    """Our own people: as they are, coarse, with shapes of their own, and stylized."""
    marks = template_vertices()
    for _ in range(count):
        head = generate(GenerateOptions(seed=8_000_000 + int(random.integers(1_000_000)), variety=1.2))
        kept = ~np.isin(head.part, ("lashes", "brows", "cornea_left", "cornea_right"))
        triangles = _split(head.faces[kept].astype(np.int64))
        deltas = np.stack([head.shapes[head.shape_names.index(name)] for name in ARKIT_52]).astype(np.float64)
        truth = tuple(frozenset([name]) for name in ARKIT_52)
        vertices = head.neutral.astype(np.float64)
        rig = KeyRig("own heads", vertices, triangles, deltas, truth, vertices[marks], reference()[1])
        yield rig
        yield replace(coarse(rig, random.uniform(0.004, 0.008)), kind="own heads, coarse")
        skin = [k for k, name in enumerate(ARKIT_52) if name != "tongueOut"]
        alone = {"triangles": _split(head.faces[head.part == "skin"]), "deltas": deltas[skin]}
        yield replace(rig, kind="own heads, skin alone", truth=tuple(truth[k] for k in skin), **alone)
        yield replace(rig, kind="own heads, other shapes", deltas=other_shapes(deltas, vertices, random))
        other = stylize(head.neutral, marks, random).astype(np.float64)
        yield replace(_bent(rig, other, random), kind="own heads, stylized", marks=other[marks])


def coarse(rig: KeyRig, cell: float) -> KeyRig:
    """Join the vertices of each cell of a grid into one (Rossignac & Borrel 1993), their shapes with them."""
    _, number = np.unique(np.floor(rig.vertices / cell).astype(np.int64), axis=0, return_inverse=True)
    number = number.ravel()
    share = 1 / np.bincount(number)

    def joined(values: np.ndarray) -> np.ndarray:
        return np.stack([np.bincount(number, column) * share for column in values.T], axis=1)

    new = number[rig.triangles]
    whole = (new[:, 0] != new[:, 1]) & (new[:, 1] != new[:, 2]) & (new[:, 2] != new[:, 0])
    deltas = np.stack([joined(delta) for delta in rig.deltas])
    return replace(rig, vertices=joined(rig.vertices), triangles=new[whole], deltas=deltas)


def other_shapes(shapes: np.ndarray, places: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Give another artist's version of shapes (S, V, 3): strength, strength by place, direction, smooth error in
    proportion to the motion, and what moves least cut off, as hand-made rigs have it."""
    count, some = len(shapes), random.choice(len(places), min(len(places), 1500), replace=False)
    spread = cKDTree(places[some]).query(places)[1]
    gain = np.exp(0.3 * random.normal(size=(count, 1, 1)))
    by_place = np.clip(1 + 0.3 * smooth(count, places[some], random, 0.05)[..., :1], 0.2, 2)[:, spread]
    turn = Rotation.from_rotvec(random.normal(size=(count, 3)) * np.radians(9)).as_matrix()
    made = np.einsum("sij,skj->ski", turn, shapes) * gain * by_place
    reach = np.linalg.norm(shapes, axis=2, keepdims=True)
    made += 0.2 * reach * smooth(count, places[some], random, 0.03)[:, spread]
    length = np.linalg.norm(made, axis=2, keepdims=True)
    floor = length.max(axis=1, keepdims=True) * random.uniform(0, 0.3, (count, 1, 1))
    return made * np.clip(1 - floor / np.maximum(length, 1e-9), 0, None)


def _bent(rig: KeyRig, other: np.ndarray, random: np.random.Generator) -> KeyRig:
    """Carry shapes over a smooth change of the whole head."""
    some = random.choice(len(rig.vertices), 1200, replace=False)
    bend = RBFInterpolator(rig.vertices[some], other[some] - rig.vertices[some], kernel="linear", neighbors=40)
    rest = bend(rig.vertices)
    deltas = rig.deltas.copy()
    for delta in deltas:
        rows = np.flatnonzero(np.abs(delta).max(axis=1) > 1e-6)
        delta[rows] += bend(rig.vertices[rows] + delta[rows]) - rest[rows]
    return replace(rig, vertices=other, deltas=deltas)


def ict_people(data: Path, count: int, random: np.random.Generator) -> Iterator[KeyRig]:
    """People of ICT FaceKit with its own 55 keys and 20 that are none: as they are, and with varied shapes."""
    model = ict.read(data)
    with np.load(data / "ict_facekit.npz", allow_pickle=False) as file:
        triangles = _split(file["faces"])
    triangles = triangles[triangles.max(axis=1) < ict.EYE_RIGHT.stop]
    names = [name for name in model.expressions if not name.startswith(("PupilDilate", "cheekRaiser"))]
    truth = tuple(frozenset([_ict_channel(name)]) for name in names) + (frozenset(),) * STRANGERS
    usual, shapes = _usual(data, model), np.stack([model.expressions[name] for name in names])
    for _ in range(count):
        vertices = model.neutral + np.tensordot(random.normal(0, 1, len(model.identity)), model.identity, 1)
        strangers = model.identity[random.choice(len(model.identity), STRANGERS, replace=False)]
        deltas = np.concatenate([shapes, strangers])
        rig = KeyRig("ICT FaceKit", vertices, triangles, deltas, truth, vertices[usual], reference()[1])
        yield rig
        yield replace(coarse(rig, random.uniform(0.004, 0.008)), kind="ICT FaceKit, coarse")
        other = np.concatenate([other_shapes(shapes, vertices, random), strangers])
        yield replace(rig, kind="ICT FaceKit, other shapes", deltas=other)


def _ict_channel(name: str) -> str:
    long = name.replace("_L", "Left").replace("_R", "Right")
    whole = long.removesuffix("Left").removesuffix("Right")
    return whole if whole in PAIRED else long


def makehuman_people(data: Path, count: int, random: np.random.Generator) -> Iterator[KeyRig]:
    """Bodies of MakeHuman with its expression units and as many of its details, which are no motion of a face."""
    mesh, model = makehuman.read(data), ict.read(data)
    laid, usual = register(model, template.assemble(model), mesh), _usual(data, model)
    places, weights = laid.places[usual], laid.weights[usual]
    triangles = _split(mesh.quads)
    for number in range(count):
        units = makehuman.expression_units(data, ("african", "asian", "caucasian")[number % 3])
        vertices = mesh.base + people_of(mesh, random)
        marks = np.einsum("nk,nkd->nd", weights, vertices[places])
        meant = {name: _unit_channels(name) for name in units}
        known_units = [name for name in sorted(units) if meant[name]]
        details = random.choice([name for name in mesh.targets if not name.startswith("macro/")], 20, replace=False)
        rows = [*(units[name] for name in known_units), *(mesh.targets[name] for name in details)]
        deltas = np.zeros((len(rows), *vertices.shape))
        for delta, (moved, by) in zip(deltas, rows, strict=True):
            delta[moved] = by
        truth = tuple(meant[name] for name in known_units) + (frozenset(),) * len(details)
        height = np.linalg.norm(np.ptp(marks[:51], axis=0)) / np.linalg.norm(np.ptp(reference()[0][:51], axis=0))
        yield KeyRig("MakeHuman units", vertices, triangles, deltas, truth, marks, height * reference()[1])


def _unit_channels(name: str) -> frozenset[str]:
    """What a unit may be mapped to: what the table of names says it is."""
    for number, level in enumerate(MAKEHUMAN):
        for row, meaning in level.items():
            for side, word in (("Left", "left"), ("Right", "right")):
                if row.replace("<", word) == name:
                    words = meaning.replace("<", side).split()
                    return frozenset(word for word in words if word in SHAPES) | ({""} if number else set())
    return frozenset()


def scans(folder: Path) -> Iterator[KeyRig]:
    """The raw scan of the samples, pulled at by muscles after Waters (1987)."""
    if not folder.exists():
        return
    points, triangles = scan.read_obj(folder / "face_scan.obj")
    marks = np.load(folder / "face_scan_landmarks.npy", allow_pickle=False).astype(np.float64)
    _, _, turn, shift = scan.fit(points, triangles, marks)
    back = np.linalg.inv(turn)
    points, marks = (points - shift) @ back.T, (marks - shift) @ back.T
    shapes = known._muscles(points, marks)
    truth = tuple(frozenset([name]) for name in shapes)
    marks = np.concatenate([marks, np.full((3, 3), np.nan)])
    yield KeyRig("scan with muscles", points, triangles, np.stack(list(shapes.values())), truth, marks, reference()[1])
