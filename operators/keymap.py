# mypy: disable-error-code="valid-type,override"
"""Say which keys answer which channels: by looking, by hand, from a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import EnumProperty, FloatProperty, StringProperty
from bpy_extras.io_utils import ExportHelper, ImportHelper

from ..addon.jobs import JobOperator, Work
from ..addon.properties import redraw
from ..addon.translate import rpt_, tip_
from ..core.rig.keymap import CHANNELS

if TYPE_CHECKING:
    from ..core.rig.keymap import KeyMap

NOBODY = "NOTHING"
"""The choice of a key that answers nothing."""

_CHOICES = [(NOBODY, "Nothing", "The key is left alone"), *((name, name, "") for name in CHANNELS)]


class OnKeys:
    """Base of operators that want a mesh with shape keys, and say so."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants the active object to be a mesh whose keys can be written; cheap."""
        from ..addon.bridge import heads, keymaps

        thing = context.active_object
        reason = heads.instanced(thing) or "Select a mesh with shape keys"
        if thing is not None and thing.type == "MESH" and thing.data.shape_keys is not None:
            reason = keymaps.why_not(thing)
        if reason:
            cls.poll_message_set(tip_(reason))  # type: ignore[attr-defined]
        return not reason


class HEADROOM_OT_recognize_keys(OnKeys, JobOperator):  # noqa: N801
    """Find out what every key of a character does."""

    bl_idname = "headroom.recognize_keys"
    bl_label = "Recognize Keys"
    bl_description = (
        "Find out which shape keys of this head and of what belongs to it (on its rig, beside it in its collection, "
        "or selected with it) make which shapes of a face, by their names and by what they do; changes no key"
    )
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def prepare(self, context: bpy.types.Context) -> Work:
        """Read the meshes; objects are remembered by name."""
        from ..addon.bridge import keymaps

        body = context.active_object
        chosen = [one for one in context.selected_objects if one.type == "MESH"]
        family = keymaps.family_of(body, chosen)
        self._left = [reason for one in family if (reason := keymaps.why_not(one))]
        family = [one for one in family if not keymaps.why_not(one)]
        self._family = [one.name for one in family]
        pieces = list(keymaps.pieces(family))

        def work(progress: Any) -> Any:
            from ..core.rig.recognise import understand

            return understand(pieces, progress)

        return work

    def finish(self, context: bpy.types.Context, result: "tuple[KeyMap, tuple[str, ...]]") -> None:
        """Keep the map on the objects, and tell how much is known."""
        from ..addon.bridge import keymaps
        from ..core.errors import InputError

        found, warnings = result
        family: list[Any] = [bpy.data.objects.get(name) for name in self._family]
        if any(one is None or one.data.shape_keys is None for one in family):
            raise InputError("an object has gone or lost its shape keys meanwhile; recognize the keys again")
        body, *others = family
        keymaps.store(body, found, others)
        for line in (*self._left, *warnings):
            self.report({"WARNING"}, rpt_(line))
        self.report({"INFO"}, rpt_(_told(found, family)))


def _told(found: "KeyMap", family: list[Any]) -> str:
    keys = {(one.object, one.key): one.how for one in found.entries}
    every = sum(len(one.data.shape_keys.key_blocks) - 1 for one in family)
    looked = sum(how == "shape" for how in keys.values())
    how = f", {looked} of them by what they do" if looked else ""
    where = f" on {len(family)} objects" if len(family) > 1 else ""
    return f"{len(keys)} of {every} keys{where} answer {len(found.channels)} channels{how}"


class HEADROOM_OT_map_key(OnKeys, bpy.types.Operator):  # noqa: N801
    """Say by hand what a key does."""

    bl_idname = "headroom.map_key"
    bl_label = "Set Channel"
    bl_description = "Choose which channel moves this key"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012
    bl_property = "channel"

    key: StringProperty(name="Key", description="Name of the shape key", options={"SKIP_SAVE"})
    channel: EnumProperty(name="Channel", description="What moves the key", items=_CHOICES)
    weight: FloatProperty(
        name="Amount",
        description="The key's value where the channel's is 1",
        default=1.0,
        soft_min=-1.0,
        soft_max=1.0,
        min=-100.0,
        max=100.0,
        options={"SKIP_SAVE"},
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Let the channel be sought by typing; asking is no step of undo."""
        context.window_manager.invoke_search_popup(self)
        return {"INTERFACE"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Write it into the map."""
        from ..addon.bridge import keymaps
        from ..core.errors import HeadroomError

        try:
            pairs = {} if self.channel == NOBODY else {self.channel: self.weight}
            keymaps.answer(context.active_object, self.key, pairs)
        except HeadroomError as error:
            self.report({"ERROR"}, rpt_(str(error)))
            return {"CANCELLED"}
        redraw(context)  # nothing that Blender watches has changed
        return {"FINISHED"}


class HEADROOM_OT_forget_keys(OnKeys, bpy.types.Operator):  # noqa: N801
    """Take the map away."""

    bl_idname = "headroom.forget_keys"
    bl_label = "Clear Key Map"
    bl_description = "Take the key map off this head and what belongs to it; names of its own keys alone count again"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Forget it."""
        from ..addon.bridge import keymaps

        keymaps.forget(context.active_object)
        redraw(context)
        return {"FINISHED"}


class HEADROOM_OT_save_key_map(OnKeys, ExportHelper, bpy.types.Operator):  # noqa: N801
    """Write the map into a file."""

    bl_idname = "headroom.save_key_map"
    bl_label = "Save Key Map"
    bl_description = "Save which keys answer which channels as a preset for other files and other characters"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    filepath: StringProperty(name="File", description="The preset", subtype="FILE_PATH")
    filename_ext = ".json"
    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Propose a file beside the scene's, called after the head."""
        if not self.filepath:
            name = bpy.path.clean_name(context.active_object.name_full, replace="_")
            self.filepath = str(Path(bpy.data.filepath).parent / f"{name}_keys.json")
        return ExportHelper.invoke(self, context, event)  # type: ignore[func-returns-value]

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Write it, whole or not at all."""
        from ..addon.bridge import keymaps
        from ..core.errors import HeadroomError
        from ..core.formats.atomic import whole

        found = keymaps.map_of(context.active_object)
        try:
            with whole(Path(bpy.path.abspath(self.filepath))) as file:
                file.write(found.to_json().encode())
        except HeadroomError as error:
            self.report({"ERROR"}, rpt_(str(error)))
            return {"CANCELLED"}
        self.report({"INFO"}, rpt_(f"{len(found.entries)} entries saved"))
        return {"FINISHED"}


class HEADROOM_OT_load_key_map(OnKeys, ImportHelper, bpy.types.Operator):  # noqa: N801
    """Read a map from a file."""

    bl_idname = "headroom.load_key_map"
    bl_label = "Load Key Map"
    bl_description = "Use a saved preset on this head and what belongs to it, for the keys that it has"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    filepath: StringProperty(name="File", description="The preset", subtype="FILE_PATH")
    filename_ext = ".json"
    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Read it, fit it to these objects, and keep it on them."""
        from ..addon.bridge import keymaps
        from ..core.errors import HeadroomError, InputError
        from ..core.rig.keymap import read

        body = context.active_object
        chosen = [one for one in context.selected_objects if one.type == "MESH"]
        family = [one for one in keymaps.family_of(body, chosen) if not keymaps.why_not(one)]
        path = Path(bpy.path.abspath(self.filepath))
        try:
            found, strange = keymaps.fitted(read(path), family)
            if not found.entries:
                raise InputError(f"{path.name} names no key that {body.name} has; recognize its keys instead")
        except HeadroomError as error:
            self.report({"ERROR"}, rpt_(str(error)))
            return {"CANCELLED"}
        keymaps.store(body, found, family)
        left = f"; {strange} are for keys that are not here" if strange else ""
        redraw(context)
        self.report({"INFO"}, rpt_(f"{len(found.entries)} entries loaded{left}"))
        return {"FINISHED"}
