"""Place the labels of real speech anew, by our own network, and doubt those that it cannot hear at all.

    python -m headroom.training.speech.realign --work build/speechwork --weights phones_a

Reads `KIND.npz` as `prepare` wrote it and writes `KIND-realigned.npz`, which training prefers. Each utterance keeps
its phones in their order; their times are those at which the network hears them best, silences between them are free
to come and go. A phone that is not heard at its best place gives way: to what the network is sure of hearing instead,
or to no label (`UNKNOWN`). Held-out speakers keep the labels that others made, since they judge.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from headroom.core.speech import features
from headroom.core.speech.phones import NUMBER, SILENCE
from headroom.core.speech.phones_net.net import PhoneNet, infer

from .corpus import HELD_OUT, UNKNOWN, Corpus, split
from .spoil import LEVEL, loud
from .train_phones import restore

DOUBTFUL, SURE = 0.04, 0.75  # mean likelihoods of a label, and of what is heard instead
SIL = NUMBER[SILENCE]


def scores(network: PhoneNet, sound: np.ndarray) -> np.ndarray:
    """Score one utterance, (T, 44) log-probabilities."""
    sound = np.pad(sound * LEVEL / (loud(sound) + 1e-5), features.MARGIN)
    mel = features.log_mel(np.pad(sound, (0, features.HOP)))
    count = len(mel) // 2 * 2
    return infer(network, mel[:count]).numpy()


def place(score: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Find the best times of the phones in `label` (T,), in their order, with silence allowed between any two."""
    runs = label[np.r_[True, label[1:] != label[:-1]]]
    said = runs[runs != SIL]
    states = np.full(2 * len(said) + 1, SIL)
    states[1::2] = said
    count, floor = len(states), -7.0
    emit = np.maximum(score[: len(label)][:, states], floor)
    emit[:, ::2] -= 0.2  # a frame of silence inside a word is seldom one
    value = np.full(count, -np.inf)
    value[:2] = emit[0, :2]
    moves = np.zeros((len(emit), count), np.int8)
    skip = np.arange(count) % 2 == 1
    for t in range(1, len(emit)):
        one, two = np.r_[-np.inf, value[:-1]], np.r_[-np.inf, -np.inf, value[:-2]]
        two = np.where(skip, two, -np.inf)
        options = np.stack([value, one, two])
        moves[t] = options.argmax(axis=0)
        value = options.max(axis=0) + emit[t]
    state = count - 1 if value[-1] >= value[-2] else count - 2
    path = np.zeros(len(emit), np.int64)
    for t in range(len(emit) - 1, -1, -1):
        path[t] = state
        state -= moves[t, state]
    new = states[path].astype(label.dtype)
    edges = np.flatnonzero(np.r_[True, path[1:] != path[:-1], True])
    likely, best = np.exp(score[np.arange(len(new)), new]), score[: len(new)].argmax(axis=1)
    sure = np.exp(score[: len(new)].max(axis=1))
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        if likely[start:end].mean() < DOUBTFUL:
            new[start:end] = np.where(sure[start:end] > SURE, best[start:end], UNKNOWN)
    return new


def main() -> None:
    """Realign both corpora of real speech."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("build/speechwork"))
    parser.add_argument("--weights", default="phones", help="name of the checkpoint in the work folder")
    parser.add_argument("--only", choices=tuple(HELD_OUT))
    options = parser.parse_args()
    network = restore(options.work / f"{options.weights}.pt")
    for kind in (options.only,) if options.only else HELD_OUT:
        corpus = Corpus.load(options.work / f"{kind}.npz")
        labels, moved, doubted, total = corpus.label.copy(), 0, 0, 0
        for utterance in split(corpus, kind)[0]:
            sound, label = corpus.utterance(utterance)
            score = scores(network, sound)
            if (label != SIL).sum() < 2 or len(score) < len(label):
                label = label[: len(score)]
            new = place(score, label)
            start = corpus.label_start[utterance]
            labels[start : start + len(new)] = new
            moved, doubted, total = moved + (new != label).sum(), doubted + (new == UNKNOWN).sum(), total + len(new)
        np.savez(
            options.work / f"{kind}-realigned.npz", pcm=corpus.pcm, label=labels, label_start=corpus.label_start,
            speaker=corpus.speaker, name=corpus.name,
        )  # fmt: skip
        print(f"{kind}: {moved / total:.1%} of frames have another label, {doubted / total:.1%} none", flush=True)


if __name__ == "__main__":
    main()
