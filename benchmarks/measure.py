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

from .foreign import recognize, rig
from .previewed import preview
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


def streamed(path: str) -> dict[str, Any]:
    """Time lip-syncing a file as it would come from a microphone, in pieces of 100 ms; networks are loaded before.

    `delay` is how late frames come at the most, in seconds of sound; `slowest` what the slowest piece took.
    """
    from ..core.speech.lipsync import LipsyncOptions
    from ..core.speech.recognise import gain_of
    from ..core.speech.sound import read
    from ..core.speech.stream import Stream

    sound = read(Path(path))
    samples, gain = np.concatenate(list(sound.blocks())), gain_of(sound)
    warm = Stream(LipsyncOptions(), gain)
    for start in range(0, 48000, 1600):
        warm.feed(samples[start : start + 1600])
    times, frames, used = [], 0, time.process_time()
    stream = Stream(LipsyncOptions(), gain)
    for start in range(0, len(samples), 1600):
        begun = time.perf_counter()
        made = stream.feed(samples[start : start + 1600])
        times.append(time.perf_counter() - begun)
        frames += made.frame_count if made else 0
    begun = time.perf_counter()
    frames += stream.finish().frame_count
    seconds = sum(times) + time.perf_counter() - begun
    return {
        "seconds": seconds,
        "work_cpu": time.process_time() - used,
        "audio": sound.duration,
        "frames": frames,
        "times_real_time": sound.duration / seconds,
        "slowest": max(times),
        "delay": stream.delay,
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
    from ..addon.bridge import actions
    from ..core.performance import ARKIT_52, Performance

    body = _face(ARKIT_52)
    values = np.random.default_rng(0).random((1800, len(ARKIT_52)), dtype=np.float32)
    begun = time.perf_counter()
    if way == "bulk":
        actions.write(Performance(30.0, ARKIT_52, ("lips",) * len(ARKIT_52), values), body, 1, 30.0, None)
    else:
        _insert(body, ARKIT_52, values)
    return {"seconds": time.perf_counter() - begun}


def few_keys(path: str, way: str) -> dict[str, Any]:
    """Time making an action of a minute of 60 channels: "reduced" is Headroom's way, "insert" is `keyframe_insert`.

    The lips are those of a recording; the other channels move as they do, at other times. `first` is the first time in
    a process; `keys_per_second` is that of channels that move the lips by a millimetre or more, `worst_mm` how far all
    of them together leave the lips, and `contacts_mm` while lips touch.
    """
    from ..addon.bridge import actions
    from ..core.curves import reach
    from ..core.curves.reduce import ReduceOptions, contacts, off_at_lips, reduce
    from ..core.performance import SHAPES, Performance
    from ..core.speech.lipsync import LipsyncOptions
    from ..core.speech.lipsync import lipsync as speak
    from ..core.speech.sound import read

    spoken = speak(read(Path(path)), LipsyncOptions()).performance
    moving = [column for column in spoken.values.T if np.ptp(column) > 0.02]
    others = [name for name in SHAPES if name not in spoken.channels][: 60 - len(spoken.channels)]
    late = [np.roll(moving[k % len(moving)], 37 * (k + 1)) for k in range(len(others))]
    channels = (*spoken.channels, *others)
    values = np.concatenate([spoken.values, np.stack(late, axis=1)], axis=1)
    take = Performance(spoken.fps, channels, ("lips",) * len(channels), values)
    body = _face(channels)
    begun = time.perf_counter()
    if way == "insert":
        _insert(body, channels, values)
        return {"seconds": time.perf_counter() - begun, "keys": values.size}
    actions.write(take, body, 1, take.fps)
    first = time.perf_counter() - begun
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        actions.write(take, body, 1, take.fps)
        times.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    few = reduce(take, ReduceOptions())
    reduced = time.perf_counter() - begun
    alone = reduce(spoken, ReduceOptions())
    lips = np.linalg.norm(reach.at_lips(spoken.channels), axis=2).max(axis=1) * np.ptp(spoken.values, axis=0) > 1.0
    count = np.array([len(curve.time) for curve in alone.curves])
    return {
        "seconds": statistics.median(times),
        "first": first,
        "reduce_seconds": reduced,
        "channels": len(channels),
        "keys": few.key_count,
        "keys_per_second": float(count[lips].mean() / spoken.duration),
        "worst_mm": float(off_at_lips(take, few).max()),
        "worst_mm_lips_alone": float(off_at_lips(spoken, alone).max()),
        "contacts_mm": float(off_at_lips(spoken, alone)[contacts(spoken)].max(initial=0)),
    }


def _face(channels: tuple[str, ...]) -> Any:
    """Put a triangle with shape keys into an empty scene."""
    import bpy

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    mesh = bpy.data.meshes.new("bench")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    body = bpy.data.objects.new("bench", mesh)
    bpy.context.scene.collection.objects.link(body)
    for name in ("Basis", *channels):
        body.shape_key_add(name=name)
    return body


def _insert(body: Any, channels: tuple[str, ...], values: np.ndarray) -> None:
    """Key every frame as scripts do that know no better."""
    for column, name in enumerate(channels):
        block = body.data.shape_keys.key_blocks[name]
        for frame in range(len(values)):
            block.value = values[frame, column]
            block.keyframe_insert("value", frame=frame + 1)


MEASURES: dict[str, Callable[..., dict[str, Any]]] = {
    function.__name__: function
    for function in (
        lipsync,
        streamed,
        generate,
        enable,
        head_in_blender,
        slider,
        keys,
        few_keys,
        preview,
        stabilize,
        rig,
        recognize,
    )
}


def main(name: str, *arguments: str) -> None:
    """Print one measurement and leave at once: Blender as a module may hang in Python's own clean-up."""
    print(json.dumps(MEASURES[name](*arguments)), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
