"""A generated head that talks and shakes, as a capture of every kind; shared by the tests of the Stabilize button."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

FRAMES, FIRST = 9, 5
SLIDERS = {"jawOpen": 0.3, "mouthSmileLeft": 0.5, "mouthSmileRight": 0.4, "eyeBlinkLeft": 0.7, "browInnerUp": 1.1}
_heads: list[object] = []


@pytest.fixture
def head(part):
    """A generated head at the game level, made once."""
    if not _heads:
        generate = part("core.head.generate")
        _heads.append(generate.generate(generate.GenerateOptions(seed=5, level="game")))
    return _heads[0]


@pytest.fixture
def motion():
    """A shaking skull (FRAMES, 4, 4); it rests in the first frame."""
    from scipy.spatial.transform import Rotation

    rng = np.random.default_rng(2)
    made = np.tile(np.eye(4), (FRAMES, 1, 1))
    made[1:, :3, :3] = Rotation.from_rotvec(rng.normal(size=(FRAMES - 1, 3)) * 0.2).as_matrix()
    made[1:, :3, 3] = rng.normal(size=(FRAMES - 1, 3)) * 0.05
    return made


def values(frame: int) -> dict[str, float]:
    """The face that is made in a frame; none in the first."""
    return {name: max(0.0, float(np.sin(frame * pace))) * 0.8 for name, pace in SLIDERS.items()}


@pytest.fixture
def still(head):
    """The talking face on a skull that rests (FRAMES, V, 3)."""
    return np.stack([head.pose(values(frame)) for frame in range(FRAMES)])


@pytest.fixture
def take(part, head, still, motion):
    """The same as a capture: one mesh in world space."""
    frames = np.einsum("fij,fvj->fvi", motion[:, :3, :3], still) + motion[:, None, :3, 3]
    names = part("core.formats.times").scene_names(range(FIRST, FIRST + FRAMES))
    return part("core.sequence").MeshSequence(frames.astype(np.float32), 24.0, head.faces, names)


@pytest.fixture
def animated(part, head, motion):
    """A head whose shape keys and whose rig are animated."""
    from mathutils import Matrix

    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = FIRST, FIRST + FRAMES - 1
    body = part("addon.bridge.heads").add_head(head)
    keys = body.data.shape_keys.key_blocks
    for frame in range(FRAMES):
        for name, value in values(frame).items():
            keys[name].value = value
            keys[name].keyframe_insert("value", frame=FIRST + frame)
        body.parent.matrix_world = Matrix(motion[frame].tolist())
        body.parent.keyframe_insert("location", frame=FIRST + frame)
        body.parent.keyframe_insert("rotation_euler", frame=FIRST + frame)
    scene.frame_set(FIRST + 3)
    return body


@pytest.fixture
def played(part, take, tmp_path):
    """Make a mesh that plays the capture from a file of some kind."""

    def make(kind: str):
        scene = bpy.context.scene
        writer, sequences = part("addon.bridge.sequence_files"), part("core.formats.sequences")
        if kind == "abc":
            writer.write(tmp_path / "take.abc", take)
            bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
            bpy.ops.wm.alembic_import(filepath=str(tmp_path / "take.abc"))
            return next(one for one in bpy.context.scene.objects if one.type == "MESH")
        body = writer.add_mesh("Take", take)
        sequences.write(tmp_path / f"take.{kind}", take)
        writer.add_cache(body, tmp_path / f"take.{kind}", take)
        body.modifiers[0].cache_format = kind.upper()
        scene.frame_set(FIRST)
        return body

    return make


def choose(body) -> None:
    bpy.context.view_layer.update()
    body.select_set(True)
    bpy.context.view_layer.objects.active = body


def press(**settings):
    assert bpy.ops.headroom.stabilize(**({"neutral": False, "frame": FIRST} | settings)) == {"FINISHED"}
    return bpy.context.active_object


def cached(part, body) -> np.ndarray:
    """What a stabilized face plays, (F, V, 3)."""
    return part("addon.bridge.stabilized").sequence_of(body).vertices[:]


def seen(part, body, frame: int) -> np.ndarray:
    bpy.context.scene.frame_set(FIRST + frame)
    return part("addon.bridge.meshes").evaluated_points(body)


def fingerprint(part, body) -> str:
    """Everything of an object that a button could harm."""
    compat, meshes = part("addon.compat"), part("addon.bridge.meshes")
    keys = body.data.shape_keys
    owners = [one for one in (body, keys, body.parent) if one is not None and one.animation_data is not None]
    curves = [
        (curve.data_path, [tuple(point.co) for point in curve.keyframe_points])
        for owner in owners
        if owner.animation_data.action is not None
        for curve in compat.fcurves(owner.animation_data.action)
    ]
    points = [hash(meshes.points_of(key).tobytes()) for key in keys.key_blocks] if keys is not None else []
    mesh = hash(meshes.points_of(body.data.vertices).tobytes())
    tracks = [len(owner.animation_data.nla_tracks) for owner in owners]
    modifiers = [(one.type, one.name) for one in body.modifiers]
    properties = sorted(body.keys())
    return repr((curves, points, mesh, tracks, modifiers, properties, str(body.parent), str(body.matrix_basis)))


def from_the_command_line(part, path: Path, tmp_path: Path, *more: str) -> dict[str, np.ndarray]:
    code = part("addon.cli").run(["stabilize", str(path), "-o", str(tmp_path / "out.npz"), "--reference", "0", *more])
    assert code == 0
    with np.load(tmp_path / "out.npz") as stored:
        return dict(stored)


def off_by(frames: np.ndarray, still: np.ndarray) -> np.ndarray:
    return 1000 * np.linalg.norm(frames - still, axis=2).mean(axis=1)
