# mypy: disable-error-code="valid-type,override"
"""Make a new head."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty

from ..addon.jobs import JobOperator, Work
from ..addon.properties import GenerateProperties, options_from, settings_of

if TYPE_CHECKING:
    from ..core.head.head import Head


class HEADROOM_OT_generate_head(GenerateProperties, JobOperator):  # noqa: N801
    """Make a new head with shape keys, materials and an armature."""

    bl_idname = "headroom.generate_head"
    bl_label = "Generate Head"
    bl_description = "Add a new head with shape keys, materials and an armature at the 3D cursor"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    set: StringProperty(
        name="Attributes", description="What to fix, such as nose_width=1.5 skin_tone=0.3; empty leaves all to the seed"
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

        options = options_from(GenerateOptions, self, set=assignments(self.set))
        return lambda progress: generate(options, progress)

    def finish(self, context: bpy.types.Context, result: "Head") -> None:
        """Add the head at the 3D cursor, selected."""
        from ..addon.bridge import heads

        body = heads.add_head(result, scene=context.scene)
        (body.parent or body).location = context.scene.cursor.location
        self.report({"INFO"}, f"{body.name}: {len(body.data.vertices):,} vertices, {len(result.shape_names)} shapes")


def _attributes(self: object, context: bpy.types.Context | None) -> list[tuple[str, str, str]]:
    """List the attributes that a head knows; kept alive here, since Blender does not copy the words."""
    from ..core.head.attributes import ATTRIBUTES

    _items[:] = [(name, name.replace("_", " ").title(), rule.help) for name, rule in ATTRIBUTES.items()]
    return _items


_items: list[tuple[str, str, str]] = []


class HEADROOM_OT_add_attribute(bpy.types.Operator):  # noqa: N801
    """Choose something about the next head instead of leaving it to the seed."""

    bl_idname = "headroom.add_attribute"
    bl_label = "Fix Attribute"
    bl_description = "Choose something about the next head instead of leaving it to the seed"
    bl_options = {"INTERNAL", "UNDO"}  # noqa: RUF012

    name: EnumProperty(name="Attribute", description="What to choose", items=_attributes)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Add it in the middle of its range; a second time does nothing."""
        from ..core.head.attributes import ATTRIBUTES

        chosen = settings_of(context.scene).attributes
        if self.name not in chosen:
            item, rule = chosen.add(), ATTRIBUTES[self.name]
            item.name, item.value = self.name, (rule.low + rule.high) / 2
        return {"FINISHED"}


class HEADROOM_OT_remove_attribute(bpy.types.Operator):  # noqa: N801
    """Leave an attribute to the seed again."""

    bl_idname = "headroom.remove_attribute"
    bl_label = "Leave to the Seed"
    bl_description = "Leave this attribute to the seed again"
    bl_options = {"INTERNAL", "UNDO"}  # noqa: RUF012

    index: IntProperty(min=0)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Remove it from the list."""
        settings_of(context.scene).attributes.remove(self.index)
        return {"FINISHED"}
