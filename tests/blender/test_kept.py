"""What a foreign .blend may keep under our names on its objects: panels read it at every redraw and must not fail."""

import bpy
import pytest


@pytest.mark.parametrize("kept", ["[" * 100_000, "[1, 2]", "null", "{", 7, 0.5, [1, 2], "{" + " " * (5 << 20) + "}"])
def test_what_is_no_table_of_ours_counts_as_none(part, kept):
    heads, stabilized, variants, takes = (
        part(f"addon.bridge.{name}") for name in ("heads", "stabilized", "variants", "takes")
    )
    body = bpy.data.objects.new("Foreign", bpy.data.meshes.new("Foreign"))
    for name in (heads.TAG, stabilized.CAPTURE, variants.VARIANT, takes.KEYS):
        body[name] = kept
    assert heads.recipe(body) == stabilized.info(body) == variants.variant_of(body) == {}
    assert takes.keys_of(body) == part("core.curves.reduce").ReduceOptions()
