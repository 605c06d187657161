"""Materials for the parts of a head, built from nodes: nothing to download, nothing to lose."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ...core.head.head import Head
from .. import compat
from .meshes import COLOR, tints

ATLAS = "color"
"""Name of the texture, in `Head.textures`, that holds the color of every part."""

MADE = "headroom_material"
"""Custom property of Headroom's materials and images: what they are."""

PIXELS = "headroom_pixels"
"""Custom property of an image: a checksum of the pixels that are packed in it."""

_held: dict[str, str] = {}
"""Which pixels (`PIXELS`) an image holds in memory, by name: undo takes back what is packed, but not these."""


@dataclass(frozen=True)
class Look:
    """How a part answers light; its color comes from the head's texture, or from the mesh when there is none.

    `scatter` is how far light travels under the surface, metres, `bump` the strength of fine relief, `specular` how
    much it mirrors, `alpha` how opaque it is; `clear` is black glass over what lies below: by alpha, which every viewer
    has, not by transmission, and black so that no veil is left.
    """

    label: str
    roughness: float
    coat: float = 0.0
    scatter: float = 0.0
    bump: float = 0.0
    specular: float = 0.5
    alpha: float = 1.0
    clear: bool = False


SKIN = Look("Skin", 0.48, scatter=0.003, bump=0.06)
EYE = Look("Eye", 0.12, coat=1.0)
INNER_EYE = Look("Eye", 1.0, specular=0.12)
"""An eye under a cornea: what shines is the cornea, a shining iris would mirror lamps all over."""

CORNEA = Look("Cornea", 0.0, specular=1.0, alpha=0.1, clear=True)
TEETH = Look("Teeth", 0.18, coat=0.4, scatter=0.001)
GUMS = Look("Gums", 0.25, coat=0.5, scatter=0.002)
TONGUE = Look("Tongue", 0.35, coat=0.3, scatter=0.003, bump=0.15)
MOUTH = Look("Mouth", 0.4, scatter=0.002)
LASHES = Look("Lashes", 0.6)
BROWS = Look("Brows", 0.6)

LOOKS = {
    "skin": SKIN, "eye_left": EYE, "eye_right": EYE, "teeth_upper": TEETH, "teeth_lower": TEETH,
    "gums_upper": GUMS, "gums_lower": GUMS, "tongue": TONGUE, "mouth": MOUTH, "lashes": LASHES, "brows": BROWS,
    "cornea_left": CORNEA, "cornea_right": CORNEA,
}  # fmt: skip


def fill_slots(mesh: bpy.types.Mesh, head: Head) -> None:
    """Give a mesh one slot per part, so that "Select" beside a slot selects that part in Edit Mode.

    Parts of the same kind (the two eyes) share a material; materials without a texture of this person's own are
    shared with other heads.
    """
    atlas, made = new_image(mesh.name, head), dict[str, bpy.types.Material]()
    for part, tint in tints(head).items():
        look = LOOKS.get(part, MOUTH)
        if look == EYE and "cornea_left" in head.part:
            look = INNER_EYE
        if look.label not in made:
            made[look.label] = _material(look, tint, None if look.clear else atlas)
        mesh.materials.append(made[look.label])


def repaint(mesh: Any, head: Head) -> None:
    """Give a mesh's textures and solid colors those of another person; materials that an artist chose stay."""
    atlas = head.textures.get(ATLAS)
    for image in images_of(mesh):
        if atlas is not None:
            _paint(image, atlas)
    _tint(mesh, tints(head))


def sketch(mesh: Any, colors: dict[str, np.ndarray], atlas: np.ndarray) -> None:
    """Show other colors for the time being: of each part (4,), and a small atlas that is not packed."""
    for image in images_of(mesh):
        _show(image, atlas, "sketch")
    _tint(mesh, colors)


def grow(mesh: Any, size: float) -> None:
    """Let a mesh's new materials scatter light and be rough on a head that stands `size` times as large."""
    for material in dict.fromkeys(one for one in mesh.materials if one is not None):
        for node in material.node_tree.nodes:
            for name in ("Subsurface Scale", "Distance"):
                if node.type in ("BSDF_PRINCIPLED", "BUMP") and name in node.inputs:
                    _set(node, name, node.inputs[name].default_value * size)


def part_from(mesh: Any, others: Iterable[Any]) -> None:
    """Copy a mesh's colored materials, with their images, that `others` have too: copied objects share them."""
    theirs = {material for other in others for material in other.materials}
    copies: dict[bpy.types.ID, Any] = {}
    for index, material in enumerate(mesh.materials):
        if material is None or material not in theirs or MADE not in material or not images_in(material):
            continue
        if material not in copies:
            made = copies[material] = material.copy()
            for node in made.node_tree.nodes:
                image = node.image if node.type == "TEX_IMAGE" else None
                if image is not None and MADE in image:
                    node.image = copies[image] = copies.get(image) or image.copy()
        mesh.materials[index] = copies[material]


def refresh(mesh: Any) -> None:
    """Let a mesh's images show what is packed in them, where they do not: after an undo."""
    for image in images_of(mesh):
        packed = str(image.get(PIXELS, ""))
        if _held.setdefault(image.name, packed) != packed:
            image.buffers_free()
            _held[image.name] = packed


def _tint(mesh: Any, colors: dict[str, np.ndarray]) -> None:
    for (part, tint), material in zip(colors.items(), mesh.materials, strict=False):
        look = LOOKS.get(part, MOUTH)
        if material is not None and not look.clear and str(material.get(MADE, "")) == look.label:
            material.diffuse_color = [*tint[:3].tolist(), material.diffuse_color[3]]


def nodes_of(mesh: Any) -> list[Any]:
    """Give the nodes of a mesh's materials."""
    trees = [material.node_tree for material in mesh.materials if material is not None and material.node_tree]
    return [node for tree in trees for node in tree.nodes]


def images_of(mesh: Any) -> list[bpy.types.Image]:
    """Give Headroom's own images in a mesh's materials."""
    nodes = [node for node in nodes_of(mesh) if node.type == "TEX_IMAGE"]
    return list(dict.fromkeys(node.image for node in nodes if node.image is not None and MADE in node.image))


def new_image(name: str, head: Head) -> bpy.types.Image | None:
    """Make the packed image of a head's colors; None for a head without textures."""
    atlas = head.textures.get(ATLAS)
    if atlas is None:
        return None
    image = bpy.data.images.new(f"{name} Color", atlas.shape[1], atlas.shape[0], alpha=True)
    image.alpha_mode = "CHANNEL_PACKED"  # what lies under no alpha keeps its color
    image[MADE] = ATLAS
    _paint(image, atlas)
    return image


def _paint(image: bpy.types.Image, atlas: np.ndarray) -> None:
    """Write pixels (H, W, 4) uint8, first row on top, and pack them into the .blend."""
    image[PIXELS] = f"{zlib.crc32(atlas.tobytes()):08x}"
    _show(image, atlas, image[PIXELS])
    image.pack()


def _show(image: bpy.types.Image, atlas: np.ndarray, mark: str) -> None:
    _held[image.name] = mark
    if tuple(image.size) != (atlas.shape[1], atlas.shape[0]):
        image.scale(atlas.shape[1], atlas.shape[0])
    pixels = np.ascontiguousarray(atlas[::-1], dtype=np.float32) / np.float32(255)
    places: Any = image.pixels
    places.foreach_set(pixels.ravel())
    image.update()


def _material(look: Look, tint: np.ndarray, atlas: bpy.types.Image | None) -> bpy.types.Material:
    """Make a material, or take one that is there when nothing in it is this person's own."""
    shown = [0.0, 0.0, 0.0, look.alpha] if look.clear else [*tint[:3].tolist(), look.alpha]
    if atlas is None:
        for known in bpy.data.materials:
            same = known.get(MADE) == look.label and np.allclose(np.array(known.diffuse_color), shown, atol=1 / 512)
            if same and known.library is None and not images_in(known):
                return known
    material = new_material(look, atlas)
    material[MADE] = look.label
    material.diffuse_color = shown
    material.roughness = look.roughness  # how solid view lights it
    return material


def images_in(material: bpy.types.Material) -> bool:
    """Tell whether a material shows an image."""
    return any(node.type == "TEX_IMAGE" for node in material.node_tree.nodes)


def new_material(look: Look, atlas: bpy.types.Image | None = None) -> bpy.types.Material:
    """Make a Principled material whose base color is an image, or the head's color attribute without one.

    Only nodes that glTF and FBX understand lead to color and alpha, so that both keep them.
    """
    material = compat.node_material(look.label)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    output = nodes.new("ShaderNodeOutputMaterial")
    output.location = (320, 0)
    shader = nodes.new("ShaderNodeBsdfPrincipled")
    links.new(shader.outputs["BSDF"], output.inputs["Surface"])
    _set(shader, "Roughness", look.roughness)
    _set(shader, "Specular IOR Level", look.specular)
    if look.clear:
        _set(shader, "Base Color", (0.0, 0.0, 0.0, 1.0))
    elif atlas is not None:
        picture: Any = nodes.new("ShaderNodeTexImage")
        picture.image, picture.location = atlas, (-320, 100)
        links.new(picture.outputs["Color"], shader.inputs["Base Color"])
    else:
        color: Any = nodes.new("ShaderNodeVertexColor")
        color.layer_name, color.location = COLOR, (-320, 100)
        links.new(color.outputs["Color"], shader.inputs["Base Color"])
    if look.alpha < 1:
        _set(shader, "Alpha", look.alpha)
    if look.coat:
        _set(shader, "Coat Weight", look.coat)
        _set(shader, "Coat Roughness", 0.04)
    if look.scatter:
        _set(shader, "Subsurface Weight", 0.35)
        _set(shader, "Subsurface Radius", (1.0, 0.35, 0.2))
        _set(shader, "Subsurface Scale", look.scatter)
    if look.bump:
        _relief(nodes, links, shader, look.bump)
    return material


def _relief(nodes: bpy.types.Nodes, links: bpy.types.NodeLinks, shader: bpy.types.Node, strength: float) -> None:
    """Break up the highlights with pores, so that skin does not look like plastic."""
    place = nodes.new("ShaderNodeTexCoord")
    place.location = (-760, -260)
    noise = nodes.new("ShaderNodeTexNoise")
    noise.location = (-560, -260)
    _set(noise, "Scale", 1400.0)  # per metre: pores are about 0.7 mm apart
    _set(noise, "Detail", 3.0)
    bump = nodes.new("ShaderNodeBump")
    bump.location = (-320, -260)
    _set(bump, "Strength", strength)
    _set(bump, "Distance", 0.0005)
    links.new(place.outputs["Object"], noise.inputs["Vector"])
    links.new(noise.outputs["Fac" if "Fac" in noise.outputs else 0], bump.inputs["Height"])
    links.new(bump.outputs["Normal"], shader.inputs["Normal"])


def _set(node: bpy.types.Node, socket: str, value: Any) -> None:
    inputs: Any = node.inputs
    inputs[socket].default_value = value
