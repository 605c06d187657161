"""`headroom rig`: a bare mesh in, the same mesh with shapes and bones out; bad input gets one line."""

import json

import bpy
import numpy as np
import pytest


@pytest.fixture
def run(part):
    """Run a command line and give its exit code."""
    return lambda *arguments: part("addon.cli").run([str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def files(installed, tmp_path_factory):
    """A head as an OBJ file, Y up in centimetres, and the file of its landmarks."""
    import importlib

    generate = importlib.import_module(f"{installed.__name__}.core.head.generate")
    vertices = importlib.import_module(f"{installed.__name__}.core.rig.landmarks").template_vertices()
    folder = tmp_path_factory.mktemp("rig")
    fine = generate.generate(generate.GenerateOptions(seed=11))
    head = generate.generate(generate.GenerateOptions(seed=11, level="game"))

    def as_stored(points):
        return 100 * np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=1)

    lines = [f"v {x:.5f} {y:.5f} {z:.5f}" for x, y, z in as_stored(head.neutral)]
    lines += ["f " + " ".join(str(v + 1) for v in face) for face in head.faces.tolist()]
    (folder / "head.obj").write_text("\n".join(lines) + "\n")
    np.save(folder / "marks.npy", as_stored(fine.neutral[vertices])[:51])
    return folder / "head.obj", folder / "marks.npy", len(head.neutral)


def test_an_obj_becomes_a_blend_with_shapes_and_bones(run, files, tmp_path, capfd):
    mesh, marks, count = files
    target = tmp_path / "head.blend"
    assert run("rig", mesh, "--landmarks", marks, "-o", target, "--json") == 0
    told = json.loads(capfd.readouterr().out)
    assert told["vertices"] == count and told["bones"] == 13 and told["error"] < 0.005
    bpy.ops.wm.open_mainfile(filepath=str(target))
    body = next(thing for thing in bpy.data.objects if thing.type == "MESH" and thing.data.shape_keys)
    assert {"jawOpen", "eyeBlinkLeft", "tongueOut", "tongueTipUp"} <= set(body.data.shape_keys.key_blocks.keys())
    assert len(body.data.vertices) == count
    assert body.parent.type == "ARMATURE"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m, k, f: (f / "none.obj", "--landmarks", k), "no such file"),
        (lambda m, k, f: (k, "--landmarks", k), "unknown ending"),
        (lambda m, k, f: (m, "--landmarks", f / "none.npy"), "no such file"),
        (lambda m, k, f: (m, "--landmarks", m), "holds no landmarks"),
        (lambda m, k, f: (_short(f), "--landmarks", k), "too few for a head"),
    ],
)
def test_bad_input_gets_one_line_and_leaves_nothing(run, files, tmp_path, capfd, change, words):
    mesh, marks, _ = files
    target = tmp_path / "out" / "head.glb"
    assert run("rig", *change(mesh, marks, tmp_path), "-o", target) == 2
    said = capfd.readouterr().err.strip()
    assert words in said and "\n" not in said
    assert not target.parent.exists()


def _short(folder):
    path = folder / "triangle.obj"
    path.write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    return path


def test_only_the_meshes_that_are_named_are_rigged(run, part, tmp_path, capfd):
    bpy.ops.mesh.primitive_monkey_add()
    for name in ("Head", "Eyes", "Table"):
        bpy.ops.mesh.primitive_uv_sphere_add()
        bpy.context.active_object.name = name
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "body.blend"))
    found = part("addon.rigging").open_meshes(tmp_path / "body.blend", ["Eyes", "Head"])
    assert sorted(body.name for body in found) == ["Eyes", "Head"]
    named = ("--object", "Head", "--object", "Hat")
    assert run("rig", tmp_path / "body.blend", *named, "-o", tmp_path / "out.blend") == 2
    assert "--object Hat: no such mesh" in capfd.readouterr().err
