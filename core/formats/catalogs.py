"""Catalogs of an asset library: Blender's text file `blender_assets.cats.txt`, one `UUID:path:simple name` a line.

Format: Blender manual, "Asset Catalogs", version 1. Lines of others stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

NAME = "blender_assets.cats.txt"

HEADER = """\
# This is an Asset Catalog Definition file for Blender.
#
# Empty lines and lines starting with `#` will be ignored.
# The first non-ignored line should be the version indicator.
# Other lines are of the format "UUID:catalog/path/for/assets:simple catalog name"

VERSION 1
"""


def merged(before: str, catalogs: Mapping[str, str]) -> str:
    """Add catalogs (UUID -> path) to the text of a file, or begin a new one; those that are in it stay, where an artist
    may have moved them."""
    text = before if "VERSION" in before else HEADER + before
    known = {line.partition(":")[0].strip() for line in text.splitlines()}
    added = [f"{one}:{path}:{path.replace('/', '-')}" for one, path in catalogs.items() if one not in known]
    return "\n".join([text.rstrip("\n"), *added]) + "\n"
