"""Try a zip as a user gets it: in a Blender that has nothing else, without a network (Linux, Python 3.11).

    .venv/bin/python tools/try_package.py out/headroom-0.1.0-linux-x64-py311.zip

Installs and enables it, makes a head, lets it speak the demo line, rigs a foreign head, and says what it took.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLEAN = ROOT / ".cache" / "clean-4.5"

SCRIPT = """
import os, sys, time
sys.path[:] = [place for place in sys.path if "headroom" not in place]
import bpy, addon_utils
for name in ("torch", "scipy", "soundfile", "safetensors"):
    try:
        __import__(name)
    except ImportError:
        continue
    sys.exit(f"{name} is there already: this Blender is not clean")
begun = time.perf_counter()
bpy.ops.extensions.package_install_files(
    filepath=sys.argv[1], repo="user_default", enable_on_install=True, overwrite=True)
assert addon_utils.check("bl_ext.user_default.headroom") == (True, True), "not enabled"
print(f"installed in {time.perf_counter() - begun:.1f} s", flush=True)
assert bpy.ops.headroom.generate_head(seed=7) == {"FINISHED"}
body = bpy.context.active_object
spoken = {"FINISHED"}
assert bpy.ops.headroom.lip_sync(source="FILE", filepath=sys.argv[2], transcript=open(sys.argv[3]).read()) == spoken
keys = body.data.shape_keys.key_blocks
opened = []
for frame in range(1, 200, 5):
    bpy.context.scene.frame_set(frame)
    opened.append(keys["jawOpen"].value)
assert max(opened) > 0.2 > min(opened), opened
bare = body.data.copy()
bust = bpy.data.objects.new("Bust", bare)
bust.shape_key_clear()
bpy.context.scene.collection.objects.link(bust)
bpy.context.view_layer.objects.active = bust
for one in bpy.context.selected_objects:
    one.select_set(False)
bust.select_set(True)
assert bpy.ops.headroom.give_shapes() == {"FINISHED"}
assert "jawOpen" in bust.data.shape_keys.key_blocks
print("a head was made, spoke, and another was rigged", flush=True)
os._exit(0)
"""


def main(package: Path) -> None:
    """Make the clean Blender once, and try."""
    python = CLEAN / "bin" / "python"
    if not (CLEAN / ".ready").exists():
        shutil.rmtree(CLEAN, ignore_errors=True)
        venv.create(CLEAN, with_pip=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, "-r", str(ROOT / "requirements/blender-4.5.txt"), "numpy==1.26.4"], check=True)
        (CLEAN / ".ready").touch()
    with tempfile.TemporaryDirectory() as home:
        there = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        there |= {"BLENDER_USER_RESOURCES": home, "HOME": home}
        line = ROOT / "docs/demo/line.flac"
        command = [str(python), "-c", SCRIPT, str(package.resolve()), str(line), str(line.with_suffix(".txt"))]
        alone = ["unshare", "--net", "--map-root-user"]
        done = subprocess.run([*alone, *command], env=there, cwd=home, timeout=900)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
