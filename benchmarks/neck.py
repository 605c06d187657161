"""How well a neck keeps its volume at the limits of its motions, beside a neck that one bone bends.

python -m headroom.benchmarks.neck --seeds 0 1 2
"""

from __future__ import annotations

import argparse

import numpy as np

from ..core.head.anatomy import JOINTS, PARENTS, SPINE, limit, spread
from ..core.head.correctives import FOLLOW
from ..core.head.generate import GenerateOptions, generate
from ..core.head.head import Head

MOTIONS = {
    "flexion": ((1, 0, 0), "neckFollowFlexion"),
    "extension": ((-1, 0, 0), "neckFollowExtension"),
    "lateral": ((0, 1, 0), None),
    "axial": ((0, 0, 1), "neckFollowTurnLeft"),
}


def main() -> None:
    """Print the neck's volume at each limit, as a part of that at rest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    args = parser.parse_args()
    for seed in args.seeds:
        for motion, row in measure(generate(GenerateOptions(seed=seed))).items():
            print(f"seed {seed} {motion}: " + ", ".join(f"{name} {value:.3f}" for name, value in row.items()))


def measure(head: Head) -> dict[str, dict[str, float]]:
    """Give the neck's volume after each motion: bent by one bone, by the chain, by the chain with its follower."""
    weights = head.skin_weights.astype(np.float64)
    rest = head.neutral.astype(np.float64)
    vertebrae = weights[:, [JOINTS.index(name) for name in SPINE[:-1]]].sum(axis=1)
    faces = head.faces[(vertebrae[head.faces] > 0.02).all(axis=1) & (head.part == "skin")]
    chain = [JOINTS.index(name) for name in ("chest", *SPINE)]
    single = np.zeros_like(weights)
    risen = weights[:, chain] @ np.linspace(0, 1, len(chain)) + weights[:, JOINTS.index("jaw")]
    single[:, 0], single[:, JOINTS.index("C4")] = 1 - risen, risen
    whole, result = volume(rest, faces), {}
    for motion, (axis, follower) in MOTIONS.items():
        turn = np.array(axis, float) * limit(motion)
        moves = spread(turn)
        row = {
            "one bone": posed(rest, single, head.joints, {"C4": turn}),
            "chain": posed(rest, weights, head.joints, moves),
        }
        if follower in FOLLOW:
            swollen = rest + head.shapes[head.shape_names.index(follower)]
            row["chain, following"] = posed(swollen, weights, head.joints, moves)
        result[motion] = {name: volume(points, faces) / whole for name, points in row.items()}
    return result


def posed(rest: np.ndarray, weights: np.ndarray, joints: np.ndarray, turns: dict[str, np.ndarray]) -> np.ndarray:
    """Give vertices (V, 3) after linear blend skinning with joints turned about their axes by `turns` in radians."""
    rotation, origin = np.zeros((len(JOINTS), 3, 3)), np.zeros((len(JOINTS), 3))
    for k, (name, parent) in enumerate(zip(JOINTS, PARENTS, strict=True)):
        own = _matrix(turns.get(name, np.zeros(3)))
        rotation[k] = own if parent < 0 else rotation[parent] @ own
        origin[k] = joints[k] if parent < 0 else origin[parent] + rotation[parent] @ (joints[k] - joints[parent])
    moved = np.einsum("jab,vjb->vja", rotation, rest[:, None] - joints) + origin
    return np.einsum("vj,vja->va", weights, moved)


def volume(points: np.ndarray, faces: np.ndarray) -> float:
    """Give the volume inside quads (F, 4) whose open ends are closed by fans to their middles, cubic metres."""
    corners = points[faces] - points[np.unique(faces)].mean(axis=0)
    a, b, c, d = (corners[:, k] for k in range(4))
    total = (np.cross(a, b) * c).sum() + (np.cross(a, c) * d).sum()
    sides = np.concatenate([faces[:, [k, (k + 1) % 4]] for k in range(4)])
    back = {(int(q), int(p)) for p, q in sides}
    following = {int(p): int(q) for p, q in sides if (int(p), int(q)) not in back}
    center = points[np.unique(faces)].mean(axis=0)
    while following:
        loop = [next(iter(following))]
        while loop[-1] in following:
            loop.append(following.pop(loop[-1]))
        ring = points[loop] - center
        total += (np.cross(ring[1:], ring[:-1]) @ ring[:-1].mean(axis=0)).sum()
    return float(total / 6)


def _matrix(turn: np.ndarray) -> np.ndarray:
    angle = float(np.linalg.norm(turn))
    if angle == 0:
        return np.eye(3)
    x, y, z = turn / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


if __name__ == "__main__":
    main()
