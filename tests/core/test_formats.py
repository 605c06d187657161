"""Live Link Face CSV and plain tables: what is written is read back, and hostile files get one line."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from headroom.core.errors import InputError, OutputError
from headroom.core.formats import livelink, table
from headroom.core.performance import ARKIT_52, Performance
from headroom.core.speech.phones import Phones, Word

TAKES = Path(__file__).parents[3] / "shared" / "samples" / "mocap"


def take(frames=90, fps=60.0):
    values = np.random.default_rng(0).random((frames, 4)).astype(np.float32) * 0.4
    return Performance(
        fps, ("jawOpen", "tongueTipUp", "headYaw", "jawOpen"), ("lips", "lips", "head", "emotion"), values
    )


def spoken():
    words = (Word("ma", 0.1, 0.5),)
    return Phones(
        ("SIL", "M", "AA"), np.array([0.0, 0.1, 0.2]), np.array([0.1, 0.2, 0.5]), np.array([1, 0.5, 0.9]), words
    )


def test_live_link_holds_61_columns_and_adds_layers_up(tmp_path):
    path = tmp_path / "take.csv"
    livelink.write(path, take())
    lines = path.read_text().splitlines()
    header = lines[0].split(",")
    assert len(header) == 63 and header[:3] == ["Timecode", "BlendShapeCount", "EyeBlinkLeft"]
    assert header[16:19] == ["JawForward", "JawRight", "JawLeft"] and header[-1] == "RightEyeRoll"
    assert lines[61].startswith("00:00:01:00.000,61,")
    again = livelink.read(path)
    assert again.fps == 60 and again.frame_count == 90 and set(ARKIT_52) < set(again.channels)
    np.testing.assert_allclose(again.channel("jawOpen"), take().channel("jawOpen"), atol=1e-6)
    np.testing.assert_allclose(again.channel("headYaw"), take().channel("headYaw"), atol=1e-6)
    assert "tongueTipUp" not in again.channels


@pytest.mark.parametrize("fps", [24.0, 25.0, 30.0, 50.0, 120.0])
def test_live_link_keeps_the_frame_rate(tmp_path, fps):
    livelink.write(tmp_path / "take.csv", take(300, fps))
    again = livelink.read(tmp_path / "take.csv")
    assert again.fps == fps and again.frame_count == 300


def test_a_dropped_frame_is_filled_in(tmp_path):
    path = tmp_path / "take.csv"
    livelink.write(path, take(200))
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:100] + lines[101:]) + "\n")
    again = livelink.read(path)
    assert again.frame_count == 200
    np.testing.assert_allclose(again.channel("headYaw")[120:], take(200).channel("headYaw")[120:], atol=1e-4)


@pytest.mark.skipif(not TAKES.exists(), reason="needs the real takes in ../shared/samples/mocap")
@pytest.mark.parametrize(("name", "fps", "frames"), [("livelink_rom_a", 30.0, 4030), ("livelink_short", 60.0, 328)])
def test_real_takes_are_read(name, fps, frames):
    performance = livelink.read(TAKES / f"{name}.csv")
    assert performance.fps == fps and performance.frame_count == pytest.approx(frames, rel=0.01)
    assert 0.2 < performance.channel("jawOpen").max() <= 1.0


HOSTILE_CSV = {
    "empty": b"",
    "binary": bytes(range(256)) * 20,
    "prose": b"once upon a time\nthere was\n",
    "no frames": (",".join(livelink.HEADER) + "\n").encode(),
    "words": (",".join(livelink.HEADER) + "\n00:00:00:00.000,61" + ",hello" * 61 + "\n").encode(),
    "nan": (",".join(livelink.HEADER) + "\n00:00:00:00.000,61" + ",nan" * 61 + "\n").encode(),
    "no timecode": (",".join(livelink.HEADER) + "\nnow,61" + ",0.0" * 61 + "\n").encode(),
    "cut": (",".join(livelink.HEADER) + "\n" + ("00:00:00:00.000,61" + ",0.0" * 61 + "\n") * 2)[:-40].encode(),
    "other columns": b"Timecode,Left,Right\n00:00:00:00.000,1,2\n",
}


@pytest.mark.parametrize("kind", HOSTILE_CSV)
def test_hostile_takes_get_one_line(tmp_path, kind):
    path = tmp_path / "take.csv"
    path.write_bytes(HOSTILE_CSV[kind])
    with pytest.raises(InputError) as caught:
        livelink.read(path)
    assert "take.csv" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("ending", ["npz", "json"])
@pytest.mark.parametrize("phones", [None, spoken()])
def test_tables_come_back_as_they_were(tmp_path, ending, phones):
    path = tmp_path / f"table.{ending}"
    getattr(table, f"write_{ending}")(path, take(), phones)
    performance, heard = getattr(table, f"read_{ending}")(path)
    assert (performance.fps, performance.channels, performance.layers) == (60.0, take().channels, take().layers)
    np.testing.assert_allclose(performance.values, take().values, atol=1e-5)
    if phones is None:
        assert heard is None
    else:
        assert heard.label == phones.label and heard.words == phones.words
        np.testing.assert_allclose(heard.end, phones.end)
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_npz_has_the_promised_arrays(tmp_path):
    table.write_npz(tmp_path / "line.npz", take(), spoken())
    with np.load(tmp_path / "line.npz", allow_pickle=False) as file:
        assert {"fps", "channels", "values", "phone_label", "phone_start", "phone_end"} <= set(file.files)
        assert file["channels"].dtype.kind == "U" and file["values"].shape == (90, 4)


def hostile_npz(path, kind):
    good = {"fps": np.float64(60), "channels": np.array(["jawOpen"]), "values": np.zeros((3, 1), np.float32)}
    if kind == "pickled":
        np.savez(path, **good | {"channels": np.array([print, {"a": 1}], dtype=object)})
    elif kind == "text":
        path.write_text("not a table")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "other zip":
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("fps", "60")
    elif kind == "cut":
        np.savez(path, **good)
        path.write_bytes(path.read_bytes()[:-60])
    elif kind == "nan":
        np.savez(path, **good | {"values": np.full((3, 1), np.nan)})
    elif kind == "shape":
        np.savez(path, **good | {"values": np.zeros((3, 2))})
    elif kind == "rate":
        np.savez(path, **good | {"fps": np.float64(-1)})
    elif kind == "words":
        np.savez(path, **good | {"values": np.array([["a"], ["b"]])})
    elif kind == "no values":
        np.savez(path, fps=np.float64(60), channels=np.array(["jawOpen"]))


KINDS = ["missing", "pickled", "text", "empty", "other zip", "cut", "nan", "shape", "rate", "words", "no values"]


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_npz_get_one_line(tmp_path, kind):
    path = tmp_path / "table.npz"
    hostile_npz(path, kind)
    with pytest.raises(InputError) as caught:
        table.read_npz(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "nonsense", '{"fps": 60, "channels": ["a"], "values": [[1, 2]]}', "[" * 5000,
     '{"fps": "x", "channels": ["a"], "values": [[1]]}', '{"fps": 60, "channels": [1], "values": [[1]]}',
     '{"fps": 60, "channels": ["jawOpen"], "values": [[0]], "phones": [{"label": "QQ"}]}'],
)  # fmt: skip
def test_hostile_json_gets_one_line(tmp_path, text):
    path = tmp_path / "table.json"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        table.read_json(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("write", [livelink.write, table.write_npz, table.write_json])
def test_unwritable_places_are_said_and_nothing_is_left(tmp_path, write):
    (tmp_path / "taken").mkdir()
    for path in (tmp_path / "nowhere" / "take.csv", tmp_path / "taken"):
        with pytest.raises(OutputError, match="cannot be written"):
            write(path, take())
    assert [item.name for item in tmp_path.iterdir()] == ["taken"]


def test_a_failure_half_way_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "table.json"
    table.write_json(path, take())
    before = path.read_bytes()
    monkeypatch.setattr(json, "dumps", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        table.write_json(path, take(10))
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1
