# mypy: disable-error-code="valid-type,override"
"""Make new heads: one, or a crowd."""

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import EnumProperty, FloatProperty, IntProperty, StringProperty

from ..addon.jobs import JobOperator, Work
from ..addon.properties import GenerateProperties, attributes_text, options_from, settings_of
from ..addon.translate import iface_, rpt_, tip_
from .sidebar import FromSidebar
from .where import InObjectMode

if TYPE_CHECKING:
    from ..core.head.generate import GenerateOptions
    from ..core.head.head import Head
    from ..core.head.identity import Identity
    from ..core.progress import Progress

    Made = tuple[Identity, Head]


class _Making(FromSidebar, InObjectMode, GenerateProperties, JobOperator):
    """What making one head and making many have in common."""

    set: StringProperty(
        name="Attributes", description="What to fix, such as age=60 nose_width=1.5; empty leaves all to the seed"
    )

    def take_over(self, context: bpy.types.Context) -> None:
        """What is fixed goes over as one text."""
        super().take_over(context)
        self.set = attributes_text(self.settings(context))

    def wanted(self, **others: object) -> "GenerateOptions":
        """Turn the properties into options; raises `InputError` for bad ones."""
        from ..addon.arguments import assignments
        from ..core.head.generate import GenerateOptions

        return options_from(GenerateOptions, self, set=assignments(self.set), **others)


class HEADROOM_OT_generate_head(_Making):  # noqa: N801
    """Make a new head with shape keys, materials and a rig."""

    bl_idname = "headroom.generate_head"
    bl_label = "Generate Head"
    bl_description = "Add a new head with shape keys, materials and a rig at the 3D cursor"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def prepare(self, context: bpy.types.Context) -> Work:
        """Turn the properties into options; generating reads nothing from the scene."""
        options = self.wanted()
        return lambda progress: make(options, progress)

    def finish(self, context: bpy.types.Context, result: "Made") -> None:
        """Add the head at the 3D cursor, selected, and where the artist sees it."""
        from ..addon.bridge import views

        identity, head = result
        body = add(context.scene, identity, head, self.level, context.scene.cursor.location)
        views.show(context, [body])
        self.report(
            {"INFO"}, rpt_(f"{body.name}: {len(body.data.vertices):,} vertices, {len(head.shape_names)} shapes")
        )


class HEADROOM_OT_generate_crowd(_Making):  # noqa: N801
    """Make many heads at once."""

    bl_idname = "headroom.generate_crowd"
    bl_label = "Generate Crowd"
    bl_description = "Add several different people side by side, from this seed on; one step of undo takes all back"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    count: IntProperty(name="Count", description="How many people", default=5, min=1, max=200, soft_max=50)
    spacing: FloatProperty(
        name="Spacing", description="Metres from one head to the next", default=0.5, min=0.1, max=10.0
    )

    def prepare(self, context: bpy.types.Context) -> Work:
        """One seed after the other, with the same wishes."""
        from ..core.progress import part

        each = [self.wanted(seed=self.seed + k) for k in range(self.count)]

        def work(progress: "Progress") -> "list[Made]":
            share = 1 / len(each)
            return [make(options, part(progress, k * share, (k + 1) * share)) for k, options in enumerate(each)]

        return work

    def finish(self, context: bpy.types.Context, result: "list[Made]") -> None:
        """Add them in rows, the first at the 3D cursor, to its left the next."""
        from ..addon.bridge import views
        from ..addon.bridge.heads import units_per_metre

        columns = math.ceil(math.sqrt(len(result)))
        start = context.scene.cursor.location.copy()
        apart = self.spacing * units_per_metre(context.scene)
        made = []
        for k, (identity, head) in enumerate(result):
            place = start.copy()
            place.x += apart * (k % columns)
            place.y += apart * (k // columns)
            made.append(add(context.scene, identity, head, self.level, place))
        for body in made:
            body.select_set(True)
        views.show(context, made)
        self.report({"INFO"}, rpt_(f"{len(made)} heads"))


def make(options: "GenerateOptions", progress: "Progress") -> "Made":
    """Make a person and the head of that person, from options."""
    from ..core.head import generate

    identity = generate.identify(options)
    return identity, generate.decode(identity, options.level, progress, dataclasses.asdict(options))


def add(scene: bpy.types.Scene, identity: "Identity", head: "Head", level: str, place: Any) -> bpy.types.Object:
    """Add a head to a scene at a place, with its sliders where it has its attributes."""
    from ..addon import person
    from ..addon.bridge import heads

    body = heads.add_head(head, identity, level, scene=scene)
    heads.stand(body, scene, place)
    person.show(body, identity.attributes)
    return body


class HEADROOM_OT_new_seed(bpy.types.Operator):  # noqa: N801
    """Draw another seed for the next head."""

    bl_idname = "headroom.new_seed"
    bl_label = "New Seed"
    bl_description = "Draw another seed: the next head is another person"
    bl_options = {"INTERNAL", "UNDO"}  # noqa: RUF012

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Any number will do."""
        import random

        settings_of(context.scene).seed = random.randrange(100_000)
        return {"FINISHED"}


def _attributes(self: object, context: bpy.types.Context | None) -> list[tuple[str, str, str]]:
    """List the attributes that a head knows; kept alive here, since Blender does not copy the words."""
    from ..addon.person import description, title
    from ..core.head.attributes import ATTRIBUTES

    _items[:] = [(name, iface_(title(name)), tip_(description(name))) for name in ATTRIBUTES]
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
        """Add it where its slider stands; a second time does nothing."""
        chosen = settings_of(context.scene).attributes
        if self.name not in chosen:
            chosen.add().name = self.name
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


def _presets(self: object, context: bpy.types.Context | None) -> list[tuple[str, str, str]]:
    from ..core.head.presets import PRESETS

    _preset_items[:] = [
        (name, iface_(text), tip_(f"Fix what makes this: {iface_(text)}")) for name, (text, _) in PRESETS.items()
    ]
    return _preset_items


_preset_items: list[tuple[str, str, str]] = []


class HEADROOM_OT_preset(bpy.types.Operator):  # noqa: N801
    """Fix what a kind of person has in common."""

    bl_idname = "headroom.preset"
    bl_label = "Presets"
    bl_description = "Fix the attributes that a kind of person has in common; the seed decides the rest"
    bl_options = {"INTERNAL", "UNDO"}  # noqa: RUF012

    name: EnumProperty(name="Preset", description="What kind of person", items=_presets)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Put the preset's attributes in place of those that were fixed before."""
        from ..core.head.presets import preset

        settings = settings_of(context.scene)
        settings.attributes.clear()
        for name, value in preset(self.name).items():
            settings.attributes.add().name = name
            setattr(settings.wishes, name, value)
        return {"FINISHED"}
