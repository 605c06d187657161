"""Rig: a head that has no shapes gets all of ours, and bones, without a change to what it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .. import weights
from ..errors import InputError
from ..head.clearance import LID_EDGE, LIP_INNER
from ..head.correctives import CORRECTIVES, FOLLOW, SHAPE_NAMES
from ..head.decode import openings
from ..performance import ARKIT_52
from ..progress import Progress, part, silent
from .check_mesh import fatal
from .fit import fit, front, place, surface
from .frame import Frame
from .lay import lay
from .lines import holes_of, lid_lines, lip_lines
from .pieces import KINDS, balls_of, eyes_of, kinds_of, skin_of
from .rig_options import RigOptions
from .rigging import move
from .shapes import shape
from .surface import Mesh, Nearest
from .winding import consistent

__all__ = ["Mesh", "RigOptions", "RiggedMesh", "rig"]

TINY = 1e-5
"""Metres below which a vertex stays, so that files need not hold it."""
OFF = 0.05
"""Metres, of a head of usual size, by which the median of a face may lie off the mesh."""


@dataclass(frozen=True)
class RiggedMesh:
    """What a mesh gets, in its own unit and place, vertex by vertex.

    points (V, 3): the mesh at rest. shape_names (S,) and shapes (S, V, 3) float32: what each adds at value 1.
    joint_names (J,), joint_parents (J,) with -1 for the root, joints and joint_tails (J, 3), weights (V, J) with rows
    that sum to 1. piece (V,) str: one of `pieces.KINDS`. frame: where a head of usual size and direction lies in the
    mesh. error: the median distance of the face from the template laid over it, in parts of the head's height.
    warnings: what an artist should look at.
    """

    points: np.ndarray
    shape_names: tuple[str, ...]
    shapes: np.ndarray
    joint_names: tuple[str, ...]
    joint_parents: tuple[int, ...]
    joints: np.ndarray
    joint_tails: np.ndarray
    weights: np.ndarray
    piece: np.ndarray
    frame: Frame
    error: float
    warnings: tuple[str, ...]


def rig(
    mesh: Mesh, landmarks: np.ndarray, options: RigOptions | None = None, progress: Progress = silent
) -> RiggedMesh:
    """Give shapes, bones and weights to a head, by landmarks (54, 3) in the order of `landmarks.NAMES`, in its space;
    those that are NaN are not known. Raises `InputError` when it is no head, `WeightsError` on damaged weights."""
    options = options or RigOptions()
    checked(mesh)
    marks = np.asarray(landmarks, np.float64)
    progress(0.0, "Looking at the pieces")
    first = place(marks)
    mesh = outside_out(consistent(mesh), marks, first)
    rough = Mesh(first.inward(mesh.vertices), mesh.triangles)
    eyes = eyes_of(rough, first.inward(marks))
    of_triangle = mesh.piece[mesh.triangles[:, 0]]
    usable = (eyes == 0)[of_triangle]
    if not usable.any():
        raise InputError("the mesh is all eyes: pick the mesh with the skin")
    person = fit(mesh, marks, usable, part(progress, 0.05, 0.3))
    target = Mesh(person.frame.inward(mesh.vertices), mesh.triangles)
    inner = person.frame.inward(marks)
    skin = skin_of(target, person.posed, surface(), eyes)
    if not skin.any():
        raise InputError("there is no face at the landmarks: find them again, or place them one by one")
    balls = balls_of(target, eyes)
    holes = holes_of(target, skin[of_triangle], eyes[of_triangle], balls)
    lids, lips = lid_lines(holes, person.posed), lip_lines(inner, person)
    lines = np.concatenate([lids[0], lips[0]]), np.concatenate([lids[1], lips[1]])
    laid = lay(person, target, inner, skin[of_triangle], lines, part(progress, 0.3, 0.5))
    fitted = shape(person, laid, balls, part(progress, 0.5, 0.75))
    error = distance_of(fitted.vertices, target, skin[of_triangle])
    if error > OFF:
        raise InputError("no face fits this mesh at its landmarks: find them again, or place them one by one")
    kind = kinds_of(target, fitted.vertices, skin, eyes, surface())
    blind = tuple(side for number, side in ((1, "Left"), (2, "Right")) if not (eyes == number).any())
    fused = tuple(name for name, rings in insides().items() if not opens(target, laid, rings, skin[of_triangle]))
    fused = tuple(name for name in fused if name == "mouth" or name in blind)
    moved = move(target, kind, fitted, balls, holes, fused, part(progress, 0.75, 0.95))
    names = weights.load("template").config["joints"]
    kept = np.array([wanted(options)(name) for name in SHAPE_NAMES])
    shapes = moved.shapes if kept.all() else moved.shapes[kept]
    for delta in shapes:  # one by one: all of them may be gigabytes
        delta[(np.abs(delta) < TINY).all(axis=1)] = 0
        delta[:] = person.frame.outward_deltas(delta)
    count, joints = len(names), person.frame.outward(fitted.joints)
    progress(1.0, "Rigged")
    return RiggedMesh(
        points=mesh.vertices,
        shape_names=tuple(name for name, keep in zip(SHAPE_NAMES, kept, strict=True) if keep),
        shapes=shapes,
        joint_names=tuple(names) if options.bones else (),
        joint_parents=tuple(weights.load("template").config["parents"]) if options.bones else (),
        joints=joints[:count] if options.bones else joints[:0],
        joint_tails=joints[count:] if options.bones else joints[:0],
        weights=moved.weights if options.bones else moved.weights[:, :0],
        piece=np.array(KINDS)[kind],
        frame=person.frame,
        error=error / 0.24,
        warnings=tuple(warnings_of(moved.doubtful, blind, fused, person.ajar)),
    )


def checked(mesh: Mesh) -> None:
    """Refuse what is no surface. Raises `InputError`."""
    for flaw in fatal(mesh.vertices, mesh.triangles):
        raise InputError(flaw.why)


def outside_out(mesh: Mesh, marks: np.ndarray, frame: Frame) -> Mesh:
    """Give the mesh with its faces looking outward: most of the skin at the landmarks must look forward."""
    known = marks[np.isfinite(marks).all(axis=1)]
    normals = mesh.facing[Nearest(mesh, 0.0)(known)[0]] @ frame.turn
    return Mesh(mesh.vertices, mesh.triangles[:, ::-1]) if np.median(normals[:, 1]) > 0 else mesh


def wanted(options: RigOptions) -> Callable[[str], bool]:
    """Tell which shapes options ask for."""

    def keep(name: str) -> bool:
        if name in CORRECTIVES:
            return options.correctives and options.shapes == "all"
        if name in FOLLOW:
            return options.bones and options.shapes == "all"
        return options.shapes == "all" or name in ARKIT_52

    return keep


def insides() -> dict[str, np.ndarray]:
    """The template's vertices just behind the edges of lips and lids, by opening: "mouth", "Left", "Right"."""
    mouth, *eyes = openings()
    lids = {eye.side: np.unique(eye.rings[LID_EDGE + 1 : LID_EDGE + 5]) for eye in eyes}
    return {"mouth": np.unique(mouth.rings[LIP_INNER - 3 : LIP_INNER + 1]), **lids}


def opens(target: Mesh, laid: np.ndarray, inner: np.ndarray, usable: np.ndarray) -> bool:
    """Tell whether lips or lids go on inward: surface lies where their laid insides (N, 3) are, facing as they do."""
    normals = Mesh(laid, surface()).normals[inner]
    index, _, _, distance = Nearest(target, 0.004, 0.002, usable)(laid[inner], normals)
    return bool(((distance < 0.003) & ((target.facing[index] * normals).sum(axis=1) > 0.4)).mean() > 0.5)


def distance_of(template: np.ndarray, target: Mesh, usable: np.ndarray) -> float:
    """Median distance of the face's front of the template (V, 3) from the target, metres of a head of usual size."""
    return float(np.median(Nearest(target, 0.0, 0.004, usable)(template[front()])[3]))


def warnings_of(doubtful: float, blind: tuple[str, ...], fused: tuple[str, ...], ajar: float) -> list[str]:
    """Say what an artist should look at."""
    said = []
    if blind:
        sides = " and ".join(blind).lower()
        said.append(
            f"no separate eyeball found ({sides}): lids close over the surface, the look shapes move lids alone"
        )
    if "mouth" in fused:
        said.append("the lips have no opening: the surface between them stretches when the mouth opens")
    if ajar:
        said.append("the mouth is open at rest: shapes start from there")
    if doubtful > 0.3:
        said.append(f"{doubtful:.0%} of the skin has no clear counterpart on a face and follows what lies beside it")
    return said
