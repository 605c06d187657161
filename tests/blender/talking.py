"""A head that says "bob … may … too", as Lip Sync leaves it behind, and what tests of its phones look at."""

from __future__ import annotations

import bpy
import numpy as np

BOB = (
    ("SIL", 0.5), ("B", 0.1), ("AA", 0.2), ("B", 0.13), ("SIL", 0.77), ("M", 0.1), ("EY", 0.2), ("SIL", 1.3),
    ("UW", 0.4), ("T", 0.1), ("SIL", 1.2),
)  # fmt: skip
SAID = (("bob", 0.5, 0.93), ("may", 1.7, 2.0), ("too", 3.3, 3.8))


def said(part, line=BOB, words=SAID):
    """Give the phones of what is said, and what is heard of them."""
    phones = part("core.speech.phones")
    edges = np.r_[0.0, np.cumsum([length for _, length in line])].round(6)
    spoken = phones.Phones(
        tuple(label for label, _ in line), edges[:-1], edges[1:], np.full(len(line), 0.7),
        tuple(phones.Word(*word) for word in words),
    )  # fmt: skip
    ticks = round(edges[-1] * 100)
    scores = np.full((ticks, 44), -9.0, np.float16)
    scores[np.arange(ticks), [spoken.numbers()[np.searchsorted(edges, t / 100, "right") - 1] for t in range(ticks)]] = 0
    return spoken, part("core.speech.recognise").Heard(scores, np.full(ticks, 0.08, np.float32))


def speak(part, body, start: float = 1, line=BOB, words=SAID, **options):
    """Let a head say something from a frame on; gives the take."""
    lipsync, sound = part("core.speech.lipsync"), part("addon.bridge.sound")
    spoken, heard = said(part, line, words)
    scene = bpy.context.scene
    fps = sound.frames_per_second(scene)
    chosen = lipsync.LipsyncOptions(fps=float(f"{fps:.6g}"), **options)
    take = part("core.speech.take").Take(spoken, heard, chosen, float(start))
    performance = lipsync.solve(spoken, heard, chosen)
    part("addon.bridge.actions").write(performance, body, start, fps)
    part("addon.bridge.takes").store(body, take)
    return take


def spoken(part, body=None) -> list[tuple[str, float]]:
    """Give what a head says, (label, seconds)."""
    phones = part("addon.bridge.takes").take_of(body or bpy.data.objects["Head"]).phones
    return [(label, round(float(start), 3)) for label, start in zip(phones.label, phones.start, strict=True)]


def rate(fps: float) -> None:
    render = bpy.context.scene.render
    render.fps, render.fps_base = (24, 1.001) if fps == 23.976 else (int(fps), 1.0)


def marker(name: str, number: int = 0):
    return [one for one in bpy.context.scene.timeline_markers if one.name == name][number]


def shown() -> list[tuple[str, int]]:
    found = [(one.frame, one.name) for one in bpy.context.scene.timeline_markers]
    return [(name, frame) for frame, name in sorted(found)]


def lips(body=None) -> bpy.types.Action:
    keys = (body or bpy.data.objects["Head"]).data.shape_keys
    return keys.animation_data.nla_tracks["Headroom lips"].strips[0].action


def keys_of(part, action) -> dict[str, np.ndarray]:
    """Give all that keys are made of: (K, 7) per curve, frame, value, handles and interpolation."""
    found = {}
    for curve in part("addon.compat").fcurves(action):
        points = curve.keyframe_points
        table = np.empty((len(points), 7), np.float32)
        for begin, end, name in ((0, 2, "co"), (2, 4, "handle_left"), (4, 6, "handle_right")):
            flat = np.empty(2 * len(points), np.float32)
            points.foreach_get(name, flat)
            table[:, begin:end] = flat.reshape(-1, 2)
        table[:, 6] = [ord(point.interpolation[0]) for point in points]
        found[curve.data_path] = table
    return found


def values(body, name: str, frames) -> np.ndarray:
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        found.append(body.data.shape_keys.key_blocks[name].value)
    return np.array(found)


def show() -> set[str]:
    return bpy.ops.headroom.show_phones()


def update() -> set[str]:
    return bpy.ops.headroom.update_lips()
