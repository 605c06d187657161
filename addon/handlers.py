"""What Headroom does when a file is saved or loaded, and on undo; costs nothing where there is no head."""

import sys
from typing import Any

import bpy

from . import doctor, phones

TAG, PREVIEW = "headroom", "headroom_preview"


@bpy.app.handlers.persistent
def _before_save(*_: Any) -> None:
    editing = sys.modules.get(f"{__package__}.editing")  # not even there yet: nothing was edited
    if editing is not None:
        editing.settle_all()


@bpy.app.handlers.persistent
def _looked_at_again(*_: Any) -> None:
    known = f"{__package__}.editing" in sys.modules  # what it holds is of another file now, or of another time
    if known or any(thing.get(TAG) is not None for thing in bpy.data.objects):
        from . import editing

        editing.look_again()
    phones.look_again()
    doctor.look_again(bpy.context)


@bpy.app.handlers.persistent
def _undone(*_: Any) -> None:
    preview = _preview()
    if preview is not None:
        preview.look_again()


@bpy.app.handlers.persistent
def _opened(*_: Any) -> None:
    doctor.forget(bpy.context)
    preview = _preview()
    if preview is not None:
        preview.forget()


def _preview() -> Any:
    """Give the module of previews where there was one, or where the file has something left of one."""
    known = sys.modules.get(f"{__package__}.preview")
    things = (*bpy.data.shape_keys, *bpy.data.objects, *bpy.data.scenes)
    if known is None and any(thing.get(PREVIEW) is not None for thing in things):
        from . import preview as known
    return known


HANDLERS = (
    ("save_pre", _before_save), ("undo_post", _looked_at_again), ("redo_post", _looked_at_again),
    ("undo_post", _undone), ("redo_post", _undone), ("load_post", _opened), ("load_post", _looked_at_again),
)  # fmt: skip


def attach() -> None:
    """Listen to saving, loading and undo."""
    for name, handler in HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)


def detach() -> None:
    """Undo `attach`, and let go of what is being edited or previewed."""
    for name, handler in HANDLERS:
        getattr(bpy.app.handlers, name).remove(handler)
    editing = sys.modules.get(f"{__package__}.editing")
    if editing is not None:
        editing.stop()
    preview = sys.modules.get(f"{__package__}.preview")
    if preview is not None:
        preview.stop_all()
