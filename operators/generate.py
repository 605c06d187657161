"""Make a new head."""

from typing import TYPE_CHECKING

import bpy

from ..addon.jobs import JobOperator, Work
from ..addon.properties import GenerateProperties, options_from

if TYPE_CHECKING:
    from ..core.head.head import Head


class HEADROOM_OT_generate_head(GenerateProperties, JobOperator):  # noqa: N801
    """Make a new head with shape keys, materials and an armature."""

    bl_idname = "headroom.generate_head"
    bl_label = "Generate Head"
    bl_description = "Add a new head with shape keys, materials and an armature at the 3D cursor"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

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

        options = options_from(GenerateOptions, self, set=assignments(self.set))
        return lambda progress: generate(options, progress)

    def finish(self, context: bpy.types.Context, result: "Head") -> None:
        """Add the head at the 3D cursor, selected."""
        from ..addon.bridge import heads

        body = heads.add_head(result, scene=context.scene)
        (body.parent or body).location = context.scene.cursor.location
        self.report({"INFO"}, f"{body.name}: {len(body.data.vertices):,} vertices, {len(result.shape_names)} shapes")
