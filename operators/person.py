# mypy: disable-error-code="valid-type,override"
"""Change a head that is there: another person, a variation, another level of detail; its animation stays."""

import dataclasses
import random
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import FloatProperty, IntProperty, StringProperty

from ..addon.jobs import JobOperator, Work
from ..addon.properties import level_property, settings_of
from ..addon.translate import tip_

if TYPE_CHECKING:
    from ..core.head.head import Head
    from ..core.head.identity import Identity

    Changed = tuple[Identity, str, Head]

NEW = -1
"""A seed that stands for drawing one."""


def head_or_reason(context: bpy.types.Context) -> tuple[bpy.types.Object | None, str]:
    """Give the active Headroom head (also by its rig), and why there is none to work on."""
    from ..addon.bridge.heads import head_of, instanced, why_not_change

    body = head_of(context.active_object)
    if context.mode != "OBJECT":
        return None, "Switch to Object Mode first"
    if body is None:
        return None, instanced(context.active_object) or "Select a head that Headroom made"
    reason = why_not_change(body)
    return (None, reason) if reason else (body, "")


def amount_property() -> Any:
    """Declare how far a variation goes, where an operator draws one."""
    return FloatProperty(  # type: ignore[func-returns-value]
        name="Amount", description="From the same person (0) to anyone (1)", default=0.3, min=0.0, max=1.0,
        subtype="FACTOR",
    )  # fmt: skip


class OnHead:
    """What operators on the active head have in common."""

    poll_message_set: Any

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants one of our heads, and says why when there is none."""
        _, reason = head_or_reason(context)
        if reason:
            cls.poll_message_set(tip_(reason))
        return not reason


class HeadOperator(OnHead, JobOperator):
    """Base of operators with long work on the active head."""


class ChangeOperator(HeadOperator):
    """Base of operators that make the active head another one; subclasses say whom and at which level."""

    def change(self, body: bpy.types.Object, identity: "Identity") -> "tuple[Identity, str]":
        """Say whom a head shall become and at which level; raises `InputError` for bad wishes."""
        raise NotImplementedError

    def prepare(self, context: bpy.types.Context) -> Work:
        """Read who the head is now; whom it becomes is made in the worker."""
        from ..addon.bridge import heads
        from ..core.head import generate

        body, _ = head_or_reason(context)
        self._target = body.name
        wanted, level = self.change(body, heads.drawn_of(body))
        asked = {"seed": self.seed} if hasattr(self, "seed") else {}
        return lambda progress: (wanted, level, generate.decode(wanted, level, progress, asked))

    def finish(self, context: bpy.types.Context, result: "Changed") -> None:
        """Write the new person onto the head."""
        from ..addon import editing
        from ..core.errors import InputError

        body: bpy.types.Object | None = bpy.data.objects.get(self._target)
        if body is None or body.type != "MESH" or body.data.shape_keys is None:
            raise InputError(f"{self._target} has gone or lost its shape keys meanwhile; select a head and try again")
        identity, level, head = result
        editing.write(body, head, identity, level)


class HEADROOM_OT_randomize_head(ChangeOperator):  # noqa: N801
    """Make the active head another person."""

    bl_idname = "headroom.randomize_head"
    bl_label = "Randomize"
    bl_description = "Make the active head another person; what is locked, its animation and its materials stay"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    seed: IntProperty(name="Seed", description="Which person; -1 draws one", default=NEW, min=NEW)

    def change(self, body: bpy.types.Object, identity: "Identity") -> "tuple[Identity, str]":
        """All of it is drawn anew, but what is locked."""
        from ..addon.bridge.heads import level_of
        from ..addon.person import locked
        from ..core.head import generate

        self.seed = _drawn(self.seed)
        keep = locked(body)
        if keep:
            return generate.vary(identity, self.seed, 1.0, keep), level_of(body)
        options = generate.GenerateOptions(
            seed=self.seed, variety=settings_of(bpy.context.scene).variety, level=level_of(body)
        )
        return generate.identify(options), level_of(body)


class HEADROOM_OT_vary_head(ChangeOperator):  # noqa: N801
    """Make the active head a relative of itself."""

    bl_idname = "headroom.vary_head"
    bl_label = "Vary"
    bl_description = "Change the active head a little; what is locked stays as it is"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    seed: IntProperty(name="Seed", description="Which variation; -1 draws one", default=NEW, min=NEW)
    amount: amount_property()

    def change(self, body: bpy.types.Object, identity: "Identity") -> "tuple[Identity, str]":
        """Some of it is drawn anew."""
        from ..addon.bridge.heads import level_of
        from ..addon.person import locked
        from ..core.head import generate

        self.seed = _drawn(self.seed)
        return generate.vary(identity, self.seed, self.amount, locked(body)), level_of(body)


class HEADROOM_OT_rebuild_head(ChangeOperator):  # noqa: N801
    """Make the active head again from what it remembers."""

    bl_idname = "headroom.rebuild_head"
    bl_label = "Rebuild Head"
    bl_description = (
        "Make the active head again from its stored attributes, at this level of detail; "
        "animation, materials, modifiers and own vertex groups stay"
    )
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    level: level_property()
    set: StringProperty(name="Attributes", description="What to change, such as age=60; empty changes nothing")

    def change(self, body: bpy.types.Object, identity: "Identity") -> "tuple[Identity, str]":
        """The same person but for what is set; shapes that were changed by hand are made again."""
        from ..addon.arguments import assignments
        from ..core.head import attributes

        wanted = assignments(self.set)
        attributes.check(wanted)
        return dataclasses.replace(identity, attributes={**identity.attributes, **wanted}), self.level

    def invoke(self, context: bpy.types.Context, event: Any) -> set[str]:
        """Start from the level that the head has."""
        from ..addon.bridge.heads import level_of

        body, _ = head_or_reason(context)
        if not self.properties.is_property_set("level") and body is not None:
            self.level = level_of(body)
        return super().invoke(context, event)


class HEADROOM_OT_reset_head(ChangeOperator):  # noqa: N801
    """Make the active head the person that it was when it was generated."""

    bl_idname = "headroom.reset_head"
    bl_label = "Reset"
    bl_description = "Make the active head the person again that it was when it was generated"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def change(self, body: bpy.types.Object, identity: "Identity") -> "tuple[Identity, str]":
        """It remembers whom it was born as."""
        from ..addon.bridge.heads import level_of, recipe
        from ..core.head.identity import Identity

        return Identity.from_json(recipe(body)["born"]), level_of(body)


def _drawn(seed: int) -> int:
    return random.randrange(2**31 - 1) if seed == NEW else seed
