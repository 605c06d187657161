"""Renders the picture of docs/rig.md: heads that had no shapes, rigged by Headroom, speak a line.

.venv/bin/python tools/rig_pictures.py docs/images/any-head.png
.venv/bin/python tools/rig_pictures.py out/scan.png scan.obj ...

The first draws Suzanne, a cartoon head and a game head, the second any meshes: at rest, at an open vowel, with rounded
and with closed lips, and in a blink. What the rig took each vertex for, colors it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp()
import bpy  # it reads the variable above while it is imported
import numpy as np
from PIL import Image, ImageDraw

from headroom.addon import registration, verbs
from headroom.addon.bridge import render, rigging, studio
from headroom.addon.rigging import find_marks, open_meshes
from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.progress import silent
from headroom.core.rig.landmarks import NAMES, template_vertices
from headroom.core.rig.rig import Mesh, RiggedMesh, RigOptions, rig
from headroom.core.rig.surface import triangles_of
from headroom.core.speech.lipsync import LipsyncOptions, LipsyncResult, lipsync
from headroom.core.speech.sound import read
from headroom.training.rig.remeshed import remeshed
from headroom.training.rig.stylize import group, swell
from headroom.training.rig.suzanne import suzanne

ROOT = Path(__file__).resolve().parents[1]
LINE = ROOT / "docs/demo/line.flac"
FPS, SIZE = 30.0, 300
COLORS = {"skin": (0.62, 0.45, 0.36), "teeth_upper": (0.85, 0.82, 0.74), "teeth_lower": (0.85, 0.82, 0.74),
          "tongue": (0.6, 0.25, 0.24), "worn": (0.3, 0.3, 0.32), "on_skin": (0.08, 0.06, 0.05)}  # fmt: skip
WHITE, IRIS, PUPIL = (0.85, 0.85, 0.85), (0.12, 0.22, 0.3), (0.01, 0.01, 0.01)
CHIN = NAMES.index("menton")
ROUND = np.radians([14.0, 30.0])
"""From straight ahead to where pupil and iris end."""


def main() -> None:
    """Render a row for each head."""
    registration.register()
    heads: dict[str, Any] = {"Suzanne": monkey, "a cartoon head": cartoon, "a game head": game}
    if len(sys.argv) > 2:
        heads = {Path(name).stem: partial(opened, Path(name)) for name in sys.argv[2:]}
    said = lipsync(read(LINE), LipsyncOptions(fps=FPS))
    rows = [row(title, make(), said) for title, make in heads.items()]
    sheet = Image.new("RGB", (rows[0].width, SIZE * len(rows)))
    for number, one in enumerate(rows):
        sheet.paste(one, (0, number * SIZE))
    Path(sys.argv[1]).parent.mkdir(parents=True, exist_ok=True)
    sheet.save(sys.argv[1], optimize=True)


Cast = tuple[list[bpy.types.Object], np.ndarray | None]
"""Meshes of a head, and its landmarks where they are placed by hand."""


def monkey() -> Cast:
    """Suzanne, subdivided twice, with her landmarks, which nobody finds."""
    mesh, marks = suzanne(2)
    return [placed(mesh)], marks


def opened(path: Path) -> Cast:
    """A file's meshes."""
    return open_meshes(path, ()), None


def game() -> Cast:
    """One of our own heads, as coarse as games have them, as triangles."""
    head = generate(GenerateOptions(seed=7_100_000, level="game"))
    return [placed(Mesh(head.neutral.astype(np.float64), triangles_of(head.faces.astype(np.int64))))], None


def cartoon() -> Cast:
    """One of our own heads with large eyes, a small nose and a narrow jaw, decimated."""
    head = generate(GenerateOptions(seed=7_100_042))
    marks, bent = template_vertices(), head.neutral.astype(np.float64)
    for names, size, reach, shift in (
        ("eye.L", 1.75, 0.024, (0.004, -0.004, 0)), ("eye.R", 1.75, 0.024, (-0.004, -0.004, 0)),
        ("nostril", 0.7, 0.025, (0, 0, 0)), ("mouth", 1.1, 0.03, (0, 0, -0.002)),
    ):  # fmt: skip
        middle = bent[marks[group(names)]].mean(axis=0)
        for _ in range(6):
            swell(bent, middle, reach, np.expm1(np.log(size) / 6), np.array(shift) / 6)
    low, high = bent[marks[-3], 2], bent[marks[group("brow")], 2].mean()
    rise = (bent[:, 2] - low) / (high - low)
    bent[:, 0] *= 1 + 0.28 * np.clip(rise - 0.55, -1, 1)
    bent += 0.25 * np.clip(rise - 0.9, 0, 1)[:, None] * (bent - [0, -0.03, high])
    head.neutral[:] = bent
    return [placed(remeshed(head, "decimated")[0])], None


def placed(mesh: Mesh) -> bpy.types.Object:
    """Put a mesh into an empty scene."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    made = bpy.data.meshes.new("Head")
    made.from_pydata(mesh.vertices.tolist(), [], mesh.triangles.tolist())
    body = bpy.data.objects.new("Head", made)
    bpy.context.scene.collection.objects.link(body)
    return body


def row(title: str, cast: Cast, said: LipsyncResult) -> Image.Image:
    """Rig a head, let it speak, and render it at its most telling frames, and in a blink."""
    bodies, marks = cast
    gathered, options = rigging.gather(bodies), RigOptions()
    if marks is None:
        marks = find_marks(gathered, silent)
    made = rig(gathered.mesh, marks, options)
    rigging.write(gathered, made, options, bpy.context.scene)
    body: Any = bpy.context.view_layer.objects.active
    for number, one in enumerate(bodies):
        tint(one, made, gathered.part(number))
    verbs.speak(body, said, LINE, FPS)
    aim(studio.set_up(body), body, float(marks[CHIN, 2]))
    values = dict(zip(said.performance.channels, said.performance.values.T, strict=True))
    shut = values["mouthClose"] - 0.2 * values["jawOpen"]
    frames = {"rest": 0, "open": values["jawOpen"] - values["mouthClose"], "round": values["mouthFunnel"]
              + values["mouthPucker"], "closed": shut}  # fmt: skip
    tiles = [shot(1 + int(np.argmax(curve))) for curve in frames.values()]
    body.data.shape_keys.animation_data.action = None
    for key in body.data.shape_keys.key_blocks[1:]:
        key.value = float(key.name in ("eyeBlinkLeft", "eyeBlinkRight"))
    tiles.append(shot(1))
    made_row = Image.new("RGB", (SIZE * len(tiles), SIZE))
    for number, (tile, what) in enumerate(zip(tiles, [*frames, "blink"], strict=True)):
        made_row.paste(tile, (number * SIZE, 0))
        ImageDraw.Draw(made_row).text((number * SIZE + 6, SIZE - 16), f"{title}, {what}", fill=(235, 235, 235))
    return made_row


def aim(camera: Any, body: bpy.types.Object, chin: float) -> None:
    """Let a camera see the head down to a little below its chin, whatever its bones say."""
    low, high = studio.face_box(body)
    tall = 1.22 * (high[2] - chin)
    middle = np.array([*(low + high)[:2] / 2, high[2] - tall / 2])
    away = np.array(camera.location) - (low + high) / 2
    camera.location = middle + away * max(tall, 0.62 * (high[0] - low[0])) / (high[2] - low[2])


def tint(body: bpy.types.Object, made: RiggedMesh, part: slice) -> None:
    """Color the vertices of an object by what they are, and shade it smooth."""
    pieces, points = made.piece[part], made.frame.inward(made.points[part])
    colors = np.ones((len(points), 4))
    for piece in np.unique(pieces):
        some = pieces == piece
        if not piece.startswith("eye"):
            colors[some, :3] = COLORS[piece]
            continue
        away = points[some] - (points[some].max(axis=0) + points[some].min(axis=0)) / 2
        angle = np.arccos(np.clip(-away[:, 1] / np.linalg.norm(away, axis=1), -1, 1))
        colors[some, :3] = np.select([(angle < edge)[:, None] for edge in ROUND], [PUPIL, IRIS], WHITE)
    mesh: Any = body.data
    mesh.color_attributes.new("Color", "FLOAT_COLOR", "POINT").data.foreach_set("color", colors.ravel())
    mesh.shade_smooth()
    material: Any = bpy.data.materials.new("Head")
    material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Roughness"].default_value = 0.45
    source = material.node_tree.nodes.new("ShaderNodeVertexColor")
    source.layer_name = "Color"
    material.node_tree.links.new(source.outputs["Color"], shader.inputs["Base Color"])
    mesh.materials.clear()
    mesh.materials.append(material)


def shot(frame: int) -> Image.Image:
    """Render one frame."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "shot.png"
        render.still(path, SIZE, 16, frame)
        return Image.open(path).convert("RGB")


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # Blender as a module hangs at exit when add-on code still refers to it
