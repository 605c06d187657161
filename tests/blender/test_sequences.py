"""Mesh sequences where Blender reads or writes them: Alembic, glTF, .blend, through the command line and without it."""

from __future__ import annotations

import dataclasses
import json

import bpy
import numpy as np
import pytest
import synthetic

FRAMES = 9
KINDS = ("abc", "glb", "blend")


@pytest.fixture
def files(part):
    return part("addon.bridge.sequences"), part("addon.bridge.sequence_files")


@pytest.fixture
def capture(part):
    """Make a ball that nods and breathes: `capture(fps)`; without fps, a set of expressions."""
    points, faces, _ = synthetic.ball((0, 0, 0.1), 0.1)

    def make(fps=30.0, names=()):
        turn = np.sin(np.arange(FRAMES))[:, None] * 0.3
        grown = points * (1 + 0.1 * np.sin(np.arange(FRAMES))[:, None, None] * (points[:, :1] > 0))
        x, y, z = grown[..., 0], grown[..., 1], grown[..., 2]
        c, s = np.cos(turn), np.sin(turn)
        frames = np.stack([x, c * y - s * z, s * y + c * z], axis=-1).astype(np.float32)
        return part("core.sequence").MeshSequence(frames, fps, faces.astype(np.int32), names)

    return make


@pytest.fixture
def written(part, files, capture, tmp_path):
    """Write a capture as one of the kinds and start with an empty scene again; gives its path."""

    def write(kind, fps=30.0, names=()):
        path = tmp_path / f"take.{kind}"
        part("addon.session").fresh_scene(fps or 24.0)
        files[1].write(path, capture(fps, names))
        part("addon.session").fresh_scene(24.0)
        return path

    return write


@pytest.mark.parametrize("fps", [24.0, 30.0, 59.94])
@pytest.mark.parametrize("kind", KINDS)
def test_sequences_come_back_as_they_were(files, capture, written, kind, fps):
    made, read = capture(fps), files[0].read(written(kind, fps))
    assert read.vertices.shape == made.vertices.shape and read.fps == pytest.approx(fps, rel=1e-4)
    np.testing.assert_allclose(read.vertices[:], made.vertices[:], atol=1e-6)
    np.testing.assert_allclose(read.vertices[3:5], made.vertices[3:5], atol=1e-6)
    assert read.name(2) == "frame 2 (scene frame 3)"
    if kind != "glb":  # which is made of triangles
        np.testing.assert_array_equal(read.faces, made.faces)


@pytest.mark.parametrize("kind", ["glb", "blend"])
def test_expressions_come_back_as_a_set(files, capture, written, kind):
    names = tuple(f"face {number}" for number in range(FRAMES))
    made, read = capture(None, names), files[0].read(written(kind, None, names))
    assert read.fps is None and read.names[1:] == names[1:]
    np.testing.assert_allclose(read.vertices[:], made.vertices[:], atol=1e-6)


@pytest.mark.parametrize("kind", ["glb", "blend"])
def test_shape_keys_are_read_even_when_they_move(files, capture, part, tmp_path, kind):
    """What `--solve` takes from a head."""
    writer = files[1]
    names = ("Basis", *(f"face {number}" for number in range(1, FRAMES)))
    made = capture(30.0, names)
    body = writer.add_mesh("Head", made)
    writer.add_keys(body, made, lambda *_: None)
    writer.play_keys(body, made)
    if kind == "glb":
        bpy.ops.export_scene.gltf(filepath=str(tmp_path / "head.glb"))
    else:
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "head.blend"))
    part("addon.session").fresh_scene(24.0)
    read = part("addon.solving").read(tmp_path / f"head.{kind}")
    assert read.names == names[1:] and len(read.shapes) == FRAMES - 1
    np.testing.assert_allclose(read.shapes[3][:50], (made.vertices[4] - made.vertices[0])[:50], atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_frames_keep_their_numbers(files, written, kind):
    names = tuple(f"scene frame {1001 + number}" for number in range(FRAMES))
    path = written(kind, 24.0, names)
    assert files[0].read(path).names == names


def test_what_moves_in_the_scene_is_a_sequence(files, capture, part):
    """An animated object with animated shape keys, some of its frames in the scene's range."""
    reader, writer = files
    made = capture()
    body = writer.add_mesh("Face", made)
    with pytest.raises(part("core.errors").InputError, match="Face does not move"):
        reader.of_object(body)
    writer.add_keys(body, made, lambda *_: None)
    assert reader.of_object(body).fps is None
    writer.play_keys(body, made)
    body.location = (0, 0, 1)
    body.keyframe_insert("location", frame=2)
    body.location = (0, 0, 3)
    body.keyframe_insert("location", frame=4)
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = 3, 250
    read = reader.of_object(body)
    assert read.names[0] == "scene frame 3" and read.frame_count == FRAMES - 2
    np.testing.assert_allclose(read.vertices[1:2][0], made.vertices[3] + [0, 0, 3], atol=1e-5)
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = 500, 600
    assert reader.of_object(body).frame_count == FRAMES


def test_the_mesh_that_is_meant(files, capture, part, tmp_path):
    reader, writer = files
    small = capture(None)
    small = part("core.sequence").MeshSequence(small.vertices[:, :60], None, small.faces[:20])
    for name, one in (("Eye", small), ("Face", capture(None))):
        writer.add_keys(writer.add_mesh(name, one), one, lambda *_: None)
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=60, y_subdivisions=60)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    assert reader.read(tmp_path / "scene.blend").vertex_count == capture().vertex_count
    assert reader.read(tmp_path / "scene.blend", name="Eye").vertex_count == 60
    with pytest.raises(part("core.errors").InputError, match=r"scene.blend: has no mesh called 'Nose'.*Eye, Face"):
        reader.read(tmp_path / "scene.blend", name="Nose")


def test_a_mesh_that_changes_names_the_frame(files, capture, part):
    reader, writer = files
    made = capture()
    body = writer.add_mesh("Face", made)
    body.location = (0, 0, 0)
    body.keyframe_insert("location", frame=1)
    body.keyframe_insert("location", frame=5)
    builder = body.modifiers.new("Build", "BUILD")
    builder.frame_start, builder.frame_duration = 3, 2
    body.modifiers.move(0, 0)
    with pytest.raises(part("core.errors").InputError, match=r"frame \d \(scene frame \d\) has \d+ vertices"):
        _ = reader.of_object(body).vertices[:]


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def nonsense(path):
    path.write_bytes(b"nonsense" * 99)


def lies(path):
    data = bytearray(path.read_bytes())
    data[8:16] = b"\xff" * 7 + b"\x00"
    path.write_bytes(data)


@pytest.mark.parametrize("harm", [cut, nonsense, lies])
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_get_one_line(files, written, part, kind, harm):
    path = written(kind)
    if kind == "blend" and harm is lies:
        pytest.skip("a compressed .blend has no such header")
    harm(path)
    with pytest.raises(part("core.errors").InputError) as caught:
        files[0].read(path)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


def test_old_alembic_is_named(files, part, tmp_path):
    (tmp_path / "old.abc").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(200))
    with pytest.raises(part("core.errors").InputError, match="old kind"):
        files[0].read(tmp_path / "old.abc")


def test_a_file_where_nothing_moves(files, part, tmp_path):
    bpy.ops.mesh.primitive_monkey_add()
    bpy.ops.export_scene.gltf(filepath=str(tmp_path / "still.glb"))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "still.blend"))
    for kind in ("glb", "blend"):
        with pytest.raises(part("core.errors").InputError, match="nothing in it moves"):
            files[0].read(tmp_path / f"still.{kind}")


@pytest.fixture
def model(part, monkeypatch):
    """Put a simple motion in the model's place: each frame is moved down by its number in tenths."""
    stabilizing = part("core.stabilize.stabilize")

    def stabilize(sequence, options, progress=None):
        for first, frames in sequence.chunks():
            part("core.stabilize.checks").check_finite(sequence, frames, first)
        shift = np.zeros((sequence.frame_count, 3))
        shift[:, 2] = -np.arange(sequence.frame_count) / 10
        turn = np.tile(np.eye(3), (sequence.frame_count, 1, 1))
        place = part("core.stabilize.place").Place(np.eye(3), np.zeros(3), 0.0)
        numbers = np.full((3, sequence.frame_count), 0.6)
        return stabilizing.StabilizeResult(part("core.sequence").RigidTrack(turn, shift, *numbers), 0, place, 1.0)

    monkeypatch.setattr(stabilizing, "stabilize", stabilize)


@pytest.fixture
def run(model, part):
    return lambda *arguments: part("addon.cli").run([str(argument) for argument in arguments])


@pytest.mark.parametrize("target", ["npz", "pc2", "obj", *KINDS])
@pytest.mark.parametrize("source", ["npz", *KINDS])
def test_any_kind_becomes_any_other(run, part, files, capture, written, tmp_path, source, target, capfd):
    if source == "npz":
        part("core.formats.sequences").write(tmp_path / "take.npz", capture())
    path = tmp_path / "take.npz" if source == "npz" else written(source)
    capfd.readouterr()
    assert run("stabilize", path, "-o", tmp_path / "out", "--format", target, "--json") == 0
    streams = capfd.readouterr()
    assert json.loads(streams.out)["frames"] == FRAMES and not streams.err
    made = {file.name for file in (tmp_path / "out").iterdir()}
    if target != "obj":
        assert made == {f"take.{target}"} | ({"take_stabilized.pc2"} if target == "blend" else set())
    read = files[0].read(tmp_path / "out" if target == "obj" else tmp_path / "out" / f"take.{target}")
    want = capture().vertices - np.arange(FRAMES, dtype=np.float32)[:, None, None] * [0, 0, 0.1]
    np.testing.assert_allclose(read.vertices[:], want, atol=1e-5)


@pytest.mark.parametrize("target", KINDS)
def test_the_skulls_motion_goes_with_it_on_an_empty(run, files, written, tmp_path, target):
    assert run("stabilize", written("abc"), "-o", tmp_path / f"out.{target}") == 0
    files[0].read(tmp_path / f"out.{target}")
    empty = next(one for one in bpy.context.scene.objects if one.type == "EMPTY")
    heights = []
    for frame in range(1, FRAMES + 1):
        bpy.context.scene.frame_set(frame)
        heights.append(empty.matrix_world.translation.z)
    np.testing.assert_allclose(np.diff(heights), 0.1, atol=1e-5)


def test_what_tells_no_axes_is_stood_up(run, files, capture, part, tmp_path, monkeypatch):
    """A capture in centimetres with Y up comes into Blender in metres with Z up."""
    place = part("core.stabilize.place").Place
    stabilizing = part("core.stabilize.stabilize")
    plain = stabilizing.stabilize
    turn = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])  # Y up -> Z up

    def lying(*given):
        return dataclasses.replace(plain(*given), place=place(turn / 100, np.zeros(3), 0.0), metres=0.01)

    monkeypatch.setattr(stabilizing, "stabilize", lying)
    made = capture()
    part("core.formats.sequences").write(
        tmp_path / "take.npz", dataclasses.replace(made, vertices=(100 * made.vertices @ turn).astype(np.float32))
    )
    assert run("stabilize", tmp_path / "take.npz", "-o", tmp_path / "out.abc") == 0
    read = files[0].read(tmp_path / "out.abc").vertices
    np.testing.assert_allclose(read[0:1], made.vertices[0:1], atol=1e-5)


def test_a_set_without_faces_cannot_be_gltf(run, capture, part, tmp_path, capfd):
    np.savez(tmp_path / "bare.npz", vertices=capture().vertices)
    assert run("stabilize", tmp_path / "bare.npz", "-o", tmp_path / "out.glb") == 2
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 1 and "bare.npz: has no faces" in lines[0]
    assert [file.name for file in tmp_path.iterdir()] == ["bare.npz"]
