# mypy: disable-error-code="valid-type,override"
"""Make an asset library, and use what is in it: expressions on the active head, heads at the 3D cursor."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ..addon.jobs import Work
from ..addon.properties import level_property, options_from, redraw
from ..addon.translate import rpt_
from .files import AsksForFile
from .where import InObjectMode, OnSpeaker

if TYPE_CHECKING:
    from ..core.progress import Progress


class HEADROOM_OT_make_asset_library(AsksForFile):  # noqa: N801
    """Make a library of sample heads, expressions and visemes."""

    bl_idname = "headroom.make_asset_library"
    bl_label = "Make Asset Library"
    bl_description = (
        "Make a folder of sample heads, expressions and visemes for the Asset Browser, and add it to Preferences; "
        "another Blender makes it in the background"
    )
    bl_options = {"REGISTER"}  # noqa: RUF012

    filepath: StringProperty(
        name="Folder", description="Folder for the library; made when it is not there", subtype="FILE_PATH",
        options={"SKIP_SAVE"},
    )  # fmt: skip
    filter_folder: BoolProperty(default=True, options={"HIDDEN"})
    level: level_property()
    heads: IntProperty(name="Heads", description="How many sample heads", default=10, min=0, max=10)
    size: IntProperty(
        name="Preview Size", description="Width and height of previews", default=256, min=32, max=512, subtype="PIXEL"
    )
    replace: BoolProperty(
        name="Replace Existing", description="Write over files of the library that are there", options={"SKIP_SAVE"}
    )

    def suggest(self) -> None:
        """The name of a new folder."""
        from ..addon import shelves

        self.filepath = str(shelves.default_folder())

    def prepare(self, context: bpy.types.Context) -> Work:
        """Look at the folder; all else happens in another Blender."""
        from ..addon import library, shelves
        from ..core.assets import AssetOptions

        folder = shelves.allowed(bpy.path.abspath(self.filepath))
        options, replace, builder = options_from(AssetOptions, self), self.replace, library.builder_elsewhere()
        library.refuse_existing(folder, options, replace)
        self._folder = folder

        def work(progress: "Progress") -> list[Path]:
            return library.make(folder, options, replace, progress, builder)

        return work

    def finish(self, context: bpy.types.Context, result: list[Path]) -> None:
        """Add the folder to Preferences where it is not seen yet, and show what is new."""
        from ..addon import shelves

        name = shelves.add_library(self._folder)
        shelves.refresh(context)
        size = sum(path.stat().st_size for path in result) / 1e6
        self.report({"INFO"}, rpt_(f"{len(result)} files, {size:.0f} MB, in the asset library {name}"))


_clicked: set[str] = set()
"""Assets that this very click is for: Blender 5.2 calls a shelf's operator twice, which would be two steps of undo, and
the second would start where the first ended."""


def _forget_clicks() -> None:
    _clicked.clear()


class _FromAsset:
    """What operators have in common that are called on an asset: by the shelf, by a menu, or by a script."""

    poll_message_set: Any

    filepath: StringProperty(
        name="File", description="The .blend with the asset; empty for the open file", options={"HIDDEN", "SKIP_SAVE"}
    )
    name: StringProperty(name="Name", description="Name of the asset", options={"SKIP_SAVE"})
    asset_library_type: EnumProperty(
        items=(
            ("LOCAL", "Local", "", 1), ("ALL", "All", "", 2), ("ESSENTIALS", "Essentials", "", 3),
            ("CUSTOM", "Custom", "", 100),
        ),
        options={"HIDDEN", "SKIP_SAVE"},
    )  # fmt: skip
    asset_library_identifier: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    relative_asset_identifier: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    """These three say which asset was clicked in a shelf; Blender fills them in by their names."""

    def find(self, context: bpy.types.Context) -> None:
        """Find out which asset is meant, and keep it for redo."""
        from ..addon import shelves

        if self.name:
            return
        asset = getattr(context, "asset", None)
        if self.relative_asset_identifier:
            self.filepath, self.name = shelves.place(self.asset_library_identifier, self.relative_asset_identifier)
        elif asset is not None:
            self.filepath, self.name = "" if asset.local_id else asset.full_library_path, asset.name


class HEADROOM_OT_apply_expression(OnSpeaker, _FromAsset, bpy.types.Operator):  # noqa: N801
    """Put an expression of the asset library onto the active head."""

    bl_idname = "headroom.apply_expression"
    bl_label = "Apply Expression"
    bl_description = "Bring the active head to this expression, through its key map; F9 changes how far"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    amount: FloatProperty(
        name="Amount", description="From what the head shows now (0) to the expression (1)", default=1.0, min=0.0,
        max=1.0, subtype="FACTOR", options={"SKIP_SAVE"},
    )  # fmt: skip
    keyframe: BoolProperty(
        name="Insert Keys", description="Keep what changes by keys at this frame; on with auto keying",
        options={"SKIP_SAVE"},
    )  # fmt: skip

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Insert keys when auto keying is on, as posing does."""
        if self.relative_asset_identifier in _clicked:
            return {"CANCELLED"}
        if self.relative_asset_identifier:
            _clicked.add(self.relative_asset_identifier)
            bpy.app.timers.register(_forget_clicks)
        if not self.properties.is_property_set("keyframe"):
            self.keyframe = context.scene.tool_settings.use_keyframe_insert_auto
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Read the action and set what the head has of it."""
        from ..addon.bridge import expressions, takes
        from ..core.errors import HeadroomError

        body: Any = takes.speaker(context.active_object)
        try:
            self.find(context)
            if not self.name:
                raise HeadroomError("Choose an expression in the asset shelf or in the Asset Browser")
            pose = expressions.read(self.filepath, self.name)
            if expressions.is_played(body) and not self.keyframe:
                count = expressions.play(body, pose, self.amount, context.scene)
            else:
                frame = context.scene.frame_current if self.keyframe else None
                count = expressions.wear(body, pose, self.amount, frame)
        except HeadroomError as error:
            self.report({"ERROR"}, rpt_(str(error)))
            return {"CANCELLED"}
        if not count:
            self.report({"WARNING"}, rpt_(f"{body.name} has none of the shapes of {self.name}"))
        return {"FINISHED"}


class HEADROOM_OT_add_asset_head(_FromAsset, InObjectMode, bpy.types.Operator):  # noqa: N801
    """Add a head of the asset library, ready to be changed."""

    bl_idname = "headroom.add_asset_head"
    bl_label = "Add Head"
    bl_description = "Add this head at the 3D cursor as one that can be changed and speaks, not as an instance"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Nothing is asked."""
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Append its collection."""
        from ..addon.bridge import assets
        from ..core.errors import HeadroomError

        try:
            self.find(context)
            if not self.name:
                raise HeadroomError("Choose a head in the Asset Browser")
            body = assets.append_head(self.filepath, self.name, context.scene)
        except HeadroomError as error:
            self.report({"ERROR"}, rpt_(str(error)))
            return {"CANCELLED"}
        (body.parent or body).location = context.scene.cursor.location
        redraw(context)
        return {"FINISHED"}
