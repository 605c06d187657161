"""Phones and words of a head as timeline markers, and back: what every editor with a timeline shows and drags.

A marker's own group of properties says what it stands for, and at which frame and under which name it was set: only
what differs from that was edited, so that unedited phones keep their times, which are finer than frames.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ...core.errors import InputError
from ...core.speech.edit import NEW, Edit, Mark, from_markers, marks_of
from ...core.speech.labels import read_label
from ...core.speech.phones import NUMBER
from ...core.speech.take import Clock, Take
from .. import compat
from . import actions, sound, takes
from .heads import why_not

if TYPE_CHECKING:
    from ...core.performance import Performance
    from ...core.progress import Progress

PHONE, WORD, OWN = "phone", "word", "own"
"""What a marker can be: a phone, a word, and one that an artist had set before."""

QUOTES = "“”„\"'«» "
DOUBT = " ?"
"""Ends the name of a marker that is no phone."""

Pair = tuple[Mark, Any]
"""What a marker says, and the marker."""


@dataclass(frozen=True)
class Change:
    """What an artist's markers say: the head's name, what it spoke before, and the edit; `work` moves the mouth."""

    head: str
    take: Take
    edit: Edit
    signature: int
    work: Callable[[Progress], Performance | None]
    problem: str = ""


def state(scene: bpy.types.Scene) -> Any:
    """Give what a scene remembers of the phones that it shows."""
    return scene.headroom_phones  # type: ignore[attr-defined]


def group(marker: bpy.types.TimelineMarker) -> Any:
    """Give what a marker stands for."""
    return marker.headroom  # type: ignore[attr-defined]


def shown(scene: bpy.types.Scene) -> bpy.types.Object | None:
    """Give the head whose phones a scene shows, None for none."""
    body = state(scene).head
    return body if body is not None and scene.objects.get(body.name) == body else None


def ours(scene: bpy.types.Scene) -> list[bpy.types.TimelineMarker]:
    """Give the markers that stand for phones and words."""
    return [marker for marker in scene.timeline_markers if group(marker).kind in (PHONE, WORD)]


def show(scene: bpy.types.Scene, body: bpy.types.Object) -> None:
    """Show the phones and words of a head in place of any other's, and the sound's wave in the sequencer.

    Raises `InputError` when the head does not remember what it speaks, or did so at another frame rate.
    """
    take = takes.take_of(body)
    _same_rate(scene, take)
    hide(scene)
    for marker in scene.timeline_markers:
        group(marker).kind = OWN
    state(scene).head = body
    _set(scene, take, [None] * len(take.phones.label), [None] * len(take.phones.words))
    for strip in compat.sequence_strips_all(scene):
        if strip.type == "SOUND" and (sound.belongs(strip, body) or _plays(strip, take.sound)):
            strip.show_waveform = True


def hide(scene: bpy.types.Scene) -> None:
    """Take the markers of phones and words away; an artist's own stay."""
    for marker in ours(scene):
        scene.timeline_markers.remove(marker)
    for marker in scene.timeline_markers:
        group(marker).kind = ""
    state(scene).head = None
    state(scene).problem = ""


def signature(scene: bpy.types.Scene) -> int:
    """Give a number that changes when any marker is moved, renamed, added or deleted."""
    return hash(tuple((marker.frame, marker.name) for marker in scene.timeline_markers))


def pending(scene: bpy.types.Scene) -> bool:
    """Tell whether markers were edited and the lips do not follow yet."""
    body = shown(scene)
    if body is None:
        return False
    take = takes.take_of(body)
    pairs, untouched = read(scene, take), marks_of(take.phones)
    return len(pairs) != len(untouched) or {mark for mark, _ in pairs} != set(untouched)


def read(scene: bpy.types.Scene, take: Take) -> list[Pair]:
    """Give what the markers say; an artist's new one counts when it has the name of a phone and lies in the sound."""
    pairs: list[Pair] = []
    clock, end = take.clock, take.clock.frame(take.duration)
    for marker in scene.timeline_markers:
        known, frame, name = group(marker), marker.frame, marker.name
        if known.kind in (PHONE, WORD):
            word = known.kind == WORD
            time = None if frame == known.frame and known.place != NEW else clock.seconds(frame)
            text = None if name == known.was and known.place != NEW else name.removesuffix(DOUBT)
            if text is not None and word:
                text = text.strip(QUOTES)
            pairs.append((Mark(word, known.place, time, text), marker))
        elif not known.kind and clock.frame(0) <= frame < end and _is_phone(name, take.options.language):
            pairs.append((Mark(False, NEW, clock.seconds(frame), name), marker))
    return pairs


def add(scene: bpy.types.Scene, label: str, frame: int) -> bpy.types.TimelineMarker:
    """Add a marker for a new phone, the only one of ours that is selected."""
    for marker in ours(scene):
        marker.select = False
    made = scene.timeline_markers.new(label, frame=frame)
    group(made).kind, group(made).place = PHONE, NEW
    made.select = True
    return made


def at(scene: bpy.types.Scene, frame: int) -> bpy.types.TimelineMarker | None:
    """Give the marker of the phone that is said at a frame."""
    before = [marker for marker in ours(scene) if group(marker).kind == PHONE and marker.frame <= frame]
    return max(before, key=_order, default=None)


def is_inside(scene: bpy.types.Scene, frame: int) -> bool:
    """Tell whether a frame lies within the sound of the head that is shown."""
    take = takes.take_of(shown(scene))
    return take.clock.frame(0) <= frame < take.clock.frame(take.duration)


def near(scene: bpy.types.Scene, each: int = 4) -> list[tuple[int, str, bool, float, int, bool]]:
    """List words and phones around the playhead, `each` phones to either side: (frame, name, whether it is a word,
    seconds, frames that it lasts, whether it is said now)."""
    clock, now = takes.take_of(shown(scene)).clock, scene.frame_current
    found = sorted((*_order(marker), marker.name) for marker in ours(scene))
    phones = [place for place, (_, phone, _, _) in enumerate(found) if phone]
    if not phones:
        return []
    said = max(0, sum(found[place][0] <= now for place in phones) - 1)
    rows = []
    for number in range(max(0, said - each), min(len(phones), said + each + 1)):
        place = phones[number]
        end = found[phones[number + 1]][0] if number + 1 < len(phones) else clock.frame(0)
        above = phones[number - 1] + 1 if number else 0
        for frame, _, _, name in found[above:place]:
            rows.append((frame, name, True, clock.seconds(frame), 0, False))
        frame, _, _, name = found[place]
        rows.append((frame, name, False, clock.seconds(frame), max(0, end - frame), number == said))
    return rows


def prepare(scene: bpy.types.Scene) -> Change:
    """Find out what was edited. Raises `InputError` when it cannot be told."""
    body = shown(scene)
    if body is None:
        raise InputError("the head of these phones is gone; press Hide Phones")
    take = takes.take_of(body)
    _same_rate(scene, take)
    pairs = read(scene, take)
    marks, options = [mark for mark, _ in pairs], take.options
    known = None
    if options.dictionary and any(mark.word and mark.text for mark in marks):
        from ...core.speech import dictionary

        known = dictionary.read(Path(bpy.path.abspath(options.dictionary)))
    edit = from_markers(take.phones, marks, options.language, take.clock.frame, known)

    def work(progress: Progress) -> Performance | None:
        from ...core.speech.lipsync import solve

        return solve(edit.phones, take.heard, options, progress) if edit.spans else None

    return Change(body.name, take, edit, signature(scene), work, _problem(edit, pairs))


def apply(scene: bpy.types.Scene, change: Change, performance: Performance | None) -> None:
    """Write the spans that an edit changed, remember the new phones and put every marker where its phone begins.

    Raises `InputError` when head or markers are not what they were; then nothing is changed.
    """
    body: bpy.types.Object | None = bpy.data.objects.get(change.head)
    if body is None or body != shown(scene) or why_not(body):
        raise InputError(f"{change.head} has gone or lost its shape keys meanwhile; let a head speak again")
    if signature(scene) != change.signature:
        raise InputError("markers were moved meanwhile; press Update Lips again")
    take, edit = replace(change.take, phones=change.edit.phones), change.edit
    if performance is not None:
        keys, fps = takes.keys_of(body), sound.frames_per_second(scene)
        for span in take.frames(edit.spans):
            actions.write(performance, body, take.start, fps, keys, span)
    takes.store(body, take)
    pairs = read(scene, change.take)
    used = {*edit.origin, *edit.word_origin, *edit.unknown}
    markers = [marker if number in used else None for number, (_, marker) in enumerate(pairs)]
    unused = [marker for number, (_, marker) in enumerate(pairs) if number not in used]
    _set(scene, take, _of(markers, edit.origin), _of(markers, edit.word_origin))
    for number in edit.unknown:
        markers[number].name = f"{pairs[number][0].text}{DOUBT}"  # type: ignore[union-attr]
    for marker in unused:  # copies of words, and phones that lie outside of the sound
        scene.timeline_markers.remove(marker)


def _set(scene: bpy.types.Scene, take: Take, phones: list[Any], words: list[Any]) -> None:
    """Put the markers of phones and words (None for a new one) where they belong, under their names."""
    said, clock = take.phones, take.clock
    for place, (label, start) in enumerate(zip(said.label, said.start.tolist(), strict=True)):
        _put(scene, phones[place], PHONE, place, label, start, clock)
    for place, word in enumerate(said.words):
        _put(scene, words[place], WORD, place, f"“{word.text}”", word.start, clock)


def _put(scene: bpy.types.Scene, marker: Any, kind: str, place: int, name: str, start: float, clock: Clock) -> None:
    frame = clock.frame(start)
    if marker is None:
        marker = scene.timeline_markers.new(name, frame=frame)
        marker.select = False
    marker.name, marker.frame = name, frame
    known = group(marker)
    known.kind, known.place, known.frame, known.was = kind, place, frame, marker.name  # Blender cuts long names


def _order(marker: bpy.types.TimelineMarker) -> tuple[int, bool, float]:
    """Sort markers by time: at one frame words come before phones, and new phones after those that were there."""
    known = group(marker)
    return marker.frame, known.kind == PHONE, known.place if known.place != NEW else float("inf")


def _of(markers: list[Any], origin: tuple[int, ...]) -> list[Any]:
    return [markers[number] if number != NEW else None for number in origin]


def _is_phone(name: str, language: str) -> bool:
    """Tell whether an artist's new marker is named for one phone; "in" and "out" are no IPA there."""
    if name.strip().upper().rstrip("012") in NUMBER:
        return True
    return not name.isascii() and len(read_label(name, language)) == 1


def _problem(edit: Edit, pairs: list[Pair]) -> str:
    """Say in one line which markers are no phones."""
    names = ", ".join(f"{pairs[number][0].text!r}" for number in edit.unknown[:5])
    return f"not known: {names}; type ARPAbet such as M or SH, or IPA" if names else ""


def _plays(strip: Any, path: str) -> bool:
    """Tell whether a strip plays this file."""
    if strip.sound is None or not path:
        return False
    return bpy.path.abspath(strip.sound.filepath) == bpy.path.abspath(path)


def _same_rate(scene: bpy.types.Scene, take: Take) -> None:
    fps = sound.frames_per_second(scene)
    if abs(fps - take.options.fps) > 1e-4 * fps:
        raise InputError(
            f"the lips were made for {take.options.fps:g} frames per second, the scene has {fps:g} now; press Lip Sync"
        )
