"""A sound that is heard while the timeline plays, without a strip in the sequencer: nothing of it is in the file."""

from __future__ import annotations

import importlib
from contextlib import suppress
from pathlib import Path
from typing import Any

DRIFT = 0.1
"""Seconds that sound and picture may be apart before the sound jumps: less shows on lips, and a jump is heard."""


class Playback:
    """Plays a file through Blender's own sound device, following the frames of a timeline; silent where it cannot."""

    def __init__(self, path: Path) -> None:
        """Open the file; nothing is heard yet."""
        self._device: Any = None
        self._handle: Any = None
        self._error: Any = ()
        try:
            aud: Any = importlib.import_module("aud")
        except ImportError:  # a Blender that was built without sound
            return
        self._error = aud.error
        with suppress(aud.error):
            self._sound = aud.Sound(str(path))
            self.duration = self._sound.length / self._sound.specs[0]
            self._device = aud.Device()

    def follow(self, seconds: float) -> None:
        """Be heard at this time of the file: start, jump or go on."""
        if self._device is None or not 0 <= seconds < self.duration:
            self.stop()
            return
        try:
            if self._handle is None or not self._handle.status:
                self._handle = self._device.play(self._sound)
                self._handle.position = seconds
            elif abs(self._handle.position - seconds) > DRIFT:
                self._handle.position = seconds
        except self._error:  # a machine without loudspeakers
            self._device = self._handle = None

    def touch(self, seconds: float, lasts: float) -> None:
        """Let a short piece be heard, as scrubbing does."""
        self.stop()
        if self._device is not None and 0 <= seconds < self.duration:
            with suppress(self._error):
                self._handle = self._device.play(self._sound.limit(seconds, seconds + lasts))

    def stop(self) -> None:
        """Be silent."""
        if self._handle is not None and self._handle.status:
            self._handle.stop()
        self._handle = None
