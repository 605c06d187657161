"""The command line as a pipeline meets it: files, exit codes, one line when something is wrong."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from headroom.addon import cli
from headroom.core.errors import InputError
from headroom.core.head.head import Head
from headroom.core.performance import SHAPES, Performance
from headroom.core.speech.phones import Phones


def small_head() -> Head:
    neutral = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], dtype=np.float32)
    return Head(
        neutral=neutral,
        faces=np.array([[0, 1, 2, 3]], dtype=np.int32),
        uv=np.zeros((1, 4, 2), dtype=np.float32),
        part=np.array(["skin"]),
        colors=np.ones((4, 4), dtype=np.float32),
        shape_names=SHAPES,
        shapes=np.full((len(SHAPES), 4, 3), 0.25, dtype=np.float32),
        joint_names=("neck", "head"),
        joint_parents=(-1, 0),
        joints=np.zeros((2, 3), dtype=np.float32),
        joint_tails=np.ones((2, 3), dtype=np.float32),
        skin_weights=np.full((4, 2), 0.5, dtype=np.float32),
        attributes={"seed": 5},
        provenance={"version": "test"},
    )


def heard(sound, options, progress=None, given=None):
    """Stand in for lip sync: a jaw that opens as long as the sound lasts."""
    frames = round(sound.duration * options.fps)
    values = np.linspace(0, 1, frames, dtype=np.float32)[:, None]
    phones = Phones(("AA",), np.array([0.0]), np.array([sound.duration]), np.array([1.0]))
    return SimpleNamespace(
        performance=Performance(options.fps, ("jawOpen",), ("lips",), values), phones=phones, warnings=("quiet",)
    )


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put quick stand-ins in the models' place: these tests are about the command line."""
    monkeypatch.setattr("headroom.core.head.generate.generate", lambda options, progress=None: small_head())
    monkeypatch.setattr("headroom.core.head.generate.decode", lambda *given: small_head())
    monkeypatch.setattr("headroom.core.speech.lipsync.lipsync", heard)


@pytest.fixture
def line(tmp_path: Path):
    """Write a wav of one second; gives its path."""

    def write(name: str = "line.wav", seconds: float = 1.0) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16000)
            file.writeframes(bytes(round(16000 * seconds) * 2))
        return path

    return write


def run(*arguments: object) -> int:
    return cli.run([str(argument) for argument in arguments])


def test_a_head_file_holds_what_is_promised(tmp_path: Path) -> None:
    assert run("generate", "--seed", 5, "-o", tmp_path / "head.npz") == 0
    with np.load(tmp_path / "head.npz", allow_pickle=False) as stored:
        assert stored["neutral"].shape == (4, 3)
        assert stored["faces"].shape == (1, 4)
        assert stored["shapes"].shape == (len(SHAPES), 4, 3)
        assert tuple(stored["shape_names"]) == SHAPES
        assert tuple(stored["joint_names"]) == ("neck", "head")
        assert stored["part"].tolist() == ["skin"]
        assert {"uv", "joints"} <= set(stored.files)


def test_a_head_file_reads_back_as_it_was(tmp_path: Path) -> None:
    from headroom.addon import headfile

    headfile.save(tmp_path / "head.npz", small_head())
    back, made = headfile.load(tmp_path / "head.npz"), small_head()
    for name, value in vars(made).items():
        again = getattr(back, name)
        assert np.array_equal(again, value) if isinstance(value, np.ndarray) else again == value, name


def test_json_is_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("generate", "-o", tmp_path / "head.npz", "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["vertices"] == 4
    assert Path(summary["output"]).is_file()


def test_missing_folders_are_made(tmp_path: Path) -> None:
    assert run("generate", "-o", tmp_path / "new" / "folder" / "head.npz") == 0
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["head.npz"]


def test_format_names_the_file_in_a_folder(tmp_path: Path) -> None:
    assert run("generate", "-o", tmp_path, "--format", "npz", "--seed", 5) == 0
    assert (tmp_path / "head-5.npz").is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["generate"], "-o FILE"),
        (["generate", "-o", "head.zip"], "unknown ending '.zip'"),
        (["generate", "-o", "head"], "unknown ending"),
        (["generate", "-o", "x", "--format", "zip"], "--format zip"),
        (["generate", "-o", "head.npz", "--colour", "red"], "--colour"),
        (["generate", "-o", "head.npz", "--see", "1"], "--see"),
        (["generate", "-o", "head.npz", "--seed", "one"], "--seed"),
        (["generate", "-o", "head.npz", "--set", "age"], "NAME=NUMBER"),
        (["generate", "-o", "head.npz", "--set", "age=old"], "NAME=NUMBER"),
        (["generate", "-o", "/dev/null/head.npz"], "cannot be written"),
        (["sing"], "sing"),
        ([], "VERB"),
    ],
)
def test_wrong_words_are_one_line(fails, arguments: list[str], words: str) -> None:
    assert words in fails(*arguments)


def test_lipsync_writes_curves(tmp_path: Path, line) -> None:
    for ending in ("csv", "json", "npz"):
        assert run("lipsync", line(), "-o", tmp_path / f"curves.{ending}", "--fps", 30) == 0
    with np.load(tmp_path / "curves.npz") as stored:
        assert (float(stored["fps"]), stored["values"].shape) == (30.0, (30, 1))
        assert stored["channels"].tolist() == ["jawOpen"]
        assert stored["phone_label"].tolist() == ["AA"]
    assert len((tmp_path / "curves.csv").read_text().splitlines()) == 31
    assert json.loads((tmp_path / "curves.json").read_text())["fps"] == 30.0


def test_many_recordings_go_to_a_folder_and_good_ones_are_kept(tmp_path: Path, line, capsys) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no sound")
    code = run("lipsync", line("a.wav"), bad, line("b.wav"), "-o", tmp_path / "out", "--format", "npz", "--json")
    assert code == 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.npz", "b.npz"]
    streams = capsys.readouterr()
    summary = json.loads(streams.out)
    assert [Path(entry["output"]).name for entry in summary["files"]] == ["a.npz", "b.npz"]
    assert len(summary["errors"]) == 1 and "bad.wav" in summary["errors"][0]
    assert sum("bad.wav" in text for text in streams.err.splitlines()) == 1


def test_several_recordings_need_a_folder(fails, line) -> None:
    assert "--format" in fails("lipsync", line("a.wav"), line("b.wav"), "-o", "x.csv")


def test_two_recordings_of_one_name_do_not_overwrite_each_other(fails, line, tmp_path: Path) -> None:
    one, two = line("one/take.wav"), line("two/take.wav")
    assert "take.npz" in fails("lipsync", one, two, "-o", tmp_path / "x", "--format", "npz")


def test_bad_sounds_are_one_line(fails, tmp_path: Path, line) -> None:
    empty, cut = tmp_path / "empty.wav", tmp_path / "cut.wav"
    empty.touch()
    cut.write_bytes(line().read_bytes()[:9000])
    target = tmp_path / "x" / "out.csv"
    assert "no such file" in fails("lipsync", tmp_path / "gone.wav", "-o", target)
    assert "empty" in fails("lipsync", empty, "-o", target)
    assert "cut short" in fails("lipsync", cut, "-o", target)
    good = line()
    assert "--fps 0" in fails("lipsync", good, "-o", target, "--fps", 0)
    assert "--keys-error -1" in fails("lipsync", good, "-o", target, "--keys-error", -1)
    assert "--step 0" in fails("lipsync", good, "-o", target, "--stepped", "--step", 0)
    assert "gone.npz" in fails("lipsync", good, "-o", target, "--head", tmp_path / "gone.npz")


def test_a_transcript_may_be_a_file(tmp_path: Path, line, fails, monkeypatch: pytest.MonkeyPatch) -> None:
    said = []

    def listen(sound, options, progress=None, given=None):
        said.append(options.transcript)
        return heard(sound, options)

    monkeypatch.setattr("headroom.core.speech.lipsync.lipsync", listen)
    text = tmp_path / "line.txt"
    text.write_text("Good morning\n", encoding="utf-8")
    audio = line()
    assert run("lipsync", audio, "-o", tmp_path / "a.csv", "--transcript", text) == 0
    assert run("lipsync", audio, "-o", tmp_path / "a.csv", "--transcript", "Good evening") == 0
    assert said == ["Good morning", "Good evening"]
    assert "gone.txt" in fails("lipsync", audio, "-o", tmp_path / "b.csv", "--transcript", "gone.txt")


SHAPES_OF_RHUBARB = "0.00\tX\n0.20\tA\n0.40\tD\n1.00\tX\n"


def test_phones_may_come_from_a_file(tmp_path: Path, line, monkeypatch: pytest.MonkeyPatch) -> None:
    known = []

    def follow(sound, options, progress=None, given=None):
        known.append(given)
        return heard(sound, options)

    monkeypatch.setattr("headroom.core.speech.lipsync.lipsync", follow)
    folder = tmp_path / "phones"
    folder.mkdir()
    (folder / "a.tsv").write_text(SHAPES_OF_RHUBARB)
    (folder / "b.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    audio = line("a.wav")
    assert run("lipsync", audio, "-o", tmp_path / "a.csv", "--phones", folder / "a.tsv") == 0
    assert known[0].label == ("SIL", "M", "AA")
    assert run("lipsync", audio, line("b.wav"), "-o", tmp_path, "--format", "csv", "--phones", folder) == 0
    assert known[1].label == ("SIL", "M", "AA") and known[2][0].text == "Hello"


def test_a_recording_without_its_phones_is_left_out(tmp_path: Path, line, capsys) -> None:
    folder = tmp_path / "phones"
    folder.mkdir()
    (folder / "a.tsv").write_text(SHAPES_OF_RHUBARB)
    two = line("a.wav"), line("b.wav")
    assert run("lipsync", *two, "-o", tmp_path / "out", "--format", "csv", "--phones", folder) == 2
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.csv"]
    assert "called b" in capsys.readouterr().err


def test_bad_phones_are_one_line(fails, tmp_path: Path, line) -> None:
    two = line("a.wav"), line("b.wav")
    bad = tmp_path / "a.tsv"
    bad.write_text("0.0\tQ\n")
    target = tmp_path / "x" / "a.csv"
    assert "a.tsv: line 1" in fails("lipsync", two[0], "-o", target, "--phones", bad)
    assert "gone.srt" in fails("lipsync", two[0], "-o", target, "--phones", tmp_path / "gone.srt")
    assert "folder of phones" in fails("lipsync", *two, "-o", tmp_path / "x", "--format", "csv", "--phones", bad)


def test_phones_are_written_as_a_textgrid(tmp_path: Path, line) -> None:
    from headroom.core.formats import textgrid

    assert run("lipsync", line("a.wav"), "-o", tmp_path / "one.TextGrid") == 0
    assert textgrid.read(tmp_path / "one.TextGrid").label == ("AA",)
    assert run("lipsync", line("a.wav"), "-o", tmp_path / "more", "--format", "TextGrid") == 0
    assert [path.name for path in (tmp_path / "more").iterdir()] == ["a.TextGrid"]


def test_failing_work_leaves_the_old_file_alone(tmp_path: Path, line, fails, monkeypatch: pytest.MonkeyPatch) -> None:
    audio, target = line(), tmp_path / "curves.csv"
    target.write_text("old")

    def broken(sound, options, progress=None, given=None):
        raise InputError("something is wrong with it")

    monkeypatch.setattr("headroom.core.speech.lipsync.lipsync", broken)
    assert "something is wrong" in fails("lipsync", audio, "-o", target)
    assert target.read_text() == "old"


def test_stopping_writes_nothing(tmp_path: Path, line, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(sound, options, progress=None, given=None):
        raise KeyboardInterrupt

    monkeypatch.setattr("headroom.core.speech.lipsync.lipsync", stopped)
    audio = line()
    assert run("lipsync", audio, "-o", tmp_path / "x" / "a.csv") == 130
    assert sorted(path.name for path in tmp_path.iterdir()) == ["line.wav"]
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_bugs_keep_their_traceback(tmp_path: Path, line, monkeypatch: pytest.MonkeyPatch) -> None:
    def buggy(sound, options, progress=None, given=None):
        raise ZeroDivisionError

    monkeypatch.setattr("headroom.core.speech.lipsync.lipsync", buggy)
    with pytest.raises(ZeroDivisionError):
        run("lipsync", line(), "-o", tmp_path / "a.csv")


def test_every_option_of_a_verb_has_its_argument() -> None:
    import dataclasses

    from headroom.core.head.generate import GenerateOptions
    from headroom.core.speech.lipsync import LipsyncOptions

    commands = next(action for action in cli.parser()._actions if getattr(action, "choices", None))
    for verb, kind in (("generate", GenerateOptions), ("lipsync", LipsyncOptions)):
        flags = set(commands.choices[verb]._option_string_actions)
        assert {f"--{field.name.replace('_', '-')}" for field in dataclasses.fields(kind)} <= flags


def test_help_and_version_end_well(capsys) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("headroom ")
    for arguments in (["--help"], ["generate", "--help"], ["lipsync", "--help"]):
        assert cli.run(arguments) == 0


def test_no_bar_without_a_terminal(tmp_path: Path, line, capsys) -> None:
    run("lipsync", line(), "-o", tmp_path / "a.csv")
    assert "\r" not in capsys.readouterr().err
