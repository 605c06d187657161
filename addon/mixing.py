"""Eyes and sliders of a head's layers. They keep nothing themselves: what they show and set are its NLA tracks."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import BoolProperty, FloatProperty, PointerProperty

from .keys import KEY_LAYERS

NAME = "headroom_mix"


def _shown(layer: str, name: str) -> Any:
    """Declare the eye of a layer."""

    def get(mix: Any) -> bool:
        from .bridge import stack

        return stack.is_shown(mix.id_data, layer)

    def put(mix: Any, shown: bool) -> None:
        from .bridge import stack

        stack.show(mix.id_data, layer, shown)

    return BoolProperty(
        name=f"Show {name}", description="Let this layer move the head; its keys stay either way", get=get, set=put,
        override={"LIBRARY_OVERRIDABLE"},
    )  # fmt: skip


def _strength(layer: str) -> Any:
    """Declare the slider of a layer."""

    def get(mix: Any) -> float:
        from .bridge import stack

        return stack.strength(mix.id_data, layer)

    def put(mix: Any, share: float) -> None:
        from .bridge import stack

        stack.set_strength(mix.id_data, layer, share)

    return FloatProperty(
        name="Strength", description="How much of this layer is played; its keys stay as they are",
        min=0.0, max=1.0, subtype="FACTOR", precision=2, get=get, set=put, override={"LIBRARY_OVERRIDABLE"},
    )  # fmt: skip


class HeadroomMix(bpy.types.PropertyGroup):
    """For each layer `<layer>_shown` and `<layer>_strength`."""

    __annotations__ = {
        **{f"{layer}_shown": _shown(layer, name) for layer, name, _ in KEY_LAYERS},
        **{f"{layer}_strength": _strength(layer) for layer, _, _ in KEY_LAYERS},
    }


def mix_of(body: bpy.types.Object) -> Any:
    """Give the eyes and sliders of a head."""
    return getattr(body, NAME)


def attach() -> None:
    """Hang them onto objects; after their class is registered."""
    hung: Any = PointerProperty(type=HeadroomMix, override={"LIBRARY_OVERRIDABLE"})  # type: ignore[func-returns-value]
    setattr(bpy.types.Object, NAME, hung)


def detach() -> None:
    """Undo `attach`."""
    delattr(bpy.types.Object, NAME)
