"""Train the lips network and write it to `core/models`.

    python -m headroom.training.speech.train_lips --data ../shared/data --work build/speechwork

It learns from two teachers over hours of speech, and from tracked lips. The articulatory teacher tells what no camera
sees: the tongue, and how lips touch. The reader (`reader.py`, fitted to the tracked clips) tells how far lips part,
spread and rise, through what the controls do to the ICT face. `--cross` leaves each person out of all of it in turn
and judges on them.
"""

from __future__ import annotations

import argparse
import copy
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from headroom.core import weights
from headroom.core.speech import lips
from headroom.core.speech.lips_net.net import LipsNet
from headroom.core.speech.recognise import listen, recognise
from headroom.core.speech.sound import Sound

from . import mouth_scores
from .clips import Clip, both_inputs
from .clips import clips as load_clips
from .corpus import Corpus, split
from .face import ict_measures
from .reader import Reader
from .teacher import articulate

CONFIG = {"phones": 44, "levels": 2, "controls": len(lips.CONTROLS), "width": 96, "hidden": 192, "kernel": 7,
          "dilations": [1, 2, 3, 2]}  # fmt: skip
FRAMES = 240  # 4 s
SEEN = [lips.COLUMN[name] for name in ("jawOpen", "mouthLowerDown", "mouthUpperUp", "mouthStretch", "mouthSmile",
                                       "mouthShrugUpper", "mouthShrugLower")]  # fmt: skip
"""Controls that a camera judges; the articulatory teacher has little to say about them."""

ROUNDED = [lips.COLUMN[name] for name in ("mouthFunnel", "mouthPucker")]
"""A camera in front sees how narrow rounded lips are, not how far they come forward: both teachers are heard."""

SHARE = torch.tensor([1.0, 0.5, 0.2, 0.2])  # gap, width, heights of the lips
SCALE = torch.tensor([4.0, 3.0, 2.0, 4.0])  # mm, about how much they move
FOLDS = (("obama",), ("andrew", "mouth"), ("feifei", "kristi"), ("reagan", "pose"))


@dataclass(frozen=True)
class Speech:
    """Some seconds of speech: inputs (F, 46) with likely phones, and with the recogniser's choice; taught controls."""

    inputs: np.ndarray
    chosen: np.ndarray
    taught: np.ndarray


def speech(work: Path, seconds: float = 5400, seed: int = 0) -> list[Speech]:
    """Listen to prepared utterances, three in a row with pauses, for so long altogether."""
    random, found = np.random.default_rng(seed), []
    for kind, share in (("speechocean", 0.3), ("librispeech", 0.4), ("espeak", 0.2), ("flite", 0.1)):
        corpus, left = Corpus.load(work / f"{kind}.npz"), seconds * share
        order = random.permutation(split(corpus, kind)[0])
        for group in np.array_split(order, max(1, len(order) // 3)):
            if left <= 0:
                break
            pieces = []
            for place in group:
                pause = random.normal(0, 1e-3, int(random.integers(0, 19200))).astype(np.float32)
                pieces += [pause, corpus.utterance(place)[0] * np.exp(random.normal(0, 0.3)).astype(np.float32)]
            heard = listen(Sound.from_array(np.concatenate(pieces), 16000))
            phones, count = recognise(heard), int(len(heard.loudness) * 0.6)
            inputs, chosen = both_inputs(phones, heard, count)
            left -= count / 60
            if count > FRAMES:
                found.append(Speech(inputs, chosen, articulate(phones, count, lips.FPS)))
    return found


def crops(items: list, size: int, random: np.random.Generator) -> list[Tensor]:
    """Cut `size` random pieces of `FRAMES` out of tuples of arrays, longer ones more often; gives stacked arrays."""
    long = np.array([len(item[0]) for item in items], float)
    chosen = random.choice(len(items), size, p=long / long.sum())
    starts = [int(random.integers(0, max(1, len(items[place][0]) - FRAMES))) for place in chosen]
    cut = [[part[start : start + FRAMES] for part in items[place]] for place, start in zip(chosen, starts, strict=True)]
    return [torch.from_numpy(np.stack(part).astype(np.float32)) for part in zip(*cut, strict=True)]


def heard_or_chosen(inputs: Tensor, chosen: Tensor, random: np.random.Generator) -> Tensor:
    """Take likely phones for most pieces, chosen ones for some, and for some one after the other: all that happens
    when an artist edits."""
    pick = random.random(len(inputs))
    word = torch.from_numpy(np.select([pick < 0.55, pick < 0.85], [0.0, 1.0], 0.5).astype(np.float32))[:, None, None]
    cut = int(random.integers(30, FRAMES - 30))
    later = (torch.arange(inputs.shape[1]) >= cut).float()[None, :, None]
    return inputs + (chosen - inputs) * torch.where(word == 0.5, later, word)


def imitation(out: Tensor, taught: Tensor, weight: Tensor) -> Tensor:
    """Compare with the articulatory teacher, control by control."""
    return 20 * (((out - taught) ** 2) * weight).mean()


def distance(made: Tensor, wanted: Tensor, seen: Tensor) -> Tensor:
    """Compare measures (B, F, 4), each in its usual range; the gap of a closed mouth counts as 0."""
    made = torch.cat([made[..., :1].clamp(min=0), made[..., 1:]], dim=-1)
    off = ((made - wanted) / SCALE) ** 2 * SHARE
    return (off.sum(-1) * seen).sum() / seen.sum().clamp(min=1)


def correlation(first: Tensor, second: Tensor, seen: Tensor) -> Tensor:
    """Correlate along time, (B, F) each, where seen: (B,)."""
    count = seen.sum(1, keepdim=True).clamp(min=2)
    a = (first - (first * seen).sum(1, keepdim=True) / count) * seen
    b = (second - (second * seen).sum(1, keepdim=True) / count) * seen
    return (a * b).sum(1) / ((a * a).sum(1) * (b * b).sum(1) + 1e-3).sqrt()


def unsteady(out: Tensor) -> Tensor:
    """Measure jitter: the second difference in time."""
    return (out[:, 2:] - 2 * out[:, 1:-1] + out[:, :-2]).pow(2).mean()


def train(
    talk: list[Speech],
    real: list[Clip],
    held: list[Clip],
    steps: int,
    measures: np.ndarray,
    seed: int,
    real_share: float,
) -> LipsNet:
    """Train one network on speech and on `real` clips, and watch how it does on `held` ones."""
    random = np.random.default_rng(seed)
    torch.manual_seed(seed)
    network, table = LipsNet(**CONFIG, dropout=0.1), torch.from_numpy(measures).float()
    reader = Reader(real)
    read = [(one.inputs, one.chosen, one.taught, reader(one.inputs)) for one in talk]
    filmed = [(clip.inputs, clip.chosen, clip.taught, clip.tracked) for clip in real]
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    weight = torch.ones(len(lips.CONTROLS))
    weight[SEEN], weight[ROUNDED] = 0.08, 0.5
    average, begin = copy.deepcopy(network), time.time()
    for step in range(steps):
        inputs, chosen, taught, wanted = crops(read, 16, random)
        louder = torch.from_numpy(random.normal(0, 0.03, (16, 1, 1)).astype(np.float32))
        inputs, chosen = (torch.cat([x[..., :44], (x[..., 44:45] + louder), x[..., 45:]], -1) for x in (inputs, chosen))
        out = network(heard_or_chosen(inputs, chosen, random))
        loss = imitation(out, taught, weight) + distance(out @ table, wanted, torch.ones(out.shape[:2]))
        loss = loss + 6 * unsteady(out)
        if real_share:
            inputs, chosen, taught, wanted = crops(filmed, 8, random)
            seen = torch.isfinite(wanted[..., 0]).float()
            out = network(heard_or_chosen(inputs, chosen, random))
            made, wanted = out @ table, torch.nan_to_num(wanted)
            follow = sum((1 - correlation(made[..., k], wanted[..., k], seen)).mean() for k in (0, 1))
            loss = loss + real_share * (follow + 0.3 * distance(made, wanted, seen))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            for kept, now in zip(average.parameters(), network.parameters(), strict=True):
                kept.lerp_(now, max(0.01, 1 / (step + 1)))
        if step % 300 == 299:
            scores = list(judge(average, held, measures).values())
            mean = " ".join(f"{value:.3f}" for value in np.mean(scores, axis=0)) if scores else "nobody"
            print(f"{step} loss {loss.item():.3f} held out {mean}, {time.time() - begin:.0f} s", flush=True)
    return average


def judge(
    network: LipsNet, held: list[Clip], measures: np.ndarray, chosen: bool = False
) -> dict[str, tuple[float, ...]]:
    """Correlate gap and width with tracked lips, one pair per clip, after `settle`: as shipped."""
    result = {}
    network.eval()
    for clip in held:
        with torch.inference_mode():
            inputs = clip.chosen if chosen else clip.inputs
            controls = network(torch.from_numpy(inputs.astype(np.float32))[None])[0].numpy()
        made = lips.settle(controls, clip.phones) @ measures
        made[:, 0] = np.maximum(made[:, 0], 0)
        result[clip.name] = follows(made, clip)
    return result


def follows(made: np.ndarray, clip: Clip) -> tuple[float, ...]:
    """Correlate gap and width, the first columns of (F, 4), with those of a clip."""
    return tuple(round(mouth_scores.correlation(made[:, k], clip.tracked[:, k]), 3) for k in (0, 1))


def cross(talk: list[Speech], every: list[Clip], options: argparse.Namespace, measures: np.ndarray) -> None:
    """Judge every person by a network and a reader that never saw them, two or three people at a time."""
    scores: dict[str, dict[str, tuple[float, ...]]] = {"network": {}, "network, chosen phones": {}, "reader": {}}
    for fold, people in enumerate(FOLDS):
        held = [clip for clip in every if clip.person in people]
        real = [clip for clip in every if clip.person not in people]
        network, reader = train(talk, real, held, options.steps, measures, options.seed, options.real), Reader(real)
        torch.save(network.state_dict(), options.work / f"lips_fold_{fold}.pt")
        scores["network"] |= judge(network, held, measures)
        scores["network, chosen phones"] |= judge(network, held, measures, chosen=True)
        for clip in held:
            scores["reader"][clip.name] = follows(reader(clip.inputs), clip)
    for name, found in scores.items():
        print(f"{name}: gap, width {np.mean(list(found.values()), axis=0).round(3)} {found}", flush=True)


def main() -> None:
    """Train on everybody, or leave each person out in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path("build/speechwork"))
    parser.add_argument("--cross", action="store_true", help="leave each person out in turn and only report")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--real", type=float, default=0.5, help="how much tracked clips count beside the reader")
    parser.add_argument("--seconds", type=float, default=5400, help="of speech to listen to")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    measures = ict_measures(options.data)
    talk, every = speech(options.work, options.seconds), load_clips(options.work, measures)
    if options.cross:
        cross(talk, every, options, measures)
        return
    network = train(talk, every, [], options.steps, measures, options.seed, options.real)
    arrays = {key: value.numpy().astype(np.float16) for key, value in network.state_dict().items()}
    print(weights.save("lips", arrays, CONFIG))


if __name__ == "__main__":
    main()
