"""Materials for the parts of a head, built from nodes: nothing to download, nothing to lose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from .. import compat
from .meshes import COLOR


@dataclass(frozen=True)
class Look:
    """How a part answers light; its color comes from the mesh.

    `scatter` is how far light travels under the surface, metres, `bump` the strength of fine relief.
    """

    label: str
    roughness: float
    coat: float = 0.0
    scatter: float = 0.0
    bump: float = 0.0


SKIN = Look("Skin", 0.48, scatter=0.003, bump=0.06)
EYE = Look("Eye", 0.12, coat=1.0)
TEETH = Look("Teeth", 0.18, coat=0.4, scatter=0.001)
GUMS = Look("Gums", 0.25, coat=0.5, scatter=0.002)
TONGUE = Look("Tongue", 0.35, coat=0.3, scatter=0.003, bump=0.15)
MOUTH = Look("Mouth", 0.4, scatter=0.002)

LOOKS = {
    "skin": SKIN, "eye_left": EYE, "eye_right": EYE, "teeth_upper": TEETH, "teeth_lower": TEETH,
    "gums_upper": GUMS, "gums_lower": GUMS, "tongue": TONGUE, "mouth": MOUTH,
}  # fmt: skip


def fill_slots(mesh: bpy.types.Mesh, tints: dict[str, np.ndarray]) -> None:
    """Give a mesh one slot per part, so that "Select" beside a slot selects that part in Edit Mode.

    `tints` names the parts in order, with the RGBA (4,) that solid shading shows. Parts of the same kind (the two
    eyes) share a material.
    """
    made: dict[str, bpy.types.Material] = {}
    for part, tint in tints.items():
        look = LOOKS.get(part, MOUTH)
        if look.label not in made:
            made[look.label] = new_material(look)
            made[look.label].diffuse_color = tint.tolist()
        mesh.materials.append(made[look.label])


def new_material(look: Look) -> bpy.types.Material:
    """Make a Principled material whose base color is the head's color attribute."""
    material = compat.node_material(look.label)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    output = nodes.new("ShaderNodeOutputMaterial")
    output.location = (320, 0)
    shader = nodes.new("ShaderNodeBsdfPrincipled")
    links.new(shader.outputs["BSDF"], output.inputs["Surface"])
    color: Any = nodes.new("ShaderNodeVertexColor")
    color.layer_name, color.location = COLOR, (-320, 100)
    links.new(color.outputs["Color"], shader.inputs["Base Color"])
    _set(shader, "Roughness", look.roughness)
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
