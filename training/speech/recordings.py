"""What lip sync is judged on: recordings of people and voices that trained no phones, with labels of others.

No label comes from our own networks: pocketsphinx aligned the read speech, styletalk's authors their clips, and
synthesizers tell what they said. LibriSpeech comes without words: pocketsphinx heard them, wrong ones too, and Rhubarb
listens with the same recogniser, so that collection flatters it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headroom.core.speech.phones import NUMBER, SILENCE, Phones, from_frames
from headroom.core.speech.sound import RATE, read

from .clips import PEOPLE, person_of
from .corpus import Corpus, split
from .prepare import speechocean_texts
from .synthesize import UNHEARD, espeak_say, flite_say
from .track import STYLETALK

NEW_SENTENCES = Path(__file__).with_name("judge_sentences.txt")
STILL = 0.7  # seconds that nothing is said before a mouth is asked to rest
SETTLING = (0.35, 0.3)  # seconds of such a pause that belong to the speech before it and after it
BREATH = 24  # frames of silence around what a synthesizer says, which begins and ends at once


@dataclass(frozen=True)
class Recording:
    """A sound (float32 at 16 kHz), what is said when, and where a mouth should rest.

    `text` is what is said where that is known, `speaker` who says it; those of `clips.PEOPLE` trained the lips.
    """

    name: str
    sound: np.ndarray
    truth: Phones
    still: tuple[tuple[float, float], ...]
    text: str = ""
    language: str = "en"
    speaker: str = ""

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.sound) / RATE


@dataclass(frozen=True)
class Collection:
    """Recordings that are judged together, and where their labels come from. Rhubarb, a hundred
    times slower than the others, hears those that say `rhubarb`."""

    name: str
    labels: str
    recordings: list[Recording]
    english: bool = True
    rhubarb: bool = True

    @property
    def speakers(self) -> int:
        """How many people or voices speak."""
        return len({one.speaker for one in self.recordings})

    @property
    def minutes(self) -> float:
        """How much there is to hear."""
        return sum(one.duration for one in self.recordings) / 60


def rests(truth: Phones) -> tuple[tuple[float, float], ...]:
    """Give the spans of silence in which a mouth has nothing to do with the words around."""
    return tuple(
        (float(start) + SETTLING[0], float(end) - SETTLING[1])
        for label, start, end in zip(truth.label, truth.start, truth.end, strict=True)
        if label == SILENCE and end - start > STILL
    )


def some(recordings: list[Recording], minutes: float, seed: int = 0) -> list[Recording]:
    """Choose recordings by chance, of one speaker after the other, until there are so many minutes."""
    random = np.random.default_rng(seed)
    order = [recordings[place] for place in random.permutation(len(recordings))]
    turns: dict[str, int] = {}
    ranked = []
    for one in order:
        turns[one.speaker] = turns.get(one.speaker, 0) + 1
        ranked.append((turns[one.speaker], one))
    chosen: list[Recording] = []
    for _, one in sorted(ranked, key=lambda item: item[0]):
        if sum(other.duration for other in chosen) < 60 * minutes:
            chosen.append(one)
    return chosen


def held_out(work: Path, kind: str, minutes: float) -> list[Recording]:
    """Give utterances of the speakers that `corpus.split` keeps from training; of a corpus of unheard voices, all."""
    corpus = Corpus.load(work / f"{kind}.npz")
    places = np.arange(len(corpus.name)) if kind.endswith("-unheard") else split(corpus, kind)[1]
    texts = speechocean_texts(work / "speechocean") if kind == "speechocean" else {}
    found = []
    for place in places:
        sound, label = corpus.utterance(int(place))
        speaker, name = str(corpus.speaker[place]), str(corpus.name[place])
        truth = from_frames(label.astype(int), 100.0)
        language = speaker.split("-")[2] if kind.startswith("espeak") else "en"
        text = texts.get(name, "").lower()
        found.append(Recording(name, sound, truth, rests(truth), text, language, speaker))
    return some(found, minutes)


def styletalk(data: Path, work: Path, minutes: float) -> list[Recording]:
    """Give styletalk's talking clips with its authors' phones, 30 a second; NSN, "no speech", counts as silence.

    Their labels come a frame late: pocketsphinx puts the same phones 27 to 32 ms earlier, in every clip.
    """
    numbered = json.loads((data / "av" / "styletalk_phindex.json").read_text())
    table = {number: label for label, number in numbered.items()}
    numbers = np.array([NUMBER.get(table[place], NUMBER[SILENCE]) for place in range(len(table))])
    quiet = next(place for place, label in table.items() if label == SILENCE)
    folder, found = work / "av" / STYLETALK, []
    for path in sorted((folder / "wav").glob("*.wav")):
        place = np.array(json.loads((folder / "phoneme" / f"{path.stem}_seq.json").read_text()))[1:]
        truth = from_frames(numbers[place], 30.0)
        still = rests(from_frames(np.where(place == quiet, NUMBER[SILENCE], 1), 30.0))
        sound = np.concatenate(list(read(path).blocks()))
        person = person_of(path.stem) if any(path.stem.startswith(start) for start in PEOPLE) else ""
        found.append(Recording(path.stem, sound, truth, still, speaker=person))
    total, chosen = 0.0, []
    for one in sorted(found, key=lambda one: one.duration):  # whole clips, the short ones first
        if total < 60 * minutes:
            chosen.append(one)
        total += one.duration
    return chosen


def spoken(languages: tuple[str, ...], minutes: float, seed: int = 0) -> list[Recording]:
    """Let voices that training never heard say sentences that it never read, with the text known.

    English is flite's, the rest espeak-ng's, at several rates and pitches.
    """
    random = np.random.default_rng(seed)
    lines = [line.split("|", 1) for line in NEW_SENTENCES.read_text(encoding="utf-8").splitlines()]
    voices = {"en": [voice for voice in UNHEARD if voice == "awb"]}
    others = [voice for voice in UNHEARD if voice != "awb"]
    found = []
    for language, text in lines:
        if language not in languages:
            continue
        for voice in voices.get(language, others):
            if language == "en":
                pcm, label = flite_say(text, voice, float(random.uniform(0.8, 1.3)))
            else:
                pace, pitch = int(random.integers(120, 240)), int(random.integers(20, 80))
                pcm, label = espeak_say(text, language, voice, pace, pitch)
            pcm = pcm[: len(label) * 160].astype(np.float32) / 32768
            sound, label = np.pad(pcm, BREATH * 160), np.pad(label, BREATH)
            truth = from_frames(label.astype(int), 100.0)
            found.append(Recording(f"{voice}-{language}-{len(found)}", sound, truth, (), text, language, voice))
    return some(found, minutes, seed)


def collections(data: Path, work: Path, minutes: float) -> list[Collection]:
    """List everything to be judged, at most so many minutes of each."""
    return [
        Collection(
            "LibriSpeech, held-out speakers", "pocketsphinx's words and times, as Rhubarb hears them",
            held_out(work, "librispeech", minutes),
        ),
        Collection(
            "speechocean762, held-out speakers", "its annotators' phones, pocketsphinx's times",
            held_out(work, "speechocean", minutes),
        ),
        Collection("styletalk, in the wild", "its authors', 30 a second", styletalk(data, work, 2 * minutes)),
        Collection("English, new voice and text", "flite's own", spoken(("en",), minutes)),
        Collection("German, new voices and text", "espeak-ng's own", spoken(("de",), minutes), english=False),
        Collection(
            "es fr ru zh ja, new voices and text", "espeak-ng's own",
            spoken(("es", "fr", "ru", "zh", "ja"), minutes), english=False,
        ),
        Collection(
            "many languages, new voices", "espeak-ng's own", held_out(work, "espeak-unheard", minutes),
            english=False, rhubarb=False,
        ),
        Collection("English, new voice", "flite's own", held_out(work, "flite-unheard", minutes), rhubarb=False),
    ]  # fmt: skip
