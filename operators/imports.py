# mypy: disable-error-code="valid-type,override"
"""Bring in what Blender has no reader for: takes of Live Link Face, and Headroom's own head files."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty, StringProperty

from ..addon.jobs import Work
from ..addon.keys import KeysProperties
from ..addon.properties import options_from, settings_of
from ..addon.speaking import TakeProperties
from ..addon.translate import rpt_
from .files import FromFile
from .where import InObjectMode, OnSpeaker, over_viewport, speaker_of, still_there

if TYPE_CHECKING:
    from ..addon.bridge.actions import Ready
    from ..core.head.head import Head
    from ..core.head.identity import Identity
    from ..core.performance import Performance
    from ..core.progress import Progress

STARTS = (
    ("CURRENT", "Current Frame", "The take begins where the playhead is"),
    ("SCENE", "Scene Start", "The take begins at the scene's first frame"),
    ("SPEAK", "Panel Speak", "The take begins at the frame that the panel Speak says"),
)
LAYINGS = (
    ("OWN", "Capture", "All on one layer of its own; what is on other layers stays, and is added to it"),
    ("PARTS", "Lips, Brows …", "On the layers that lip sync writes; what Headroom wrote on these before is replaced"),
)


class _LiveLink(KeysProperties, TakeProperties, FromFile):
    """Let the active head play a take of Live Link Face."""

    filter_glob: StringProperty(default="*.csv", options={"HIDDEN"})
    at: EnumProperty(name="From", description="Where the take begins", items=STARTS)
    layers: EnumProperty(name="Layer", description="Which layers the take is laid on", items=LAYINGS)

    def prepare(self, context: bpy.types.Context) -> Work:
        """Remember head and frame; the file is read, and its keys are made, in the worker."""
        from ..addon.bridge import played, sound
        from ..core.amounts import Amounts
        from ..core.curves.reduce import ReduceOptions
        from ..core.formats import livelink

        self._target = speaker_of(context).name
        path, scene = self.chosen(), context.scene
        starts = {"SCENE": scene.frame_start, "SPEAK": settings_of(scene).start, "CURRENT": scene.frame_current}
        self._start = start = starts[self.at]
        self._keys = keys = options_from(ReduceOptions, self)
        amounts = options_from(Amounts, self)
        fps, one_layer = sound.frames_per_second(scene), self.layers == "OWN"

        def work(progress: "Progress") -> "tuple[Performance, Ready]":
            progress(0.0, "Reading the take")
            take = livelink.read(path)
            take = played.on_one_layer(take) if one_layer else take
            return played.ready(take, amounts, start, fps, keys, progress)

        return work

    def finish(self, context: bpy.types.Context, result: "tuple[Performance, Ready]") -> None:
        """Write the take's keys and make room for it in the scene."""
        from ..addon import preview
        from ..addon.bridge import played

        body = still_there(self._target)
        preview.stop(body)
        take, made = result
        done, warnings = played.play(take, made, body, self._start, context.scene, self._keys)
        for warning in warnings:
            self.report({"WARNING"}, rpt_(warning))
        self.report({"INFO"}, rpt_(done))


class HEADROOM_OT_import_live_link(OnSpeaker, _LiveLink):  # noqa: N801
    """Let the active head play a take: what menus show."""

    bl_idname = "headroom.import_live_link"
    bl_label = "Import Live Link"
    bl_description = "Let the active head play a take that the app Live Link Face recorded, with few keys to edit"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012


class HEADROOM_OT_drop_live_link(_LiveLink):  # noqa: N801
    """The same for a dropped take: without a head it says so; Blender passes over a grey operator in silence."""

    bl_idname = "headroom.drop_live_link"
    bl_label = "Import Live Link"
    bl_description = "Let the active head play the take that was dropped"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}  # noqa: RUF012


class HEADROOM_OT_import_head(InObjectMode, FromFile):  # noqa: N801
    """Add the head of a head file."""

    bl_idname = "headroom.import_head"
    bl_label = "Import Headroom Head"
    bl_description = "Add a head that was saved as an .npz file, with its shapes and its rig, at the 3D cursor"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    filter_glob: StringProperty(default="*.npz", options={"HIDDEN"})

    def prepare(self, context: bpy.types.Context) -> Work:
        """All is read and checked in the worker."""
        path = self.chosen()

        def work(progress: "Progress") -> "tuple[Head, Identity | None]":
            from ..addon import headcheck, headfile

            progress(0.0, "Reading the head")
            head = headcheck.checked(headfile.load(path), path)
            return head, headcheck.identity_of(head)

        return work

    def finish(self, context: bpy.types.Context, result: "tuple[Head, Identity | None]") -> None:
        """Add the head, selected; with its sliders where the file knows who it is."""
        from ..addon import person
        from ..addon.bridge import heads, views

        head, identity = result
        level = str(head.provenance.get("level", "standard"))
        body = heads.add_head(head, identity, level, scene=context.scene)
        heads.stand(body, context.scene, context.scene.cursor.location)
        if identity is not None:
            person.show(body, identity.attributes)
        views.show(context, [body])
        self.report(
            {"INFO"}, rpt_(f"{body.name}: {len(body.data.vertices):,} vertices, {len(head.shape_names)} shapes")
        )


class HEADROOM_FH_live_link(bpy.types.FileHandler):  # noqa: N801
    """Lets a Live Link take that is dropped on the viewport be played by the active head."""

    bl_idname = "HEADROOM_FH_live_link"
    bl_label = "Live Link Face"
    bl_import_operator = "headroom.drop_live_link"
    bl_file_extensions = ".csv"

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Only over a viewport."""
        return over_viewport(context)


class HEADROOM_FH_head(bpy.types.FileHandler):  # noqa: N801
    """Lets a head file that is dropped on the viewport be added."""

    bl_idname = "HEADROOM_FH_head"
    bl_label = "Headroom Head"
    bl_import_operator = "headroom.import_head"
    bl_file_extensions = ".npz"

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Only over a viewport in Object Mode."""
        return over_viewport(context) and context.mode == "OBJECT"
