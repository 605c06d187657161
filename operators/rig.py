# mypy: disable-error-code="valid-type,override"
"""Give shapes and bones to a head that has none, by landmarks that an artist may drag."""

from typing import TYPE_CHECKING, Any

import bpy

from ..addon.jobs import JobOperator, Work
from ..addon.properties import options_from
from ..addon.rig_properties import RigProperties, settings_of
from ..addon.translate import rpt_, tip_
from .sidebar import FromSidebar

if TYPE_CHECKING:
    import numpy as np

    from ..core.progress import Progress
    from ..core.rig.rig import RiggedMesh


def bodies_of(context: bpy.types.Context) -> list[bpy.types.Object]:
    """Give the meshes that are meant: the active one and those selected with it; without an active one those that the
    landmarks belong to, since an artist who drags these has nothing else selected."""
    from ..addon.bridge import landmarks

    active = context.active_object
    others = [thing for thing in context.selected_objects if thing.type == "MESH" and thing != active]
    if active is not None and active.type == "MESH":
        return [active, *others]
    return landmarks.bodies_of(context.scene) or others


class OnMesh:
    """What operators on a head without shapes have in common."""

    poll_message_set: Any

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants a mesh in Object Mode, and says why when there is none."""
        from ..addon.bridge.rigging import why_not

        bodies = bodies_of(context)
        meant = bodies[0] if bodies else context.active_object
        reason = "Switch to Object Mode first" if context.mode != "OBJECT" else why_not(meant)
        if reason:
            cls.poll_message_set(tip_(reason))
        return not reason


class HEADROOM_OT_find_landmarks(OnMesh, JobOperator):  # noqa: N801
    """Find the landmarks of a face and show them."""

    bl_idname = "headroom.find_landmarks"
    bl_label = "Find Landmarks"
    bl_description = (
        "Find the face on the selected meshes and put an empty at each landmark, to be dragged where it is off"
    )
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def prepare(self, context: bpy.types.Context) -> Work:
        """Read the meshes; the face is looked for in the worker."""
        from ..addon.bridge import rigging
        from ..addon.rigging import find_marks

        gathered = rigging.gather(bodies_of(context))
        self._names = gathered.names
        return lambda progress: find_marks(gathered, progress)

    def finish(self, context: bpy.types.Context, result: "np.ndarray") -> None:
        """Show the landmarks, small enough to tell them apart."""
        from ..addon.bridge import landmarks
        from ..core.rig.fit import place

        there = context.scene.objects
        bodies = [there[name] for name in self._names if name in there]
        landmarks.show(result, context.scene, 0.0025 * place(result).scale, bodies)
        self.report({"INFO"}, rpt_("Face found; drag landmarks that are off, then press Give Shapes"))


class HEADROOM_OT_place_landmarks(OnMesh, bpy.types.Operator):  # noqa: N801
    """Put landmarks onto a head whose face is not found."""

    bl_idname = "headroom.place_landmarks"
    bl_label = "Place Landmarks"
    bl_description = (
        "Put the landmarks of a usual face onto the selected head, which looks along -Y, to be moved, scaled and "
        "dragged by hand: for heads whose face is not found. Delete those that have no place on it"
    )
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Show them, all selected, so that they can be moved onto the face together."""
        import math

        from ..addon.bridge import heads, landmarks
        from ..core.rig.fit import place

        bodies = bodies_of(context)
        marks = landmarks.usual(bodies)
        landmarks.show(marks, context.scene, 0.0025 * place(marks).scale, bodies, math.inf)
        shown = landmarks.shown(context.scene)
        heads.select_only(shown[0])
        for thing in shown:
            thing.select_set(True)
        self.report({"INFO"}, rpt_("Move and scale all landmarks onto the face, then drag those that are off"))
        return {"FINISHED"}


class HEADROOM_OT_clear_landmarks(bpy.types.Operator):  # noqa: N801
    """Take the landmarks away."""

    bl_idname = "headroom.clear_landmarks"
    bl_label = "Clear Landmarks"
    bl_description = "Take the landmarks away; the next Give Shapes looks for the face itself"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants landmarks."""
        from ..addon.bridge import landmarks

        there = bool(landmarks.shown(context.scene))
        if not there:
            cls.poll_message_set(tip_("There are no landmarks to take away"))
        return there

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Remove the empties."""
        from ..addon.bridge import heads, landmarks

        bodies = landmarks.bodies_of(context.scene)
        landmarks.clear(context.scene)
        if bodies and context.view_layer.objects.active is None:  # a landmark was: go on with the head
            heads.select_only(bodies[0])
        return {"FINISHED"}


class HEADROOM_OT_give_shapes(FromSidebar, RigProperties, OnMesh, JobOperator):  # noqa: N801
    """Give a head shapes and bones."""

    bl_idname = "headroom.give_shapes"
    bl_label = "Give Shapes"
    bl_description = (
        "Give the selected head all shapes of ARKit and the tongue, and bones for neck, jaw and eyes; select its eyes, "
        "teeth and lashes too when they are objects of their own. What the meshes have stays as it is"
    )
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def settings(self, context: bpy.types.Context) -> Any:
        """Those of the panel Rig Any Head."""
        return settings_of(context.scene)

    def prepare(self, context: bpy.types.Context) -> Work:
        """Read meshes and landmarks; all else is done in the worker."""
        from ..addon.bridge import landmarks, rigging
        from ..addon.rigging import find_marks, for_bodies
        from ..core.progress import part
        from ..core.rig.rig import rig
        from ..core.rig.rig_options import RigOptions

        bodies = bodies_of(context)
        self._gathered, marks = rigging.gather(bodies), landmarks.read(context.scene)
        self._options, self._warnings = for_bodies(bodies, options_from(RigOptions, self))
        if marks is not None and (whose := landmarks.bodies_of(context.scene)) and not set(whose) & set(bodies):
            marks = None
            self._warnings.append(f"the landmarks are of {whose[0].name}: the face was looked for again")
        self._served = marks is not None
        gathered, options = self._gathered, self._options

        def work(progress: "Progress") -> "RiggedMesh":
            if marks is not None:
                return rig(gathered.mesh, marks, options, progress)
            found = find_marks(gathered, part(progress, 0.0, 0.25))
            return rig(gathered.mesh, found, options, part(progress, 0.25, 1.0))

        return work

    def finish(self, context: bpy.types.Context, result: "RiggedMesh") -> None:
        """Write keys, bones and weights at once; the landmarks have served."""
        from ..addon.bridge import landmarks, rigging

        written = rigging.write(self._gathered, result, self._options, context.scene)
        if self._served:
            landmarks.clear(context.scene)
        for warning in (*self._warnings, *result.warnings):
            self.report({"WARNING"}, rpt_(warning[0].upper() + warning[1:]))
        kept = f", {len(written.kept)} of the same name kept" if written.kept else ""
        bones = f" and {len(result.joint_names)} bones" if written.rig is not None else ""
        self.report({"INFO"}, rpt_(f"{written.keys} shape keys{bones}{kept}"))
