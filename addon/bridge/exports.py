"""Write a head, still or speaking, into the formats of other programs, and see to it that a file is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...core.errors import OutputError
from .. import compat
from . import materials
from .heads import rig_of


def export(
    path: Path, body: bpy.types.Object, others: Iterable[bpy.types.Object] = (),
    rigs: Iterable[bpy.types.Object] = (), clips: bool = False,
) -> None:  # fmt: skip
    """Write a head with its armature and animation; the ending of `path` chooses the format.

    `others` are meshes that go with it, `rigs` armatures besides its own. With `clips` every NLA track becomes one
    (glTF). `.blend` saves the whole file. Raises `OutputError` when Blender could not write it, or cannot write that
    format.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise OutputError(f"{path}: unknown ending {path.suffix!r}; choose one of {' '.join(WRITERS)}")
    _select(body, {*others, *rigs})
    with written(path):
        _glb(path, "NLA_TRACKS") if clips else writer(path)


@contextmanager
def written(path: Path) -> Iterator[None]:
    """See to it that a file is there after Blender wrote it. Raises `OutputError` with its reason when not."""
    try:
        yield
    except (RuntimeError, AttributeError) as error:
        lines = [line for line in str(error).splitlines() if line.strip()] or ["no reason given"]
        raise OutputError(f"{path}: Blender could not write it: {lines[-1]}") from error
    if not path.is_file() or not path.stat().st_size:
        raise OutputError(f"{path}: Blender wrote nothing there")


def alembic(path: Path, first: int, last: int) -> None:
    """Write the meshes of the shown scene, vertex by vertex, at every frame. Raises `OutputError`."""
    with written(path):
        call(
            bpy.ops.wm.alembic_export, filepath=str(path), start=first, end=last, evaluation_mode="VIEWPORT",
            uvs=True, normals=False, packuv=False, face_sets=True, export_hair=False, export_particles=False,
        )  # fmt: skip


def _select(body: bpy.types.Object, others: set[bpy.types.Object]) -> None:
    together = {body, rig_of(body), *others}
    for other in bpy.context.view_layer.objects:
        other.select_set(other in together)
    bpy.context.view_layer.objects.active = body


def _blend(path: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True, compress=True, relative_remap=False)


def call(operator: Any, **settings: Any) -> None:
    """Run an exporter with those of the settings that this version of it knows."""
    known = operator.get_rna_type().properties.keys()
    operator(**{name: value for name, value in settings.items() if name in known})


def _glb(path: Path, mode: str = "SCENE") -> None:
    with compat.rate_for_gltf():
        call(
            bpy.ops.export_scene.gltf,
            filepath=str(path),
            export_format="GLB",
            use_selection=True,
            use_active_scene=True,
            export_morph=True,
            export_morph_normal=False,
            export_try_sparse_sk=True,
            export_animations=True,
            export_animation_mode=mode,
            export_anim_scene_split_object=False,
            export_force_sampling=True,
            export_optimize_animation_size=False,
            export_vertex_color="MATERIAL",
            export_all_vertex_colors=False,
            export_extras=False,
            export_def_bones=True,
        )


def _fbx(path: Path) -> None:
    bpy.ops.export_scene.fbx(
        filepath=str(path),
        use_selection=True,
        object_types={"MESH", "ARMATURE"},
        use_mesh_modifiers=False,
        add_leaf_bones=False,
        use_armature_deform_only=True,
        colors_type="LINEAR",
        path_mode="COPY",
        embed_textures=True,
        bake_anim=True,
        bake_anim_use_nla_strips=False,
        bake_anim_use_all_actions=False,
        bake_anim_simplify_factor=0.0,
    )


def _usd(path: Path) -> None:
    with ExitStack() as kept:
        for mesh in _meshes():
            kept.enter_context(_one_slot_per_material(mesh))
            kept.enter_context(_named_after(path, mesh))
        call(
            bpy.ops.wm.usd_export,
            filepath=str(path),
            selected_objects_only=True,
            export_animation=_moves(),
            export_shapekeys=True,
            export_armatures=True,
            export_materials=True,
            export_custom_properties=False,
            convert_world_material=False,
            export_lights=False,
            export_cameras=False,
        )


def _meshes() -> list[Any]:
    """Give the meshes of what is selected, each once."""
    things = [thing for thing in bpy.context.view_layer.objects if thing.select_get() and thing.type == "MESH"]
    return list(dict.fromkeys(thing.data for thing in things))


@contextmanager
def _one_slot_per_material(mesh: Any) -> Iterator[None]:
    """Let faces use the first of several slots with the same material: of those Blender's USD writes only the last."""
    slots = np.empty(len(mesh.polygons), dtype=np.int32)
    mesh.polygons.foreach_get("material_index", slots)
    used = list(mesh.materials)
    first = np.array([used.index(material) for material in used] or [0], dtype=np.int32)
    mesh.polygons.foreach_set("material_index", first[slots.clip(max=len(first) - 1)])
    mesh.update()
    try:
        yield
    finally:
        mesh.polygons.foreach_set("material_index", slots)
        mesh.update()


@contextmanager
def _named_after(path: Path, mesh: Any) -> Iterator[None]:
    """Call a head's images after the file: they are written beside it, with those of other heads."""
    names = {image: image.name for image in materials.images_of(mesh)}
    for image in names:
        image.name = f"{path.stem} {materials.ATLAS.title()}"
    try:
        yield
    finally:
        for image, name in names.items():
            image.name = name


def _moves() -> bool:
    """Tell whether anything that is selected has motion on its keys or its bones."""
    keys = [mesh.shape_keys for mesh in _meshes() if mesh.shape_keys is not None]
    things = [thing for thing in bpy.context.view_layer.objects if thing.select_get()]
    posed = any(data is not None and data.action is not None for data in (thing.animation_data for thing in things))
    return posed or any(one.animation_data is not None for one in keys)


def _obj(path: Path) -> None:
    mesh: Any = bpy.context.view_layer.objects.active.data  # type: ignore[union-attr]
    with _named_after(path, mesh), _saved_beside(path, mesh):
        bpy.ops.wm.obj_export(
            filepath=str(path), export_selected_objects=True, export_colors=True, export_materials=True,
            export_material_groups=True, apply_modifiers=False, path_mode="STRIP",
        )  # fmt: skip


@contextmanager
def _saved_beside(path: Path, mesh: Any) -> Iterator[None]:
    """Save a head's images beside the file, which can hold none and only names them."""
    images = materials.images_of(mesh)
    for image in images:
        place = path.with_name(f"{image.name}.png")
        image.save(filepath=str(place), save_copy=True)
        image.filepath_raw = str(place)
    try:
        yield
    finally:
        for image in images:
            image.filepath_raw = ""


WRITERS: dict[str, Callable[[Path], None]] = {
    ".blend": _blend, ".glb": _glb, ".fbx": _fbx, ".usdc": _usd, ".obj": _obj,
}  # fmt: skip
"""Ending -> writer. `.obj` is still: it has neither shapes nor time."""
