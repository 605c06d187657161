"""The examples of the documentation that need Blender run as they stand."""

import re
from pathlib import Path

import bpy
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("page", ["docs/api.md", "docs/generate.md"])
def test_examples_run(models, wave, tmp_path, monkeypatch, page):
    wave(1.0, "line.wav")
    monkeypatch.chdir(tmp_path)
    found = re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.S | re.M)
    found = [block for block in found if "bpy." in block]
    assert found, "this page has no example any more"
    for number, block in enumerate(found, 1):
        exec(compile(block, f"{page}, example {number}", "exec"), {"bpy": bpy})
