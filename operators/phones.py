# mypy: disable-error-code="valid-type,override"
"""Edit what a head says: phones and words as timeline markers, and lips that follow them."""

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import EnumProperty, StringProperty

from ..addon.jobs import JobOperator, Work
from ..addon.phones import phone_items
from ..addon.translate import rpt_, tip_

if TYPE_CHECKING:
    from ..core.performance import Performance


def _shown_or_reason(context: bpy.types.Context) -> tuple[Any, str]:
    """Give the head whose phones are shown, or why there is none."""
    from ..addon.bridge import markers

    body = markers.shown(context.scene)
    return body, "" if body is not None else "Press Show Phones first"


class OnPhones:
    """Base of operators that want phones to be shown, and say so."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants phones as markers."""
        _, reason = _shown_or_reason(context)
        if reason:
            cls.poll_message_set(tip_(reason))  # type: ignore[attr-defined]
        return not reason


class AtPlayhead(OnPhones):
    """Base of operators for the phone that is said at the current frame."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants a phone at the playhead."""
        from ..addon.bridge import markers

        if not super().poll(context):
            return False
        if markers.at(context.scene, context.scene.frame_current) is None:
            cls.poll_message_set(tip_("No phone at this frame"))  # type: ignore[attr-defined]
            return False
        return True


class HEADROOM_OT_show_phones(bpy.types.Operator):  # noqa: N801
    """Show what the active head says as markers on the timeline."""

    bl_idname = "headroom.show_phones"
    bl_label = "Show Phones"
    bl_description = (
        "Show phones and words of the active head as timeline markers, to be moved, renamed, deleted and added, "
        "and the sound's wave in the sequencer"
    )
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants a head that was let speak."""
        from ..addon.bridge import takes

        body = takes.speaker(context.active_object)
        reason = takes.why_not(context.active_object)
        if not reason and not takes.has(body):
            reason = f"{body.name} does not remember what it speaks; press Lip Sync first"
        if reason:
            cls.poll_message_set(tip_(reason))
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Set the markers, unless those of another head have changes that would be lost."""
        from ..addon.bridge import markers, takes
        from ..core.errors import HeadroomError

        body, before = takes.speaker(context.active_object), markers.shown(context.scene)
        try:
            if before is not None and before != body and markers.pending(context.scene):
                self.report(
                    {"ERROR"}, rpt_(f"{before.name} has changed phones; press Update Lips or Hide Phones first")
                )
                return {"CANCELLED"}
            markers.show(context.scene, body)
        except HeadroomError as error:
            self.report({"ERROR"}, rpt_(str(error)))
            return {"CANCELLED"}
        self.report({"INFO"}, rpt_(f"{body.name}: {len(markers.ours(context.scene))} phones and words on the timeline"))
        return {"FINISHED"}


class HEADROOM_OT_hide_phones(bpy.types.Operator):  # noqa: N801
    """Take the markers of phones and words away."""

    bl_idname = "headroom.hide_phones"
    bl_label = "Hide Phones"
    bl_description = "Remove the markers of phones and words; the head keeps its phones, your own markers stay"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants markers of ours, even when their head is gone."""
        from ..addon.bridge import markers

        if markers.shown(context.scene) is None and not markers.ours(context.scene):
            cls.poll_message_set(tip_("No phones are shown"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Remove them."""
        from ..addon.bridge import markers

        markers.hide(context.scene)
        return {"FINISHED"}


class HEADROOM_OT_update_lips(OnPhones, JobOperator):  # noqa: N801
    """Let the lips follow the markers of phones and words."""

    bl_idname = "headroom.update_lips"
    bl_label = "Update Lips"
    bl_description = "Move the mouth to the phones as their markers are now; only the changed stretch is written"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    _change: Any = None

    def prepare(self, context: bpy.types.Context) -> Work:
        """Read the markers; the mouth is moved in the worker."""
        from ..addon.bridge import markers

        self._change = markers.prepare(context.scene)
        return self._change.work

    def finish(self, context: bpy.types.Context, result: "Performance | None") -> None:
        """Write what has changed."""
        from ..addon.bridge import markers

        change = self._change
        markers.apply(context.scene, change, result)
        markers.state(context.scene).problem = change.problem
        if change.problem:
            self.report({"WARNING"}, rpt_(change.problem))
        seconds = sum(high - low for low, high in change.edit.spans)
        self.report(
            {"INFO"}, rpt_(f"{change.head}: {seconds:.1f} s written again" if seconds else "No phone was changed")
        )


class HEADROOM_OT_add_phone(OnPhones, bpy.types.Operator):  # noqa: N801
    """Add a phone at the playhead."""

    bl_idname = "headroom.add_phone"
    bl_label = "Add Phone"
    bl_description = "Add a marker for a phone at the current frame; it lasts until the next one begins"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    phone: EnumProperty(name="Phone", description="Which phone", items=phone_items(), default="M")

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Add the marker; the lips follow with Update Lips."""
        from ..addon.bridge import markers

        if not markers.is_inside(context.scene, context.scene.frame_current):
            self.report({"ERROR"}, rpt_("The playhead is not within the sound; move it there"))
            return {"CANCELLED"}
        markers.add(context.scene, self.phone, context.scene.frame_current)
        return {"FINISHED"}


class HEADROOM_OT_retype_phone(AtPlayhead, bpy.types.Operator):  # noqa: N801
    """Make the phone at the playhead another one."""

    bl_idname = "headroom.retype_phone"
    bl_label = "Retype Phone"
    bl_description = "Make the phone at the current frame another one, by its ARPAbet label (M, SH, AA) or in IPA"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    text: StringProperty(name="Phone", description="ARPAbet such as M, SH or AA, in any case, or IPA")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for it."""
        from ..addon.bridge import markers

        marker = markers.at(context.scene, context.scene.frame_current)
        self.text = marker.name if marker is not None else ""
        return context.window_manager.invoke_props_dialog(self)  # type: ignore[return-value]

    def draw(self, context: bpy.types.Context) -> None:
        """One field, ready to be typed over."""
        self.layout.activate_init = True
        self.layout.prop(self, "text")

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Rename the marker, when that is a phone."""
        from ..addon.bridge import markers
        from ..core.speech.labels import read_label

        if not read_label(self.text):
            self.report({"ERROR"}, rpt_(f"{self.text!r}: is no phone; type ARPAbet such as M or SH, or IPA"))
            return {"CANCELLED"}
        markers.at(context.scene, context.scene.frame_current).name = self.text.strip()
        return {"FINISHED"}


class HEADROOM_OT_delete_phone(AtPlayhead, bpy.types.Operator):  # noqa: N801
    """Delete the phone at the playhead."""

    bl_idname = "headroom.delete_phone"
    bl_label = "Delete Phone"
    bl_description = "Delete the marker of the phone at the current frame; its time goes to the phone before it"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Remove the marker; the lips follow with Update Lips."""
        from ..addon.bridge import markers

        context.scene.timeline_markers.remove(markers.at(context.scene, context.scene.frame_current))
        return {"FINISHED"}
