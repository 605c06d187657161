"""The asset library in Blender's window: where it goes, that Preferences know it, and which asset was clicked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from ..core.errors import InputError
from .library import NAME

FOLDER = "Headroom Assets"


def libraries() -> Any:
    """Give the asset libraries of Preferences."""
    return bpy.context.preferences.filepaths.asset_libraries


def default_folder() -> Path:
    """Give the folder of our library where there is one, else a new one beside Blender's own user library."""
    known = libraries()
    ours = next((one for one in known if one.name == NAME and one.path), None)
    if ours is not None:
        return Path(ours.path)
    first = next((one.path for one in known if one.path), "")
    return (Path(first).parent if first else Path.home()) / FOLDER


def allowed(chosen: str) -> Path:
    """Take the folder that an artist chose; raises `InputError` for none, for a file, or where the extension lies."""
    if not chosen or chosen.startswith("//"):
        raise InputError("Choose a folder for the library")
    if Path(chosen).is_file():
        raise InputError(f"{chosen}: is a file; choose a folder for the library")
    folder, ours = Path(chosen), Path(__file__).resolve().parents[1]
    if folder.resolve().is_relative_to(ours):
        raise InputError(f"{folder}: Headroom itself lies there and updates would delete it; choose another folder")
    return folder


def add_library(folder: Path) -> str:
    """Let Preferences know a folder, unless it lies in a library that they know; gives the library's name.

    Heads are appended each time, so that two of them never share what is changed.
    """
    for one in libraries():
        if one.path and folder.resolve().is_relative_to(Path(one.path).resolve()):
            return one.name
    made = libraries().new(name=NAME, directory=str(folder))
    made.import_method = "APPEND"
    bpy.context.preferences.is_dirty = True
    return made.name


def place(library: str, relative: str) -> tuple[str, str]:
    """Give the file and the name of an asset from how shelves name it; the file is empty for the open one.

    Raises `InputError` for a library that Preferences do not know any more.
    """
    *file, _, name = relative.replace("\\", "/").rsplit("/", 2)
    if not library:
        return (file[0] if file else "", name)
    known = next((one.path for one in libraries() if one.name == library), None)
    if known is None:
        raise InputError(f"{library}: Preferences know no such asset library; add it under File Paths")
    return str(Path(known) / file[0]) if file else "", name


def refresh(context: bpy.types.Context) -> None:
    """Have Asset Browsers and shelves look again, and open the shelf of the viewport that asked."""
    space: Any = context.space_data
    shelf = "show_region_asset_shelf"  # there is none without a head
    if space is not None and space.type == "VIEW_3D" and not space.is_property_readonly(shelf):
        setattr(space, shelf, True)
    ask: Any = bpy.ops.asset
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            for region in area.regions:
                with context.temp_override(window=window, area=area, region=region):
                    if ask.library_refresh.poll():
                        ask.library_refresh()
                        break
