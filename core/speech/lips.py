"""From phones and what was heard to moving lips, jaw, cheeks and tongue, 60 frames a second."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from .. import weights
from ..performance import Performance
from ..progress import Progress, silent
from . import contacts
from .features import FRAME_RATE
from .phones import BILABIAL, INVENTORY, NUMBER, SILENCE, Phones
from .recognise import LEVEL, Heard
from .shaping import Articulation, shape

if TYPE_CHECKING:
    from .lips_net.net import LipsNet

FPS = 60.0
CONTROLS = (
    "jawOpen", "jawForward", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRollLower", "mouthRollUpper",
    "mouthShrugLower", "mouthShrugUpper", "mouthPress", "mouthLowerDown", "mouthUpperUp", "mouthStretch",
    "mouthSmile", "cheekPuff", "tongueTipUp", "tongueTipTeeth", "tongueBackUp", "tongueNarrow", "tongueWide",
)  # fmt: skip
"""What the network moves; those in `SIDES` become a left and a right channel."""

SIDES = ("mouthPress", "mouthLowerDown", "mouthUpperUp", "mouthStretch", "mouthSmile")
COLUMN = {name: place for place, name in enumerate(CONTROLS)}
OPENING = ("mouthFunnel", "mouthLowerDown", "mouthUpperUp", "mouthShrugUpper")
CLOSED_JAW = 0.10  # a mouth that is shut for p, b, m hardly opens its jaw
TOUCH = {"mouthPress": 0.30, "mouthRollLower": 0.15, "mouthRollUpper": 0.06}  # the least that lips do as they touch
BITE = {"mouthRollLower": 0.40}  # lower lip under the upper teeth
BITE_JAW = 0.08
REST_BEFORE, REST_AFTER = 0.22, 0.28  # seconds that a mouth moves before the first and after the last phone
CLEAR = 0.3  # from this confidence on a phone was heard clearly
CHUNK = 3600


@cache
def network() -> LipsNet:
    """Load the lips network once. Raises `WeightsError`."""
    from .lips_net.net import LipsNet

    stored = weights.load("lips")
    return stored.fill(LipsNet(**stored.config))


def move(phones: Phones, heard: Heard, progress: Progress = silent, how: Articulation | None = None) -> Performance:
    """Move the mouth to `phones`, an artist's or the recogniser's, on layer "lips" at 60 frames a second.

    `heard` is the sound that they were heard in; it lasts as long as the result. Lips touch fully in every p, b and
    m, the lower lip meets the teeth in f and v, and in silence every channel is exactly 0. `how` scales what single
    phones do.
    """
    how = how or Articulation()
    count = max(1, round(len(heard.loudness) / FRAME_RATE * FPS))
    controls = np.zeros((count, len(CONTROLS)), np.float32)
    if not phones.silent:
        from .lips_net.net import infer

        net = network()
        for start in range(0, count, CHUNK):
            end = min(count, start + CHUNK)
            inputs = encode(phones, heard, end - start + 2 * net.reach, start - net.reach)  # silence around the sound
            controls[start:end] = infer(net, inputs).numpy()[net.reach : net.reach + end - start]
            progress(end / count, "Moving lips")
        controls = shape(controls, COLUMN, lambda: shares(phones, count), heard.loudness, how)
        controls = settle(controls, phones, how)
    return to_performance(controls)


def encode(phones: Phones, heard: Heard, count: int, begin: int = 0) -> np.ndarray:
    """Build the network's input for `count` frames from `begin` on, (count, 46): phones, loudness, its slope.

    Where the recogniser chose the phones, the input is all that it thought possible: lips follow that more truly than
    its best guess. Phones of an artist or a file (confidence 1) are taken at their word, and the less a phone of a
    transcript was heard, the more it is.
    """
    said, word = chosen(phones, count, begin), trusted(phones, count, begin)[:, None]
    phone = word * said + (1 - word) * soft(heard.scores, count, begin) if (word < 1).any() else said
    return np.concatenate([phone, levels(heard.loudness, count, begin)], axis=1).astype(np.float32)


def chosen(phones: Phones, count: int, begin: int = 0) -> np.ndarray:
    """Give phones at their word around frames `begin` onward, (count, 44): they give way to each other over a frame."""
    wide = shares(phones, count + 2, begin - 1)
    return 0.25 * wide[:-2] + 0.5 * wide[1:-1] + 0.25 * wide[2:]


def soft(scores: np.ndarray, count: int, begin: int = 0) -> np.ndarray:
    """Give how likely each phone is around frames `begin` onward, (count, 44), from scores (T, 44) per 10 ms."""
    place = (np.arange(count) + begin) / FPS * FRAME_RATE - 0.5
    first = int(np.clip(np.floor(place[0]) - 2, 0, len(scores))) if count else 0
    last = int(np.clip(np.ceil(place[-1]) + 3, first, len(scores))) if count else 0
    rest = np.zeros((1, len(INVENTORY)), np.float32)
    rest[0, NUMBER[SILENCE]] = 1
    likely = np.concatenate([rest, np.exp(scores[first:last].astype(np.float32)), rest])
    result = np.zeros((count, len(INVENTORY)), np.float32)
    for away, weight in ((-1.5, 0.25), (0.0, 0.5), (1.5, 0.25)):  # as far apart as frames at 60 a second
        at = np.clip(place + away - first + 1, 0, len(likely) - 1)
        before = np.minimum(at.astype(int), len(likely) - 2)
        part = (at - before).astype(np.float32)[:, None]
        result += weight * (likely[before] * (1 - part) + likely[before + 1] * part)
    return result


def trusted(phones: Phones, count: int, begin: int = 0) -> np.ndarray:
    """Give how far phones are taken at their word around frames `begin` onward, (count,): 1 for an artist's, down to 0
    for those that were heard clearly."""
    word = np.where(phones.confidence >= 1, 1.0, np.clip(1 - phones.confidence / CLEAR, 0, 1))
    middle = (np.arange(count) + begin) / FPS
    place = np.searchsorted(phones.end, middle, side="right")
    inside = place < len(word)
    found = np.minimum(place, len(word) - 1)
    return np.where(inside & (middle >= phones.start[found]), word[found], 1.0).astype(np.float32)


def shares(phones: Phones, count: int, begin: int = 0) -> np.ndarray:
    """Give each phone's share of the time around frames `begin` onward, (count, 44); gaps count as silence."""
    edges = (np.arange(count + 1) + begin - 0.5) / FPS
    result = np.zeros((count, len(INVENTORY)), np.float32)
    inside = (phones.end > edges[0]) & (phones.start < edges[-1])
    numbers, starts, ends = np.asarray(phones.numbers())[inside], phones.start[inside], phones.end[inside]
    first = np.clip(np.floor(starts * FPS + 0.5).astype(int) - begin, 0, count)
    last = np.clip(np.ceil(ends * FPS + 0.5).astype(int) - begin, 0, count)
    for number, start, end, low, high in zip(numbers, starts, ends, first, last, strict=True):
        overlap = np.minimum(edges[low + 1 : high + 1], end) - np.maximum(edges[low:high], start)
        result[low:high, number] += np.maximum(overlap, 0) * FPS
    result[:, NUMBER[SILENCE]] += np.maximum(0, 1 - result.sum(axis=1))
    return result


def levels(loudness: np.ndarray, count: int, begin: int = 0) -> np.ndarray:
    """Give loudness (0 at 50 dB below loud speech, 1 at loud speech) and its slope around frames `begin` onward,
    (count, 2); silence lies around the sound."""
    place = np.arange(begin - 1, begin + count + 1) / FPS * FRAME_RATE - 0.5
    first, last = (int(np.clip(at, 0, len(loudness))) for at in (place[0] - 6, place[-1] + 7))
    decibel = 20 * np.log10(np.maximum(loudness[first:last], 1e-6) / LEVEL)
    level = np.pad(np.clip(1 + decibel / 50, 0, 1.3), 4)
    kernel = np.hanning(9)[1:-1]
    smooth = np.convolve(level, kernel / kernel.sum(), mode="valid")  # one more at either end than was given
    now = np.interp(place, np.arange(len(smooth)) + first - 1, smooth, 0.0, 0.0)
    return np.stack([now[1:-1], (now[2:] - now[:-2]) * 5], axis=1).astype(np.float32)


def settle(controls: np.ndarray, phones: Phones, how: Articulation | None = None) -> np.ndarray:
    """Hold the mouth to what an eye checks: lips that touch in p b m, a bite in f v, rest in silence.

    `controls` is (F, C) at 60 frames a second; gives the same shape. Where the network already does it, nothing
    changes. Less than 1 of `how.closure` or `how.teeth` leaves contacts open by as much, more presses harder.
    """
    how = how or Articulation()
    time = np.arange(len(controls)) / FPS
    made = contacts.amounts(contacts.find(phones, contacts.EARLY), time)
    shut, bite = made[:, 0] * min(how.closure, 1), made[:, 1] * min(how.teeth, 1)
    settled = controls.copy()
    settled[:, COLUMN["mouthRollLower"]] *= 0.4 + 0.6 * np.maximum(shut, bite)  # the lip leaves the teeth at once
    _hold(settled, bite, {name: value * how.teeth for name, value in BITE.items()}, BITE_JAW, ("mouthLowerDown",))
    _hold(settled, shut, {name: value * how.closure for name, value in TOUCH.items()}, CLOSED_JAW, OPENING)
    # mouthClose is a corrective of jawOpen: it takes back all of it where lips touch, and is nothing elsewhere
    settled[:, COLUMN["mouthClose"]] = shut * settled[:, COLUMN["jawOpen"]]
    settled *= rest_gate(phones, time)[:, None]
    return settled


def _hold(
    controls: np.ndarray, amount: np.ndarray, least: dict[str, float], jaw_most: float, open_by: tuple[str, ...]
) -> None:
    """Blend towards a contact of the lips: `least` is reached, the jaw stays below `jaw_most`, `open_by` lets go."""
    jaw = COLUMN["jawOpen"]
    controls[:, jaw] += amount * (np.minimum(controls[:, jaw], jaw_most) - controls[:, jaw])
    for name in open_by:
        controls[:, COLUMN[name]] *= 1 - amount
    for name, value in least.items():
        column = COLUMN[name]
        controls[:, column] += amount * (np.maximum(controls[:, column], value) - controls[:, column])


def rest_gate(phones: Phones, time: np.ndarray) -> np.ndarray:
    """Give 1 while something is said and exactly 0 in silence, eased over the breath before and after, (F,)."""
    gate = np.zeros(len(time))
    said = [place for place, label in enumerate(phones.label) if label != SILENCE]
    shut = {phones.start[place] for place in said if phones.label[place] in BILABIAL}
    for start, end in joined(phones.start[said], phones.end[said], REST_BEFORE + REST_AFTER):
        lead = contacts.HOLD if start in shut else REST_BEFORE  # closed lips at rest need not part before an m
        first, last = np.searchsorted(time, (start - lead, end + REST_AFTER))
        part = time[first:last]
        before, after = (part - start + lead) / lead, (end + REST_AFTER - part) / REST_AFTER
        ease = np.clip(np.minimum(before * 1.1, after * 1.4), 0, 1)
        gate[first:last] = np.maximum(gate[first:last], ease * ease * (3 - 2 * ease))
    return gate


def joined(start: np.ndarray, end: np.ndarray, gap: float) -> list[tuple[float, float]]:
    """Join spans that lie closer together than `gap` seconds."""
    spans: list[tuple[float, float]] = []
    for low, high in zip(start.tolist(), end.tolist(), strict=True):
        if spans and low - spans[-1][1] < gap - 1e-6:  # the same wherever time begins
            spans[-1] = (spans[-1][0], high)
        else:
            spans.append((low, high))
    return spans


def to_performance(controls: np.ndarray) -> Performance:
    """Name the controls (F, C) as channels; those of both sides go to left and right."""
    names, columns = [], []
    for place, control in enumerate(CONTROLS):
        for name in (f"{control}Left", f"{control}Right") if control in SIDES else (control,):
            names.append(name)
            columns.append(place)
    values = controls[:, columns].astype(np.float32)
    np.clip(values, 0, 1, out=values)
    return Performance(FPS, tuple(names), ("lips",) * len(names), values)
