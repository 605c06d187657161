"""Mixes captures into pairs of frames whose skull is known: expressions, skin slide, noise, outliers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from .crops import FACE
from .sources import OWN_NAMES


@dataclass(frozen=True)
class Pairs:
    """A batch in millimetres: still and posed (B, K, 3) with the skull at rest in both, covered, noise (B, K), change
    (B, K, 3) what expression and slide do, activity (B,) of the posed frame beyond the still one."""

    still: torch.Tensor
    posed: torch.Tensor
    covered: torch.Tensor
    noise: torch.Tensor
    change: torch.Tensor
    activity: torch.Tensor


class Table:
    """The captures of `tables`, ready to be mixed."""

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as file:
            stored = {name: file[name] for name in file.files}
        self.anchors = torch.from_numpy((stored["anchors"] - FACE.astype(np.float32)) * 1000)
        self.mirror = torch.from_numpy(stored["mirror"])
        self.still = torch.from_numpy((stored["still"] - FACE.astype(np.float32)) * 1000)
        self.covered = torch.from_numpy(stored["covered"]).float()
        self.noise = torch.from_numpy(stored["noise"])
        self.shapes, self.slide = torch.from_numpy(stored["shapes"]), torch.from_numpy(stored["slide"])
        self.own = stored["own"]
        self.names = ([str(n) for n in stored["ict_names"]], list(OWN_NAMES))
        self.partner = [_partners(names) for names in self.names]

    def draw(self, count: int, rng: np.random.Generator, rows: np.ndarray) -> Pairs:
        """Mix `count` pairs from the captures in `rows`."""
        chosen = rng.choice(rows, count)
        own = self.own[chosen]
        columns = self.shapes.shape[1]
        posed = _expressions(count, columns, own, self.partner, rng)
        calm = rng.random((count, 1)) < 0.6  # the still frame is no neutral in the others
        still = np.where(calm, 0, _expressions(count, columns, own, self.partner, rng) * rng.uniform(0, 1, (count, 1)))
        shapes, slide = self.shapes[chosen].float(), self.slide[chosen].float()
        flat = shapes.flatten(2)
        at_still, at_posed = (
            torch.bmm(torch.from_numpy(w).float()[:, None], flat).view(count, -1, 3) for w in (still, posed)
        )
        covered = self.covered[chosen]
        slid = np.abs(posed - still) * np.exp(rng.uniform(np.log(0.03), np.log(0.35), (count, 1)))
        drift = rng.normal(size=slid.shape) * (rng.random(slid.shape) < 0.1)
        slid = slid * rng.choice([-1, 1], slid.shape) + drift * np.exp(
            rng.uniform(np.log(0.01), np.log(0.2), (count, 1))
        )
        skin = torch.bmm(torch.from_numpy(slid).float()[:, None], slide.flatten(2)).view(count, -1, 3)
        change = at_posed - at_still + skin
        base = self.still[chosen] + at_still * covered[..., None]
        noise = self.noise[chosen]
        grain = torch.from_numpy(np.exp(rng.uniform(np.log(0.01), np.log(0.4), (count, 1, 1)))).float()
        blur = torch.randn(count, covered.shape[1], 3) * noise[..., None] * grain * 2**0.5
        wrong = (torch.rand(count, covered.shape[1], 1) < 0.04) * (torch.rand(count, 1, 1) < 0.15)
        blur = blur + wrong * torch.randn_like(blur) * 1.5
        share = covered / covered.sum(dim=1, keepdim=True)
        activity = ((at_posed.norm(dim=-1) - at_still.norm(dim=-1)) * share).sum(dim=1)
        pairs = Pairs(base, base + (change + blur) * covered[..., None], covered, noise, change, activity)
        return self._mirrored(pairs, torch.from_numpy(rng.random(count) < 0.5))

    def _mirrored(self, pairs: Pairs, which: torch.Tensor) -> Pairs:
        def flip(x: torch.Tensor) -> torch.Tensor:
            other = x[:, self.mirror]
            if x.ndim == 3:
                other = other * torch.tensor([-1.0, 1.0, 1.0])
            return torch.where(which.view(-1, *[1] * (x.ndim - 1)), other, x)

        arrays = {name: flip(getattr(pairs, name)) for name in ("still", "posed", "covered", "noise", "change")}
        return Pairs(**arrays, activity=pairs.activity)


def _partners(names: list[str]) -> np.ndarray:
    """For each shape its counterpart on the other side, or itself."""
    swap = {"_L": "_R", "_R": "_L", "Left": "Right", "Right": "Left"}
    made = []
    for k, name in enumerate(names):
        other = next((name[: -len(a)] + b for a, b in swap.items() if name.endswith(a)), name)
        alone = name.startswith(("jaw", "mouthLeft", "mouthRight"))
        made.append(k if alone or other not in names else names.index(other))
    return np.array(made)


def _expressions(
    count: int, columns: int, own: np.ndarray, partner: list[np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """Draw amounts (count, columns) of shapes: none, one, a few, many; mostly alike on both sides."""
    made = np.zeros((count, columns))
    for kind in (0, 1):
        rows = np.flatnonzero(own == bool(kind))
        shapes = len(partner[kind])
        often = np.select(
            [(u := rng.random((len(rows), 1))) < 0.06, u < 0.25, u < 0.85],
            [0.0, 1.2 / shapes, rng.uniform(2, 10, (len(rows), 1)) / shapes],
            0.5,
        )
        active = rng.random((len(rows), shapes)) < often
        amount = rng.random((len(rows), shapes)) ** rng.uniform(0.6, 2.5, (len(rows), 1)) * active
        both = rng.random((len(rows), shapes)) < rng.choice([0.0, 0.8], (len(rows), 1), p=[0.25, 0.75])
        tied = np.maximum(amount, amount[:, partner[kind]]) * rng.uniform(0.8, 1, amount.shape)
        amount = np.where(both & both[:, partner[kind]], tied, amount)
        made[rows, :shapes] = amount * np.where(often == 0.5, 0.35, 1)
    return made
