"""Plants lashes and brows: where each hair's root is on the skin, what it turns with, and how it is bent.

Every hair is a strip of quads that narrows to its tip. `core.head.hairs` grows them out of any face.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headroom.core.head.hairs import Hairs, frames

from .eyeball import QUARTER, SEGMENTS
from .layout import LID_FRONT, Layout
from .patches import Patch, placed

UPPER, LOWER, BROW = 46, 28, 120
"""Hairs of one upper lid, one lower lid, one brow."""
SECTIONS = {"lashes": 4, "brows": 3}
SKIPPED = {"lashes": 3, "brows": 6}
"""The game level keeps every n-th hair, with its two ends only."""


@dataclass(frozen=True)
class Planted:
    """Hairs of one part, left ones before right ones, with their faces as patches."""

    hairs: Hairs
    patches: list[Patch]
    part: str

    def partners(self) -> np.ndarray:
        """The mirror partner of each vertex, counted within the part."""
        count, each = self.hairs.offset.shape[:2]
        index = np.arange(count * each).reshape(2, count // 2, each // 2, 2)
        return index[::-1, :, :, ::-1].ravel()


def lashes(vertices: np.ndarray, layout: Layout, mirror: np.ndarray, eye: slice) -> Planted:
    """Lashes along the front edge of the lids. They turn with the line from the eye's middle to their root, so that
    they come down with the lid; eye: the left eyeball's vertices."""
    edge, inner = layout.lids(LID_FRONT), layout.lids(LID_FRONT + 1)
    size = len(edge)
    rng = np.random.default_rng(11)
    root, weight, frame, offset = [], [], [], []
    for count, span, sign in ((UPPER, (size / 2 + 1.0, size - 2.2), 1.0), (LOWER, (2.2, size / 2 - 1.0), -1.0)):
        at = np.linspace(*span, count) + rng.uniform(-0.1, 0.1, count)
        share = ((at - span[0]) / (span[1] - span[0])).clip(0, 1)
        if sign > 0:
            share = 1 - share  # 0 at the inner corner on both lids
        full = np.sin(np.pi * (0.12 + 0.83 * share**0.8)) ** 0.6
        length = (0.0088 if sign > 0 else 0.0052) * full * rng.uniform(0.85, 1.1, count)
        lean = np.interp(share, [0, 0.35, 1], [-0.35, 0.08, 0.75]) + rng.normal(0, 0.07, count)
        for a, long, side in zip(at, length, lean, strict=True):
            k, t = int(a), a % 1
            i, j = k % size, (k + 1) % size
            root.append([edge[i], edge[j], inner[i], inner[j]])
            weight.append([0.7 * (1 - t), 0.7 * t, 0.3 * (1 - t), 0.3 * t])
            outer, near = (edge[(k - 1) % size], edge[(k + 2) % size])
            frame.append([outer, near, eye.start + QUARTER, eye.start + QUARTER + SEGMENTS // 2])
            s = np.linspace(0, 1, SECTIONS["lashes"])
            rise = 0.18 * s + 0.62 * s**2 if sign > 0 else 0.45 * s + 0.15 * s**2
            line = np.stack([-sign * side * s * 0.8, s, rise], axis=1)  # x runs along the ring, z away from the eye
            line *= long / np.linalg.norm(np.diff(line, axis=0), axis=1).sum()
            offset.append(_strip(line, np.array([1.0, 0.0, 0.0]), 0.00034 if sign > 0 else 0.00026))
    return _both("lashes", root, weight, frame, offset, vertices, mirror, (0.757, 0.832), (0.912, 0.862))


def brows(vertices: np.ndarray, layout: Layout, mirror: np.ndarray, line: np.ndarray, width: np.ndarray) -> Planted:
    """Brow hairs lying on the skin; line (N, 3) runs along the left brow from its inner end, width (N,) half across."""
    rng = np.random.default_rng(5)
    half = layout.faces[(layout.faces < layout.count).all(axis=1)]
    shown = np.concatenate([layout.grid[layout.grid >= 0], *layout.rings["eye"][:5]])
    faces = half[np.isin(half, shown).all(axis=1)]
    corners = vertices[faces]
    middle = corners.mean(axis=1)
    root, weight, frame, offset = [], [], [], []
    line = np.concatenate(
        [line[:1] - 0.09 * (line[12] - line[0]) * [[3], [2], [1]], line]
    )  # hairs begin before the mark
    width = np.concatenate([width[:3], width])
    length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    for n in range(BROW):
        share = np.clip((n + rng.uniform(0, 1)) / BROW, 0, 0.995)
        across = rng.uniform(-1.25, 0.75) * (1 - 0.35 * share)
        at = share * length[-1]
        point = np.array([np.interp(at, length, line[:, k]) for k in range(3)])
        ahead = np.array([np.interp(at + 0.002, length, line[:, k]) for k in range(3)]) - point
        face = int(np.argmin(np.linalg.norm(middle - point, axis=1)))
        normal = np.cross(corners[face, 2] - corners[face, 0], corners[face, 3] - corners[face, 1])
        normal /= np.linalg.norm(normal)
        ahead = ahead - (ahead @ normal) * normal if at < length[-1] - 0.002 else line[-1] - line[-3]
        ahead /= np.linalg.norm(ahead)
        up = np.cross(normal, ahead)
        point = point + across * np.interp(at, length, width) * up
        face, share_uv = _on(faces, corners, middle, point)
        root.append(faces[face])
        weight.append(share_uv)
        far = faces[face][[3, 2]] if share_uv[:2].sum() > 0.5 else faces[face][:2]  # the edge not near the root
        frame.append([*faces[face][:2], *far])
        turn = np.interp(share, [0, 0.12, 0.5, 1], [1.35, 0.95, 0.42, 0.08]) - 0.28 * across + rng.normal(0, 0.1)
        long = np.interp(share, [0, 0.2, 0.7, 1], [0.0046, 0.0062, 0.0062, 0.0044]) * rng.uniform(0.8, 1.15)
        s = np.linspace(0, 1, SECTIONS["brows"])
        bend = turn - 0.5 * np.sign(across) * 0.5 * s
        step = np.cos(bend)[:, None] * ahead + np.sin(bend)[:, None] * up
        path = long * s[:, None] * step + (0.0002 + 0.0006 * s * (1.6 - s))[:, None] * normal
        side = np.cross(normal, step[0])
        offset.append(_strip(path, side, 0.00032))
    # offsets of brows were made in space; into the frames that carry them
    world = np.array(offset)
    turned = frames(vertices, np.array(root), np.array(weight), np.array(frame))[1]
    local = np.einsum("hkd,hed->hke", world, turned)
    return _both("brows", root, weight, frame, list(local), vertices, mirror, (0.552, 0.832), (0.665, 0.857))


def _on(faces: np.ndarray, corners: np.ndarray, middle: np.ndarray, point: np.ndarray) -> tuple[int, np.ndarray]:
    """The face nearest to a point, and the weights (4,) of its corners there."""
    best, result = np.inf, (0, np.full(4, 0.25))
    for face in np.argsort(np.linalg.norm(middle - point, axis=1))[:6]:
        a, b, c, d = corners[face]
        table = np.stack([(b + c - a - d) / 2, (c + d - a - b) / 2], axis=1)
        s, t = (np.linalg.lstsq(table, point - middle[face], rcond=None)[0] + 0.5).clip(0, 1)
        weight = np.array([(1 - s) * (1 - t), s * (1 - t), s * t, (1 - s) * t])
        away = float(np.linalg.norm(weight @ corners[face] - point))
        if away < best:
            best, result = away, (int(face), weight)
    return result


def _strip(line: np.ndarray, side: np.ndarray, width: float) -> np.ndarray:
    """A tapered strip along a line (K, 3): (2K, 3), both edges of a section one after the other."""
    half = width / 2 * np.linspace(1, 0.12, len(line))[:, None] * side
    return np.stack([line - half, line + half], axis=1).reshape(-1, 3)


def _both(
    part: str, root: list, weight: list, frame: list, offset: list, vertices: np.ndarray, mirror: np.ndarray,
    low: tuple[float, float], high: tuple[float, float],
) -> Planted:  # fmt: skip
    """Add the mirror images, in whose frames x runs the other way, and number the strips."""
    left = Hairs(np.array(root), np.array(weight), np.array(frame), np.array(offset))
    flipped = left.offset.reshape(len(root), -1, 2, 3)[:, :, ::-1].reshape(left.offset.shape)
    swapped = mirror[left.frame][:, [1, 0, 2, 3]]
    right = Hairs(mirror[left.root], left.weight, swapped, flipped * [-1, 1, 1])
    hairs = Hairs(*(np.concatenate(pair) for pair in zip(_fields(left), _fields(right), strict=True)))
    sections = SECTIONS[part]
    patches: list[Patch] = []
    count = len(root)
    step = (high[0] - low[0]) / count
    for k in range(2 * count):
        index = np.arange(2 * sections).reshape(sections, 2) + 2 * sections * k
        flat = np.stack(np.meshgrid([0.0, 1.0], np.arange(sections)), axis=-1)
        x = low[0] + (k % count) * step
        box = (x, low[1]), (x + 0.8 * step, high[1])
        if k >= count:
            box = (1 - box[1][0], low[1]), (1 - box[0][0], high[1])
        kept = (k % count) % SKIPPED[part] == 0
        rows = (0, sections - 1) if kept else (0,)
        patches += placed([Patch(index, rows, (0, 1), flat)], *box)
    return Planted(hairs, patches, part)


def _fields(hairs: Hairs) -> tuple[np.ndarray, ...]:
    return hairs.root, hairs.weight, hairs.frame, hairs.offset
