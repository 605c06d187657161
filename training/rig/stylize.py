"""Bends a head as cartoonists, sculptors and scanners do; points on it stay on it."""

from __future__ import annotations

import numpy as np

from headroom.core.rig.landmarks import NAMES


def group(*starts: str) -> list[int]:
    """Give the landmarks whose names begin so."""
    return [number for number, name in enumerate(NAMES) if name.startswith(starts)]


PARTS = {
    "eye.R": (group("eye.R"), 0.022), "eye.L": (group("eye.L"), 0.022), "brow.R": (group("brow.R"), 0.02),
    "brow.L": (group("brow.L"), 0.02), "nose": (group("bridge", "nostril"), 0.026), "mouth": (group("mouth"), 0.028),
    "chin": (group("menton"), 0.03), "ear.R": (group("tragion.R"), 0.03), "ear.L": (group("tragion.L"), 0.03),
}  # fmt: skip
"""Parts of a face: the landmarks about whose middle each is bent, and how far that reaches, in metres."""

WIDEST = {"eye": 0.4, "brow": 0.2, "nose": 0.45, "mouth": 0.3, "chin": 0.25, "ear": 0.35}
"""How much larger or smaller parts get: the deviation of the logarithm where the style is strong."""


def stylize(
    vertices: np.ndarray, marks: np.ndarray, random: np.random.Generator, least: float = 0.0
) -> np.ndarray:  # fmt: skip
    """Give the vertices (V, 3) of another head of the same mesh; `marks` (54,) are the landmarks' vertices.

    A third are people like the given one, the others are stylized more or less strongly; none less than by `least`.
    """
    while True:
        bent = styled(vertices, marks, random, least)
        if ordered(bent[marks]):
            return bent


def ordered(marks: np.ndarray) -> bool:
    """Tell whether eyes, nose, mouth and chin lie one under the other and none is wider than a face can be."""
    across, height = np.abs(np.ptp(marks[:, 0])), marks[group("eye"), 2].mean() - marks[-3, 2]
    mouth, eyes, nose = (np.ptp(marks[group(name), 0]) for name in ("mouth", "eye", "nostril"))
    rows = marks[group("eye"), 2].min(), marks[group("nostril"), 2].mean(), marks[group("mouth"), 2].max()
    low = marks[group("mouth"), 2].min()
    steps = -np.diff([*rows, marks[-3, 2]]) / height
    gap = marks[group("eye.L"), 0].min() - marks[group("eye.R"), 0].max()
    deep = np.ptp(marks[:51, 1])
    return bool(
        (steps > 0.03).all() and low - marks[-3, 2] > 0.02 * height and 0.1 < mouth / across < 0.75
        and nose / across < 0.5 and gap > 0.05 * eyes and 0.4 < height / across < 2 and deep < 1.2 * height
    )  # fmt: skip


def styled(vertices: np.ndarray, marks: np.ndarray, random: np.random.Generator, least: float) -> np.ndarray:
    """Draw a style and bend by it; some come out as no face."""
    kind = random.random()
    strength = 0.15 if kind < 0.3 else float(random.uniform(0.3, 1.1) if kind < 0.8 else random.uniform(1.0, 1.8))
    strength = max(strength, least)
    bent = vertices.astype(np.float64)
    if random.random() < 0.15:
        bent = laid_out(bent, marks, 1.0, random, MUZZLED)
    elif strength > 0.2 and random.random() < 0.6:
        bent = laid_out(bent, marks, min(strength, 1.4), random)
    drawn = {}
    for name, (numbers, reach) in PARTS.items():
        kind = name.split(".")[0]
        if kind not in drawn or random.random() < 0.04:  # now and then a side of its own
            size = np.exp(strength * (random.normal(0, WIDEST[kind]) + random.normal(0, 0.15, 3)))
            drawn[kind] = size, strength * random.normal(0, [0.003, 0.004, 0.006]), random.uniform(0.8, 1.5)
        size, shift, wide = drawn[kind]
        side = -1.0 if name.endswith("R") else 1.0
        middle = bent[marks[numbers]].mean(axis=0)
        swell(bent, middle, reach * wide, size - 1, shift * [side, 1, 1])
    bent = muzzle(bent, marks, strength, random)
    low, high = bent[marks[-3], 2], bent[marks[group("brow")], 2].mean()
    rise = (bent[:, 2] - low) / (high - low)  # 0 at the chin, 1 at the brows
    skull = np.clip(rise - 0.9, 0, 1.5)[:, None]
    about = np.array([0.0, -0.03, high])
    bent += np.minimum(skull, 1) * (bent - about) * (np.exp(strength * random.normal(0.05, 0.25, 3)) - 1)
    bent[:, 0] *= 1 + strength * random.normal(0, 0.18) * np.clip(rise - 0.7, -1.5, 1.5)  # pear or egg
    bent *= np.exp(strength * random.normal(0, 0.15, 3))
    return (bent + waves(bent, strength, random)).astype(np.float32)


CARTOON = (0.2, -0.2, -0.1), (0.0, 0.0, 0.0), (0.1, -0.15)
MUZZLED = (0.25, -0.5, -0.7), (0.0, 0.0, -0.012), (0.35, -0.45)
"""What styles tend to: the logarithms of how large eyes, nose and mouth are, by how many metres these are raised, and
the logarithms of how long the lower face and how wide the jaw is. The second is that of toy animals, with a small mouth
low on a long snout."""

STEPS = 5
"""Steps in which parts are moved far: each is small enough not to fold the surface."""


def laid_out(
    bent: np.ndarray, marks: np.ndarray, strength: float, random: np.random.Generator, style: tuple = CARTOON
) -> np.ndarray:  # fmt: skip
    """Place eyes, nose and mouth elsewhere in the face, as cartoons do: a long upper lip, a low mouth, a narrow jaw."""
    eyes, nose, mouth = (PARTS[name][0] for name in ("eye.L", "nose", "mouth"))
    large, raised, lower = style
    sizes = strength * random.normal(large, [0.35, 0.5, 0.45]) / STEPS
    shifts = strength * random.normal(0, [[0.006, 0.004, 0.008], [0, 0.005, 0.01], [0, 0.005, 0.012]]) / STEPS
    shifts[:, 2] += np.array(raised) / STEPS
    long, narrow = strength * random.normal(lower, [0.35, 0.4]) / STEPS
    lip = style is MUZZLED or random.random() < 0.3  # the upper lip alone is long
    bent = bent.copy()
    for _ in range(STEPS):
        for numbers, size, shift in zip((eyes, nose, mouth), sizes, shifts, strict=True):
            place = bent[marks[numbers]]
            reach = 0.9 * np.ptp(place[:, 0]) + 0.006
            for side in (1, -1) if numbers is eyes else (1,):
                middle = place.mean(axis=0) * [side, 1, 1]
                swell(bent, middle, reach, np.expm1(size), shift * [side, 1, 1])
        under = bent[marks[eyes], 2].mean() - bent[:, 2]
        height = bent[marks[eyes], 2].mean() - bent[marks[-3], 2]
        low = np.clip(under / height, 0, 1.2)
        down = np.clip((low - 0.38) / 0.24, 0, 1) if lip else low * np.minimum(low, 1)
        bent[:, 2] -= height * np.expm1(long) * (down * down * (3 - 2 * down) if lip else down)
        bent[:, 0] *= np.exp(narrow * low)
    return bent


def swell(bent: np.ndarray, middle: np.ndarray, reach: float, growth: np.ndarray | float, shift: np.ndarray) -> None:
    """Let what lies about a place of a head grow by a share and move, in place; less and less over `reach` metres."""
    away = bent - middle
    near = np.exp(-(away**2).sum(axis=1) / (2 * reach**2))[:, None]
    bent += near * (away * growth + shift)


def muzzle(bent: np.ndarray, marks: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Draw nose and mouth forward, as animals have them, or push them in."""
    if random.random() > 0.3:
        return bent
    middle = bent[marks[group("nostril", "mouth")]].mean(axis=0)
    reach = random.uniform(0.03, 0.05)
    out = bent.copy()
    swell(out, middle, reach, 0.0, np.array([0, -strength * random.uniform(-0.015, 0.05), 0]))
    return out


def waves(points: np.ndarray, strength: float, random: np.random.Generator) -> np.ndarray:
    """Give smooth displacements (V, 3): sums of waves 6 to 30 cm long, mostly the same on both sides."""
    out = np.zeros_like(points)
    for _ in range(8):
        length = random.uniform(0.06, 0.3)
        direction = random.normal(size=3)
        direction *= 2 * np.pi / length / np.linalg.norm(direction)
        phase, push = random.uniform(0, 6.3), random.normal(0, 0.012 * length, 3) * (0.2 + strength)
        both = points.copy()
        if random.random() < 0.8:
            both[:, 0] = np.abs(both[:, 0])
        wave = np.sin(both @ direction + phase)[:, None] * push
        if random.random() < 0.8:
            wave[:, 0] *= np.tanh(points[:, 0] / 0.01)
        out += wave
    return out
