"""What a head's shapes need after decoding: contacts made exact, folds evened out, correctives made to measure.

A decoder hits a contact to within a fraction of a millimetre; here lips stop at lips and lids at the eye, for every
head, and correctives of the lids are worked out for its own geometry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..performance import SHAPES
from .clearance import LIP_RINGS, Eye, Mouth, Wall, clear_lids, clear_lips, close_lids, edges, within_corners
from .contact import close_mouth, part_lips
from .correctives import CORRECTIVES, SHAPE_NAMES, TONGUES
from .creases import Risk, even, lying
from .folds import unfold
from .gaze import LOOK_DEGREES, look
from .solids import Eyeball

MOVES = 1e-4
"""Metres below which a shape leaves a contact alone."""
SETTLED = 1e-6
"""Metres below which what was mended counts as left alone."""
AJAR = (0.15, 0.3)
"""How far the jaw opens, in `jawOpen`, where it folds no skin either: as `tongueOut` does."""
TRIES = (4, 3, 2)
"""How wide skin is evened (`creases.even`), each time before contacts are made again, at most."""
WITHIN = slice(LIP_RINGS[0] - 2, LIP_RINGS[0] + 3)
"""Rings of the lips that stay together in `mouthClose` as they are at rest."""
ROW = {name: k for k, name in enumerate(SHAPE_NAMES)}
CHANNELS = tuple(ROW[name] for name in SHAPES if name != "mouthClose")
"""Rows of the shapes that stand alone; the others are added to some of them."""
DIAGONALS = {
    side: tuple(name for name in CORRECTIVES if name.startswith("eyeLook") and name.endswith(side))
    for side in ("Left", "Right")
}
"""Correctives of each eye looking up or down and aside at once."""


def mend(
    vertices: np.ndarray, shapes: np.ndarray, mouth: Mouth, eyes: Sequence[Eye], closing: np.ndarray,
    risks: tuple[Risk, Risk] | None = None,
) -> None:  # fmt: skip
    """Make contacts of `shapes` (S, V, 3), in the order of SHAPE_NAMES, exact on a neutral (V, 3), in place.

    Eyeballs turn first and lids part from them, then blinks and their correctives are made of what results. closing
    (V,): how much of `jawOpen` each vertex takes back in `mouthClose`. risks: which faces the channels may turn over,
    and which all that is added to them; without, skin is evened only on the rings of lips and lids.
    """
    for eye in eyes:
        ball = slice(*eye.ball)
        for way in LOOK_DEGREES:
            name = f"eyeLook{way}{eye.side}"
            shapes[ROW[name], ball] = look(name, vertices[ball], eye.center)
    touch = Touch.of(vertices, mouth, eyes)
    state = lying(risks[0].skin, vertices) if risks else np.zeros(0, np.int8)
    still = np.zeros(shapes.shape[:2], bool)
    shut = {ROW[f"eyeBlink{eye.side}"]: eye for eye in eyes}
    touch.make(shapes, CHANNELS, shut)
    if risks:
        touch.smooth(shapes, shut, still, risks[0], state)
        for part in (*AJAR, 1.0):
            touch.smooth(shapes, shut, still, risks[0], state, np.array([ROW["jawOpen"]]), part)

    shapes[ROW["mouthClose"]] = close_mouth(shapes[ROW["jawOpen"]], closing)
    base = {row: sum(value * shapes[on] for on, value in under.items()) for row, under in BASES.items()}
    for row, posed in base.items():
        shapes[row] += posed
    for eye in eyes:
        ball = slice(*eye.ball)
        for name in DIAGONALS[eye.side]:
            shapes[ROW[name], ball] = look(name, vertices[ball], eye.center)
    shut = {row: shut[on] for row, under in BASES.items() for on, value in under.items() if on in shut and value == 1}
    touch.make(shapes, [row for row in BASES if row != ROW["mouthClose"]], shut)
    if risks:
        still[ROW["mouthClose"], mouth.rings[WITHIN]] = True
        touch.smooth(shapes, shut, still, risks[1], state)
    for row, posed in base.items():
        shapes[row] -= posed
    shapes[ROW["tongueOut_jawOpen"]] = shapes[ROW["jawOpen"]] + shapes[ROW["jawOpen_tongueOut"]]


def _bases() -> dict[int, dict[int, float]]:
    """Row of each shape that is added to others -> rows of those, and their values when it is at full."""
    under = {"mouthClose": {"jawOpen": 1.0}}
    for name, one in CORRECTIVES.items():
        if name in TONGUES:
            continue
        half = one.expression == "4*a*(1-a)"
        under[name] = {one.channels[0]: 0.5} if half else dict.fromkeys(one.channels[:2], 1.0)
    return {ROW[name]: {ROW[on]: value for on, value in values.items()} for name, values in under.items()}


BASES = _bases()


@dataclass(frozen=True)
class Touch:
    """What touches on one head: its vertices at rest (V, 3), mouth and eyes, and what they may not enter."""

    vertices: np.ndarray
    mouth: Mouth
    wall: Wall
    eyes: Sequence[Eye]
    balls: Sequence[Eyeball]

    @staticmethod
    def of(vertices: np.ndarray, mouth: Mouth, eyes: Sequence[Eye]) -> Touch:
        """Read off a head at rest."""
        balls = [Eyeball.of(vertices[slice(*eye.ball)]) for eye in eyes]
        return Touch(vertices, mouth, Wall.of(vertices, mouth), eyes, balls)

    def make(self, shapes: np.ndarray, rows: Sequence[int], shut: Mapping[int, Eye]) -> None:
        """Make lips and lids of rows of shapes (S, V, 3) stop where they must; those `shut` meet."""
        self._lips(shapes, _moving(shapes, rows, self.mouth.rings))
        for eye, ball in zip(self.eyes, self.balls, strict=True):
            watched = np.concatenate([eye.rings.ravel(), np.arange(*eye.ball)])
            self._clear(shapes, _moving(shapes, [k for k in rows if shut.get(k) is not eye], watched), eye, ball)
            closed = [k for k in rows if shut.get(k) is eye]
            shapes[closed] = self._shut(shapes[closed], eye, ball)

    def smooth(
        self, shapes: np.ndarray, shut: Mapping[int, Eye], still: np.ndarray, risk: Risk, state: np.ndarray,
        rows: np.ndarray | None = None, part: float = 1.0,
    ) -> None:  # fmt: skip
        """Even out faces that shapes (S, V, 3), or rows of them, turn over when they are on in part, and what touches
        stays touching; still (S, V) stays."""
        for row, eye in shut.items():
            still[row, np.concatenate([*edges(eye), eye.seam.lower, eye.seam.upper])] = True
        folded = risk.folded(self.vertices, shapes, state, rows, part)
        for tries in TRIES:
            if not len(folded[0]):
                return
            even(risk.skin, self.vertices, shapes, folded, state, still, part, tries)
            rows = np.unique(folded[0])
            self._again(shapes, rows, shut, still)
            folded = risk.folded(self.vertices, shapes, state, rows, part)

    def _again(self, shapes: np.ndarray, rows: np.ndarray, shut: Mapping[int, Eye], still: np.ndarray) -> None:
        """Make what touches exact in rows of shapes (S, V, 3) that were so before they were evened, but for what stood
        `still` (S, V): lids that are `shut` still are."""
        mouth = self.mouth
        moving = _moving(shapes, rows, mouth.rings)
        at = moving[:, None, None], mouth.rings
        shapes[at] += ~still[at][..., None] * self._off_teeth(shapes, moving)
        self._part(shapes, moving)
        for eye, ball in zip(self.eyes, self.balls, strict=True):
            for row in rows:
                if shut.get(int(row)) is eye:
                    shapes[row, eye.rings] += within_corners(self.vertices, self.vertices + shapes[row], eye)
            moving = _moving(shapes, rows, eye.rings)
            at = moving[:, None, None], eye.rings
            shapes[at] += ~still[at][..., None] * self._off_eye(shapes, moving, eye, ball)

    def _lips(self, shapes: np.ndarray, rows: np.ndarray) -> None:
        """Keep lips of rows of shapes (S, V, 3) before the teeth, from crossing and from folding."""
        rings = self.mouth.rings
        for turn in range(3):  # parted or evened lips are elsewhere before the teeth
            at = rows[:, None, None], rings
            before = shapes[at]
            shapes[at] += self._off_teeth(shapes, rows)
            self._part(shapes, rows)
            if turn < 2:
                shapes[at] = unfold(self.vertices[rings], shapes[at])
                rows = rows[np.abs(shapes[at] - before).max(axis=(1, 2, 3), initial=0) > SETTLED]

    def _off_teeth(self, shapes: np.ndarray, rows: np.ndarray) -> np.ndarray:
        lips = self.vertices[self.mouth.rings] + shapes[rows[:, None, None], self.mouth.rings]
        return clear_lips(lips, [shapes[rows[:, None], row] for row in self.wall.vertices], self.wall)

    def _part(self, shapes: np.ndarray, rows: np.ndarray) -> None:
        seam = self.mouth.seam
        gap = shapes[rows[:, None], seam.upper] - shapes[rows[:, None], seam.lower]
        shapes[rows[:, None], seam.vertex] += part_lips(self.vertices, gap, seam)

    def _clear(self, shapes: np.ndarray, rows: np.ndarray, eye: Eye, surface: Eyeball) -> None:
        """Keep lids of rows of shapes (S, V, 3) from dipping into the eye and from folding."""
        rings = self.vertices[eye.rings]
        shapes[rows[:, None, None], eye.rings] += self._off_eye(shapes, rows, eye, surface)
        for _ in range(2):
            at = rows[:, None, None], eye.rings
            evened = unfold(rings, shapes[at])
            changed = np.abs(evened - shapes[at]).max(axis=(1, 2, 3), initial=0) > SETTLED
            rows, evened = rows[changed], evened[changed]
            shapes[rows[:, None, None], eye.rings] = evened
            shapes[rows[:, None, None], eye.rings] += self._off_eye(shapes, rows, eye, surface)

    def _off_eye(self, shapes: np.ndarray, rows: np.ndarray, eye: Eye, surface: Eyeball) -> np.ndarray:
        lids = self.vertices[eye.rings] + shapes[rows[:, None, None], eye.rings]
        ball = self.vertices[slice(*eye.ball)] + shapes[rows, slice(*eye.ball)]
        return clear_lids(lids, ball, surface)

    def _shut(self, shapes: np.ndarray, eye: Eye, surface: Eyeball) -> np.ndarray:
        """Give shapes (S, V, 3) whose lids meet, off the eye and unfolded."""
        vertices, shapes, rings = self.vertices, shapes.copy(), eye.rings
        edge = np.isin(rings, np.union1d(eye.seam.lower, eye.seam.upper))
        for turn in range(3):
            for k, shape in enumerate(shapes):
                shapes[k] = close_lids(vertices, shape, eye, surface)
            if turn < 2:
                shapes[:, rings] = unfold(vertices[rings], shapes[:, rings], edge)
        return shapes


def _moving(shapes: np.ndarray, rows: Sequence[int] | np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """Which rows of shapes (S, V, 3) move any of vertices."""
    rows = np.asarray(rows, np.int64)
    return rows[np.abs(shapes[rows[:, None], vertices.ravel()]).max(axis=(1, 2), initial=0) > MOVES]
