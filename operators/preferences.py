# mypy: disable-error-code="override"
"""The buttons in Preferences: let go of memory, and try whether everything works here."""

from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ..addon.jobs import JobOperator, Work
from ..addon.properties import status_of
from ..addon.translate import rpt_, tip_

if TYPE_CHECKING:
    from ..core.selftest import Outcome
    from ..core.speech.sound import Sound


class HEADROOM_OT_release_memory(bpy.types.Operator):  # noqa: N801
    """Let go of loaded models."""

    bl_idname = "headroom.release_memory"
    bl_label = "Release Memory"
    bl_description = "Let go of loaded models and of what was made of them; what is needed is loaded again"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Not while something runs, which would hold on to it."""
        if status_of(context).running:
            cls.poll_message_set(tip_("Headroom is at work; wait, or press Esc to stop it"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Let go, and say of how much."""
        from ..addon import preferences
        from ..core import memory

        freed = memory.release()
        preferences.look_again()
        self.report({"INFO"}, rpt_(f"Let go of {freed / 1e6:,.0f} MB"))
        return {"FINISHED"}


class HEADROOM_OT_self_test(JobOperator):  # noqa: N801
    """Run every model on something tiny."""

    bl_idname = "headroom.self_test"
    bl_label = "Self-Test"
    bl_description = "Try every model, library and decoder on something tiny; the scene is not touched"

    def prepare(self, context: bpy.types.Context) -> Work:
        """Nothing is read from the scene."""
        from ..addon.bridge.sound import Cue, open_sound
        from ..core import selftest

        def opened(path: Path) -> "Sound":
            return open_sound(Cue(path, 0.0))

        return lambda progress: selftest.run(progress, opened)

    def finish(self, context: bpy.types.Context, result: "tuple[Outcome, ...]") -> None:
        """Show a line for each check."""
        from ..addon import preferences, selftest

        selftest.keep(context, result)
        preferences.look_again()
        broken = [outcome.name for outcome in result if not outcome.works]
        if broken:
            self.report(
                {"WARNING"}, rpt_(f"Self-Test: {', '.join(map(rpt_, broken))} failed; Preferences say what to do")
            )
        else:
            self.report({"INFO"}, rpt_(f"Self-Test: all {len(result)} checks passed"))
