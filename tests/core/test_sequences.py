"""Mesh sequences in files: what is written is read back some frames at a time, and hostile files get one line."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from headroom.core.errors import InputError, OutputError
from headroom.core.formats import folders, mdd, objs, pc2, ply, points_npz, sequences
from headroom.core.formats.frames import Moved
from headroom.core.sequence import MeshSequence, RigidTrack

FACES = np.array([[0, 1, 2, 3], [3, 2, 4, -1], [4, 5, 6, 7]], np.int32)


def capture(frames=7, points=60, fps=30.0, names=()):
    vertices = np.random.default_rng(0).normal(size=(frames, points, 3)).astype(np.float32)
    return MeshSequence(vertices, fps, FACES, names)


def same(read, made):
    assert read.vertices.shape == made.vertices.shape
    np.testing.assert_allclose(read.vertices[:], made.vertices[:], rtol=1e-6)
    np.testing.assert_allclose(read.vertices[4:6], made.vertices[4:6], rtol=1e-6)
    np.testing.assert_allclose(read.vertices[1:2], made.vertices[1:2], rtol=1e-6)


@pytest.mark.parametrize("ending", ["npz", "pc2", "mdd", "obj", "ply"])
def test_sequences_come_back_as_they_were(tmp_path, ending):
    made = capture()
    path = tmp_path / f"take.{ending}"
    sequences.write(path, made, {"rotation": np.zeros((7, 3, 3))})
    in_folder = ending in ("obj", "ply")
    assert len(list(tmp_path.iterdir())) == (7 if in_folder else 1)
    read = sequences.read(tmp_path if in_folder else path)
    same(read, made)
    if ending in ("npz", "obj", "ply"):
        assert [row[row >= 0].tolist() for row in read.faces] == [row[row >= 0].tolist() for row in FACES]
    if ending in ("npz", "mdd"):
        assert read.fps == 30
    if in_folder:
        assert read.fps is None and read.names[3] == f"take_0003.{ending}"


def test_an_npz_of_numpy_is_read(tmp_path):
    made = capture(points=5000)
    for save, dtype in ((np.savez, "<f4"), (np.savez_compressed, ">f8"), (np.savez_compressed, "<f2")):
        save(
            tmp_path / "take.npz", vertices=made.vertices.astype(dtype), fps=25, faces=FACES, names=np.array(["a"] * 7)
        )
        read = sequences.read(tmp_path / "take.npz")
        np.testing.assert_allclose(read.vertices[5:7], made.vertices[5:7], rtol=1e-3, atol=1e-3)
        np.testing.assert_allclose(read.vertices[0:3], made.vertices[0:3], rtol=1e-3, atol=1e-3)
        assert read.fps == 25 and read.names[2] == "a" and np.array_equal(read.faces, FACES)
        assert read.vertices[0:1].dtype.isnative


def test_an_npz_holds_what_is_promised(tmp_path):
    sequences.write(tmp_path / "out.npz", capture(names=tuple("abcdefg")), {"rotation": np.zeros((7, 3, 3))})
    with np.load(tmp_path / "out.npz", allow_pickle=False) as stored:
        assert stored["stabilized"].shape == (7, 60, 3) and stored["stabilized"].dtype == np.float32
        assert stored["rotation"].shape == (7, 3, 3) and float(stored["fps"]) == 30
        assert stored["names"].tolist() == list("abcdefg")
    assert sequences.read(tmp_path / "out.npz").frame_count == 7


def test_motion_is_taken_out_as_frames_are_read():
    made = capture()
    turn = np.tile(np.array([[0, -1.0, 0], [1, 0, 0], [0, 0, 1]]), (7, 1, 1))
    track = RigidTrack(turn, np.arange(21.0).reshape(7, 3), *np.zeros((3, 7)))
    moved = Moved(made.vertices, track)
    assert moved.shape == (7, 60, 3) and moved[2:4].dtype == np.float32
    expected = made.vertices[3] @ turn[3].T + [9, 10, 11]
    np.testing.assert_allclose(moved[3:4][0], expected, atol=1e-5)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_memory_is_flat_in_the_number_of_frames(tmp_path, save, monkeypatch):
    monkeypatch.setattr("headroom.core.formats.frames.CHUNK", 300_000)  # 1.2 MB of 36
    save(tmp_path / "take.npz", vertices=np.random.default_rng(0).random((600, 5000, 3), np.float32))
    tracemalloc.start()
    for ending in ("npz", "pc2", "mdd"):
        sequences.write(tmp_path / f"out.{ending}", sequences.read(tmp_path / "take.npz"))
        sequences.write(tmp_path / f"again.{ending}", sequences.read(tmp_path / f"out.{ending}"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6_000_000


def test_the_times_of_an_mdd_tell_its_rate(tmp_path):
    for fps, want in ((23.976, 23.976), (60.0, 60.0), (None, mdd.FPS)):
        mdd.write(tmp_path / "take.mdd", capture(frames=100, fps=fps))
        assert mdd.read(tmp_path / "take.mdd").fps == pytest.approx(want, rel=1e-4)


def test_frames_are_in_the_order_people_count(tmp_path):
    for name in ("f10.obj", "f9.obj", "F1.obj", "notes.txt", ".hidden.obj"):
        (tmp_path / name).write_text("v 0 0 1\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    (tmp_path / "more.obj").mkdir()
    assert [file.name for file in folders.frames_in(tmp_path)] == ["F1.obj", "f9.obj", "f10.obj"]


def test_frames_keep_their_names_when_they_have_some():
    assert folders.file_names(capture(2, names=("smile.obj", "a/../b")), "take") == ["smile", "a_.._b"]
    assert folders.file_names(capture(2, names=("smile", "Smile.ply")), "take") == ["take_0000", "take_0001"]
    assert folders.file_names(capture(2, names=("..", "x")), "take") == ["take_0000", "take_0001"]


def test_frames_that_blender_counts_are_numbered_as_there():
    names = tuple(f"scene frame {number}" for number in (1001, 1002))
    assert folders.file_names(capture(2, names=names), "take") == ["take_1001", "take_1002"]


def test_obj_in_all_its_spellings():
    data = (
        b"# made by\nmtllib a.mtl\nv 0 0 0 1 0 0\r\nv 1 0 0 1 0 0\nv 1 1 \\\n0 1 0 0\nv\t0 1 0 1 0 0\nvn 0 0 1\n"
        b"f 1/1/1 2//1 3/4 -1\nf 1 2 3"
    )
    vertices, faces = objs.read(data, True)
    assert vertices.tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]
    assert faces.tolist() == [[0, 1, 2, 3], [0, 1, 2, -1]]


def ply_of(form, extra_faces=()):
    """A PLY with properties that do not matter, and faces of three and four corners."""
    order = {"binary_little_endian": "<", "binary_big_endian": ">"}.get(form)
    head = (
        f"ply\nformat {form} 1.0\ncomment hi\nelement camera 1\nproperty float fov\nelement vertex 4\n"
        "property uchar red\nproperty double x\nproperty float y\nproperty float z\n"
        "element face 2\nproperty int material\nproperty list uchar int vertex_indices\nend_header\n"
    )
    points, faces = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0.5)], [(0, 1, 2), (0, 1, 2, 3), *extra_faces]
    if order is None:
        rows = ["35", *(f"255 {x} {y} {z}" for x, y, z in points)]
        rows += [f"7 {len(face)} {' '.join(map(str, face))}" for face in faces]
        return (head + "\n".join(rows) + "\n").encode()
    body = struct.pack(order + "f", 35) + b"".join(struct.pack(order + "Bdff", 255, *point) for point in points)
    for face in faces:
        body += struct.pack(f"{order}iB{len(face)}i", 7, len(face), *face)
    return head.encode() + body


@pytest.mark.parametrize("form", ["ascii", "binary_little_endian", "binary_big_endian"])
def test_ply_in_all_its_forms(form):
    vertices, faces = ply.read(ply_of(form), True)
    assert vertices.tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0.5]]
    assert faces.tolist() == [[0, 1, 2, -1], [0, 1, 2, 3]]
    assert ply.read(ply_of(form), False)[1] is None


TURN = np.array([[0, -1.0, 0], [1, 0, 0], [0, 0, 1]])


def test_an_obj_keeps_all_but_its_vertices():
    data = (
        b"# made by\nmtllib a.mtl\nv 0 0 0 1 0.5 0\nv 1 0 0 1 0 0\nv 1 1 0 1 0 0\nvt 0.25 0.5\nvn 1 0 0\ng face\n"
        b"f 1/1/1 2/1/1 3/1/1\n"
    )
    made = objs.replaced(data, np.array([[7, 8, 9.5], [1, 2, 3], [4, 5, 6]]), TURN)
    assert made.splitlines() == [
        b"# made by", b"mtllib a.mtl", b"v 7 8 9.5 1 0.5 0", b"v 1 2 3 1 0 0", b"v 4 5 6 1 0 0", b"vt 0.25 0.5",
        b"vn 0 1 0", b"g face", b"f 1/1/1 2/1/1 3/1/1",
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["ascii", "binary_little_endian", "binary_big_endian"])
def test_a_ply_keeps_all_but_its_vertices(form):
    data, vertices = ply_of(form), np.arange(12.0).reshape(4, 3)
    made = ply.replaced(data, vertices, TURN)
    read, faces = ply.read(made, True)
    assert read.tolist() == vertices.tolist() and faces.tolist() == [[0, 1, 2, -1], [0, 1, 2, 3]]
    assert ply.replaced(made, ply.read(data, False)[0], TURN) == data  # colors, cameras and comments too


def test_a_ply_turns_its_normals():
    head = "ply\nformat ascii 1.0\nelement vertex 1\n" + "".join(
        f"property float {name}\n" for name in ("x", "y", "z", "nx", "ny", "nz")
    )
    made = ply.replaced(f"{head}end_header\n1 2 3 1 0 0\n".encode(), np.array([[4, 5, 6]]), TURN)
    assert made.endswith(b"end_header\n4 5 6 0 1 0\n")


@pytest.mark.parametrize("form", ["ascii", "binary_little_endian", "binary_big_endian"])
def test_cut_plys_are_refused(form):
    data = ply_of(form)
    for end in range(0, len(data) - 2, 3):
        with pytest.raises(InputError):
            ply.read(data[:end], True)


def folder_of(tmp_path, **files):
    for name, text in files.items():
        (tmp_path / name.replace("_dot_", ".")).write_bytes(text.encode() if isinstance(text, str) else text)
    return tmp_path


TRIANGLE = "v 0 0 1\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no .obj and no .ply"),
        ({"a_dot_obj": TRIANGLE, "b_dot_ply": ply_of("ascii")}, "one kind"),
        ({"a_dot_obj": TRIANGLE, "b_dot_obj": TRIANGLE + "v 1 1 1\n"}, "has 4 vertices, frame 0 (a.obj) has 3"),
        ({"a_dot_obj": TRIANGLE, "b_dot_obj": ""}, "frame 1 (b.obj) has no vertices"),
        ({"a_dot_obj": "v 1 2\n"}, "frame 0 (a.obj) vertex 0 has 2 numbers"),
        ({"a_dot_obj": "v 1 2 3\nv 1 2 x\n"}, "frame 0 (a.obj) has a vertex that is not made of numbers"),
        ({"a_dot_obj": TRIANGLE + "f 1 2 9\n"}, "frame 0 (a.obj) has a face whose vertices are not there"),
        ({"a_dot_obj": TRIANGLE + "f a b c\n"}, "frame 0 (a.obj) has a face"),
        ({"a_dot_obj": bytes(range(256)) * 9}, "frame 0 (a.obj)"),
        ({"a_dot_ply": "obj"}, "frame 0 (a.ply) is no PLY file"),
        ({"a_dot_ply": ply_of("ascii").replace(b"vertex 4", b"vertex 999999999")}, "frame 0 (a.ply) has a header"),
        ({"a_dot_ply": ply_of("ascii").replace(b"vertex 4", b"vertex -4")}, "frame 0 (a.ply) has a header"),
        ({"a_dot_ply": ply_of("ascii").replace(b"float y", b"float why")}, "no y"),
        ({"a_dot_ply": ply_of("ascii").replace(b"float y", b"float x")}, "header"),
        ({"a_dot_ply": ply_of("ascii").replace(b"float y", b"quad y")}, "header"),
    ],
)  # fmt: skip
def test_hostile_folders_get_one_line(tmp_path, files, words):
    folder = folder_of(tmp_path, **files)
    with pytest.raises(InputError) as caught, sequences.about(folder):
        sequences.read(folder).vertices[:]
    assert str(caught.value).startswith(f"{folder}: ") and words in str(caught.value)
    assert "\n" not in str(caught.value)


def npy(array, **lies):
    """Spell an array as .npy, with a header that may lie."""
    file = io.BytesIO()
    header = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape} | lies
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + array.tobytes()


def npz_of(path, compression=zipfile.ZIP_STORED, **members):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)


GOOD = npy(np.ones((4, 60, 3), np.float32))
HOSTILE_NPZ = {
    "no zip": (lambda path: path.write_text("hello"), "is no .npz file"),
    "empty": (lambda path: path.write_bytes(b""), "is no .npz file"),
    "no vertices": (lambda path: np.savez(path, points=np.ones(3)), "no array `vertices`, only points"),
    "pickled": (lambda path: np.savez(path, vertices=np.array([print, {}], object)), "pickled"),
    "pickled faces": (lambda path: npz_of(path, vertices=GOOD, faces=npy(np.ones(1), descr="|O")), "is pickled"),
    "flat": (lambda path: np.savez(path, vertices=np.ones((4, 180))), "(frames, vertices, 3), not (4, 180)"),
    "whole numbers": (lambda path: np.savez(path, vertices=np.ones((4, 60, 3), int)), "float32 or float64, not int64"),
    "texts": (lambda path: np.savez(path, vertices=np.full((4, 60, 3), "a")), "float32 or float64"),
    "fortran": (lambda path: np.savez(path, vertices=np.asfortranarray(np.ones((4, 60, 3)))), "ascontiguousarray"),
    "huge": (lambda path: npz_of(path, vertices=npy(np.ones((4, 60, 3)), shape=(1 << 40, 1 << 40, 3))), "does not fit"),
    "negative": (lambda path: npz_of(path, vertices=npy(np.ones((4, 60, 3)), shape=(-4, -60, 3))), "`vertices`"),
    "short": (lambda path: npz_of(path, vertices=GOOD[:-100]), "does not fit its size"),
    "no header": (lambda path: npz_of(path, vertices=b"\x93NUMPY\x01\x00\xff\xff{"), "no array that can be read"),
    "code": (lambda path: npz_of(path, vertices=GOOD.replace(b"False", b"1 / 0")), "no array that can be read"),
    "bomb": (lambda path: npz_of(path, 8, vertices=npy(np.zeros((4000, 10000, 3), np.float32))), "nearly nothing"),
    "rate": (lambda path: np.savez(path, vertices=np.ones((4, 60, 3)), fps=-1), "`fps`"),
    "rates": (lambda path: np.savez(path, vertices=np.ones((4, 60, 3)), fps=np.ones(3)), "`fps`"),
    "rate nan": (lambda path: np.savez(path, vertices=np.ones((4, 60, 3)), fps=np.nan), "`fps`"),
    "rate word": (lambda path: np.savez(path, vertices=np.ones((4, 60, 3)), fps="fast"), "`fps`"),
    "faces": (lambda path: np.savez(path, vertices=np.ones((4, 60, 3)), faces=np.full((2, 3), 60)), "face 0 names"),
    "floating faces": (lambda path: np.savez(path, vertices=np.ones((4, 60, 3)), faces=np.ones((2, 3))), "`faces`"),
    "names": (lambda path: np.savez(path, vertices=np.ones((4, 60, 3)), names=np.array(["a"])), "`names`"),
    "no frames": (lambda path: np.savez(path, vertices=np.ones((0, 60, 3))), "shape"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE_NPZ)
def test_hostile_npz_get_one_line(tmp_path, kind):
    path, (harm, words) = tmp_path / "take.npz", HOSTILE_NPZ[kind]
    harm(path)
    with pytest.raises(InputError) as caught:
        sequences.read(path)
    assert str(caught.value).startswith(f"{path}: ") and words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_damaged_npz_name_the_frame(tmp_path, save):
    path = tmp_path / "take.npz"
    save(path, vertices=np.random.default_rng(0).random((300, 200, 3), np.float32))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"take.npz: frame \d+: the file is damaged"), sequences.about(path):
        sequences.read(path).vertices[:]
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match=r"take.npz: is no .npz file"):
        sequences.read(path)


def header_lies(kind, data, at, number):
    order = "<" if kind == "pc2" else ">"
    return data[:at] + struct.pack(order + "i", number) + data[at + 4 :]


@pytest.mark.parametrize(("kind", "frames_at", "points_at"), [("pc2", 28, 16), ("mdd", 0, 4)])
def test_hostile_caches_get_one_line(tmp_path, kind, frames_at, points_at):
    path = tmp_path / f"take.{kind}"
    sequences.write(path, capture())
    good = path.read_bytes()
    bad = [good[:cut] for cut in (0, 3, 11, 31, 32, 60, 500, len(good) - 1)] + [good + b"more", b"nonsense" * 50]
    for at in (frames_at, points_at):
        bad += [header_lies(kind, good, at, number) for number in (0, -1, 6, 8, 2**31 - 1, -(2**31))]
    for data in bad:
        path.write_bytes(data)
        with pytest.raises(InputError) as caught:
            sequences.read(path)
        assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)
    path.write_bytes(good[:-100])
    with pytest.raises(InputError, match="frame 6"):
        sequences.read(path)


@pytest.mark.parametrize(
    ("name", "words"), [("gone.npz", "no such file"), ("a.fbx", "unknown ending"), ("a.obj", "folder")]
)
def test_other_paths_get_one_line(tmp_path, name, words):
    with pytest.raises(InputError, match=words):
        sequences.read(tmp_path / name)


@pytest.mark.parametrize("ending", ["npz", "pc2", "mdd", "obj", "ply"])
def test_a_failure_half_way_keeps_the_old_file(tmp_path, ending):
    class Broken:
        shape = (3000, 2000, 3)

        def __getitem__(self, frames):
            if frames.start:
                raise InputError("frame 1: broken")
            return np.zeros((min(frames.stop, 3000), 2000, 3))

    path = tmp_path / f"take.{ending}"
    path.write_text("old")
    if ending in ("npz", "pc2", "mdd"):
        with pytest.raises(InputError):
            sequences.write(path, MeshSequence(Broken()))
        assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1
    with pytest.raises(OutputError, match="cannot be written"):
        sequences.write(tmp_path / "nowhere" / f"take.{ending}", capture())


def test_the_reader_of_npz_goes_back_and_forth(tmp_path):
    made = capture(frames=40)
    points_npz.write(tmp_path / "take.npz", made)
    read = sequences.read(tmp_path / "take.npz").vertices
    for first, last in ((30, 40), (0, 1), (5, 9), (9, 9), (20, 22), (3, 4)):
        np.testing.assert_array_equal(read[first:last], made.vertices[first:last])


def test_a_pc2_says_where_it_begins(tmp_path):
    pc2.write(tmp_path / "take.pc2", capture())
    assert pc2.HEADER.unpack((tmp_path / "take.pc2").read_bytes()[:32]) == (pc2.MAGIC, 1, 60, 0.0, 1.0, 7)
