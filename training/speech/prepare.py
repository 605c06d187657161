"""Gather speech and its phone labels: one .npz per corpus in the work folder.

    python -m headroom.training.speech.prepare --data ../shared/data --work build/speechwork [--only espeak]

speechocean762 is aligned to its transcripts and LibriSpeech (which comes without) to what pocketsphinx hears; the
synthesizers tell their phone times. Each file holds `pcm` (int16, 16 kHz, all utterances in a row), `label` (one
place in the inventory per 10 ms), `pcm_start`, `label_start` (U + 1 each), `speaker` and `name` (U).
"""

from __future__ import annotations

import argparse
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from headroom.core.speech.phones import NUMBER
from headroom.core.speech.sound import read

from .synthesize import HOP, Spoken, espeak_corpus, flite_corpus

ARCHIVES = {
    "speechocean": "speechocean762_train_opus.tar",
    "librispeech": "librispeech_train_clean_251spk_opus.tar",
}
CORPORA = ("speechocean", "librispeech", "espeak", "flite", "espeak-unheard", "flite-unheard")
Utterance = tuple[str, str, Spoken]  # speaker, name, sound and labels


def unpack(data: Path, work: Path, corpus: str) -> Path:
    """Unpack a corpus once; gives its folder."""
    folder = work / corpus
    if not folder.exists():
        folder.mkdir(parents=True)
        with tarfile.open(data / "speech" / ARCHIVES[corpus]) as archive:
            archive.extractall(folder, filter="data")
    return folder


class Aligner:
    """Forced alignment by pocketsphinx 5 with its American English model, without pruning."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        wide = {"beam": 0, "wbeam": 0, "pbeam": 0, "maxhmmpf": -1, "bestpath": False, "ds": 1}
        self.decoder = Decoder(samprate=16000, loglevel="FATAL", lm=None, cmn="batch", **wide)
        self.spelled: dict[str, str] = {}

    def word(self, phones: str) -> str:
        """Give the name of a word that is pronounced just so ("HH EY T S")."""
        if phones not in self.spelled:
            self.spelled[phones] = f"spelled{len(self.spelled)}"
            self.decoder.add_word(self.spelled[phones], phones, False)
        return self.spelled[phones]

    def __call__(self, pcm: np.ndarray, text: str) -> np.ndarray | None:
        """Label 10 ms frames, (T,) int8, or give None where the text cannot be found in the sound."""
        raw = pcm.tobytes()
        try:
            self.decoder.set_align_text(text)
            self._run(raw)
            if self.decoder.hyp() is None:
                return None
            self.decoder.set_alignment()
            self._run(raw)
        except RuntimeError:
            return None
        frames = np.zeros(len(pcm) // HOP, np.int8)
        for word in self.decoder.get_alignment():
            for phone in word:
                # frame i is heard around 10 i + 12.8 ms, ours around 10 i + 5 ms: one frame later
                frames[phone.start + 1 : phone.start + 1 + phone.duration] = NUMBER.get(phone.name, 0)
        return frames

    def _run(self, raw: bytes) -> None:
        self.decoder.start_utt()
        try:
            self.decoder.process_raw(raw, full_utt=True)
        finally:
            self.decoder.end_utt()


def pcm_of(path: Path) -> np.ndarray:
    """Read a recording as int16 at 16 kHz, at full level."""
    sound = np.concatenate(list(read(path).blocks()))
    return (sound / max(1e-4, np.abs(sound).max()) * 0.9 * 32767).astype(np.int16)


def speechocean_texts(folder: Path) -> dict[str, str]:
    """Give each utterance's transcript by name."""
    lines = (folder / "meta" / "text").read_text().splitlines()
    return dict(line.split("\t", 1) for line in lines)


def speechocean_phones(folder: Path) -> dict[str, list[str]]:
    """Give the phones of each utterance's words ("HH EY T S"), as the corpus's own annotators chose them."""
    found: dict[str, list[str]] = {}
    for line in (folder / "meta" / "text-phone").read_text().splitlines():
        place, *phones = line.split()
        bare = " ".join("".join(sign for sign in phone.split("_")[0] if not sign.isdigit()) for phone in phones)
        found.setdefault(place.rpartition(".")[0], []).append(bare)
    return found


def speechocean(folder: Path) -> Iterator[Utterance]:
    """Align the utterances to the phones that annotators wrote down."""
    align = Aligner()
    paths = {path.stem: path for path in folder.rglob("*.opus")}
    speakers = dict(line.split() for line in (folder / "meta" / "utt2spk").read_text().splitlines())
    for name, words in speechocean_phones(folder).items():
        pcm = pcm_of(paths[name])
        label = align(pcm, " ".join(align.word(word) for word in words))
        if label is not None:
            yield speakers[name], name, (pcm, label)


def librispeech(folder: Path) -> Iterator[Utterance]:
    """Let pocketsphinx hear the words, then align them."""
    from pocketsphinx import Decoder

    hear, align = Decoder(samprate=16000, loglevel="FATAL", cmn="batch"), Aligner()
    for path in sorted(folder.rglob("*.opus")):
        pcm = pcm_of(path)
        hear.start_utt()
        hear.process_raw(pcm.tobytes(), full_utt=True)
        hear.end_utt()
        if hear.hyp():
            label = align(pcm, hear.hyp().hypstr)
            if label is not None:
                yield path.stem.split("-")[0], path.stem, (pcm, label)


def store(path: Path, utterances: Iterator[Utterance]) -> None:
    """Write a corpus; utterances are cut to whole 10 ms frames."""
    speaker, name, pcm, label = [], [], [], []
    for who, what, (sound, frames) in utterances:
        count = min(len(frames), len(sound) // HOP)
        speaker.append(who)
        name.append(what)
        pcm.append(sound[: count * HOP])
        label.append(frames[:count])
        if len(name) % 200 == 0:
            print(f"{path.stem}: {len(name)} utterances", flush=True)
    starts = np.cumsum([0, *map(len, label)])
    np.savez(
        path, pcm=np.concatenate(pcm), label=np.concatenate(label), pcm_start=starts * HOP, label_start=starts,
        speaker=np.array(speaker), name=np.array(name),
    )  # fmt: skip
    print(f"{path.stem}: {len(name)} utterances, {starts[-1] / 6000:.1f} minutes", flush=True)


def main() -> None:
    """Prepare every corpus that is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path("build/speechwork"))
    parser.add_argument("--only", choices=CORPORA)
    options = parser.parse_args()
    for corpus in (options.only,) if options.only else CORPORA:
        out = options.work / f"{corpus}.npz"
        if out.exists():
            continue
        ocean = unpack(options.data, options.work, "speechocean")
        texts = list(speechocean_texts(ocean).values())
        if corpus == "speechocean":
            store(out, speechocean(ocean))
        elif corpus == "librispeech":
            store(out, librispeech(unpack(options.data, options.work, corpus)))
        else:
            kind, _, unheard = corpus.partition("-")
            speak, minutes = (espeak_corpus, 120) if kind == "espeak" else (flite_corpus, 50)
            speak = speak(texts, 6, 1, True) if unheard else speak(texts, minutes)
            store(out, ((who, f"{who}-{place}", spoken) for place, (who, spoken) in enumerate(speak)))


if __name__ == "__main__":
    main()
