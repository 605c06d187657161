"""The sidebar's table of which keys answer which channels."""

from typing import Any

import bpy

from ..addon import active
from .layout import Tab, button, letters, lines

HOW = {"name": "by its name", "shape": "by what it does", "hand": "set by hand"}
ICON: dict[str, Any] = {"name": "SORTALPHA", "shape": "MESH_DATA", "hand": "VIEW_PAN"}
SCORE, LONGEST = 7, 19
"""Letters that a score takes, and those of ARKit's longest channels."""


class HEADROOM_UL_keymap(bpy.types.UIList):  # noqa: N801
    """Keys of a mesh, each with its channel, how that is known and how surely."""

    bl_idname = "HEADROOM_UL_keymap"
    share = 0.4
    """How much of a line the names of keys get, set by the panel that shows them."""

    def draw_item(
        self,
        context: bpy.types.Context,
        layout: bpy.types.UILayout,
        data: Any,
        item: Any,
        icon: int | None,
        active_data: Any,
        active_property: str | None,
        index: int | None = 0,
        flt_flag: int | None = 0,
    ) -> None:
        """Draw one key; its channel is a button that opens a search."""
        thing = context.active_object
        if thing is None or item == thing.data.shape_keys.reference_key:
            layout.label(text=item.name, translate=False)
            return
        found = [entry for entry in active.meanings(thing) if entry.key == item.name]
        row = layout.split(factor=self.share)
        row.label(text=item.name, icon="DRIVER" if item.name in active.driven(thing) else "NONE", translate=False)
        right = row.row(align=True)
        right.operator("headroom.map_key", text=_channels(found), translate=False).key = item.name
        score = right.row()
        score.ui_units_x = 2.0
        if not found:
            score.label(text="")
        elif (least := min(entry.score for entry in found)) < active.DOUBTFUL:
            score.label(text=f"{least:.0%}", icon="ERROR")
        else:
            score.label(text=f"{least:.0%}")

    def filter_items(self, context: bpy.types.Context, data: Any, name: str) -> Any:
        """Search keys and channels alike, without the key at rest; sort by name when asked."""
        keys, thing, wanted = list(getattr(data, name)), context.active_object, self.filter_name.lower()
        words = {key.name: key.name.lower() for key in keys}
        for entry in active.meanings(thing) if thing is not None else ():
            words[entry.key] = f"{words.get(entry.key, '')} {entry.channel.lower()}"
        flags = []
        for key in keys:
            kept = (wanted in words[key.name]) != bool(wanted and self.use_filter_invert)
            flags.append(self.bitflag_filter_item if kept and key != data.reference_key else 0)
        order: Any = bpy.types.UI_UL_list.sort_items_by_name(keys, "name") if self.use_filter_sort_alpha else []
        return flags, order


def _channels(found: list[Any]) -> str:
    """Name the channels of a key, with weights that are not 1."""
    parts = [entry.channel if entry.weight == 1 else f"{entry.weight:g} {entry.channel}" for entry in found]
    return " + ".join(parts) or "–"


class HEADROOM_PT_keymap(Tab, bpy.types.Panel):  # noqa: N801
    """Which keys a head's channels move."""

    bl_label = "Key Map"
    bl_parent_id = "HEADROOM_PT_head"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        """The button, the table of the active mesh, and presets."""
        layout, shown = self.layout, active.keys(context)
        button(layout, context, "headroom.recognize_keys", "VIEWZOOM", scale=1.2)
        thing = shown["mesh"]
        if thing is None:
            layout.label(text="Select a mesh with shape keys", icon="INFO")
            return
        keys = thing.data.shape_keys
        longest = max((len(name) for name in keys.key_blocks.keys()), default=0)
        HEADROOM_UL_keymap.share = min(max(longest / (longest + LONGEST + SCORE), 0.25), 0.45)
        layout.template_list("HEADROOM_UL_keymap", "", keys, "key_blocks", thing, "active_shape_key_index", rows=6)
        self._chosen(context, thing)
        how = "mapped" if shown["stored"] else "known by name"
        where = f" on {shown['objects']} objects" if shown["objects"] > 1 else ""
        doubt = f", {shown['doubtful']} doubtful" if shown["doubtful"] else ""
        text = f"{shown['mapped']} of {len(keys.key_blocks) - 1} keys {how}{where}{doubt}"
        lines(layout, text, letters(context), "ERROR" if doubt else "INFO")
        row = layout.row(align=True)
        row.operator("headroom.load_key_map", text="Load", icon="FILE_FOLDER")
        row.operator("headroom.save_key_map", text="Save", icon="FILE_TICK")
        if shown["stored"]:
            row.operator("headroom.forget_keys", text="", icon="TRASH")

    def _chosen(self, context: bpy.types.Context, thing: bpy.types.Object) -> None:
        """Say in full what the chosen key does, since lines of the table are short."""
        key = thing.active_shape_key
        if key is None or key == thing.data.shape_keys.reference_key:
            return
        found = [entry for entry in active.meanings(thing) if entry.key == key.name]
        text, icon = f"{key.name} is left alone", "REMOVE"
        if key.name in active.driven(thing):
            text, icon = f"{key.name} follows its driver", "DRIVER"
        elif found:
            sure = f"{min(entry.score for entry in found):.0%} sure, " if found[0].how != "hand" else ""
            text, icon = f"{key.name} answers {_channels(found)}, {sure}{HOW[found[0].how]}", ICON[found[0].how]
        lines(self.layout, text, letters(context), icon)
