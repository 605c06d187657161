"""A small head and a small performance, made by rule: enough to test everything that does not need a model."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np

SIDES, RINGS = 24, 16


def ball(center: tuple[float, float, float], radius: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give a ball of quads: vertices (V, 3), faces (F, 4), texture coordinates per corner (F, 4, 2)."""
    turn = np.linspace(0, 2 * np.pi, SIDES, endpoint=False)
    tilt = np.linspace(0.05, np.pi - 0.05, RINGS)
    around, up = np.meshgrid(turn, tilt)
    points = np.stack([np.cos(around) * np.sin(up), np.sin(around) * np.sin(up), np.cos(up)], axis=-1)
    ring, side = np.meshgrid(np.arange(RINGS - 1), np.arange(SIDES), indexing="ij")
    after = (side + 1) % SIDES
    faces = np.stack(
        [ring * SIDES + side, (ring + 1) * SIDES + side, (ring + 1) * SIDES + after, ring * SIDES + after], -1
    )
    u, v = side / SIDES, ring / RINGS
    uv = np.stack([np.stack([u + a / SIDES, v + b / RINGS], -1) for a, b in ((0, 0), (0, 1), (1, 1), (1, 0))], axis=-2)
    return points.reshape(-1, 3) * radius + np.array(center), faces.reshape(-1, 4), uv.reshape(-1, 4, 2)


def joints(names: tuple[str, ...], spine: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Give joint heads and tails (J, 3): a neck that leans forward, each vertebra ending where the next begins."""
    heights = np.linspace(-0.09, 0.06, len(spine))
    heads = {name: (0.0, 0.03 - 0.1 * (height + 0.09), height) for name, height in zip(spine, heights, strict=True)}
    heads |= {"chest": (0.0, 0.035, -0.13), "jaw": (0.0, -0.01, 0.08), "larynx": (0.0, -0.05, -0.02)}
    heads |= {"eye.L": (0.03, -0.09, 0.12), "eye.R": (-0.03, -0.09, 0.12)}
    chain = ("chest", *spine)
    tails = {below: heads[above] for below, above in zip(chain, chain[1:], strict=False)}
    tails |= {"skull": (0.0, 0.0, 0.2), "jaw": (0.0, -0.1, 0.03), "larynx": (0.0, -0.05, 0.02)}
    tails |= {"eye.L": (0.03, -0.1, 0.12), "eye.R": (-0.03, -0.1, 0.12)}
    return tuple(np.array([where[name] for name in names], dtype=np.float32) for where in (heads, tails))


def head(head_class: Any, shape_names: tuple[str, ...], anatomy: Any) -> Any:
    """Make a `Head`: a skin ball on a neck, two eyes and a tongue; each shape moves it all down by its number / 4 mm.

    Below the skull the skin follows the vertebra at its height, above it the skull alone.
    """
    parts = {
        "skin": ball((0, 0, 0.1), 0.1), "eye_left": ball((0.03, -0.09, 0.12), 0.012),
        "eye_right": ball((-0.03, -0.09, 0.12), 0.012), "tongue": ball((0, -0.05, 0.06), 0.02),
    }  # fmt: skip
    points, faces, uv, names, offset = [], [], [], [], 0
    for name, (part_points, part_faces, part_uv) in parts.items():
        points.append(part_points)
        faces.append(part_faces + offset)
        uv.append(part_uv)
        names += [name] * len(part_faces)
        offset += len(part_points)
    neutral = np.concatenate(points).astype(np.float32)
    shapes = np.zeros((len(shape_names), len(neutral), 3), dtype=np.float32)
    for number in range(len(shape_names)):
        shapes[number, :, 2] = -(number + 1) * 0.00025
    heads, tails = joints(anatomy.JOINTS, anatomy.SPINE)
    weights = np.zeros((len(neutral), len(anatomy.JOINTS)), dtype=np.float32)
    spine = [anatomy.JOINTS.index(name) for name in ("chest", *anatomy.SPINE)]
    below = (neutral[:, 2][:, None] > heads[spine[1:], 2]).sum(axis=1)
    weights[np.arange(len(neutral)), np.array(spine)[below]] = 1
    for side, name in (("left", "eye.L"), ("right", "eye.R")):
        ball_of = np.unique(np.concatenate(faces)[np.array(names) == f"eye_{side}"])
        weights[ball_of] = np.eye(len(anatomy.JOINTS))[anatomy.JOINTS.index(name)]
    colors = np.tile(np.array([0.6, 0.3, 0.2, 1.0], dtype=np.float32), (len(neutral), 1))
    return head_class(
        neutral=neutral, faces=np.concatenate(faces).astype(np.int32), uv=np.concatenate(uv).astype(np.float32),
        part=np.array(names), region=np.array(["forehead" if name == "skin" else "" for name in names]),
        colors=colors, shape_names=shape_names, shapes=shapes,
        joint_names=anatomy.JOINTS, joint_parents=anatomy.PARENTS, joints=heads, joint_tails=tails,
        skin_weights=weights, attributes={"seed": 3}, provenance={"made_by": "test"},
    )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Identity:
    """Stands in for the model's identities: three numbers and attributes."""

    code: np.ndarray
    attributes: dict[str, float]

    def to_json(self) -> str:
        return json.dumps({"code": [float(number) for number in self.code], "attributes": self.attributes})

    @classmethod
    def from_json(cls, text: str) -> Identity:
        stored = json.loads(text)
        return cls(np.array(stored["code"]), stored["attributes"])


class People:
    """Stands in for the head model: a code of three numbers is an offset in metres, attributes make the head bigger."""

    def __init__(self, head: Any, attributes: dict[str, Any]) -> None:
        self.head, self.attributes = head, attributes
        self.asked: list[object] = []

    def identify(self, options: Any) -> Any:
        """Let the seed decide the offset; attributes that are not set stand in the middle."""
        self.asked.append(options)
        middle = {name: (rule.low + rule.high) / 2 for name, rule in self.attributes.items()}
        code = np.random.default_rng(options.seed).normal(0, 0.01, 3)
        return Identity(code, {**middle, **options.set})

    def vary(self, identity: Any, seed: int, amount: float, keep: tuple[str, ...]) -> Any:
        """Change the offset, and every attribute whose group is not kept."""
        rng = np.random.default_rng(seed)
        code = identity.code + amount * rng.normal(0, 0.01, 3)
        changed = {
            name: float(rng.uniform(rule.low, rule.high))
            for name, rule in self.attributes.items()
            if getattr(rule, "group", "Face") not in keep
        }
        return Identity(code, {**identity.attributes, **changed})

    def neutral(self, identity: Any, level: str = "standard") -> np.ndarray:
        """Move and grow the head; the game level has no tongue."""
        points = self.head.neutral * self.scale(identity) + np.asarray(identity.code, dtype=np.float32)
        return (points[: self.count(level)]).astype(np.float32)

    def carry(self, offsets: np.ndarray, before: str, after: str) -> np.ndarray:
        """Leave out or add the tongue, which then stays where it is."""
        kept = offsets[: self.count(after)]
        return np.concatenate([kept, np.zeros((self.count(after) - len(kept), 3), np.float32)])

    def sketch(self, identity: Any) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Color everything in the grey of the skin's tone; the image is half as large as the real one."""
        grey = np.array([*[identity.attributes["skin_tone"]] * 3, 1.0])
        parts = dict.fromkeys(self.head.part.tolist(), grey)
        return parts, np.tile(np.round(255 * grey).astype(np.uint8), (8, 8, 1))

    def decode(self, identity: Any, level: str = "standard", progress: Any = None, asked: Any = None) -> Any:
        """Make the whole head of a person."""
        head, count, scale = self.head, self.count(level), self.scale(identity)
        faces = (head.faces < count).all(axis=1)
        return dataclasses.replace(
            head, neutral=self.neutral(identity, level), faces=head.faces[faces], uv=head.uv[faces],
            part=head.part[faces], region=head.region[faces],
            shapes=head.shapes[:, :count] * np.float32(scale),
            joints=(head.joints * scale + identity.code).astype(np.float32),
            joint_tails=(head.joint_tails * scale + identity.code).astype(np.float32),
            skin_weights=head.skin_weights[:count], attributes={**(asked or {}), **identity.attributes},
            colors=np.tile(self.sketch(identity)[0]["skin"], (count, 1)).astype(np.float32),
            textures={"color": np.tile(self.sketch(identity)[1], (2, 2, 1))},
        )  # fmt: skip

    def scale(self, identity: Any) -> float:
        """Tell how much bigger a person is than the plain head."""
        return 1 + 0.02 * float(identity.attributes["nose_width"])

    def count(self, level: str) -> int:
        """Tell how many vertices a level has."""
        return len(self.head.neutral) - (SIDES * RINGS if level == "game" else 0)
