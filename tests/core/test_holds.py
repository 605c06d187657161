"""Mouth drawings: contacts are never dropped, nothing flickers, and 2D programs can read them."""

import json

import numpy as np
import pytest

from headroom.core.formats import mouth_cues, phone_files, rhubarb, table
from headroom.core.performance import Performance
from headroom.core.speech.holds import Hold, holds
from headroom.core.speech.lipsync import LipsyncOptions
from headroom.core.speech.phones import INVENTORY, Phones
from headroom.core.speech.viseme_tables import SETS

CLOSED = {"rhubarb": ("A", "G"), "preston_blair": ("MBP", "FV"), "microsoft": ("viseme_21", "viseme_18")}


def spoken(labels: str, seconds: float, pause: float = 0.6) -> tuple[Phones, float]:
    label = ("SIL", *labels.split(), "SIL")
    edges = np.r_[0, pause + np.arange(len(label) - 1) * seconds, 2 * pause + (len(label) - 2) * seconds]
    return Phones(label, edges[:-1], edges[1:], np.ones(len(label))), round(float(edges[-1]), 6)


def drawn(labels: str, name: str, seconds: float, fps: float, **options):
    phones, duration = spoken(labels, seconds)
    return phones, duration, holds(phones, duration, SETS[name], LipsyncOptions(fps=fps, **options))


def shown_at(row, time: float) -> str:
    return [hold.shape for hold in row if hold.start <= time + 1e-9][-1]


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("fps", [12, 23.976, 24, 25, 30, 60])
@pytest.mark.parametrize("seconds", [0.045, 0.09, 0.2])
def test_every_drawing_stays_and_no_contact_is_dropped(name, fps, seconds):
    phones, duration, row = drawn("AA P IY F UW M AE V OW B S T UW P AA P AA", name, seconds, fps)
    frames = np.rint([hold.start * fps for hold in row]).astype(int)
    np.testing.assert_allclose(frames / fps, [hold.start for hold in row])
    lengths = np.diff([*frames, round(duration * fps)])
    assert frames[0] == 0 and lengths.min() >= 2
    assert all(one.shape != other.shape for one, other in zip(row, row[1:], strict=False))
    late = 2 / fps if seconds * fps < 2.5 else 0.51 / fps  # drawings of two frames each cannot follow faster
    for place, label in enumerate(phones.label):
        if label in "PBMFV":
            want, middle = CLOSED[name][label in "FV"], (phones.start[place] + phones.end[place]) / 2
            times = np.linspace(middle - 0.51 / fps, middle + late + 2 / fps, 50)
            assert want in {shown_at(row, time) for time in times}, (label, middle)


def test_unhurried_speech_is_drawn_as_it_is_spoken():
    phones, _, row = drawn("M AA S IY F UW L EH P", "rhubarb", 0.15, 24)
    middles = (phones.start + phones.end) / 2
    assert [shown_at(row, middle) for middle in middles] == ["X", "A", "D", "B", "B", "G", "F", "H", "C", "A", "X"]


def test_vowels_between_closures_open_at_the_rate_of_film():
    phones, _, row = drawn("P AA P AA P AA P", "rhubarb", 0.09, 24)
    middles = (phones.start + phones.end) / 2
    assert [shown_at(row, middle) for middle in middles[1:-1]] == list("ADADADA")


def test_silence_is_rest_and_lead_moves_the_row():
    _, _, row = drawn("P AA", "rhubarb", 0.2, 24)
    assert row[0] == Hold(0.0, "X") and row[-1].shape == "X"
    _, _, early = drawn("P AA", "rhubarb", 0.2, 24, lead=0.25)
    assert early[1].start == pytest.approx(row[1].start - 0.25, abs=1e-6)


@pytest.mark.parametrize("duration", [0.0, 0.01, 0.05])
def test_very_short_sounds_have_one_mouth(duration):
    none = Phones((), np.zeros(0), np.zeros(0), np.zeros(0))
    assert holds(none, duration, SETS["rhubarb"], LipsyncOptions(fps=24)) == (Hold(0.0, "X"),)


def test_no_row_of_drawings_is_nearer():
    """Against all rows of a short score, tried one by one."""
    from itertools import product

    from headroom.core.speech.holds import CHANGE, _rows

    rng = np.random.default_rng(0)
    for _ in range(20):
        score = rng.random((7, 3))

        def worth(row, score=score):
            edges = [0, *(k for k in range(1, 7) if row[k] != row[k - 1]), 7]
            if np.diff(edges).min() < 2:
                return -np.inf
            return sum(score[k, shape] for k, shape in enumerate(row)) - CHANGE * (len(edges) - 2)

        best = max(worth(row) for row in product(range(3), repeat=7))
        assert worth(_rows(score, 2).tolist()) == pytest.approx(best)


def test_rhubarbs_tsv(tmp_path):
    _, duration, row = drawn("M AA S UW", "rhubarb", 0.15, 24)
    mouth_cues.write_tsv(tmp_path / "a.tsv", row, duration, "X")
    lines = (tmp_path / "a.tsv").read_text().splitlines()
    assert lines[0] == "0.00\tX" and lines[-1] == f"{duration:.2f}\tX"
    assert [line.split("\t")[1] for line in lines[:-1]] == [hold.shape for hold in row]
    again = rhubarb.read_tsv(tmp_path / "a.tsv")
    assert set(again.label) <= set(INVENTORY) and "M" in again.label


def test_json_holds_mouth_cues_beside_the_curves(tmp_path):
    phones, duration, row = drawn("M AA S UW", "rhubarb", 0.15, 24)
    curves = Performance(24.0, ("A",), ("lips",), np.zeros((3, 1), np.float32))
    path = tmp_path / "a.json"
    table.write_json(path, curves, phones, mouth_cues.as_json(row, duration, "line.wav"))
    content = json.loads(path.read_text())
    cues = content["mouthCues"]
    assert content["metadata"] == {"soundFile": "line.wav", "duration": duration}
    assert [cue["value"] for cue in cues] == [hold.shape for hold in row]
    assert all(one["end"] == other["start"] for one, other in zip(cues, cues[1:], strict=False))
    assert cues[-1]["end"] == duration
    assert table.read_json(path)[0].channels == ("A",)
    assert phone_files.read(path).label == phones.label  # what was said, not what it was drawn as
