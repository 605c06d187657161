"""Renders the pictures of docs/stabilize.md: a capture that shakes, before and after, and the graphs of it.

.venv/bin/python tools/stabilize_pictures.py docs/images
"""

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp()
import bpy  # it reads the variable above while it is imported
import matplotlib
import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

matplotlib.use("Agg")
from matplotlib import pyplot

from headroom.addon import compat, registration
from headroom.addon.bridge import sequence_files, stabilized, studio
from headroom.core.formats import pc2
from headroom.core.head.generate import GenerateOptions, generate
from headroom.core.head.head import Head
from headroom.core.sequence import MeshSequence
from headroom.core.speech.lipsync import LipsyncOptions, lipsync
from headroom.core.speech.sound import read

ROOT = Path(__file__).resolve().parents[1]
LINE = ROOT / "docs/demo/line.flac"
PERSON = GenerateOptions(seed=103, variety=0.75, set={"sex": 1.0, "age": 30.0})
FPS, FRAMES, SIZE = 24.0, 120, 260
SHOWN = (10, 33, 52, 76, 100)
"""Frames that stand side by side."""
LOST = range(84, 94)
"""Frames in which the tracker loses the face."""
OVERLAID = [frame for frame in range(4, 116, 7) if frame not in LOST]
"""Frames that are laid over each other."""
WAVES = 40


def main() -> None:
    """Render both pictures into the folder given."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    registration.register()
    folder, head = Path(sys.argv[1]), generate(PERSON)
    still = performed(head)
    rested, take = shaken(still)
    take = dataclasses.replace(take, faces=head.faces)
    with tempfile.TemporaryDirectory() as scratch:
        body = played(take, Path(scratch))
        light(body)
        rows = [row(body, "before")]
        operators: Any = bpy.ops
        operators.headroom.stabilize(neutral=False, frame=1)
        face = bpy.context.active_object
        off = 1000 * np.linalg.norm(stabilized.sequence_of(face).vertices[:] - rested, axis=2).mean(axis=1)
        graph(face, off, folder / "stabilize-graph.png")
        face.parent = None  # nothing carries it any more
        face.matrix_world.identity()
        rows.append(row(face, "after"))
    sheet = Image.new("RGB", (rows[0].width, 2 * rows[0].height))
    for k, one in enumerate(rows):
        sheet.paste(one, (0, k * one.height))
    sheet.save(folder / "stabilize.png", optimize=True)


def performed(head: Head) -> np.ndarray:
    """A line spoken with some life in the upper face, on a skull that rests (F, V, 3)."""
    take = lipsync(read(LINE), LipsyncOptions(fps=FPS)).performance.flatten()
    frames = []
    for frame in range(FRAMES):
        row = take.values[min(frame, take.frame_count - 1)] * (frame > 0)
        values = dict(zip(take.channels, map(float, row), strict=True))
        values = {name: value for name, value in values.items() if name in head.shape_names}
        blink = float(np.exp(-(((frame % 41 - 20) / 1.6) ** 2)))
        brow = 0.7 * max(0.0, float(np.sin(frame / 9)))
        smile = 0.5 * max(0.0, float(np.sin(frame / 17 + 1)) * (frame > 0))
        for side in ("Left", "Right"):
            values |= {f"eyeBlink{side}": blink, f"browOuterUp{side}": brow, f"mouthSmile{side}": smile}
        values["browInnerUp"] = brow
        frames.append(head.pose(values))
    return np.stack(frames)


def shaken(still: np.ndarray) -> tuple[np.ndarray, MeshSequence]:
    """What a capture makes of it, without and with the motion of a swaying, trembling head: 0.1 mm of noise, a loss."""
    rng = np.random.default_rng(3)
    sway = gaussian_filter1d(rng.normal(size=(FRAMES, 6)), 7, axis=0, mode="wrap")
    way = sway / sway.std(axis=0) + 0.12 * rng.normal(size=(FRAMES, 6))
    way -= way[0]
    turns = Rotation.from_rotvec(way[:, :3] * np.radians([4.0, 4.0, 3.0])).as_matrix()
    face = still.astype(np.float64) + rng.normal(size=still.shape) * 0.0001
    for frame in LOST:
        face[frame] += wobble(still[0], rng)
    moved = face @ turns.transpose(0, 2, 1) + way[:, None, 3:] * 0.007
    return face, MeshSequence(moved.astype(np.float32), FPS)


def wobble(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Waves of a centimetre over a face (V, 3): what a tracker leaves that has lost it."""
    waves = np.sin(points @ rng.normal(size=(3, WAVES)) / 0.03 + rng.uniform(0, 2 * np.pi, WAVES))
    return 0.01 * np.sqrt(2 / WAVES) * waves @ rng.normal(size=(WAVES, 3))


def played(take: MeshSequence, scratch: Path) -> bpy.types.Object:
    """Put a capture into the scene as one mesh with a point cache."""
    body = sequence_files.add_mesh("Take", take)
    pc2.write(scratch / "take.pc2", take)
    sequence_files.add_cache(body, scratch / "take.pc2", take)
    bpy.context.view_layer.objects.active = body
    body.select_set(True)
    return body


def light(body: bpy.types.Object) -> None:
    """Aim a camera at the head and set up Workbench."""
    scene: Any = bpy.context.scene
    camera = studio.set_up(body)
    camera.data.lens *= 1.06  # type: ignore[attr-defined]
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    shading = scene.display.shading
    shading.light, shading.studio_light, shading.color_type = "STUDIO", "Default", "SINGLE"
    shading.single_color = (0.75, 0.68, 0.62)
    shading.show_cavity = True
    shading.cavity_type = "WORLD"
    scene.view_settings.view_transform = "Standard"
    compat.film_as_picture(scene.render)


def row(body: bpy.types.Object, title: str) -> Image.Image:
    """Some frames side by side, then many of them over each other."""
    tiles = [shot(frame) for frame in SHOWN]
    over = np.mean([np.asarray(shot(frame), float) for frame in OVERLAID], axis=0)
    tiles.append(Image.fromarray(over.astype(np.uint8)))
    made = Image.new("RGB", (SIZE * len(tiles), SIZE))
    for k, tile in enumerate(tiles):
        made.paste(tile, (k * SIZE, 0))
        caption = f"{title}, frame {SHOWN[k]}" if k < len(SHOWN) else f"{title}, {len(OVERLAID)} frames over each other"
        ImageDraw.Draw(made).text((k * SIZE + 6, SIZE - 16), caption, fill=(235, 235, 235))
    return made


def shot(frame: int) -> Image.Image:
    """Render one frame, counted from 0."""
    with tempfile.TemporaryDirectory() as scratch:
        scene = bpy.context.scene
        scene.frame_set(frame + 1)
        scene.render.filepath = str(Path(scratch) / "shot.png")
        bpy.ops.render.render(write_still=True)
        return Image.open(scene.render.filepath).convert("RGB")


def graph(face: bpy.types.Object, off: np.ndarray, path: Path) -> None:
    """Draw what the Graph Editor shows of a stabilized face, and how far off it really is."""
    curves = {curve.data_path: curve for curve in compat.fcurves(face.animation_data.action)}
    frames = np.arange(1, FRAMES + 1)
    values = {
        name: np.array([curves[f'["{name}"]'].evaluate(frame) for frame in frames])
        for name in (stabilized.RESIDUAL, stabilized.CONFIDENCE)
    }
    figure, (upper, lower) = pyplot.subplots(2, 1, figsize=(9.6, 4.4), dpi=110, sharex=True)
    upper.plot(frames, values[stabilized.RESIDUAL], color="#d0803a", label="residual_mm (shown in Blender)")
    upper.plot(frames, off, color="#3a6ea5", label="how far off it really is, mm (known here only)")
    lower.plot(frames, values[stabilized.CONFIDENCE], color="#3d8b4f", label="confidence (shown in Blender)")
    lower.axhline(0.5, color="#999999", linewidth=0.8, linestyle="--")
    unsure = values[stabilized.CONFIDENCE] < 0.5
    for axes in (upper, lower):
        axes.fill_between(frames, 0, 1, where=unsure, transform=axes.get_xaxis_transform(), color="#f3d6d6", step="mid")
        axes.legend(loc="upper left", fontsize=8, frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
    upper.set_yscale("log")
    upper.set_ylim(0.01, 100)
    upper.set_yticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
    lower.set_ylim(0, 1.3)
    lower.set_yticks([0, 0.5, 1])
    lower.set_xlabel("frame; marked as unsure: red")
    figure.tight_layout()
    figure.savefig(path)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # Blender as a module hangs at exit when add-on code still refers to it
