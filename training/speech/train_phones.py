"""Train the phone network and write it to `core/models`.

    python -m headroom.training.speech.train_phones --work build/speechwork --minutes 40

One core makes the batches, one learns. A checkpoint of the running average is kept every 500 steps.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from headroom.core import weights
from headroom.core.speech import features
from headroom.core.speech.phones import BILABIAL, INVENTORY, NUMBER
from headroom.core.speech.phones_net.net import PhoneNet
from headroom.training.fitting import follow, set_rate

from .corpus import HELD_OUT, UNKNOWN, Batches, Corpus, split
from .spoil import LEVEL, loud

SHAPES = {
    "deep": {"width": 288, "hidden": 640, "kernel": 5, "dilations": [1, 1, 2, 2, 4, 4]},
    "wide": {"width": 256, "hidden": 768, "kernel": 7, "dilations": [1, 1, 2, 2, 4]},
}  # fmt: skip
"""Networks that differ, since their mean hears better than either."""


DOUBTFUL = 0.01


class Stream(IterableDataset):
    """`Batches` in a process of its own."""

    def __init__(self, work: Path, size: int, frames: int, seed: int, clean: float) -> None:
        """Remember how to make batches."""
        self.arguments = (work, size, frames, seed, clean)

    def __iter__(self):
        work, size, frames, seed, clean = self.arguments
        worker = get_worker_info()
        return iter(Batches(work, size, frames, seed + (worker.id if worker else 0), clean))


def held_out(work: Path, limit: int = 60) -> list[tuple[np.ndarray, np.ndarray]]:
    """Give (mel, label) of clean utterances by speakers that training never hears."""
    found = []
    for kind in HELD_OUT:
        if not (work / f"{kind}.npz").exists():
            continue
        corpus = Corpus.load(work / f"{kind}.npz")
        for place in split(corpus, kind)[1][:limit]:
            sound, label = corpus.utterance(place)
            sound = np.pad(sound * LEVEL / (loud(sound) + 1e-5), features.MARGIN)
            count = len(label) // 2 * 2
            found.append((features.log_mel(sound)[:count], label[:count].astype(np.int64)))
    return found


def judge(network: PhoneNet, clips: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    """Count right frames, p b m found within 40 ms, and p b m heard within open vowels."""
    lips = [NUMBER[label] for label in BILABIAL]
    vowels = [NUMBER[label] for label in ("AA", "AE", "AH", "AO", "AW", "AY", "EH")]
    right = total = found = bilabials = false = opens = 0
    network.eval()
    for mel, label in clips:
        with torch.inference_mode():
            guess = network(torch.from_numpy(mel)[None])[0].argmax(-1).numpy()
        right, total = right + (guess == label).sum(), total + len(label)
        closed = np.isin(guess, lips)
        edges = np.flatnonzero(np.r_[True, label[1:] != label[:-1], True])
        for start, end in itertools.pairwise(edges):
            if label[start] in lips:
                bilabials += 1
                found += closed[max(0, start - 4) : end + 4].any()
            elif label[start] in vowels:
                opens += 1
                false += closed[start + 2 : max(start + 3, end - 2)].any()
    network.train()
    return {"frames": right / total, "pbm": found / max(1, bilabials), "false": false / max(1, opens)}


def restore(checkpoint: Path) -> PhoneNet:
    """Build the network that a checkpoint holds, ready to listen."""
    held = torch.load(checkpoint)
    network = PhoneNet(**held["config"])
    network.load_state_dict(held["state"])
    return network.eval()


def main() -> None:
    """Train for some minutes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("build/speechwork"))
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--name", default="phones", help="name of the checkpoint in the work folder")
    parser.add_argument("--shape", choices=tuple(SHAPES), default="deep")
    parser.add_argument("--clean", type=float, default=0.0, help="share of examples that are not spoilt")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    config = {"bands": features.BANDS, "labels": len(INVENTORY), **SHAPES[options.shape]}
    network = PhoneNet(**config, dropout=0.1)
    if options.resume:
        network.load_state_dict(restore(options.resume).state_dict())
    average = copy.deepcopy(network)
    print(f"{sum(p.numel() for p in network.parameters()) / 1e6:.2f} M parameters, reach {network.reach} frames")
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=0.02, betas=(0.9, 0.98))
    clips = held_out(options.work)
    checkpoint = options.work / f"{options.name}.pt"
    batches = iter(
        DataLoader(Stream(options.work, 16, 400, options.seed + 1, options.clean), batch_size=None, num_workers=1)
    )
    begin, losses, step = time.time(), [], 0
    while (done := (time.time() - begin) / (60 * options.minutes)) < 1:
        mel, label = next(batches)
        set_rate(optimizer, options.rate, step, done)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = network(mel)
        scores = scores.float()
        loss = functional.cross_entropy(
            scores.transpose(1, 2), label, label_smoothing=0.05, reduction="none", ignore_index=UNKNOWN
        )
        if options.resume or done > 0.3:  # by now, a label that seems all but impossible is most likely a wrong label
            doubt = scores.detach().softmax(-1).gather(2, label.clamp(min=0)[..., None])[..., 0] < DOUBTFUL
            loss = loss * torch.where(doubt, 0.15, 1.0)
        loss = loss.mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimizer.step()
        step += 1
        follow(average, network, step)
        losses.append(loss.item())
        if step % 250 == 0:
            scored = " ".join(f"{key} {value:.3f}" for key, value in judge(average, clips).items())
            minutes, loss_now = (time.time() - begin) / 60, np.mean(losses[-250:])
            print(f"{minutes:5.1f} min step {step} loss {loss_now:.3f} {scored}", flush=True)
            torch.save({"config": config, "state": average.state_dict()}, checkpoint)
    torch.save({"config": config, "state": average.state_dict()}, checkpoint)
    arrays = {key: value.numpy().astype(np.float16) for key, value in average.state_dict().items()}
    print(weights.save("phones", arrays, config), judge(average, clips))


if __name__ == "__main__":
    main()
