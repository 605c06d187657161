# mypy: disable-error-code="valid-type,override"
"""Why nothing moves: look, and fix what is in the way, one thing at a time or all that needs no decision."""

import bpy
from bpy.props import StringProperty

from ..addon import doctor as shown
from ..addon.translate import rpt_, tip_


class Patient:
    """Base of operators that want a mesh to look at, and say so."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants a mesh or a rig among what is active and selected; cheap."""
        why = shown.why_not(context)
        if why:
            cls.poll_message_set(tip_(why))  # type: ignore[attr-defined]
        return not why


class HEADROOM_OT_examine(Patient, bpy.types.Operator):  # noqa: N801
    """Say why nothing moves."""

    bl_idname = "headroom.examine"
    bl_label = "Why Is Nothing Moving?"
    bl_description = (
        "Look at the active head, its parts and its rig for all that keeps them from moving and sounding; "
        "changes nothing"
    )
    bl_options = {"REGISTER"}  # noqa: RUF012

    def execute(self, context: bpy.types.Context) -> set[str]:
        """List what is in the way."""
        report = shown.look(context)
        found = report.in_the_way
        if found:
            more = f", and {len(found) - 1} more" if len(found) > 1 else ""
            self.report({"INFO"}, rpt_(f"{rpt_(found[0].why)}{more}"))
        elif not shown.state_of(context).whom:
            self.report({"WARNING"}, rpt_(f"{context.active_object.name} has no mesh with shape keys"))
        else:
            plays = "; ".join(map(rpt_, report.plays))
            self.report({"INFO"}, f"{rpt_('Nothing is in the way')}. {plays}")
        return {"FINISHED"}


class HEADROOM_OT_fix(Patient, bpy.types.Operator):  # noqa: N801
    """Fix one thing that is in the way."""

    bl_idname = "headroom.fix"
    bl_label = "Fix"
    bl_description = "Fix this"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    finding: StringProperty(name="Finding", description="Which finding, as the list has it", options={"SKIP_SAVE"})

    @classmethod
    def description(cls, context: bpy.types.Context, properties: "HEADROOM_OT_fix") -> str:
        """Say the whole line, which the sidebar may be too narrow for."""
        item = shown.state_of(context).findings.get(properties.finding)
        if item is None:
            return tip_(cls.bl_description)
        return tip_(f"{tip_(item.fix)}, since: {tip_(item.why)}" + (". Fix All leaves this to you" if item.ask else ""))

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Fix it and look again."""
        from ..addon.bridge import doctor
        from ..core.errors import HeadroomError

        try:
            fixed = doctor.fix(doctor.bodies_of(context), context.scene, context.view_layer, self.finding)
        except HeadroomError as error:
            shown.look(context)
            self.report({"ERROR"}, rpt_(str(error)))
            return {"CANCELLED"}
        shown.look(context)
        self.report({"INFO"}, rpt_(f"{rpt_(fixed.fix)}: done"))
        return {"FINISHED"}


class HEADROOM_OT_fix_all(Patient, bpy.types.Operator):  # noqa: N801
    """Fix all that is in the way and needs no decision."""

    bl_idname = "headroom.fix_all"
    bl_label = "Fix All"
    bl_description = "Fix all that is in the way, but for what would silence or change what may be meant; one undo step"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Fix one after another, also what comes to light on the way, and look again."""
        from ..addon.bridge import doctor

        done, left = doctor.fix_all(context)
        shown.look(context)
        words = f"{len(done)} fixed" + (f", {len(left)} left to you" if left else "")
        self.report({"INFO"}, rpt_(words if done or left else "Nothing is in the way"))
        return {"FINISHED"} if done else {"CANCELLED"}
