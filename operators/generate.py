"""Make a new head."""

import bpy
from bpy.props import IntProperty, StringProperty

from ..addon.jobs import JobOperator, Work


class HEADROOM_OT_generate_head(JobOperator, bpy.types.Operator):  # noqa: N801
    """Make a new head with shape keys, materials and an armature."""

    bl_idname = "headroom.generate_head"
    bl_label = "Generate Head"
    bl_description = "Add a new head with shape keys, materials and an armature at the 3D cursor"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    seed: IntProperty(name="Seed", description="Another number gives another person", default=0, min=0)
    set: StringProperty(
        name="Attributes", description="What to ask for, such as age=60 jaw_width=1.5; empty leaves all to the seed"
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Heads are added in Object Mode."""
        if context.mode != "OBJECT":
            cls.poll_message_set("Switch to Object Mode first")
            return False
        return True

    def prepare(self, context: bpy.types.Context) -> Work:
        """Turn the properties into options; generating reads nothing from the scene."""
        from ..addon.arguments import assignments
        from ..core.head.generate import GenerateOptions, generate

        options = GenerateOptions(seed=self.seed, set=assignments(self.set, "attributes"))
        return lambda progress: generate(options, progress)

    def finish(self, context: bpy.types.Context, result: object) -> None:
        """Add the head at the 3D cursor, selected."""
        from ..addon.bridge import heads

        body = heads.add_head(result, scene=context.scene)
        (body.parent or body).location = context.scene.cursor.location
        self.report({"INFO"}, f"{body.name}: {len(body.data.vertices):,} vertices, {len(result.shape_names)} shapes")
