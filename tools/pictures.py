"""Renders the pictures of the docs from what is shipped, so that they never go stale.

.venv/bin/python tools/pictures.py docs/images [heads] [expressions] [turntable]
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp()
import bpy  # it reads the variable above while it is imported
from PIL import Image, ImageDraw

from headroom.addon.bridge import heads, render, studio
from headroom.core.head.generate import GenerateOptions, generate

Values = dict[str, float]


def both(name: str, value: float) -> Values:
    """A shape on both sides."""
    return {f"{name}Left": value, f"{name}Right": value}


PEOPLE: tuple[tuple[dict[str, Any], Values], ...] = (
    ({"seed": 113, "set": {"sex": 0.0, "age": 25.0}}, both("mouthSmile", 0.45) | both("cheekSquint", 0.2)),
    ({"seed": 109, "set": {"sex": 1.0, "age": 30.0}}, {}),
    ({"seed": 106, "set": {"age": 8.0, "weight": 0.5}}, {"jawOpen": 0.12} | both("mouthSmile", 0.6)),
    ({"seed": 108, "set": {"age": 70.0}}, {"browInnerUp": 0.5} | both("eyeSquint", 0.3)),
    ({"seed": 119, "set": {"sex": 0.0, "age": 25.0}}, both("eyeBlink", 1.0)),
    ({"seed": 103, "set": {"sex": 1.0, "age": 30.0}}, {"jawOpen": 0.35} | both("mouthSmile", 0.9)),
)
"""Options and the shapes that each head shows, in reading order."""

EXPRESSIONS: dict[str, Values] = {
    "jawOpen": {"jawOpen": 1},
    "jawOpen + mouthClose": {"jawOpen": 1, "mouthClose": 1},
    "mouthFunnel": {"mouthFunnel": 1},
    "mouthPucker": {"mouthPucker": 1},
    "mouthSmile": both("mouthSmile", 1),
    "mouthFrown": both("mouthFrown", 1),
    "mouthStretch": both("mouthStretch", 1),
    "mouthRoll": {"mouthRollLower": 1, "mouthRollUpper": 1},
    "mouthShrug": {"mouthShrugLower": 1, "mouthShrugUpper": 1},
    "mouthUpperUp, LowerDown": both("mouthUpperUp", 1) | both("mouthLowerDown", 1),
    "mouthLeft": {"mouthLeft": 1},
    "jawLeft": {"jawLeft": 1},
    "cheekPuff": {"cheekPuff": 1},
    "noseSneer": both("noseSneer", 1),
    "browDown": both("browDown", 1),
    "browInnerUp, OuterUp": {"browInnerUp": 1} | both("browOuterUp", 1),
    "eyeBlink": both("eyeBlink", 1),
    "eyeBlink 0.5": both("eyeBlink", 0.5),
    "eyeWide": both("eyeWide", 1),
    "eyeSquint, cheekSquint": both("eyeSquint", 1) | both("cheekSquint", 1),
    "eyeLookUp": both("eyeLookUp", 1),
    "eyeLookOutLeft, InRight": {"eyeLookOutLeft": 1, "eyeLookInRight": 1},
    "tongueOut": {"jawOpen": 0.5, "tongueOut": 1},
    "tongueTipUp": {"jawOpen": 0.5, "tongueTipUp": 1},
    "jawOpen + mouthSmile": {"jawOpen": 1} | both("mouthSmile", 1),
    "a laugh": {"jawOpen": 0.45} | both("mouthSmile", 1) | both("cheekSquint", 0.8) | both("eyeSquint", 0.5),
    "swallow": {"swallow": 1},
    "neckTension": {"neckTension": 1, "jawOpen": 0.2} | both("mouthStretch", 0.6),
}
"""The sheet: a caption and the shapes under it, left and right together where they mirror each other."""

SIZE, SMALL, COLUMNS, FRAMES = 360, 240, 3, 24
SHEET = GenerateOptions(seed=113, variety=0.75, set={"sex": 0.0, "age": 25.0})


def main() -> None:
    """Render what is named, or everything, into the folder given."""
    folder, wanted = Path(sys.argv[1]), sys.argv[2:] or ["heads", "expressions", "turntable"]
    if "heads" in wanted:
        tiles = [_portrait(GenerateOptions(variety=0.75, **options), shapes) for options, shapes in PEOPLE]
        _tiled(tiles, COLUMNS).save(folder / "heads.png", optimize=True)
    if "expressions" in wanted:
        _tiled(list(_expressions()), 7).save(folder / "expressions.png", optimize=True)
    if "turntable" in wanted:
        first, *others = _turntable()
        first.save(folder / "turntable.webp", save_all=True, append_images=others, duration=90, loop=0, quality=80)


def _portrait(options: GenerateOptions, shapes: Values) -> Image.Image:
    body = _scene(options)
    _show(body, shapes)
    return _shot(SIZE)


def _expressions() -> Iterator[Image.Image]:
    body = _scene(SHEET)
    for caption, shapes in EXPRESSIONS.items():
        _show(body, shapes)
        tile = _shot(SMALL)
        ImageDraw.Draw(tile).text((6, SMALL - 16), caption, fill=(235, 235, 235))
        yield tile


def _turntable() -> list[Image.Image]:
    """One turn of the head; light and camera stand still."""
    rig = heads.rig_of(_scene(SHEET))
    assert rig is not None
    frames = []
    for k in range(FRAMES):
        rig.rotation_euler = (0, 0, 2 * math.pi * k / FRAMES)
        bpy.context.view_layer.update()
        frames.append(_shot(SIZE))
    return frames


def _scene(options: GenerateOptions) -> bpy.types.Object:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    body = heads.add_head(generate(options))
    studio.set_up(body)
    return body


def _show(body: bpy.types.Object, shapes: Values) -> None:
    """Set these shapes and no others; those that drivers set follow."""
    driven = {curve.data_path for curve in body.data.shape_keys.animation_data.drivers}
    for key in body.data.shape_keys.key_blocks[1:]:
        if f'key_blocks["{key.name}"].value' not in driven:
            key.value = shapes.get(key.name, 0.0)
    bpy.context.view_layer.update()


def _shot(size: int) -> Image.Image:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "shot.png"
        render.still(path, size=size, samples=32)
        return Image.open(path).convert("RGB")


def _tiled(tiles: list[Image.Image], columns: int) -> Image.Image:
    width, height = tiles[0].size
    sheet = Image.new("RGB", (columns * width, -(-len(tiles) // columns) * height))
    for k, tile in enumerate(tiles):
        sheet.paste(tile, (k % columns * width, k // columns * height))
    return sheet


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # Blender as a module hangs at exit when add-on code still refers to it
