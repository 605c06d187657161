"""Sound of any kind as a stream of 16 kHz mono pieces, so that an hour is heard in flat memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from ..errors import InputError

RATE = 16000
"""Samples a second of everything that Headroom listens to."""

BLOCK = 1 << 16  # samples read at a time: 1.4 s at 48 kHz
RATES = (1000, 768_000)
CHANNELS = 64
FINEST = 100_000
"""What a rate may be divided by: filters of stranger ones, all above 100 kHz, take 700 MB. Off by 5e-6 at most."""
MOST_CHUNKS = 10_000  # of a wav, looked at for the one with the sound
DECODER_ENDINGS = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".m4a", ".aac", ".wma", ".mpg", ".mpeg", ".ts", ".3gp", ".flv"}
)


@dataclass(frozen=True)
class Sound:
    """A sound that can be read again and again: `source()` gives its pieces, (N,) or (N, channels), at `rate`.

    `duration` is in seconds. `name` is what error messages call it.
    """

    source: Callable[[], Iterable[np.ndarray]]
    rate: int
    duration: float
    name: str = "sound"

    def __post_init__(self) -> None:
        _check_rate(self.rate, self.name)

    @staticmethod
    def from_array(samples: np.ndarray, rate: float, name: str = "sound") -> Sound:
        """Wrap samples that are in memory, (N,) or (N, channels) within -1..1 (integers are scaled)."""
        array = np.asarray(samples)
        if array.ndim not in (1, 2) or array.size == 0:
            raise InputError(f"{name}: holds no samples")
        _check_rate(rate, name)
        if array.dtype.kind in "iu":
            if array.dtype.itemsize == 1 or array.dtype.kind == "u":
                raise InputError(f"{name}: samples of type {array.dtype} are not understood; hand over floats")
            array = array / np.float32(-float(np.iinfo(array.dtype).min))
        pieces = [array[start : start + BLOCK] for start in range(0, len(array), BLOCK)]
        return Sound(lambda: pieces, round(rate), len(array) / rate, name)

    @staticmethod
    def from_blocks(source: Callable[[], Iterable[np.ndarray]], rate: float, frames: int, name: str = "sound") -> Sound:
        """Wrap a decoder: each call of `source` starts over and gives all pieces; `frames` is their whole length."""
        if frames <= 0:
            raise InputError(f"{name}: holds no samples")
        _check_rate(rate, name)
        return Sound(source, round(rate), frames / rate, name)

    def blocks(self) -> Iterator[np.ndarray]:
        """Give the sound as pieces of 16 kHz mono float32, (N,) each, the same however it was cut up.

        Raises `InputError` when a sample is not a number.
        """
        resampler = Resampler(self.rate)
        for piece in self.source():
            mono = piece if piece.ndim == 1 else piece.mean(axis=1)
            mono = np.ascontiguousarray(mono, dtype=np.float32)
            if not np.isfinite(mono).all():
                raise InputError(f"{self.name}: holds samples that are not numbers; export the sound again")
            resampled = resampler.feed(mono)
            if len(resampled):
                yield resampled
        last = resampler.finish()
        if len(last):
            yield last


def _check_rate(rate: float, name: str) -> None:
    if not RATES[0] <= rate <= RATES[1]:
        raise InputError(f"{name}: {rate} samples a second is no usable rate; convert it to 48000")


class Resampler:
    """Polyphase resampling to 16 kHz of a stream, without seams: pieces in, pieces out."""

    def __init__(self, rate: int) -> None:
        ratio = Fraction(RATE, rate).limit_denominator(FINEST)
        self.up, self.down = ratio.numerator, ratio.denominator
        self.seen = self.given = 0
        if self.up == self.down:
            return
        from scipy.signal import firwin

        # A Kaiser window of beta 5 and ten zero crossings each side, as scipy.signal.resample_poly has it.
        widest = max(self.up, self.down)
        half = 10 * widest
        taps = firwin(2 * half + 1, 1.0 / widest, window=("kaiser", 5.0)) * self.up
        pad = -half % self.down  # the delay has to be a whole number of output samples
        self.taps, half = np.pad(taps, pad), half + pad
        self.delay = half // self.down
        self.margin = -(-half // self.up) + 1  # input samples needed on either side of an output sample
        self.tail = np.zeros(0, np.float32)
        self.tail_start = 0  # place of tail[0] in the input

    def feed(self, samples: np.ndarray) -> np.ndarray:
        """Take the next samples and give those at 16 kHz that can be known by now."""
        self.seen += len(samples)
        if self.up == self.down:
            return samples
        self.tail = np.concatenate([self.tail, samples])
        return self._upto(max(0, (self.seen - self.margin) * self.up // self.down))

    def finish(self) -> np.ndarray:
        """Give the rest after the last samples."""
        if self.up == self.down:
            return np.zeros(0, np.float32)
        end = -(-self.seen * self.up // self.down)
        self.tail = np.concatenate([self.tail, np.zeros(2 * self.margin + 1, np.float32)])
        return self._upto(end)

    def _upto(self, end: int) -> np.ndarray:
        """Filter out samples `given` to `end`: a window whose first sample falls on an output sample."""
        if end <= self.given:
            return np.zeros(0, np.float32)
        from scipy.signal import upfirdn

        first = self.given * self.down // self.up - self.margin  # first input sample needed
        first -= first % self.down  # multiples of `down` fall on output samples
        last = -(-end * self.down // self.up) + self.margin
        pad = max(0, self.tail_start - first)
        have = self.tail[max(0, first - self.tail_start) :][: last - first - pad]
        window = np.concatenate([np.zeros(pad, np.float32), have])
        filtered = upfirdn(self.taps, window, self.up, self.down)
        begin = self.given - first * self.up // self.down + self.delay
        result = filtered[begin : begin + end - self.given].astype(np.float32)
        keep = max(0, end * self.down // self.up - self.margin - self.down)
        keep -= keep % self.down
        drop = max(0, keep - self.tail_start)
        self.tail, self.tail_start = self.tail[drop:], self.tail_start + drop
        self.given = end
        return result


def needs_decoder(path: Path) -> bool:
    """Tell whether a file is a video or a format that soundfile cannot read: Blender's own decoder has to open it."""
    return Path(path).suffix.lower() in DECODER_ENDINGS


def read(path: Path) -> Sound:
    """Open a sound file (wav, flac, ogg, mp3, aiff) without reading it all.

    Raises `InputError`, one line, when it is missing, empty, cut short or no sound.
    """
    import soundfile

    path = Path(path)
    if not path.exists():
        raise InputError(f"{path}: no such file")
    if path.is_dir():
        raise InputError(f"{path}: is a folder, not a sound file")
    if not path.is_file():  # a pipe would be waited for
        raise InputError(f"{path}: is no file")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty")
    try:
        with soundfile.SoundFile(path) as file:
            rate, channels, frames, kind = file.samplerate, file.channels, file.frames, file.format
    except (soundfile.LibsndfileError, RuntimeError, OSError) as error:
        hint = "Blender's decoder is needed for it" if needs_decoder(path) else "use wav, flac, ogg or mp3"
        raise InputError(f"{path}: not a sound file that can be read; {hint}") from error
    if channels > CHANNELS:
        raise InputError(f"{path}: says it has {channels} channels; export it again as mono or stereo")
    if kind in ("WAV", "WAVEX", "RF64"):
        _refuse_truncated(path)
    if frames <= 0:
        raise InputError(f"{path}: the file holds no sound")

    def source() -> Iterator[np.ndarray]:
        count = 0
        try:
            with soundfile.SoundFile(path) as file:
                for block in file.blocks(BLOCK, dtype="float32", always_2d=False):
                    count += len(block)
                    yield block
        except (soundfile.LibsndfileError, RuntimeError, OSError) as error:
            raise InputError(f"{path}: breaks off after {count / rate:.1f} s; export the sound again") from error
        if count < frames * 0.98 - rate * 0.1:  # an mp3's length is an estimate
            raise InputError(f"{path}: breaks off after {count / rate:.1f} of {frames / rate:.1f} s; export it again")

    return Sound(source, rate, frames / rate, str(path))


def _refuse_truncated(path: Path) -> None:
    """Compare the sizes in a wav's headers with the file: soundfile reads what is there and says nothing."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF":
            return
        place = 12
        for _ in range(MOST_CHUNKS):
            if place + 8 > size:
                return
            file.seek(place)
            chunk = file.read(8)
            length = int.from_bytes(chunk[4:], "little")
            if chunk[:4] == b"data":
                # writers that cannot seek leave 0 or the largest number
                if length < 0xFFFFFFF0 - (1 << 16) and length and place + 8 + length > size + 1:
                    share = max(0, size - place - 8) / length
                    raise InputError(f"{path}: cut short, only {share:.0%} of it is there; export it again")
                return
            place += 8 + length + length % 2
