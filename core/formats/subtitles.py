"""Subtitles (SubRip .srt and WebVTT .vtt): texts with times."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError
from ..speech.captions import Caption
from . import spans
from .text import read_text

LARGEST = 16 << 20  # bytes
ARROW = re.compile(r"\s*(\S+)\s*-->\s*(\S+)")
TIME = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,3}))?")
TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
UNSAID = re.compile(r"\[[^\[\]]*\]|\([^()]*\)|（[^（）]*）|[♪♫]|^[^\S\n]*[-–—]\s*", re.MULTILINE)
"""What tells of sounds or of who speaks, and dashes before a speaker's line."""


def read(path: Path) -> tuple[Caption, ...]:
    """Read captions in the order of time; formatting and [sounds] are taken off, empty ones left out.

    Raises `InputError`, one line naming the file's line, for times that cannot be read, that run backwards, or that
    overlap those of the caption before.
    """
    captions: list[Caption] = []
    before = 0.0
    for number, times, text in _cues(read_text(path, LARGEST)):
        where = f"{path}: line {number}"
        found = ARROW.match(times)
        start, end = (_seconds(time, where) for time in (found.groups() if found else ("", "")))
        spans.check(start, end, before, where)
        before = end
        said = " ".join(_signs(UNSAID.sub(" ", TAG.sub("", text))).split())
        if said:
            captions.append(Caption(said, start, end))
    if not captions:
        raise InputError(f"{path}: holds no subtitles with times such as 00:00:01,500 --> 00:00:03,000")
    return tuple(captions)


def _signs(text: str) -> str:
    """Turn what HTML writes with an ampersand into signs; text with impossible numbers in it stays as it is."""
    try:
        return html.unescape(text)
    except (ValueError, OverflowError):
        return text


def _cues(text: str) -> Iterator[tuple[int, str, str]]:
    """Give the line number, the line with the times, and the text of each cue: up to the next empty line."""
    lines = text.split("\n")
    place = 0
    while place < len(lines):
        times, number = lines[place], place + 1
        place += 1
        if "-->" not in times:  # numbers, names, WEBVTT and its notes and styles
            continue
        begin = place
        while place < len(lines) and lines[place].strip() and "-->" not in lines[place]:
            place += 1
        end = place
        if place < len(lines) and "-->" in lines[place] and lines[place - 1].strip().isdecimal():
            end -= 1  # the next cue's number, where the empty line was forgotten
        yield number, times, "\n".join(lines[begin : max(begin, end)])


def _seconds(written: str, where: str) -> float:
    found = TIME.fullmatch(written)
    if not found or int(found[2]) > 59 or int(found[3]) > 59:
        raise InputError(f"{where}: no times such as 00:00:01,500 --> 00:00:03,000")
    fraction = float(f"0.{found[4]}") if found[4] else 0.0
    return int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3]) + fraction
