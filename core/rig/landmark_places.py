"""Where each landmark of a face lies, in words: what an artist who drags one wants to read."""

from __future__ import annotations

_BROW = ("outer end", "outer part", "middle", "inner part", "inner end")
_EYE = ("outer corner", "upper lid, outside", "upper lid, inside", "inner corner", "lower lid, inside",
        "lower lid, outside")  # fmt: skip
_OUTER = (
    "right corner of the mouth", "upper edge of the upper lip, far right", "upper edge of the upper lip, right peak",
    "upper edge of the upper lip, middle", "upper edge of the upper lip, left peak",
    "upper edge of the upper lip, far left", "left corner of the mouth", "lower edge of the lower lip, far left",
    "lower edge of the lower lip, left", "lower edge of the lower lip, middle", "lower edge of the lower lip, right",
    "lower edge of the lower lip, far right",
)  # fmt: skip
_INNER = (
    "right corner of the slit of the mouth", "lower edge of the upper lip, right",
    "lower edge of the upper lip, middle", "lower edge of the upper lip, left", "left corner of the slit of the mouth",
    "upper edge of the lower lip, left", "upper edge of the lower lip, middle", "upper edge of the lower lip, right",
)  # fmt: skip

PLACES = (
    *(f"right brow, {place}" for place in _BROW),
    *(f"left brow, {place}" for place in reversed(_BROW)),
    "root of the nose", "bridge of the nose, upper part", "bridge of the nose, lower part", "tip of the nose",
    "base of the nose, far right", "base of the nose, right", "base of the nose, middle", "base of the nose, left",
    "base of the nose, far left",
    *(f"right eye, {place}" for place in _EYE),
    *(f"left eye, {_EYE[k]}" for k in (3, 2, 1, 0, 5, 4)),
    *_OUTER, *_INNER,
    "underside of the chin", "front edge of the right ear", "front edge of the left ear",
)  # fmt: skip
"""Place of each of `landmarks.NAMES`, in their order; left and right are the person's own."""
