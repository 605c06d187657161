# mypy: disable-error-code="override"
"""See a head speak before it is baked: listen once, move sliders while it is seen, then bake it or leave it."""

from typing import TYPE_CHECKING, Any

import bpy

from ..addon.jobs import JobOperator, Work
from ..addon.properties import options_from, redraw, settings_of
from ..addon.speaking import cue_of, options_of
from ..addon.translate import rpt_, tip_
from .lipsync import known_of, still_there

if TYPE_CHECKING:
    from ..addon.bridge.actions import Ready
    from ..addon.bridge.sound import Cue
    from ..addon.preview import Session
    from ..core.progress import Progress
    from ..core.speech.lipsync import LipsyncOptions, LipsyncResult
    from ..core.speech.scrub import Scrub
    from ..core.speech.take import Take


class HEADROOM_OT_preview(JobOperator):  # noqa: N801
    """Let the active head speak as the panel says, without keys."""

    bl_idname = "headroom.preview"
    bl_label = "Preview"
    bl_description = "See the active head speak while you play, scrub and move sliders; nothing is written before Bake"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants a head that can speak, itself or through its rig, and says why when there is none."""
        from ..addon.bridge import takes

        reason = takes.why_not(context.active_object)
        if reason:
            cls.poll_message_set(tip_(reason))
        return not reason

    def prepare(self, context: bpy.types.Context) -> Work:
        """Find the sound; it is listened to in the worker, unless the head remembers it."""
        from ..addon.bridge import takes
        from ..addon.bridge.sound import open_sound
        from ..core.speech.lipsync import lipsync
        from ..core.speech.scrub import Scrub

        scene, settings = context.scene, settings_of(context.scene)
        body: Any = takes.speaker(context.active_object)
        self._target = body.name
        self._cue = cue = cue_of(scene, settings)
        options = options_of(settings, scene, body)
        known, before = known_of(settings, cue), _remembered(body, cue, options)

        def work(progress: "Progress") -> "tuple[Scrub, tuple[str, ...]]":
            sound = open_sound(cue)
            warnings: tuple[str, ...] = ()
            if before is not None and known is None and abs(sound.duration - before.duration) < 0.02:
                made = Scrub(before.phones, before.heard, options)
            else:
                result = lipsync(sound, options, progress, known)
                made, warnings = Scrub(result.phones, result.heard, options), result.warnings
            made.at(0)  # the first call of a network is slow
            return made, warnings

        return work

    def finish(self, context: bpy.types.Context, result: "tuple[Scrub, tuple[str, ...]]") -> None:
        """Show it from now on."""
        from ..addon import preview
        from ..addon.bridge import spoken

        body = still_there(self._target)
        made, warnings = result
        for warning in (*warnings, *spoken.left_out(made.at(-1), body)):
            self.report({"WARNING"}, rpt_(warning))
        preview.begin(context.scene, body, self._cue, made, warnings)
        self.report({"INFO"}, rpt_(f"{body.name} is previewed from frame {self._cue.start:g}; Bake writes the keys"))


def _remembered(body: bpy.types.Object, cue: "Cue", options: "LipsyncOptions") -> "Take | None":
    """Give what a head speaks already where that is the whole of this sound with the same text."""
    from ..addon.bridge import takes
    from ..core.errors import InputError

    if not takes.has(body) or cue.skip or cue.duration is not None:
        return None
    try:
        take = takes.take_of(body)
    except InputError:
        return None
    same = all(
        getattr(take.options, name) == getattr(options, name) for name in ("transcript", "language", "dictionary")
    )
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
    bl_description = "Write what is previewed as keys, as Lip Sync does with these settings, and place the sound"
    bl_options = {"UNDO"}  # noqa: RUF012

    def prepare(self, context: bpy.types.Context) -> Work:
        """Take the sliders as they are; all of the mouth is moved in the worker."""
        from ..addon import preview
        from ..addon.bridge import actions
        from ..core.curves.reduce import ReduceOptions
        from ..core.progress import part
        from ..core.speech.lipsync import LipsyncResult, solve

        session: Any = _session(context)
        self._uid, scrub = session.uid, session.scrub
        self._options = options = preview.options_now(context.scene, session)
        self._keys = keys = options_from(ReduceOptions, settings_of(context.scene))
        warnings, start = session.warnings, session.cue.start

        def work(progress: "Progress") -> "tuple[LipsyncResult, Ready]":
            performance = solve(scrub.phones, scrub.heard, options, part(progress, 0.0, 0.5))
            progress(0.5, "Choosing keys")
            said = LipsyncResult(performance, scrub.phones, warnings, scrub.heard)
            return said, actions.keys_of(performance, start, options.fps, keys)

        return work

    def finish(self, context: bpy.types.Context, result: "tuple[LipsyncResult, Ready]") -> None:
        """End the preview and write the keys: one step of undo."""
        from ..addon import preview
        from ..addon.bridge import spoken
        from ..core.errors import InputError

        session = preview.with_id(self._uid)
        if session is None:
            raise InputError("The preview has ended meanwhile; press Preview again")
        (said, ready), body, cue = result, still_there(session.head), session.cue
        preview.end(session)
        place = session.asked[0] == "FILE"
        for warning in spoken.write(context.scene, body, said, self._options, cue, self._keys, place, ready):
            self.report({"WARNING"}, rpt_(warning))
        self.report({"INFO"}, rpt_(f"{body.name} speaks {said.performance.duration:.1f} s from frame {cue.start:g}"))
