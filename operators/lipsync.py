# mypy: disable-error-code="valid-type,override"
"""Let a head speak a sound."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty

from ..addon.jobs import Work
from ..addon.keys import KeysProperties
from ..addon.properties import hand_over, options_from, settings_of, status_of
from ..addon.speaking import LipsyncProperties, cue_of, options_of
from ..addon.translate import rpt_, tip_
from .files import AsksForFile
from .sidebar import FromSidebar
from .where import OnSpeaker, over_viewport, speaker_of, still_there

if TYPE_CHECKING:
    from ..addon.bridge.actions import Ready
    from ..addon.bridge.sound import Cue
    from ..core.progress import Progress
    from ..core.speech.captions import Caption
    from ..core.speech.lipsync import LipsyncResult
    from ..core.speech.phones import Phones


SOUNDS = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".m4a")


class _LipSync(LipsyncProperties, KeysProperties, AsksForFile):
    """Let the active head speak a sound."""

    bl_label = "Lip Sync"

    speaker: StringProperty(name="Speaker", description="Name of a speaker object")
    filter_glob: StringProperty(
        default=";".join(f"*{ending}" for ending in (*SOUNDS, ".mp4", ".mov", ".mkv", ".webm", ".avi")),
        options={"HIDDEN"},
    )

    def lacks_file(self) -> bool:
        """Only a sound out of a file can be asked for."""
        return self.source == "FILE" and not self.filepath

    def execute(self, context: bpy.types.Context) -> set[str]:
        """As usual; what the file browser gave stands in the sidebar from then on."""
        if self._asked:
            settings_of(context.scene).filepath = self.filepath
        return super().execute(context)

    def prepare(self, context: bpy.types.Context) -> Work:
        """Find the sound and remember the head by name; the sound is read in the worker."""
        from ..addon.bridge import actions
        from ..addon.bridge.sound import open_sound
        from ..core.curves.reduce import ReduceOptions
        from ..core.progress import part
        from ..core.speech.lipsync import lipsync

        body = speaker_of(context)
        self._target = body.name
        self._cue = cue = cue_of(context.scene, self)
        self._options = options = options_of(self, context.scene, body)
        self._keys = keys = options_from(ReduceOptions, self)
        known = known_of(self, cue)

        def work(progress: "Progress") -> "tuple[LipsyncResult, Ready]":
            spoken = lipsync(open_sound(cue), options, part(progress, 0.0, 0.9), known)
            progress(0.9, "Choosing keys")
            return spoken, actions.keys_of(spoken.performance, cue.start, options.fps, keys)

        return work

    def finish(self, context: bpy.types.Context, result: "tuple[LipsyncResult, Ready]") -> None:
        """Write the keys, put the sound in place and make room for it in the scene."""
        from ..addon import preview
        from ..addon.bridge import spoken

        said, ready = result
        body = still_there(self._target)
        preview.stop(body)
        place = self.source == "FILE"
        warnings = spoken.write(context.scene, body, said, self._options, self._cue, self._keys, place, ready)
        for warning in warnings:
            self.report({"WARNING"}, rpt_(warning))
        self.report(
            {"INFO"}, rpt_(f"{body.name} speaks {said.performance.duration:.1f} s from frame {self._cue.start:g}")
        )


def known_of(holder: Any, cue: "Cue") -> "Phones | tuple[Caption, ...] | None":
    """Read what an operator or a scene's settings say is known already about a sound; None where that is nothing."""
    from ..core.formats import phone_files

    if not holder.phones:
        return None
    return phone_files.later(phone_files.read(Path(bpy.path.abspath(holder.phones))), cue.skip)


class HEADROOM_OT_lip_sync(OnSpeaker, FromSidebar, _LipSync):  # noqa: N801
    """Let the active head speak a sound: what the sidebar and menus show."""

    bl_idname = "headroom.lip_sync"
    bl_description = "Animate the active head's shape keys to a sound; replaces only Headroom's own earlier lips"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012


class HEADROOM_OT_drop_sound(_LipSync):  # noqa: N801
    """The same for a dropped sound: without a head it says so; Blender passes over a grey operator in silence."""

    bl_idname = "headroom.drop_sound"
    bl_description = "Let the active head speak the sound that was dropped"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}  # noqa: RUF012

    def invoke(self, context: bpy.types.Context, event: "bpy.types.Event | None") -> set[str]:
        """Take the sidebar's settings, but what it knows about another sound."""
        dropped = self.filepath
        hand_over(settings_of(context.scene), self.properties)
        self.source, self.filepath, self.transcript, self.phones = "FILE", dropped, "", ""
        return super().invoke(context, event)


class HEADROOM_OT_stop(bpy.types.Operator):  # noqa: N801
    """Stop what Headroom is doing."""

    bl_idname = "headroom.stop"
    bl_label = "Stop"
    bl_description = "Stop the work; nothing is changed"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while something runs."""
        running = status_of(context).running
        if not running:
            cls.poll_message_set(tip_("Nothing is at work that could be stopped"))
        return running

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Tell the running operator, which looks ten times a second."""
        status_of(context).stop = True
        return {"FINISHED"}


class HEADROOM_FH_sound(bpy.types.FileHandler):  # noqa: N801
    """Lets a sound that is dropped on the viewport be spoken by the active head."""

    bl_idname = "HEADROOM_FH_sound"
    bl_label = "Speech"
    bl_import_operator = "headroom.drop_sound"
    bl_file_extensions = ";".join(SOUNDS)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Only over a viewport."""
        return over_viewport(context)
