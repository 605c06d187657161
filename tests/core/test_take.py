"""What a head speaks comes back as it was stored, small, and nothing damaged or hostile gets through."""

import base64
import dataclasses
import io
import json
import pickle
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from headroom.core.errors import InputError
from headroom.core.speech.lipsync import LipsyncOptions
from headroom.core.speech.recognise import listen, recognise
from headroom.core.speech.sound import read
from headroom.core.speech.take import Clock, Take, filled, unpack

LINE = Path(__file__).parents[2] / "docs" / "demo" / "line.flac"
OPTIONS = LipsyncOptions(transcript="“Maybe”", language="de", fps=24000 / 1001, jaw=0.7, lead=-0.1)


@cache
def take() -> Take:
    heard = listen(read(LINE))
    return Take(filled(recognise(heard), len(heard.loudness) / 100), heard, OPTIONS, 1001.0, "//line.flac")


def arrays() -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(base64.b64decode(take().pack()))) as stored:
        return {name: stored[name] for name in stored.files}


def packed(**changed: object) -> str:
    """Pack a take with other arrays than its own."""
    file = io.BytesIO()
    np.savez_compressed(file, **(arrays() | changed))
    return base64.b64encode(file.getvalue()).decode()


def about(**changed: object) -> np.ndarray:
    stored = json.loads(arrays()["about"].tobytes()) | changed
    return np.frombuffer(json.dumps(stored).encode(), np.uint8)


def test_a_take_comes_back():
    one, two = take(), unpack(take().pack())
    assert two.phones.label == one.phones.label and two.phones.words == one.phones.words
    assert (two.phones.start == one.phones.start).all() and (two.phones.end == one.phones.end).all()
    assert (two.options, two.start, two.sound, two.duration) == (one.options, one.start, one.sound, one.duration)
    for field in dataclasses.fields(one.heard):
        stored, before = getattr(two.heard, field.name), getattr(one.heard, field.name)
        assert type(stored) is type(before)
        if isinstance(before, np.ndarray):
            assert stored.dtype == before.dtype and stored.shape == before.shape
    likely = [np.exp(each.heard.scores.astype(float)) for each in (two, one)]
    np.testing.assert_allclose(*likely, atol=0.025)
    np.testing.assert_allclose(two.heard.loudness, one.heard.loudness, rtol=1e-3, atol=1e-6)


def test_an_edited_phone_stays_sure():
    sure = dataclasses.replace(take().phones, confidence=np.r_[1.0, take().phones.confidence[1:]])
    assert unpack(dataclasses.replace(take(), phones=sure).pack()).phones.confidence[0] == 1.0


def test_a_minute_is_small():
    assert len(take().pack()) / take().duration * 60 < 300_000


@pytest.mark.parametrize(
    "text",
    ["", "no base64!", "AAAA", *(base64.b64encode(data).decode() for data in (pickle.dumps([]), b"PK\x03\x04" * 9))],
)
def test_what_is_no_take_is_refused(text):
    with pytest.raises(InputError, match="damaged; press Lip Sync again"):
        unpack(text)


def test_a_take_that_breaks_off_is_refused():
    text = take().pack()
    for length in range(0, len(text), len(text) // 20):
        with pytest.raises(InputError):
            unpack(text[:length])


@pytest.mark.parametrize(
    "changed",
    [
        {"label": np.array([200], np.uint8)},
        {"label": np.array([object()])},
        {"start": np.array([np.nan])},
        {"start": arrays()["start"][::-1]},
        {"end": arrays()["end"] * 100},
        {"confidence": arrays()["confidence"] * np.nan},
        {"heard.scores": np.zeros((5, 44), np.uint8)},
        {"heard.scores": np.zeros(5, np.uint8)},
        {"heard.loudness": arrays()["heard.loudness"] * np.nan},
        {"heard.loudness": np.array("loud")},
        {"about": np.frombuffer(b"[]", np.uint8)},
        {"about": about(version=99)},
        {"about": about(start=float("nan"))},
        {"about": about(start="soon")},
        {"about": about(words=[["hello", 2.0, 1.0]])},
        {"about": about(words=[["hello"]])},
        {"about": about(options={"jaw": 99.0})},
        {"about": about(options={"jaw": "wide"})},
        {"about": about(options=[])},
        {"about": np.frombuffer(b"[" * 100_000, np.uint8)},
    ],
    ids=lambda changed: str(next(iter(changed))),
)
def test_a_take_with_wrong_parts_is_refused(changed):
    with pytest.raises(InputError, match="damaged"):
        unpack(packed(**changed))


def test_a_bomb_is_not_unpacked():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("label.npy", "w") as member:
        for _ in range(300):
            member.write(bytes(1 << 20))
    with pytest.raises(InputError):
        unpack(base64.b64encode(file.getvalue()).decode())


def test_options_that_are_not_known_are_left_out():
    assert unpack(packed(about=about(options={"jaw": 1, "colour": "red"}))).options == LipsyncOptions(jaw=1.0)


@pytest.mark.parametrize(("start", "fps"), [(1, 24), (1001, 24000 / 1001), (-50, 60), (7.5, 25)])
def test_frames_and_seconds(start, fps):
    clock = Clock(start, fps)
    assert [clock.frame(clock.seconds(frame)) for frame in range(-99, 2000, 7)] == list(range(-99, 2000, 7))
    assert abs(clock.frame(10.0) - (start + 10 * fps)) <= 0.5
