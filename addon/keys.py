# mypy: disable-error-code="valid-type"
"""How few keys there are to edit, as Blender properties."""

from typing import Any

from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty

KEY_LAYERS = (
    ("lips", "Lips", "Jaw, lips, cheeks and tongue"),
    ("brows", "Brows", "Eyebrows and forehead"),
    ("blinks", "Blinks", "Eyelids"),
    ("gaze", "Gaze", "Where the eyes look"),
    ("head", "Head", "Turns of the head"),
    ("emotion", "Emotion", "What lies over all others"),
    ("capture", "Capture", "A Live Link take on a layer of its own"),
)


def layer_property() -> Any:
    """Declare the choice of a layer."""
    return EnumProperty(name="Layer", description="Layer whose keys are meant", items=KEY_LAYERS)


class KeysProperties:
    """The fields of `core.curves.reduce.ReduceOptions` as Blender properties."""

    keys_error: FloatProperty(
        name="Error mm",
        description="Millimetres that few keys may leave the motion by, measured at the lips; 0 keys every frame",
        default=0.3,
        min=0.0,
        max=5.0,
        soft_max=2.0,
        precision=2,
    )
    stepped: BoolProperty(name="Stepped", description="Hold every pose for some frames, for 2D", default=False)
    step: IntProperty(name="Frames", description="How many frames a stepped pose is held", default=2, min=1, max=24)
