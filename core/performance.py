"""The one table that flows through Headroom: named face channels over time, in layers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .errors import InputError

ARKIT_52 = (
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft",
    "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight",
    "eyeSquintRight", "eyeWideRight", "jawForward", "jawLeft", "jawRight", "jawOpen", "mouthClose", "mouthFunnel",
    "mouthPucker", "mouthLeft", "mouthRight", "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft",
    "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight",
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "browDownLeft",
    "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft",
    "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
)  # fmt: skip
"""Apple's blend shape locations, spelled and ordered as ARKit and Live Link Face have them. Values run 0..1."""

TONGUE = (
    "tongueTipUp", "tongueTipTeeth", "tongueBackUp", "tongueNarrow", "tongueWide", "tongueFrontUp", "tongueCurl",
    "tongueRetract", "tongueDown", "tongueLeft", "tongueRight",
)  # fmt: skip
"""Tongue shapes for speech: tip to the palate ridge (t d n l), tip between the teeth (th), back to the soft palate
(k g ng), sides drawn in (r, oo), sides spread (ee), front to the hard palate (y, sh), tip curled back (retroflex), body
drawn back (aw), body low and flat (ah), and the tip to either side for animators. Values run 0..1."""

NECK = ("larynxUp", "larynxDown", "swallow", "neckTension")
"""The throat: larynx raised and lowered, the height of a swallow (larynx up, floor of the mouth drawn in), and the
bands of the neck muscles standing out. Values run 0..1."""

POSE = (
    "headYaw", "headPitch", "headRoll", "headX", "headY", "headZ",
    "leftEyeYaw", "leftEyePitch", "leftEyeRoll", "rightEyeYaw", "rightEyePitch", "rightEyeRoll",
)  # fmt: skip
"""Rigid channels: radians as Live Link Face signs them, and metres."""

SHAPES = ARKIT_52 + TONGUE + NECK
"""Every channel that a head answers with a shape."""

LAYERS = ("lips", "brows", "blinks", "gaze", "head", "emotion")
"""Layers in the order in which they are stacked; an artist can mute and redo each alone."""

CAPTURE = "capture"
"""Layer of a take that was recorded elsewhere and is kept in one piece; it lies on top of the others."""


@dataclass(frozen=True)
class Performance:
    """What a face does over time: `values[f, c]` is channel `channels[c]` on layer `layers[c]` at `f / fps` seconds.

    `values` is (F, C) float32. A channel may appear on several layers, once on each; `flatten` adds them.
    Raises `InputError` when the parts do not fit together.
    """

    fps: float
    channels: tuple[str, ...]
    layers: tuple[str, ...]
    values: np.ndarray

    def __post_init__(self) -> None:
        columns = len(self.channels)
        if self.values.ndim != 2 or self.values.shape[1] != columns or len(self.layers) != columns:
            raise InputError(f"a performance of {columns} channels cannot hold values of shape {self.values.shape}")
        if len(set(zip(self.channels, self.layers, strict=True))) != columns:
            raise InputError("a performance names a channel twice on one layer")
        if not self.fps > 0:
            raise InputError(f"a performance cannot run at {self.fps} frames per second")

    @property
    def frame_count(self) -> int:
        return len(self.values)

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the end of the last."""
        return self.frame_count / self.fps

    def channel(self, name: str) -> np.ndarray:
        """Give one channel summed over its layers, (F,); zeros when no layer has it."""
        columns = [i for i, channel in enumerate(self.channels) if channel == name]
        return self.values[:, columns].sum(axis=1)

    def flatten(self) -> Performance:
        """Add the layers up: one column per channel, in the order of first appearance, on its first layer.

        Shape channels are held within 0..1 afterwards, since two layers may both close a lid.
        """
        names = tuple(dict.fromkeys(self.channels))
        layers = tuple(self.layers[self.channels.index(name)] for name in names)
        values = np.stack([self.channel(name) for name in names], axis=1) if names else self.values
        shapes = [i for i, name in enumerate(names) if name not in POSE]
        values[:, shapes] = values[:, shapes].clip(0.0, 1.0)
        return Performance(self.fps, names, layers, values.astype(np.float32))

    def resample(self, fps: float) -> Performance:
        """Give the same motion at another frame rate; frame `f` stands for `f / fps` seconds.

        Linear between frames: at the 60 fps used inside, that is below what an eye can tell.
        """
        if fps == self.fps or self.frame_count == 0:
            return replace(self, fps=float(fps))
        count = max(1, round(self.duration * fps))
        return replace(self, fps=float(fps), values=between(self.values, np.arange(count) * (self.fps / fps)))


def between(values: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Read rows of (F, C) at places (P,) that may lie between two, (P, C) float32; the last row goes on for ever."""
    position = np.minimum(position, len(values) - 1)
    before = np.floor(position).astype(int)
    after = np.minimum(before + 1, len(values) - 1)
    blend = (position - before).astype(np.float32)[:, None]
    return (values[before] * (1 - blend) + values[after] * blend).astype(np.float32)
