"""Subtitles, Rhubarb's mouth shapes and our own tables as sources of what is said when."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from headroom.core.errors import InputError
from headroom.core.formats import phone_files, rhubarb, subtitles, table
from headroom.core.performance import Performance
from headroom.core.speech.captions import Caption
from headroom.core.speech.phones import Phones

SRT = """1
00:00:01,000 --> 00:00:02,500
Hello <i>there</i>,
old friend &amp; foe.

2
00:00:02,500 --> 00:00:04,000  X1:100 X2:200
{\\an8}- [door slams] Who's there? ♪

3
00:00:05,000 --> 00:00:06,000
(laughs)

4
01:00:07,250 --> 01:00:08,000
Bye
5
01:00:09,000 --> 01:00:10,000
Really
"""
VTT = """WEBVTT - a title

STYLE
::cue { color: red }

NOTE a note
over two lines

intro
00:01.000 --> 00:02.500 align:start
<v Bob>Hello <00:00:01.500><c>there</c>

00:00:03.000 --> 00:00:04.000
Bye
"""


def write(tmp_path: Path, name: str, text: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_subrip(tmp_path, encoding):
    captions = phone_files.read(write(tmp_path, "a.srt", SRT.replace("\n", "\r\n").encode(encoding)))
    assert captions == (
        Caption("Hello there, old friend & foe.", 1.0, 2.5),
        Caption("Who's there?", 2.5, 4.0),
        Caption("Bye", 3607.25, 3608.0),
        Caption("Really", 3609.0, 3610.0),
    )


def test_webvtt(tmp_path):
    assert subtitles.read(write(tmp_path, "a.vtt", VTT)) == (Caption("Hello there", 1.0, 2.5), Caption("Bye", 3.0, 4.0))


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ("00:00:01,500 --> 00:00:03,000", "line 5: starts before the one ahead of it ends"),
        ("00:00:04,000 --> 00:00:03,000", "line 5: ends before it starts"),
        ("00:00:0x,000 --> 00:00:03,000", "line 5: no times"),
        ("00:00:99,000 --> 00:03:03,000", "line 5: no times"),
        ("99999:00:01,000 --> 99999:00:03,000", "line 5: no times"),
        ("200:00:01,000 --> 200:00:03,000", "line 5: its times"),
        ("-->", "line 5: no times"),
    ],
)
def test_bad_times_name_the_line(tmp_path, times, words):
    text = f"1\n00:00:01,000 --> 00:00:02,000\nHello\n2\n{times}\nBye\n"
    with pytest.raises(InputError, match=words) as caught:
        subtitles.read(write(tmp_path, "a.srt", text))
    assert "a.srt" in str(caught.value)


@pytest.mark.parametrize("raw", ["", "WEBVTT\n\nhello", b"1\n00:00:01,000 --> 00:00:02,000\nGr\xfc\xdfe\n", b"\0\1\2"])
def test_what_is_no_subtitle_is_one_line(tmp_path, raw):
    with pytest.raises(InputError, match=r"holds no subtitles|UTF-8|no text"):
        subtitles.read(write(tmp_path, "a.vtt", raw))


def test_rhubarb_writes_the_same_in_both(tmp_path):
    cues = [(0.0, 0.25, "X"), (0.25, 0.4, "A"), (0.4, 0.6, "D"), (0.6, 0.7, "G"), (0.7, 1.0, "X")]
    tsv = "".join(f"{start:.2f}\t{shape}\n" for start, _, shape in cues) + "1.00\tX\n"
    content = {"metadata": {"soundFile": "a.wav", "duration": 1.0}}
    content["mouthCues"] = [{"start": start, "end": end, "value": shape} for start, end, shape in cues]
    for path in (write(tmp_path, "a.tsv", tsv), write(tmp_path, "a.json", json.dumps(content))):
        phones = phone_files.read(path)
        assert phones.label == ("SIL", "M", "AA", "F", "SIL")
        np.testing.assert_allclose(phones.end, [0.25, 0.4, 0.6, 0.7, 1.0])


def test_every_mouth_shape_has_a_phone():
    assert set(rhubarb.PHONE) == set("ABCDEFGHX")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.tsv", "0.00\tX\n0.10\tQ\n0.2\tX\n", "line 2: mouth shape 'Q'"),
        ("a.tsv", "0.00\tX\n0.30\tA\n0.2\tX\n", "line 2: ends before it starts"),
        ("a.tsv", "nan\tX\n", "line 1"),
        ("a.tsv", "hello\n", "line 1"),
        ("a.tsv", "\n\n", "no mouth shapes"),
        ("a.json", '{"mouthCues": [{"start": 0, "end": 1}]}', "mouthCues"),
        ("a.json", '{"mouthCues": 3}', "mouthCues"),
        ("a.json", '{"mouthCues": [{"start": 0, "end": 1e999, "value": "A"}]}', "mouth cue 1"),
        (
            "a.json",
            '{"mouthCues": [{"start": 0, "end": 1, "value": "A"}, {"start": 0.5, "end": 2, "value": "B"}]}',
            "mouth cue 2: starts before",
        ),
        ("a.json", "[" * 100_000, "no JSON"),
        ("a.json", "{}", "not a performance"),
        ("a.npz", "x", "not a performance"),
        ("a.xml", "<x/>", "not from .xml"),
        ("a", "", "without ending"),
    ],
)
def test_bad_files_of_phones_are_one_line(tmp_path, name, text, words):
    with pytest.raises(InputError, match=words) as caught:
        phone_files.read(write(tmp_path, name, text))
    assert str(tmp_path / name) in str(caught.value) and "\n" not in str(caught.value)


def test_our_own_tables_give_their_phones(tmp_path):
    phones = Phones(("SIL", "B", "AA"), np.array([0, 0.2, 0.3]), np.array([0.2, 0.3, 0.6]), np.ones(3))
    curves = Performance(60.0, ("jawOpen",), ("lips",), np.zeros((36, 1), np.float32))
    for name, write_table in (("a.json", table.write_json), ("a.npz", table.write_npz)):
        write_table(tmp_path / name, curves, phones)
        again = phone_files.read(tmp_path / name)
        assert again.label == phones.label
        np.testing.assert_allclose(again.end, phones.end)
    table.write_npz(tmp_path / "bare.npz", curves)
    with pytest.raises(InputError, match="no phones"):
        phone_files.read(tmp_path / "bare.npz")


def test_a_folder_has_one_file_for_each_recording(tmp_path):
    (tmp_path / "take1.srt").touch()
    assert phone_files.beside(tmp_path, Path("other/take1.wav")).name == "take1.srt"
    with pytest.raises(InputError, match="called take2"):
        phone_files.beside(tmp_path, Path("take2.wav"))
    (tmp_path / "take1.TextGrid").touch()
    with pytest.raises(InputError, match=r"take1\.TextGrid, take1\.srt"):
        phone_files.beside(tmp_path, Path("take1.wav"))
