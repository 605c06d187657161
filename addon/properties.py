# mypy: disable-error-code="valid-type"
"""What Headroom remembers in a scene, and what it shows while it works."""

import dataclasses
from typing import Any

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from . import person
from .keys import KeysProperties, layer_property
from .speaking import RELATIVE, LipsyncProperties, TakeProperties
from .translate import iface_

NAME = "headroom"


def is_speaker(_: Any, candidate: bpy.types.Object) -> bool:
    """Let only speakers be chosen."""
    return candidate.type == "SPEAKER"


SLIDERS = ("strength", "jaw", "lips", "tongue", "dynamics", "smoothing", "lead")
TAKE_SLIDERS = ("strength", "jaw", "lips", "head")
PHONES = ("closure", "teeth", "vowels", "rounding", "spreading", "consonants")
TUNING = ("visemes", "articulation", *SLIDERS, "head", *PHONES, "keys_error", "stepped", "step")
"""Settings of the panel Speak that hold for any sound and take: what presets keep."""

SKULL = ("neutral", "frame", "smoothing", "motion", "bone", "face", "ordered", "sparsity", "steadiness")
"""Settings of stabilizing that hold for any capture."""

LEVELS = (
    ("game", "Game", "Few vertices, for real time; every shape"),
    ("standard", "Standard", "What the model makes"),
    ("film", "Film", "Four times the faces of Standard, for close-ups"),
)


def level_property() -> Any:
    """Declare the choice of a level of detail."""
    return EnumProperty(name="Level", description="How finely the head is built", items=LEVELS, default="standard")


class GenerateProperties:
    """The fields of `core.head.generate.GenerateOptions` as Blender properties; a test holds them together."""

    seed: IntProperty(name="Seed", description="Another number gives another person", default=0, min=0)
    variety: FloatProperty(
        name="Variety",
        description="How far from the average face a person may be",
        default=0.8,
        min=0.0,
        max=1.5,
        subtype="FACTOR",
    )
    level: level_property()


class HeadroomAttribute(bpy.types.PropertyGroup):
    """One attribute of the next head that is not left to the seed; `name` is the group's own, the value a wish."""


FACES = (
    ("CACHE", "Cache", "A PC2 file beside the .blend, played by a Mesh Cache modifier"),
    ("KEYS", "Shape Keys", "One shape key per frame, for short captures"),
)
MOTIONS = (
    ("EMPTY", "Empty", "An empty that carries the stabilized face"),
    ("BONE", "Bone", "A bone, such as the head of a Headroom rig; the stabilized face stays in place"),
    ("NONE", "Nowhere", "It is left out"),
)
CAPTURES = (
    ("OBJECT", "Object", "The active mesh: its cache, its animation or its set of shape keys", "MESH_DATA", 0),
    ("FOLDER", "Folder", "A folder of .obj or .ply files, one frame each", "FILE_FOLDER", 1),
)


def is_armature(_: Any, candidate: bpy.types.Object) -> bool:
    """Let only armatures be chosen."""
    return candidate.type == "ARMATURE"


def has_keys(_: Any, candidate: bpy.types.Object) -> bool:
    """Let only meshes with shape keys be chosen."""
    return candidate.type == "MESH" and candidate.data.shape_keys is not None


class StabilizeProperties:
    """The fields of `core.stabilize.stabilize.StabilizeOptions`, the reference in an artist's terms, and where to."""

    neutral: BoolProperty(
        name="Most Neutral", description="Hold the skull to the frame with the least expression", default=True
    )
    frame: IntProperty(
        name="Frame",
        description="Scene frame to hold the skull to; in a set of expressions its number, from 0",
        default=1,
    )
    smoothing: FloatProperty(
        name="Smoothing mm",
        description="Millimetres of jitter to take out of the skull's motion; it does not lag",
        default=0.0,
        min=0.0,
        max=5.0,
        soft_max=1.0,
        precision=2,
    )
    motion: EnumProperty(name="Motion To", description="Where the skull's motion goes", items=MOTIONS)
    bone: StringProperty(name="Bone", description="Name of the bone that gets the motion", default="head")
    face: EnumProperty(name="Face As", description="How the stabilized face is kept", items=FACES)


class FolderProperties:
    """A folder of meshes to stabilize, and what its files are."""

    folder: StringProperty(
        name="Folder", description="Folder of .obj or .ply files", subtype="DIR_PATH", options=RELATIVE
    )
    ordered: BoolProperty(
        name="In Order", description="The files are frames in time, not a set of expressions", default=True
    )


class SolveProperties:
    """The fields of `core.stabilize.solve.SolveOptions` as Blender properties."""

    sparsity: FloatProperty(
        name="Sparsity",
        description="Prefers few shapes that explain much to many that explain little",
        default=0.002,
        min=0.0,
        max=1.0,
        soft_max=0.05,
        precision=4,
    )
    steadiness: FloatProperty(
        name="Steadiness",
        description="Holds values on a steady course from frame to frame",
        default=0.1,
        min=0.0,
        max=10.0,
        soft_max=1.0,
    )


class HeadroomStabilize(StabilizeProperties, FolderProperties, SolveProperties, bpy.types.PropertyGroup):
    """Choices of the Stabilize panel, stored with the scene."""

    source: EnumProperty(name="Source", description="What to stabilize", items=CAPTURES)
    rig: PointerProperty(name="Rig", description="Armature with the bone", type=bpy.types.Object, poll=is_armature)
    head: PointerProperty(
        name="Shapes of",
        description="Mesh of the same vertices with ARKit's shape keys; empty takes those of the original",
        type=bpy.types.Object,
        poll=has_keys,
    )


class HeadroomSettings(GenerateProperties, TakeProperties, LipsyncProperties, KeysProperties, bpy.types.PropertyGroup):
    """Choices of the sidebar, stored with the scene."""

    take: StringProperty(
        name="Take", description="CSV file of the app Live Link Face", subtype="FILE_PATH", options=RELATIVE
    )

    attributes: CollectionProperty(type=HeadroomAttribute)
    wishes: PointerProperty(type=person.HeadroomWishes)
    stabilize: PointerProperty(type=HeadroomStabilize)
    layer: layer_property()
    count: IntProperty(name="Count", description="How many people", default=5, min=1, max=200, soft_max=50)
    amount: FloatProperty(
        name="Amount",
        description="From the same person (0) to anyone (1)",
        default=0.3,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )
    speaker: PointerProperty(
        name="Speaker", description="Speaker object with the sound", type=bpy.types.Object, poll=is_speaker
    )


class HeadroomStatus(bpy.types.PropertyGroup):
    """What is going on right now; lives in the window manager, so it is never saved and never undone."""

    running: BoolProperty()
    stop: BoolProperty()
    title: StringProperty()
    stage: StringProperty()
    left: StringProperty()
    done: FloatProperty(min=0.0, max=1.0, subtype="FACTOR")

    def start(self, title: str) -> None:
        """Begin to show progress."""
        self.title, self.stage, self.left = title, "Starting", ""
        self.done, self.stop, self.running = 0.0, False, True

    def show(self, context: bpy.types.Context, done: float, stage: str, left: str = "") -> None:
        """Show a new state in the panel and in the status bar: how much is done (0..1), of what, and the time left."""
        self.done, self.stage, self.left = done, stage, left
        context.workspace.status_text_set(
            iface_(f"{iface_(self.title)}: {iface_(stage)} {self.how_far()}   (Esc stops it)")
        )
        redraw(context)

    def how_far(self) -> str:
        """Say how much is done, and how long it will still take where that is known."""
        return f"{self.done:.0%}, {iface_(self.left)}" if self.left else f"{self.done:.0%}"

    def finish(self, context: bpy.types.Context) -> None:
        """Show no progress any more."""
        self.running = self.stop = False
        for workspace in bpy.data.workspaces:  # it may have been changed meanwhile
            workspace.status_text_set(None)
        redraw(context)


def redraw(context: bpy.types.Context) -> None:
    """Have the sidebars of every window drawn again, and Preferences."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("VIEW_3D", "PREFERENCES"):
                area.tag_redraw()


def settings_of(scene: bpy.types.Scene) -> HeadroomSettings:
    """Give a scene's settings."""
    return scene.headroom  # type: ignore[attr-defined]


def status_of(context: bpy.types.Context) -> HeadroomStatus:
    """Give what is going on right now."""
    return context.window_manager.headroom  # type: ignore[attr-defined]


def attach() -> None:
    """Hang the groups onto scenes and the window manager; after their classes are registered."""
    setattr(bpy.types.Scene, NAME, PointerProperty(type=HeadroomSettings))  # type: ignore[func-returns-value]
    setattr(bpy.types.WindowManager, NAME, PointerProperty(type=HeadroomStatus))  # type: ignore[func-returns-value]
    person.attach()


def detach() -> None:
    """Undo `attach`."""
    person.detach()
    delattr(bpy.types.Scene, NAME)
    delattr(bpy.types.WindowManager, NAME)


def options_from(options_class: type, holder: Any, **others: Any) -> Any:
    """Build an options object from the Blender properties of the same names; `others` win."""
    names = [field.name for field in dataclasses.fields(options_class) if hasattr(holder, field.name)]
    values = {name: getattr(holder, name) for name in names} | others
    for name, value in values.items():
        if isinstance(value, float):
            values[name] = float(f"{value:.6g}")  # Blender keeps 32 bits: 0.2 comes back as 0.20000000298
    return options_class(**values)


def attributes_text(settings: HeadroomSettings) -> str:
    """Spell the chosen attributes as the operator and the command line take them."""
    return " ".join(f"{item.name}={getattr(settings.wishes, item.name):.4g}" for item in settings.attributes)


def hand_over(holder: Any, operator: Any) -> None:
    """Copy the settings that an operator takes too; objects are handed over by name."""
    for name in operator.bl_rna.properties.keys():
        if name != "rna_type" and hasattr(holder, name):
            value = getattr(holder, name)
            if isinstance(value, bpy.types.Object) or value is None:
                value = value.name if value is not None else ""
            setattr(operator, name, value)
