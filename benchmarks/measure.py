"""The single measurements; each runs in a process of its own (`process.measure`) and prints one JSON object.

python -m headroom.benchmarks.measure lipsync line.wav
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .skull import stabilize


def lipsync(path: str) -> dict[str, Any]:
    """Time hearing a file and moving the lips to it; the network is loaded before, by half a second of noise."""
    from ..core.speech.lipsync import LipsyncOptions
    from ..core.speech.lipsync import lipsync as speak
    from ..core.speech.sound import Sound, read

    begun = time.perf_counter()
    noise = np.random.default_rng(0).normal(0, 0.01, 8000).astype(np.float32)
    speak(Sound.from_array(noise, 16000), LipsyncOptions())
    loaded, used = time.perf_counter(), time.process_time()
    sound = read(Path(path))
    result = speak(sound, LipsyncOptions())
    seconds = time.perf_counter() - loaded
    return {
        "seconds": seconds,
        "load": loaded - begun,
        "work_cpu": time.process_time() - used,
        "audio": sound.duration,
        "frames": result.performance.frame_count,
        "times_real_time": sound.duration / seconds,
    }


def generate() -> dict[str, Any]:
    """Time making heads: the first, which loads the network, and the middle one of five more."""
    from ..core.head.generate import GenerateOptions
    from ..core.head.generate import generate as make

    times = []
    for seed in range(6):
        begun = time.perf_counter()
        head = make(GenerateOptions(seed=seed))
        times.append(time.perf_counter() - begun)
    return {"first": times[0], "seconds": statistics.median(times[1:]), "vertices": len(head.neutral)}


def enable(archive: str) -> dict[str, Any]:
    """Time enabling the installed extension in Blender, and see that it brought no torch along."""
    os.environ["BLENDER_USER_RESOURCES"] = str(Path.cwd() / "blender")
    import bpy

    addon_utils = importlib.import_module("addon_utils")  # there only after Blender is
    bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=False)
    begun = time.perf_counter()
    addon_utils.enable("bl_ext.user_default.headroom", default_set=True)
    seconds = time.perf_counter() - begun
    works = addon_utils.check("bl_ext.user_default.headroom") == (True, True)
    if not works:
        raise RuntimeError("the extension could not be enabled")
    return {"seconds": seconds, "torch": "torch" in sys.modules}


def head_in_blender() -> dict[str, Any]:
    """Time putting a finished head, with all its shapes, into a Blender scene."""
    import bpy

    from ..addon.bridge import heads
    from ..core.head.generate import GenerateOptions
    from ..core.head.generate import generate as make

    head = make(GenerateOptions(seed=1))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    begun = time.perf_counter()
    heads.add_head(head)
    bpy.context.view_layer.update()
    return {"seconds": time.perf_counter() - begun, "vertices": len(head.neutral), "shapes": len(head.shape_names)}


def slider(level: str = "standard") -> dict[str, Any]:
    """Time pulling a slider of a head with three shape keys on, Blender's own update included, and letting it go.

    `seconds` is the middle of thirty moves, `color` that of the skin's tone; `release` is what all shapes, bones and
    textures take afterwards, of which `frozen` is on the main thread.
    """
    import bpy

    from ..addon import editing, registration
    from ..addon.bridge import heads
    from ..core.head import generate as model

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    registration.register()
    bpy.ops.headroom.generate_head(seed=1, level=level)  # type: ignore[attr-defined]
    body: Any = bpy.context.active_object
    for name in ("jawOpen", "mouthSmileLeft", "eyeBlinkRight"):
        body.data.shape_keys.key_blocks[name].value = 0.5
    moves: dict[str, list[float]] = {"skin_tone": [], "nose_width": []}
    for name, times in moves.items():
        for k in range(30):
            begun = time.perf_counter()
            setattr(body.headroom_person, name, k / 30)
            bpy.context.view_layer.update()
            times.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    wanted = heads.drawn_of(body)
    head = model.decode(wanted, level)
    decoded = time.perf_counter()
    editing.write(body, head, wanted, level)
    bpy.context.view_layer.update()
    done = time.perf_counter()
    return {
        "seconds": statistics.median(moves["nose_width"]),
        "slowest": max(moves["nose_width"]),
        "color": statistics.median(moves["skin_tone"]),
        "release": done - begun,
        "frozen": done - decoded,
    }


def keys(way: str) -> dict[str, Any]:
    """Time writing 52 curves of 1,800 keys onto shape keys: "bulk" is Headroom's way, "insert" is Blender's own."""
    import bpy

    from ..addon.bridge import actions
    from ..core.performance import ARKIT_52, Performance

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    mesh = bpy.data.meshes.new("bench")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    body = bpy.data.objects.new("bench", mesh)
    bpy.context.scene.collection.objects.link(body)
    body.shape_key_add(name="Basis")
    for name in ARKIT_52:
        body.shape_key_add(name=name)
    values = np.random.default_rng(0).random((1800, len(ARKIT_52)), dtype=np.float32)
    begun = time.perf_counter()
    if way == "bulk":
        actions.write(Performance(30.0, ARKIT_52, ("lips",) * len(ARKIT_52), values), body, 1, 30.0)
    else:
        for column, name in enumerate(ARKIT_52):
            block = mesh.shape_keys.key_blocks[name]
            for frame in range(len(values)):
                block.value = values[frame, column]
                block.keyframe_insert("value", frame=frame + 1)
    return {"seconds": time.perf_counter() - begun}


MEASURES: dict[str, Callable[..., dict[str, Any]]] = {
    function.__name__: function for function in (lipsync, generate, enable, head_in_blender, slider, keys, stabilize)
}


def main(name: str, *arguments: str) -> None:
    """Print one measurement and leave at once: Blender as a module may hang in Python's own clean-up."""
    print(json.dumps(MEASURES[name](*arguments)), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
