# mypy: disable-error-code="valid-type,override"
"""Choose among people: a grid of variants beside a head, one of which is kept."""

import random
from typing import TYPE_CHECKING

import bpy
from bpy.props import IntProperty

from ..addon.jobs import Work
from ..addon.translate import rpt_, tip_
from .person import NEW, ChangeOperator, HeadOperator, amount_property, head_or_reason

if TYPE_CHECKING:
    import numpy as np

    from ..core.head.identity import Identity
    from ..core.progress import Progress

    People = list[tuple[Identity, np.ndarray]]


class HEADROOM_OT_variants(HeadOperator):  # noqa: N801
    """Show nine variants of the active head beside it."""

    bl_idname = "headroom.variants"
    bl_label = "Grid of Variants"
    bl_description = "Show nine variants of the active head beside it; what is locked stays. Select one and keep it"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    seed: IntProperty(name="Seed", description="Which variants; -1 draws some", default=NEW, min=NEW)
    amount: amount_property()

    def prepare(self, context: bpy.types.Context) -> Work:
        """Read who the head is now; the variants are drawn in the worker."""
        from ..addon.bridge import heads
        from ..addon.person import locked
        from ..core.head import generate

        body, _ = head_or_reason(context)
        self._target = body.name
        self.seed = random.randrange(2**31 - 10) if self.seed == NEW else self.seed
        identity, level, keep = heads.drawn_of(body), heads.level_of(body), locked(body)

        def work(progress: "Progress") -> "People":
            people = []
            for k in range(9):
                progress(k / 9, f"Variant {k + 1}")
                variant = generate.vary(identity, self.seed + k, self.amount, keep)
                people.append((variant, generate.neutral(variant, level)))
            return people

        return work

    def finish(self, context: bpy.types.Context, result: "People") -> None:
        """Hang them beside the head, in place of earlier ones."""
        from ..addon.bridge import variants, views
        from ..core.errors import InputError

        body: bpy.types.Object | None = bpy.data.objects.get(self._target)
        if body is None or len(body.data.vertices) != len(result[0][1]):
            raise InputError(f"{self._target} has gone or was changed meanwhile; press Grid of Variants again")
        variants.remove_grid(body)
        middle = variants.add_grid(body, result)
        views.show(context, [body, *middle.users_collection[0].objects])
        self.report({"INFO"}, rpt_("Select the variant that you like and press Keep This One"))


class HEADROOM_OT_keep_variant(ChangeOperator):  # noqa: N801
    """Make the head the person that the selected variant shows."""

    bl_idname = "headroom.keep_variant"
    bl_label = "Keep This One"
    bl_description = "Make the head the person that the selected variant shows, and remove the variants"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants a variant, and the head that it belongs to."""
        from ..addon.bridge import heads, variants

        reason = "Select one of the variants of a head"
        if variants.variant_of(context.active_object):
            head = variants.head_of(context.active_object)
            reason = heads.why_not_change(head) if head is not None else "The head of this variant is gone"
        if reason:
            cls.poll_message_set(tip_(reason))
        return not reason

    def prepare(self, context: bpy.types.Context) -> Work:
        """Read whom the variant shows; all shapes of that person are made in the worker."""
        from ..addon.bridge import heads, variants
        from ..core.head import generate
        from ..core.head.identity import Identity

        stored, head = variants.variant_of(context.active_object), variants.head_of(context.active_object)
        self._target = head.name
        identity, level = Identity.from_json(stored["identity"]), heads.level_of(head)
        return lambda progress: (identity, level, generate.decode(identity, level, progress))

    def finish(self, context: bpy.types.Context, result: object) -> None:
        """Change the head, and take the variants away."""
        from ..addon.bridge import heads, variants

        super().finish(context, result)  # type: ignore[arg-type]
        head = bpy.data.objects[self._target]
        variants.remove_grid(head)
        heads.select_only(head)
