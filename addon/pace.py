"""How long work will still take, by how fast it went so far."""

from __future__ import annotations

SURE = 2.0
"""Seconds of work before anything is said."""

SHARE = 0.05
"""Share of the work that is done before anything is said."""

STEADY = 0.25
"""Share of the time left that an estimate may be off before another one is shown."""


class Pace:
    """An estimate that counts down and is only corrected where it is clearly wrong, so that it does not flicker."""

    def __init__(self, now: float) -> None:
        """Begin at a time, in seconds of any clock."""
        self._begun, self._end = now, 0.0

    def left(self, done: float, now: float) -> float | None:
        """Give the seconds left with this share (0..1) done; None while nobody can tell."""
        spent = now - self._begun
        if spent < SURE or not SHARE <= done < 1.0:
            return None
        guess = spent * (1.0 - done) / done
        if abs(now + guess - self._end) > max(1.0, STEADY * guess):
            self._end = now + guess
        return max(self._end - now, 0.0)


def words(seconds: float | None) -> str:
    """Say it: "about 12 s left", "about 3 min left"; nothing for less than a second, or for None."""
    if seconds is None or seconds < 1.0:
        return ""
    if seconds < 90.0:
        return f"about {seconds:.0f} s left"
    return f"about {seconds / 60:.0f} min left"
