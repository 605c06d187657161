"""Runs inside the Blender window that is being tested: answers questions about it, one JSON line each.

A request is `{"code": "…"}`; the code runs in the main thread, from a timer, between the user's events, and what it
leaves in `result` is sent back. Clicks and keys do not come this way: they come through the X server, as a user's do.
"""

import contextlib
import functools
import json
import socket
import time
import traceback

import bpy

PATH = "/mnt/work/blender.sock"

bpy.context.preferences.view.show_splash = False
bpy.context.preferences.view.show_tooltips = False
bpy.context.preferences.inputs.use_mouse_continuous = False  # a mouse that is put somewhere pulls as far as it is put
bpy.context.preferences.filepaths.use_auto_save_temporary_files = False

TICK, TICKS = 0.012, 3
"""Seconds between two looks at a clock, and how many of them Blender needs to learn where the mouse is now: a timer may
run before the event that was waiting, and the first one right after drawing."""

scanned: list[str] = []
"""What the last scan found, once it is through."""

server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
server.bind(PATH)
server.listen()
server.setblocking(False)


def window():
    """Give the main window."""
    return bpy.context.window_manager.windows[0]


def view():
    """Give the 3D view's area and its sidebar region."""
    area = next(area for area in window().screen.areas if area.type == "VIEW_3D")
    return area, next(region for region in area.regions if region.type == "UI")


def show_tab(name):
    """Open the sidebar on a tab; it works a moment after the sidebar was first drawn."""
    area, region = view()
    area.spaces.active.show_region_ui = True
    with contextlib.suppress(TypeError, AttributeError):  # before the first draw there are no tabs
        region.active_panel_category = name
    area.tag_redraw()
    return region.active_panel_category


def redraw():
    """Have every editor drawn anew."""
    for area in window().screen.areas:
        area.tag_redraw()


def sidebar():
    """Give the sidebar's rectangle in pixels from the screen's top left: left, top, width, height."""
    region = view()[1]
    return [region.x, window().height - region.y - region.height, region.width, region.height]


def under_mouse():
    """Say which button of the sidebar lies under the mouse, by the command or the property behind it."""
    area, region = view()
    manager = bpy.context.window_manager
    found = ""
    with bpy.context.temp_override(window=window(), screen=window().screen, area=area, region=region):
        for ask in (bpy.ops.ui.copy_python_command_button, bpy.ops.ui.copy_data_path_button):
            manager.clipboard = ""
            with contextlib.suppress(RuntimeError):
                ask()
            found = found or manager.clipboard
    return found


def scan(places):
    """Put the mouse at one place after the other, in pixels from the screen's top left, and note in `scanned` what is
    under it: faster than from outside, where each move waits for a shell and each answer for a timer."""
    found: list[str] = []
    scanned.clear()

    def steps():
        for x, y in places:
            window().cursor_warp(x, window().height - 1 - y)
            for _ in range(TICKS):
                yield TICK
            found.append(under_mouse())
        scanned[:] = found

    bpy.app.timers.register(functools.partial(next, steps(), None))


def installed(package):
    """Say whether an extension is there and enabled."""
    import addon_utils

    return list(addon_utils.check(f"bl_ext.user_default.{package}"))


space = {**globals()}


def answer(connection):
    """Run one request."""
    reader = connection.makefile("r", encoding="utf-8")
    request = json.loads(reader.readline())
    space["result"] = None
    try:
        exec(compile(request["code"], "request", "exec"), space)
        reply = {"result": space["result"]}
        text = json.dumps(reply)
    except Exception:
        text = json.dumps({"error": traceback.format_exc()})
    connection.sendall(text.encode() + b"\n")
    connection.close()


def poll():
    """Answer what is waiting; called by Blender some fifty times a second."""
    until = time.perf_counter() + 0.02
    while time.perf_counter() < until:
        try:
            connection, _ = server.accept()
        except BlockingIOError:
            break
        connection.setblocking(True)
        answer(connection)
    return 0.02


bpy.app.timers.register(poll, first_interval=0.5, persistent=True)
