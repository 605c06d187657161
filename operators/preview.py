# mypy: disable-error-code="override"
"""See a head speak before it is baked: listen or read once, move sliders while it is seen, then bake or leave it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ..addon.jobs import JobOperator, Work
from ..addon.properties import HeadroomSettings, options_from, redraw, settings_of
from ..addon.speaking import TEXT, cue_of, options_of
from ..addon.translate import rpt_, tip_
from ..core.errors import InputError
from .lipsync import known_of
from .where import OnSpeaker, speaker_of, still_there

if TYPE_CHECKING:
    from ..addon.bridge.sound import Cue
    from ..addon.preview import Session
    from ..addon.previewed import Source
    from ..core.progress import Progress
    from ..core.speech.lipsync import LipsyncOptions
    from ..core.speech.take import Take


class HEADROOM_OT_preview(OnSpeaker, JobOperator):  # noqa: N801
    """Let the active head speak as the panel says, without keys."""

    bl_idname = "headroom.preview"
    bl_label = "Preview"
    bl_description = "See the active head speak while you play, scrub and move sliders; nothing is written before Bake"

    def prepare(self, context: bpy.types.Context) -> Work:
        """Find out what is to be seen; it is read in the worker."""
        from ..addon.bridge.sound import Cue

        scene, settings = context.scene, settings_of(context.scene)
        body = speaker_of(context)
        self._target = body.name
        if settings.source == "TAKE":
            if not settings.take:
                raise InputError("Choose a take first, under Speak in the sidebar")
            self._cue = Cue(Path(bpy.path.abspath(settings.take)), settings.start)
            return _reading(self._cue.path)
        self._cue = cue_of(scene, settings)
        return _listening(scene, settings, body, self._cue)

    def finish(self, context: bpy.types.Context, result: "Source") -> None:
        """Show it from now on."""
        from ..addon import preview

        body = still_there(self._target)
        for warning in result.unseen(body):
            self.report({"WARNING"}, rpt_(warning))
        preview.begin(context.scene, body, self._cue, result)
        self.report({"INFO"}, rpt_(f"{body.name} is previewed from frame {self._cue.start:g}; Bake writes the keys"))


def _reading(path: Path) -> Work:
    from ..addon.bridge import played
    from ..addon.previewed import Played
    from ..core.amounts import Frames
    from ..core.formats import livelink

    def work(progress: "Progress") -> "Source":
        progress(0.0, "Reading the take")
        return Played(Frames(played.on_one_layer(livelink.read(path))))

    return work


def _listening(scene: bpy.types.Scene, settings: HeadroomSettings, body: bpy.types.Object, cue: "Cue") -> Work:
    """Listen to a sound, unless the head remembers it."""
    from ..addon.bridge.sound import open_sound
    from ..addon.previewed import Lips
    from ..core.speech.lipsync import lipsync
    from ..core.speech.scrub import Scrub

    options, place = options_of(settings, scene, body), settings.source == "FILE"
    known, before = known_of(settings, cue), _remembered(body, cue, options)

    def work(progress: "Progress") -> "Source":
        sound = open_sound(cue)
        warnings: tuple[str, ...] = ()
        if before is not None and known is None and abs(sound.duration - before.duration) < 0.02:
            made = Scrub(before.phones, before.heard, options)
        else:
            result = lipsync(sound, options, progress, known)
            made, warnings = Scrub(result.phones, result.heard, options), result.warnings
        made.at(0)  # the first call of a network is slow
        return Lips(made, warnings, place)

    return work


def _remembered(body: bpy.types.Object, cue: "Cue", options: "LipsyncOptions") -> "Take | None":
    """Give what a head speaks already where that is the whole of this sound with the same text."""
    from ..addon.bridge import takes

    if not takes.has(body) or cue.skip or cue.duration is not None:
        return None
    try:
        take = takes.take_of(body)
    except InputError:
        return None
    same = all(getattr(take.options, name) == getattr(options, name) for name in TEXT)
    return take if same and take.sound == str(cue.path) else None


class OnPreview:
    """Base of operators for the preview of the active head, or the only one."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants a preview."""
        if _session(context) is None:
            cls.poll_message_set(tip_("Press Preview first"))  # type: ignore[attr-defined]
            return False
        return True


def _session(context: bpy.types.Context) -> "Session | None":
    from ..addon import preview

    return preview.session_of(context)


class HEADROOM_OT_stop_preview(OnPreview, bpy.types.Operator):  # noqa: N801
    """End the preview; everything is as it was."""

    bl_idname = "headroom.stop_preview"
    bl_label = "Stop Preview"
    bl_description = "End the preview and put everything back as it was; the sliders stay"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """End it."""
        from ..addon import preview

        session = _session(context)
        if session is not None:
            preview.end(session)
        redraw(context)
        return {"FINISHED"}


class HEADROOM_OT_bake_preview(OnPreview, JobOperator):  # noqa: N801
    """Write what is previewed as keys."""

    bl_idname = "headroom.bake_preview"
    bl_label = "Bake"
    bl_description = "Write what is previewed as keys, as Lip Sync and Import Live Link do with these settings"
    bl_options = {"UNDO"}  # noqa: RUF012

    def prepare(self, context: bpy.types.Context) -> Work:
        """Take the sliders as they are; all of the motion is made in the worker."""
        from ..addon import preview
        from ..core.curves.reduce import ReduceOptions

        session: Any = _session(context)
        preview.turn(context.scene, session)
        self._uid = session.uid
        self._keys = keys = options_from(ReduceOptions, settings_of(context.scene))
        return session.source.bake(session.cue.start, keys)  # type: ignore[no-any-return]

    def finish(self, context: bpy.types.Context, result: Any) -> None:
        """End the preview and write the keys: one step of undo."""
        from ..addon import preview

        session = preview.with_id(self._uid)
        if session is None:
            raise InputError("The preview has ended meanwhile; press Preview again")
        body = still_there(session.head)
        preview.end(session)
        done, warnings = session.source.write(context.scene, body, session.cue, self._keys, result)
        for warning in warnings:
            self.report({"WARNING"}, rpt_(warning))
        self.report({"INFO"}, rpt_(done))
