"""A sound that is heard while the timeline plays, without a strip in the sequencer: nothing of it is in the file."""

from __future__ import annotations

import importlib
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

DRIFT = 0.1
"""Seconds that sound and picture may be apart before the sound jumps: less shows on lips, and a jump is heard."""
PATIENCE = 2.0
"""Seconds after which a device that could not be opened is tried again."""


class Playback:
    """Plays a file through Blender's own sound device, following the frames of a timeline; silent where it cannot.

    Blender opens the device that Preferences name when it plays, and closes it when it has not played for a while. It
    is asked for when something is to be heard and never kept: until Blender has opened it, `aud` would give another,
    the first that the system has, and a device that is kept may keep Blender's own from opening.
    """

    def __init__(self, path: Path) -> None:
        """Open the file; nothing is heard yet."""
        self._handle: Any = None
        self._error: Any = ()
        self._again = 0.0
        self.duration = 0.0
        try:
            self._aud: Any = importlib.import_module("aud")
        except ImportError:  # a Blender that was built without it
            return
        self._error = self._aud.error
        with suppress(self._error):
            self._sound = self._aud.Sound(str(path))
            self.duration = self._sound.length / self._sound.specs[0]

    def follow(self, seconds: float) -> None:
        """Be heard at this time of the file: start, jump or go on."""
        if not 0 <= seconds < self.duration:
            self.stop()
        elif self._handle is None or not self._handle.status:
            self._play(self._sound)
            self._jump(seconds)
        elif abs(self._handle.position - seconds) > DRIFT:
            self._jump(seconds)

    def touch(self, seconds: float, lasts: float) -> None:
        """Let a short piece be heard, as scrubbing does."""
        self.stop()
        if 0 <= seconds < self.duration:
            self._play(self._sound.limit(seconds, seconds + lasts))

    def stop(self) -> None:
        """Be silent."""
        if self._handle is not None and self._handle.status:
            self._handle.stop()
        self._handle = None

    def _play(self, sound: Any) -> None:
        if time.monotonic() < self._again:
            return
        try:
            self._handle = self._aud.Device().play(sound)
        except self._error:  # a machine without loudspeakers
            self._handle, self._again = None, time.monotonic() + PATIENCE

    def _jump(self, seconds: float) -> None:
        if self._handle is not None:
            with suppress(self._error):
                self._handle.position = seconds
