"""Makes the picture of docs/assets.md: every preview of an asset library, heads first.

.venv/bin/python tools/asset_pictures.py docs/images/assets.webp [LIBRARY]

Without LIBRARY one is made first; that takes minutes.
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
from PIL import Image, ImageDraw

from headroom.addon import library, registration
from headroom.core.assets import AssetOptions
from headroom.core.progress import silent

SIZE, COLUMNS, PAPER = 132, 10, (46, 48, 54)


def main() -> None:
    """Read the previews and tile them."""
    registration.register()
    target = Path(sys.argv[1])
    if len(sys.argv) > 2:
        folder = Path(sys.argv[2])
    else:
        folder = Path(tempfile.mkdtemp()) / "library"
        library.make(folder, AssetOptions(), False, silent, library.build)
    rows = [tile for name in ("Heads/*.blend", library.FACES, library.VISEMES) for tile in _tiles(folder, name)]
    sheet = Image.new("RGB", (COLUMNS * SIZE, -(-len(rows) // COLUMNS) * (SIZE + 14)), PAPER)
    for k, tile in enumerate(rows):
        sheet.paste(tile, (k % COLUMNS * SIZE, k // COLUMNS * (SIZE + 14)))
    sheet.save(target, quality=88)


def _tiles(folder: Path, pattern: str) -> list[Image.Image]:
    tiles = []
    for path in sorted(folder.glob(pattern)):
        kind = "collections" if path.parent != folder else "actions"
        libraries: Any = bpy.data.libraries
        with libraries.load(str(path), assets_only=True) as (there, wanted):
            setattr(wanted, kind, list(getattr(there, kind)))
        tiles += [_tile(one) for one in sorted(getattr(wanted, kind), key=lambda one: one.name)]
    return tiles


def _tile(thing: Any) -> Image.Image:
    """Draw a preview on gray, with its name under it."""
    width, height = thing.preview_ensure().image_size
    pixels = np.empty(width * height * 4, np.float32)
    thing.preview.image_pixels_float.foreach_get(pixels)
    shown = (pixels.reshape(height, width, 4)[::-1] * 255).round().astype(np.uint8)
    tile = Image.new("RGB", (SIZE, SIZE + 14), PAPER)
    picture = Image.fromarray(shown, "RGBA").resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    tile.paste(picture, (0, 0), picture)
    ImageDraw.Draw(tile).text((SIZE // 2, SIZE + 6), thing.name, fill=(225, 225, 225), anchor="mm")
    return tile


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # Blender as a module hangs at exit when add-on code still refers to it
