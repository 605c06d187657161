"""What seeing before baking costs: our share of a frame, a moved slider, and Blender's own frame beside them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any


def preview(path: str) -> dict[str, Any]:
    """Time previewing a sound on a head that Headroom made, with all its shapes, at 24 frames a second.

    `seconds` is what our handlers take of a frame, the middle of all of them in order, as in playing; `late`
    (one in a hundred is later) and `slowest` are those at which the next second is solved. `slider` is a move of one
    until the mouth is set, `slider_slowest` the worst of sixty. `frame` is a whole `frame_set` with Blender's part,
    `baked` that of the same motion as keys, and `again_…` is for a head that has keys of an earlier lip sync, whose
    motion is taken out of each frame.
    """
    import bpy

    from ..addon import preview, registration
    from ..addon.bridge.sound import Cue
    from ..addon.previewed import Lips
    from ..core.speech.lipsync import LipsyncOptions, lipsync
    from ..core.speech.scrub import Scrub
    from ..core.speech.sound import read

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    registration.register()
    bpy.ops.headroom.generate_head(seed=1)  # type: ignore[attr-defined]
    body: Any = bpy.context.active_object
    scene: Any = bpy.context.scene
    options = LipsyncOptions(fps=24.0, visemes="arkit")
    heard = lipsync(read(Path(path)), options)
    frames = range(1, heard.performance.frame_count + 1)

    def begin() -> dict[str, float]:
        preview.begin(scene, body, Cue(Path(path), 1), Lips(Scrub(heard.phones, heard.heard, options)))
        found = _played(scene, frames)
        moves = [_timed(partial(setattr, scene.headroom, "jaw", 0.5 + k / 60)) for k in range(60)]
        return found | {"slider": statistics.median(moves), "slider_slowest": max(moves)}

    found = begin()
    scene.headroom.filepath, scene.headroom.jaw = str(path), 1.0
    bpy.ops.headroom.bake_preview()  # type: ignore[attr-defined]
    baked = [_timed(partial(scene.frame_set, frame)) for frame in frames]
    again = begin()
    shapes = len(body.data.shape_keys.key_blocks) - 1
    return found | {f"again_{name}": value for name, value in again.items()} | {
        "baked": statistics.median(baked), "shapes": shapes, "vertices": len(body.data.vertices),
        "frames": len(frames),
    }  # fmt: skip


def _played(scene: Any, frames: range) -> dict[str, float]:
    """Play frames one after the other, with a clock around our handlers."""
    import bpy

    ours: list[float] = []
    kept: list[tuple[Any, list[Any]]] = []
    for name in ("frame_change_pre", "frame_change_post"):
        handlers: Any = getattr(bpy.app.handlers, name)
        kept.append((handlers, list(handlers)))
        handlers[:] = [_clocked(handler, ours) for handler in handlers]
    whole = []
    share = []
    for frame in frames:
        ours.clear()
        whole.append(_timed(partial(scene.frame_set, frame)))
        share.append(sum(ours))
    for handlers, before in kept:
        handlers[:] = before
    share.sort()
    return {
        "seconds": statistics.median(share), "late": share[int(0.99 * len(share))], "slowest": share[-1],
        "frame": statistics.median(whole),
    }  # fmt: skip


def _clocked(handler: Callable[..., None], ours: list[float]) -> Callable[..., None]:
    return lambda *given: ours.append(_timed(lambda: handler(*given)))


def _timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
