"""Puts the head that is to speak into the scene: one of ours, or anybody's out of any file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError
from ..core.progress import Progress
from . import headfile, session

if TYPE_CHECKING:
    import bpy

    from ..core.rig.keymap import KeyMap

ENDINGS = (".npz", ".blend", ".glb", ".gltf", ".fbx", ".usdc", ".usd", ".usdz")
"""Files that heads with shapes come in."""


def put_head(
    given: Path | None, fps: float, progress: Progress, keys: Path | None = None, name: str = ""
) -> tuple[bpy.types.Object, list[str]]:
    """Put the head of `--head` (or that of seed 0) into a fresh scene; gives its mesh, and warnings.

    `keys` is a saved key map to go by, `name` that of the mesh where a file has several heads. A foreign head without
    a map is looked at, and keeps what was understood. Raises `InputError` when nothing in the file can speak.
    """
    from ..core.head.generate import GenerateOptions
    from ..core.head.generate import generate as core_generate

    if given is not None and given.suffix.lower() not in ENDINGS:
        raise InputError(f"--head {given}: unknown ending; use one of {' '.join(ENDINGS)}")
    if given is not None and given.suffix.lower() != ".npz":
        try:
            return _foreign(given, fps, progress, keys, name)
        except InputError as error:
            said = str(error)
            about = "" if said.startswith("--") else "--head " if said.startswith(str(given)) else f"--head {given}: "
            raise InputError(about + said) from error
    head = core_generate(GenerateOptions(), progress) if given is None else headfile.load(given)
    session.fresh_scene(fps)
    from .bridge import heads

    return heads.add_head(head), []


def _foreign(
    path: Path, fps: float, progress: Progress, keys: Path | None, name: str
) -> tuple[bpy.types.Object, list[str]]:
    _open(path, fps)
    import bpy

    from .bridge import heads, keymaps

    meshes = [thing for thing in bpy.context.scene.objects if thing.type == "MESH"]
    bodies = [one for one in meshes if one.data.shape_keys or keymaps.speaks(one)]
    if name:
        bodies = [body for body in bodies if body.name == name]
    if not bodies:
        wanted = f"--object {name}: no mesh of this name" if name else "no mesh in it"
        raise InputError(f"{wanted} has shape keys or a jaw bone; headroom rig gives a head both")
    body = max(bodies, key=_most)
    warnings: list[str] = []
    if keys is not None:
        _go_by(keys, body)
    elif body.get(heads.TAG) is None and not keymaps.has_map(body):
        warnings = _understand(body, progress)
    if reason := heads.why_not(body):
        raise InputError(reason)
    return body, warnings


def _open(path: Path, fps: float) -> None:
    if path.suffix.lower() == ".blend":
        session.open_file(path)
    else:
        session.fresh_scene(fps)
        from .bridge.imports import bring

        bring(path)
    session.set_rate(fps)  # Blender's importer of FBX sets that of the file


def _most(body: bpy.types.Object) -> tuple[bool, int, int]:
    """Sort meshes: ours, then what answers most, then the largest."""
    from .bridge import heads, keymaps

    return body.get(heads.TAG) is not None, len(keymaps.channels_of(body)), len(body.data.vertices)


def _understand(body: bpy.types.Object, progress: Progress) -> list[str]:
    """Keep on a character what its keys do, by their names and by their shapes; gives warnings."""
    from ..core.rig.recognise import understand
    from .bridge import keymaps

    family = [one for one in keymaps.family_of(body) if not keymaps.why_not(one)]
    if not family:
        return []
    found, warnings = understand(list(keymaps.pieces(family)), progress)
    keymaps.store(body, found, family)
    return [*warnings, *_guessed(found)]


def _guessed(found: KeyMap) -> list[str]:
    looked = {one.key for one in found.entries if one.how == "shape"}
    if not looked:
        return []
    return [f"{len(looked)} keys were recognized by what they do; look them over in Blender, in the panel Key Map"]


def _go_by(path: Path, body: bpy.types.Object) -> None:
    """Keep a saved map on a character."""
    from ..core.rig.keymap import read
    from .bridge import keymaps

    family = keymaps.family_of(body)
    found, _ = keymaps.fitted(read(path), family)
    if not found.entries:
        raise InputError(f"--key-map {path}: names no key that {body.name} has")
    keymaps.store(body, found, family)
