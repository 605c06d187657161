# mypy: disable-error-code="valid-type"
"""Headroom in Edit > Preferences > Add-ons: the device, memory, the libraries, and whether all works here."""

import textwrap
import time
from typing import Any

import bpy
from bpy.props import EnumProperty

from ..core import device
from . import selftest
from .properties import status_of
from .translate import iface_

PACKAGE = __package__.rpartition(".")[0]
"""What Blender calls the extension."""
LETTER = 7.0
"""Pixels that a letter takes, at a scale of 1."""
FRESH = 1.0
"""Seconds for which a look at the memory counts."""
DEVICES = (
    ("auto", "Automatic", "The graphics card for what gains by it, where there is one that PyTorch can use"),
    ("cpu", "CPU", "The processor alone; the same on every computer"),
    ("cuda", "CUDA", "A graphics card by NVIDIA, or AMD on Linux"),
    ("mps", "MPS", "The graphics part of an Apple chip"),
)
ICONS: dict[str, Any] = {"fine": "CHECKMARK", "other": "ERROR", "missing": "CANCEL", "broken": "CANCEL"}


def _use_device(self: "HeadroomPreferences", _: bpy.types.Context) -> None:
    device.choose(self.device)


class HeadroomPreferences(bpy.types.AddonPreferences):
    """What is set and shown for all files."""

    bl_idname = PACKAGE

    device: EnumProperty(
        name="Device", description="What the networks run on", items=DEVICES, default="auto", update=_use_device
    )

    def draw(self, context: bpy.types.Context) -> None:
        """Nothing is imported or read from disk that takes long."""
        column = self.layout.column()
        self._draw_device(column.box().column(), context)
        self._draw_memory(column.box().column(), context)
        self._draw_libraries(column.box().column(), context)
        self._draw_selftest(column.box().column(), context)

    def _draw_device(self, layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
        split = layout.split(factor=0.2)
        split.label(text="Device")
        row, cards = split.row(align=True), device.offered()
        for name, *_ in DEVICES:
            one = row.row(align=True)
            one.enabled = cards is None or name not in device.CARDS or name in cards or name == self.device
            one.prop_enum(self, "device", name)
        for line in device_lines(self.device):
            _lines(layout, line, context, "INFO")

    def _draw_memory(self, layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
        split = layout.split(factor=0.6)
        split.label(text=iface_(f"{megabytes():,.0f} MB of models and what was made of them are kept in memory"))
        split.operator("headroom.release_memory", icon="TRASH")

    def _draw_libraries(self, layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
        from . import libraries

        layout.label(text="Libraries")
        for line in libraries.lines():
            said = f"{line.name} {iface_(line.version)} {iface_(line.origin)}".replace("  ", " ")
            _lines(layout, f"{said}: {iface_(line.advice)}" if line.advice else said, context, ICONS[line.state])

    def _draw_selftest(self, layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
        status, row = status_of(context), layout.row(align=True)
        if status.running:
            row.progress(factor=status.done, text=f"{iface_(status.title)}: {iface_(status.stage)} {status.done:.0%}")
            row.operator("headroom.stop", text="", icon="X")
        else:
            row.operator("headroom.self_test", icon="CHECKBOX_HLT")
        for check in selftest.state_of(context).checks:
            _lines(
                layout, f"{iface_(check.name)}: {iface_(check.said)}", context, "CHECKMARK" if check.works else "CANCEL"
            )


def device_lines(chosen: str) -> list[str]:
    """Say what there is to say about the choice, a line each."""
    from ..core.errors import HeadroomError

    said = []
    try:
        if forced := device.forced():
            said.append(f"{device.VARIABLE}={forced} in the environment wins over what is chosen here")
    except HeadroomError as error:
        said.append(str(error))
    cards = device.offered()
    if why := device.trouble():
        said.append(why[0].upper() + why[1:])
    elif cards is None and chosen != device.CPU:
        said.append("What graphics card there is shows once a model was used; press Self-Test")
    elif cards is not None and chosen in device.CARDS and chosen not in cards:
        said.append(f"PyTorch offers no {device.CARDS[chosen]} here; the CPU is used")
    elif cards is not None and not cards and chosen == device.AUTO:
        said.append("PyTorch finds no graphics card that it can use; the CPU is used")
    return said


_seen = [0.0, 0.0]


def megabytes() -> float:
    """Give how many MB are held, looked up once a second at most: Preferences are drawn often."""
    from ..core import memory

    now = time.monotonic()
    if now - _seen[0] > FRESH:
        _seen[:] = [now, memory.held() / 1e6]
    return _seen[1]


def look_again() -> None:
    """Look at the memory anew when it is asked for next."""
    _seen[0] = 0.0


def _lines(layout: bpy.types.UILayout, text: str, context: bpy.types.Context, icon: Any) -> None:
    """Write a line, on as many as it needs."""
    width = (context.region.width if context.region is not None else 600) / context.preferences.system.ui_scale
    column = layout.column(align=True)
    column.scale_y = 0.85
    for number, line in enumerate(textwrap.wrap(iface_(text), max(30, int((width - 150) / LETTER)))):
        column.label(text=line, icon=icon if number == 0 else "BLANK1", translate=False)


def attach() -> None:
    """Use what was chosen in an earlier session; after the class is registered."""
    mine: Any = bpy.context.preferences.addons.get(PACKAGE)
    if mine is not None and mine.preferences is not None:  # none where the package is not run as an extension
        device.choose(mine.preferences.device)
