"""Renders the wireframe of every level of detail for the docs, from what is shipped.

.venv/bin/python tools/wireframe.py docs/images
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp()
import bpy  # it reads the variable above while it is imported
import numpy as np
from mathutils import Vector

from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.head.head import LEVELS, Head
from headroom.core.head.levels import at_level

SIZE = 520
LINE = {"game": 0.00045, "standard": 0.00030, "film": 0.00012}
"""Thickness of the lines, metres."""
VIEWS = (((0.0, 0.0, -0.015), (0.42, -1.0, 0.06), 0.74), ((0.012, -0.1, -0.005), (0.25, -1.0, 0.04), 0.30))
"""What is looked at, from which direction, and from how far; metres."""


def main() -> None:
    """Render two views of each level, side by side, into wireframe.png in the folder given."""
    head = generate(GenerateOptions(seed=0, variety=0.0))
    save({level: at_level(head, level) for level in LEVELS}, Path(sys.argv[1]) / "wireframe.png")


def save(levels: dict[str, Head], path: Path) -> None:
    """Render a head at its levels into one picture: a column for each level, a row for each view."""
    with tempfile.TemporaryDirectory() as scratch:
        rows = [
            np.concatenate([_tile(level, one, view, Path(scratch)) for level, one in levels.items()], axis=1)
            for view in VIEWS
        ]
    picture = np.concatenate(rows[::-1])  # Blender counts rows from below
    image: Any = bpy.data.images.new("wireframe", picture.shape[1], picture.shape[0])
    image.pixels.foreach_set(np.ascontiguousarray(picture).ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()


def _tile(level: str, head: Head, view: tuple[Any, Any, float], scratch: Path) -> np.ndarray:
    """Give one rendered tile (SIZE, SIZE, 4) float32, bottom row first."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene: Any = bpy.context.scene
    scene.render.engine, scene.render.resolution_x, scene.render.resolution_y = "BLENDER_WORKBENCH", SIZE, SIZE
    scene.display.render_aa, scene.display.shading.color_type = "8", "MATERIAL"
    scene.view_settings.view_transform = "Standard"
    scene.world = bpy.data.worlds.new("World")
    scene.world.color = (0.9, 0.9, 0.9)
    skin = np.isin(head.part, ("skin",))
    _solid(head, skin, (0.72, 0.56, 0.47))
    _solid(head, np.isin(head.part, ("eye_left", "eye_right", "teeth_upper", "teeth_lower")), (0.85, 0.85, 0.83))
    _solid(head, np.isin(head.part, ("lashes", "brows")), (0.10, 0.07, 0.05))
    lines = _solid(head, skin, (0.03, 0.07, 0.16))
    wire: Any = lines.modifiers.new("Wire", "WIREFRAME")
    wire.thickness, wire.offset, wire.use_even_offset = LINE[level], 1.0, False
    aim, direction, distance = view
    lens: Any = bpy.data.cameras.new("Camera")
    lens.lens, lens.clip_start = 85.0, 0.001
    camera = bpy.data.objects.new("Camera", lens)
    scene.collection.objects.link(camera)
    camera.location = Vector(aim) + Vector(direction).normalized() * distance
    camera.rotation_euler = (Vector(aim) - camera.location).to_track_quat("-Z", "Y").to_euler()
    scene.camera = camera
    path = scratch / "tile.png"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    image: Any = bpy.data.images.load(str(path))
    pixels = np.empty(SIZE * SIZE * 4, np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(SIZE, SIZE, 4)


def _solid(head: Head, faces: np.ndarray, color: tuple[float, float, float]) -> bpy.types.Object:
    mesh = bpy.data.meshes.new("Part")
    mesh.from_pydata(head.neutral.tolist(), [], head.faces[faces].tolist())
    mesh.polygons.foreach_set("use_smooth", np.ones(int(faces.sum()), bool))
    material = bpy.data.materials.new("Part")
    material.diffuse_color = (*color, 1.0)
    mesh.materials.append(material)
    made = bpy.data.objects.new("Part", mesh)
    bpy.context.scene.collection.objects.link(made)
    return made


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # Blender as a module hangs at exit when add-on code still refers to it
