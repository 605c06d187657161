"""Phones, how they are recognised, and text to phones."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from headroom.core.errors import InputError
from headroom.core.speech.phones import INVENTORY, NUMBER, Phones, from_frames
from headroom.core.speech.recognise import Heard, best_path, recognise
from headroom.core.speech.transcript import spell


def scores_of(frames: list[str], sure: float = 0.9, seed: int = 0) -> np.ndarray:
    """Make noisy log-probabilities in which each frame's label is the likeliest."""
    noise = np.random.default_rng(seed).dirichlet(np.ones(len(INVENTORY)) * 0.3, len(frames))
    truth = np.eye(len(INVENTORY))[[NUMBER[label] for label in frames]]
    return np.log(sure * truth + (1 - sure) * noise + 1e-5).astype(np.float16)


def heard(frames: list[str], **kind) -> Heard:
    return Heard(scores_of(frames, **kind), np.full(len(frames), 0.1, np.float32))


SAID = ["SIL"] * 20 + ["B"] * 8 + ["AA"] * 15 + ["B"] * 7 + ["SIL"] * 12 + ["M"] * 9 + ["EY"] * 20 + ["SIL"] * 15


def test_frames_become_phones_without_gaps():
    phones = from_frames(np.array([NUMBER[label] for label in SAID]), 100.0)
    assert phones.label == ("SIL", "B", "AA", "B", "SIL", "M", "EY", "SIL")
    np.testing.assert_allclose(phones.start[1:], phones.end[:-1])
    np.testing.assert_allclose(phones.start[:3], [0.0, 0.2, 0.28])


def test_phones_that_overlap_or_are_unknown_are_refused():
    for label, start, end in [("QQ", 0, 1), ("AA", 1, 0), ("AA", -1, 0), ("AA", np.nan, 1)]:
        with pytest.raises(InputError):
            Phones((label,), np.array([start], float), np.array([end], float), np.ones(1))
    with pytest.raises(InputError):
        Phones(("AA", "B"), np.array([0.0, 0.5]), np.array([0.6, 1.0]), np.ones(2))


def test_a_flickering_frame_is_no_phone():
    flicker = list(SAID)
    flicker[35] = "T"
    phones = recognise(heard(flicker, sure=0.4))
    assert phones.label == ("SIL", "B", "AA", "B", "SIL", "M", "EY", "SIL")
    assert (phones.confidence > 0.3).all()
    assert (best_path(scores_of(flicker), switch=0.0) == NUMBER["T"]).any()


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Bob may jump", ["B AA B", "M EY", "JH AH M P"]),
        ("de", "Über Bücher", ["UE B AH", "B UE X AH"]),
        ("fr", "peu vous", ["P OE", "V UW"]),
        ("es", "perro bueno", ["P EY RR OW", "B W EY N OW"]),
        ("ru", "папа", ["P AA P AA"]),
        ("pl", "dobry", ["D AO B RR IH"]),
    ],
)
def test_text_is_spelled_in_its_language(language, text, expected):
    assert [" ".join(word.phones) for word in spell(text, language)] == expected


def test_language_data_in_a_deep_folder_is_found(tmp_path):
    deep = tmp_path / ("a" * 90) / ("b" * 90) / "espeak-ng-data"
    deep.parent.mkdir(parents=True)
    source = Path(pytest.importorskip("espeakng_loader").get_data_path())
    deep.symlink_to(source, target_is_directory=True)
    code = (
        "import espeakng_loader; espeakng_loader.get_data_path = lambda: " + repr(str(deep)) + "\n"
        "from headroom.core.speech.transcript import spell; print(spell('mama', 'de')[0].phones)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "('M', 'AA', 'M', 'AA')" in done.stdout, done.stderr


@pytest.mark.parametrize("language", ["xx", "", "../en", "klingonese"])
def test_an_unknown_language_is_refused_with_examples(language):
    with pytest.raises(InputError, match="choose a code such as en"):
        spell("hello", language)
