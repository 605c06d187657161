"""Renders the pictures of the README from what is shipped, so that they never go stale.

.venv/bin/python tools/pictures.py docs/images
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

from headroom.addon.bridge import heads, render, studio
from headroom.core.head.generate import GenerateOptions, generate

PEOPLE: tuple[tuple[dict[str, int], dict[str, float]], ...] = (
    ({"seed": 11}, {}),
    ({"seed": 4}, {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7, "cheekSquintLeft": 0.3, "cheekSquintRight": 0.3}),
    ({"seed": 2}, {"jawOpen": 0.35, "mouthFunnel": 0.4}),
    ({"seed": 8}, {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}),
    ({"seed": 14}, {"jawOpen": 0.18, "mouthSmileLeft": 0.5, "mouthSmileRight": 0.5, "browInnerUp": 0.5}),
    ({"seed": 21}, {"mouthPucker": 0.8, "browDownLeft": 0.5, "browDownRight": 0.5}),
)
"""Options and the shapes that each head shows, in reading order."""
COLUMNS, SIZE = 3, 360


def main() -> None:
    """Render the gallery into the folder given."""
    folder = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        tiles = [_portrait(options, shapes, Path(scratch) / "tile.png") for options, shapes in PEOPLE]
    rows = [np.concatenate(tiles[k : k + COLUMNS], axis=1) for k in range(0, len(tiles), COLUMNS)]
    _write(np.concatenate(rows[::-1]), folder / "heads.png")  # Blender counts rows from below


def _portrait(options: dict[str, Any], shapes: dict[str, float], path: Path) -> np.ndarray:
    """Render one head; gives (SIZE, SIZE, 4) float32, bottom row first."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    body = heads.add_head(generate(GenerateOptions(**options)))
    studio.set_up(body)
    for name, value in shapes.items():
        body.data.shape_keys.key_blocks[name].value = value
    render.still(path, size=SIZE, samples=48)
    image: Any = bpy.data.images.load(str(path))
    pixels = np.empty(SIZE * SIZE * 4, np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(SIZE, SIZE, 4)


def _write(pixels: np.ndarray, path: Path) -> None:
    image: Any = bpy.data.images.new("gallery", pixels.shape[1], pixels.shape[0])
    image.pixels.foreach_set(np.ascontiguousarray(pixels).ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # Blender as a module hangs at exit when add-on code still refers to it
