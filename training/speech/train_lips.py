"""Train the lips network and write it to `core/models`.

    python -m training.speech.train_lips --data ../shared/data --work build/speechwork

First it imitates the articulatory teacher on prepared speech, which teaches what no camera sees: the tongue, and how
lips touch. Then it learns amplitude and timing from lips tracked in real clips, through what the controls do to the
ICT face: gap, width and the heights of both lips. `--hold-out NAME…` leaves people out and judges on them.
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
from headroom.core.speech import features, lips
from headroom.core.speech.lips_net.net import LipsNet
from headroom.core.speech.phones import Phones, from_frames
from headroom.core.speech.recognise import level_gain, listen, recognise
from headroom.core.speech.sound import read

from .corpus import Corpus
from .face import ict_measures, tracked_measures
from .teacher import articulate

CONFIG = {"inputs": 46, "controls": len(lips.CONTROLS), "width": 96, "hidden": 192, "kernel": 7,
          "dilations": [1, 2, 3, 2]}  # fmt: skip
FRAMES = 240  # 4 s
DROPOUT, DECAY = 0.3, 0.2  # four minutes of video are soon learnt by heart
FPS = lips.FPS
SEEN = [lips.COLUMN[name] for name in ("jawOpen", "mouthFunnel", "mouthPucker", "mouthLowerDown", "mouthUpperUp",
                                       "mouthStretch", "mouthSmile", "mouthShrugUpper", "mouthShrugLower")]  # fmt: skip
"""Controls that a camera judges; the teacher has little to say about them on real clips."""

LIKELY_GAP = 11.0  # mm, the 95th percentile that tracked gaps are brought halfway to: people differ, an animator scales
PEOPLE = {"Obama": "obama", "andrew": "andrew", "feifei": "feifei", "Kristi": "kristi", "reagan": "reagan",
          "uncrop_Obama": "obama", "mouth_source": "mouth", "pose_source2": "pose"}  # fmt: skip


@dataclass(frozen=True)
class Clip:
    """A talking clip: network inputs (F, 46), teacher's controls (F, C), and tracked mm (F, 4) with NaN for unseen."""

    name: str
    person: str
    inputs: np.ndarray
    taught: np.ndarray
    tracked: np.ndarray
    phones: Phones


def person_of(name: str) -> str:
    """Say who is in a clip; one man is in both archives."""
    return next(person for start, person in PEOPLE.items() if name.startswith(start))


def clips(work: Path, measures: np.ndarray, sync: bool = True) -> list[Clip]:
    """Read the tracked clips, with phones by our own network, and put sound and picture in step."""
    found = []
    for path in sorted((work / "lips").glob("*.npz")):
        with np.load(path) as file:
            tracked, fps, sound = tracked_measures(file["points"]), float(file["fps"]), Path(str(file["sound"]))
        heard = listen(read(sound))
        phones = recognise(heard)
        count = int(min(len(tracked) / fps, len(heard.loudness) / 100) * FPS)
        place = np.arange(count) / FPS * fps
        at_60 = np.stack([np.interp(place, np.arange(len(tracked)), column) for column in tracked.T], axis=1)
        taught = articulate(phones, count, FPS)
        found.append(Clip(path.stem, person_of(path.stem), lips.encode(phones, heard.loudness, count), taught,
                          normal(at_60), phones))  # fmt: skip
    if not sync:
        return found
    lags = [lag(clip, measures) for clip in found]
    usual = round(float(np.median(lags)))
    print("lag in frames", dict(zip([clip.name for clip in found], lags, strict=True)), "usual", usual)
    return [
        Clip(clip.name, clip.person, clip.inputs, clip.taught, shift(clip.tracked, one - usual), clip.phones)
        for clip, one in zip(found, lags, strict=True)
    ]


def normal(tracked: np.ndarray) -> np.ndarray:
    """Take the mouth at rest as zero, and bring everybody's amplitude halfway to the usual one."""
    gap = np.maximum(0, tracked[:, :1] - np.percentile(tracked[:, 0], 3))
    factor = (LIKELY_GAP / np.percentile(gap, 95)) ** 0.7
    closed = tracked[gap[:, 0] < np.percentile(gap, 20)]
    return np.concatenate([gap, tracked[:, 1:] - np.median(closed[:, 1:], axis=0)], axis=1) * factor


def shift(values: np.ndarray, frames: int) -> np.ndarray:
    """Move rows later in time; what comes in is NaN."""
    moved = np.full_like(values, np.nan)
    if frames > 0:
        moved[frames:] = values[:-frames]
    else:
        moved[: len(values) + frames] = values[-frames:]
    return moved


def lag(clip: Clip, measures: np.ndarray, reach: int = 24) -> int:
    """Find by how many frames the picture is early (positive) against what the teacher expects."""
    expected = clip.taught @ measures
    scores = []
    for frames in range(-reach, reach + 1):
        moved = shift(clip.tracked, frames)
        seen = np.isfinite(moved[:, 0])
        scores.append(sum(np.corrcoef(moved[seen, k], expected[seen, k])[0, 1] for k in (0, 1)))
    return int(np.argmax(scores)) - reach


def taught_speech(work: Path, limit: int = 900, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """Give (inputs, teacher's controls) for prepared utterances in a row, at least 5 s each."""
    random, found = np.random.default_rng(seed), []
    for kind in ("speechocean", "librispeech", "espeak", "flite"):
        if not (work / f"{kind}.npz").exists():
            continue
        corpus = Corpus.load(work / f"{kind}.npz")
        order = random.permutation(len(corpus.name))
        for group in np.array_split(order, max(1, len(order) // 3))[: limit // 4]:
            parts = [corpus.utterance(place) for place in group]
            pause = [np.zeros(int(random.integers(0, 120)), np.int8) for _ in parts]
            label = np.concatenate([np.r_[gap, part[1]] for gap, part in zip(pause, parts, strict=True)])
            rms = [np.r_[np.zeros(len(gap)), features.rms(part[0])] for gap, part in zip(pause, parts, strict=True)]
            loudness = np.concatenate(rms).astype(np.float32)
            loudness = loudness * level_gain(loudness) * np.exp(random.normal(0, 0.3))
            phones = from_frames(label.astype(int), 100.0)
            count = int(len(label) * 0.6)
            if count > FRAMES:
                found.append((lips.encode(phones, loudness, count), articulate(phones, count, FPS)))
    return found


def crops(items: list, size: int, random: np.random.Generator) -> list[np.ndarray]:
    """Cut `size` random pieces of `FRAMES` out of tuples of arrays, longer ones more often; gives stacked arrays."""
    long = np.array([len(item[0]) for item in items], float)
    chosen = random.choice(len(items), size, p=long / long.sum())
    starts = [int(random.integers(0, max(1, len(items[place][0]) - FRAMES))) for place in chosen]
    cut = [[part[start : start + FRAMES] for part in items[place]] for place, start in zip(chosen, starts, strict=True)]
    return [np.stack(part).astype(np.float32) for part in zip(*cut, strict=True)]


def correlation(first: Tensor, second: Tensor, seen: Tensor) -> Tensor:
    """Correlate along time, (B, F) each, where seen: (B,)."""
    count = seen.sum(1, keepdim=True).clamp(min=2)
    a = (first - (first * seen).sum(1, keepdim=True) / count) * seen
    b = (second - (second * seen).sum(1, keepdim=True) / count) * seen
    return (a * b).sum(1) / ((a * a).sum(1) * (b * b).sum(1) + 1e-3).sqrt()


def imitation(out: Tensor, taught: Tensor, measures: Tensor, weight: Tensor) -> Tensor:
    """Compare with the teacher: control by control, and what the gap becomes (in 5 mm)."""
    gap = ((out @ measures[:, 0]).clamp(min=-1) - (taught @ measures[:, 0]).clamp(min=-1)) / 5
    return (((out - taught) ** 2) * weight).mean() * 20 + 0.1 * weight[0] * (gap**2).mean()


def reality(out: Tensor, tracked: Tensor, measures: Tensor) -> Tensor:
    """Compare with tracked lips, in 5 mm, and by correlation of the gap."""
    seen = torch.isfinite(tracked[..., 0]).float()
    tracked = torch.nan_to_num(tracked)
    made = out @ measures
    gap = made[..., 0].clamp(min=0)
    off = ((gap - tracked[..., 0]) / 5) ** 2
    for column, share in ((1, 0.15), (2, 0.1), (3, 0.1)):  # width and heights matter by their change only
        away = made[..., column] - tracked[..., column]
        away = away - (away * seen).sum(1, keepdim=True) / seen.sum(1, keepdim=True).clamp(min=1)
        off = off + share * (away / 3) ** 2
    return (off * seen).mean() * 0.5 + (1 - correlation(gap, tracked[..., 0], seen)).mean()


def unsteady(out: Tensor) -> Tensor:
    """Measure jitter: the second difference in time."""
    return (out[:, 2:] - 2 * out[:, 1:-1] + out[:, :-2]).pow(2).mean()


def judge(network: LipsNet, held: list[Clip], measures: np.ndarray) -> dict[str, float]:
    """Correlate gap and width with tracked lips, one number per clip, after `settle`: as shipped."""
    result = {}
    network.eval()
    for clip in held:
        with torch.inference_mode():
            controls = network(torch.from_numpy(clip.inputs)[None])[0].numpy()
        made = lips.settle(controls, clip.phones) @ measures
        seen = np.isfinite(clip.tracked[:, 0])
        gap = np.maximum(0, made[seen, 0])
        result[clip.name] = round(float(np.corrcoef(gap, clip.tracked[seen, 0])[0, 1]), 3)
    network.train()
    return result


def pretrain(network: LipsNet, speech: list, steps: int, measures: Tensor, random: np.random.Generator) -> None:
    """Imitate the teacher."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    weight = torch.ones(len(lips.CONTROLS))
    begin = time.time()
    for step in range(steps):
        inputs, taught = (torch.from_numpy(part) for part in crops(speech, 16, random))
        out = network(inputs)
        loss = imitation(out, taught, measures, weight) + 3 * unsteady(out)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 200 == 0:
            print(f"teacher {step} loss {loss.item():.4f} {time.time() - begin:.0f} s", flush=True)


def finetune(
    network: LipsNet, speech: list, real: list[Clip], held: list[Clip], steps: int, measures: np.ndarray,
    random: np.random.Generator,
) -> dict[str, float]:  # fmt: skip
    """Learn from real clips, with the teacher as a guard rail."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-3, total_steps=steps, pct_start=0.1)
    table, weight = torch.from_numpy(measures).float(), torch.ones(len(lips.CONTROLS))
    weight[SEEN] = 0.05
    items = [(clip.inputs, clip.taught, clip.tracked) for clip in real]
    average = copy.deepcopy(network)
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = DROPOUT
    for step in range(steps):
        inputs, taught = (torch.from_numpy(part) for part in crops(speech, 8, random))
        loss = imitation(network(inputs), taught, table, weight)
        inputs, taught, tracked = (torch.from_numpy(part) for part in crops(items, 12, random))
        inputs[..., 44:] *= 1 + 0.1 * torch.randn(len(inputs), 1, 1)
        inputs = torch.roll(inputs, int(random.integers(-1, 2)), 1)
        out = network(inputs)
        loss = loss + 0.5 * reality(out, tracked, table) + imitation(out, taught, table, weight) + 5 * unsteady(out)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            for kept, now in zip(average.parameters(), network.parameters(), strict=True):
                kept.lerp_(now, min(1.0, 1 / (step + 1) + 0.03))
        if step % 50 == 0 or step == steps - 1:
            scores = judge(average, held, measures) if held else {}
            mean = f"{np.mean(list(scores.values())):.3f}" if scores else ""
            print(f"real {step} loss {loss.item():.3f} held out {mean} {scores}", flush=True)
    network.load_state_dict(average.state_dict())
    return judge(network, held, measures) if held else {}


def cross(
    taught: LipsNet, speech: list, every: list[Clip], steps: int, measures: np.ndarray, random: np.random.Generator
) -> None:
    """Judge every person by a network that never saw them, two or three people at a time."""
    scores: dict[str, float] = {}
    for people in (("obama",), ("andrew", "mouth"), ("feifei", "kristi"), ("reagan", "pose")):
        network = LipsNet(**CONFIG, dropout=0.1)
        network.load_state_dict(taught.state_dict())
        held = [clip for clip in every if clip.person in people]
        real = [clip for clip in every if clip.person not in people]
        scores |= finetune(network, speech, real, held, steps, measures, random)
    print(f"cross-validated gap correlation: mean {np.mean(list(scores.values())):.3f} {scores}", flush=True)


def main() -> None:
    """Pretrain once, then train on real clips."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path("build/speechwork"))
    parser.add_argument("--hold-out", nargs="*", default=[], help="people to judge on: obama andrew feifei kristi …")
    parser.add_argument("--cross", action="store_true", help="leave each person out in turn and only report")
    parser.add_argument("--teacher-steps", type=int, default=1500)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    measures = ict_measures(options.data)
    network = LipsNet(**CONFIG, dropout=0.1)
    speech = taught_speech(options.work)
    checkpoint = options.work / "lips_taught.pt"
    if checkpoint.exists():
        network.load_state_dict(torch.load(checkpoint))
    else:
        pretrain(network, speech, options.teacher_steps, torch.from_numpy(measures).float(), random)
        torch.save(network.state_dict(), checkpoint)
    every = clips(options.work, measures)
    if options.cross:
        cross(network, speech, every, options.steps, measures, random)
        return
    held = [clip for clip in every if clip.person in options.hold_out]
    real = [clip for clip in every if clip.person not in options.hold_out]
    print("teacher only", judge(network, every, measures), flush=True)
    print("held out", finetune(network, speech, real, held, options.steps, measures, random))
    if not options.hold_out:
        arrays = {key: value.numpy().astype(np.float16) for key, value in network.state_dict().items()}
        print(weights.save("lips", arrays, CONFIG))


if __name__ == "__main__":
    main()
