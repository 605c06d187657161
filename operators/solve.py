# mypy: disable-error-code="valid-type,override"
"""Turn a stabilized face into values of ARKit's shapes."""

from dataclasses import replace
from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty

from ..addon.jobs import JobOperator, Work
from ..addon.properties import HeadroomStabilize, SolveProperties, options_from, settings_of
from ..addon.translate import rpt_, tip_
from .sidebar import FromSidebar

if TYPE_CHECKING:
    import numpy as np

    from ..core.progress import Progress
    from ..core.stabilize.solve import SolveResult

    Solved = tuple[SolveResult, np.ndarray]


class HEADROOM_OT_solve_capture(FromSidebar, SolveProperties, JobOperator):  # noqa: N801
    """Turn a stabilized face into values of ARKit's shapes."""

    bl_idname = "headroom.solve_capture"
    bl_label = "Solve to ARKit"
    bl_description = "Play the stabilized face by ARKit's shape keys: on the chosen head, or on a copy of the original"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    head: StringProperty(name="Shapes of", description="Name of a mesh with ARKit's shape keys; empty: the original")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants a stabilized sequence, and says why when there is none."""
        from ..addon.bridge.stabilized import info

        if not info(context.active_object).get("fps"):
            cls.poll_message_set(tip_("Select a face that was stabilized from a sequence"))
            return False
        return True

    def settings(self, context: bpy.types.Context) -> HeadroomStabilize:
        """Those of the panel Result."""
        return settings_of(context.scene).stabilize

    def prepare(self, context: bpy.types.Context) -> Work:
        """Read the shapes; the face itself lies in its cache."""
        from ..addon.bridge import solving, stabilized
        from ..core.formats.sequences import about
        from ..core.stabilize.solve import SolveOptions

        body = context.active_object
        name = body.name
        sequence = stabilized.sequence_of(body)
        found = solving.at_peace(body, sequence)
        shapes = solving.shapes_of(solving.head_for(body, self.head))
        self._body, self._head, options = name, shapes.name, options_from(SolveOptions, self)

        def work(progress: "Progress") -> "Solved":
            from ..core.progress import part
            from ..core.stabilize.rest import at_rest
            from ..core.stabilize.solve import solve

            with about(name):
                progress(0.0, "Comparing with the shapes")
                neutral, deltas = at_rest(sequence, found, shapes.neutral, shapes.deltas)
                rest = part(progress, 0.2, 1.0)
                solved = solve(sequence, found.track, found.metres, neutral, deltas, shapes.names, options, rest)
            return solved, solving.between(shapes.neutral, neutral)

        return work

    def finish(self, context: bpy.types.Context, result: "Solved") -> None:
        """Write the values on layers of the head, as lip sync does, and the error beside the other graphs."""
        from ..addon.bridge import actions, heads, solving, sound, stabilized
        from ..core.errors import InputError
        from ..core.formats.livelink import layer_of

        body: bpy.types.Object | None = bpy.data.objects.get(self._body)
        head: bpy.types.Object | None = bpy.data.objects.get(self._head)
        if body is None or head is None or not stabilized.info(body):
            raise InputError(f"{self._body} or {self._head} has gone meanwhile; stabilize the capture again")
        solved, place = result
        start = stabilized.info(body)["start"]
        if head == stabilized.original_of(body):
            head = solving.add_copy(head, body, place)
        take = solved.performance
        take = replace(take, layers=tuple(layer_of(name) for name in take.channels))
        actions.write(take, head, start, sound.frames_per_second(context.scene), reduction=None)
        stabilized.show_graph(body, start, {solving.ERROR: solved.error_mm})
        hidden = [name for name in actions.overridden(head) if name in take.channels]
        if hidden:
            self.report({"WARNING"}, rpt_(f"keys made by hand win over {', '.join(hidden)}; mute or move them"))
        heads.select_only(head)
        worst = start + int(solved.error_mm.argmax())
        self.report(
            {"INFO"},
            rpt_(
                f"{head.name} plays {len(take.channels)} shapes; {solved.error_mm.mean():.2f} mm from the capture, "
                f"at most {solved.error_mm.max():.2f} mm at frame {worst}"
            ),
        )
