"""What may be wrong in the NLA: off, solo, tweaked, muted, without influence, cut, covered by what lies above."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...core.rig.doctor import are, few
from . import doctor_remedies as remedies
from .doctor_case import STILL, Case, Source, Trouble, any_strip, is_layer, is_weak, setting, trouble, values_of


def check(case: Case) -> Iterator[Trouble]:
    """Look for what keeps strips from being heard, on each data-block that they are on."""
    by_thing: dict[Any, list[Source]] = {}
    for source in case.sources:
        by_thing.setdefault(source.thing, []).append(source)
    for thing, sources in by_thing.items():
        strips = [source for source in sources if source.track is not None and source.moving]
        if strips:
            yield from _switches(case, thing.animation_data, strips)
            yield from _strips(case, strips)
        yield from _weak_action(case, sources)
    yield from _covered(case)


def _switches(case: Case, data: Any, strips: list[Source]) -> Iterator[Trouble]:
    body, kind = case.body, data.id_data.bl_rna.name
    if not data.use_nla:
        yield trouble(
            "nla_off", body, f"The NLA of {body.name} is switched off", "Switch On",
            setting(data, use_nla=True), detail=kind,
        )  # fmt: skip
    if data.use_tweak_mode:
        yield trouble(
            "tweak_mode", body, f"A strip of {body.name} is being tweaked, which hides the tracks above it",
            "Leave Tweak Mode", setting(data, use_tweak_mode=False), detail=kind,
        )  # fmt: skip
    solo = [track for track in data.nla_tracks if track.is_solo]
    if solo and any(not source.track.is_solo for source in strips):
        yield trouble(
            "solo", body, f"Only NLA track {solo[0].name} of {body.name} plays: its star is on", "Play All",
            setting(solo[0], is_solo=False), detail=kind,
        )  # fmt: skip
    yield from _muted("muted_tracks", case, kind, _once(source.track for source in strips if source.track.mute))


def _strips(case: Case, sources: list[Source]) -> Iterator[Trouble]:
    kind = sources[0].thing.bl_rna.name
    yield from _muted("muted_strips", case, kind, _once(source.holder for source in sources if source.holder.mute))
    weak = [source.holder for source in sources if is_weak(source.holder)]
    if weak:
        names = [strip.name for strip in weak]
        yield trouble(
            "weak_strips", case.body, f"The influence of NLA strip {few(names)} is keyed at 0", "Full Influence",
            setting(*weak, use_animated_influence=False), detail=kind,
        )  # fmt: skip
    cut = [source for source in sources if _is_cut(source)]
    if cut:
        names = [source.holder.name for source in cut]
        yield trouble(
            "cut_strips", case.body, f"NLA strip {few(names)} plays a part of its action that holds still",
            "Play All of It", lambda: _uncut(cut), detail=kind,
        )  # fmt: skip


def _muted(what: str, case: Case, kind: str, muted: list[Any]) -> Iterator[Trouble]:
    names = [one.name for one in muted]
    if names:
        noun = ("NLA track" if what == "muted_tracks" else "NLA strip") + ("s" if len(names) > 1 else "")
        yield trouble(
            what, case.body, f"{noun} {few(names)} of {case.body.name} {are(names)} muted", "Unmute",
            setting(*muted, mute=False), detail=kind,
        )  # fmt: skip


def _is_cut(source: Source) -> bool:
    """Tell whether a strip leaves out all that moves."""
    strip = source.holder
    for curve in source.moving:
        if any(not modifier.mute for modifier in curve.modifiers):
            return False
        ends = [curve.evaluate(frame) for frame in (strip.action_frame_start, strip.action_frame_end)]
        frames, values = values_of(curve).T
        inside = (frames >= strip.action_frame_start) & (frames <= strip.action_frame_end)
        found = [*ends, *values[inside].tolist()]
        if max(found) - min(found) > STILL:
            return False
    return True


def _uncut(sources: list[Source]) -> None:
    """Let strips play their whole actions; one that was trimmed, not moved, has it where the action has it."""
    for source in sources:
        strip = source.holder
        first, last = source.action.frame_range
        trimmed, before = abs(strip.frame_start - strip.action_frame_start) < STILL, strip.frame_start
        strip.action_frame_start, strip.action_frame_end = min(first, strip.action_frame_start), last
        strip.frame_start = strip.action_frame_start if trimmed else before


def _weak_action(case: Case, sources: list[Source]) -> Iterator[Trouble]:
    for source in sources:
        data = source.data
        if source.track is None and source.moving and not source.plays and any_strip(data):
            yield trouble(
                "weak_action", case.body, f"The influence of action {source.action.name} is 0", "Full Influence",
                setting(data, action_influence=1.0), detail=source.thing.bl_rna.name,
            )  # fmt: skip


def _covered(case: Case) -> Iterator[Trouble]:
    """What holds a key still on top of a strip that moves it."""
    over: dict[int, tuple[Source, list[Any], bool]] = {}
    for name, moved in case.wanted.items():
        for below, curve in moved:
            span = below.frames([curve])
            if below.track is None or not below.plays or span is None:
                continue
            for above, still in _above(case, below, name):
                if _share(above.extent, span) > 0.5 and not curve.mute:
                    held = over.setdefault(id(above), (above, [], _share(_own(above), span) > 0.5))
                    held[1].append(still)
    for above, curves, itself in over.values():
        names = [case.key_of(above.thing, curve) for curve in curves]
        thing = "keys by hand in " + above.name if above.track is None else above.name
        why = f"{thing[0].upper() + thing[1:]} {'hold' if above.track is None else 'holds'} {few(names)} still"
        yield trouble("covered", case.body, why, *_uncover(case, above, curves, itself), ask=True, detail=above.name)


def _uncover(case: Case, above: Source, curves: list[Any], itself: bool) -> tuple[str, Any]:
    if above.track is None:
        return "Mute Those", lambda: remedies.mute(above, curves)
    if not itself:
        return "End with Its Strip", setting(above.holder, extrapolation="NOTHING")
    if is_layer(above.track):
        return "Let It Add", setting(above.holder, blend_type="ADD")
    return "Mute Strip", setting(above.holder, mute=True)


def _above(case: Case, below: Source, name: str) -> Iterator[tuple[Source, Any]]:
    """Give what lies over a source, replaces it, plays, and holds a key at one value."""
    same = [source for source in case.sources if source.thing == below.thing]
    for above in same[same.index(below) + 1 :]:
        data = above.data
        blend = data.action_blend_type if above.track is None else above.holder.blend_type
        if above.track is not None and above.track == below.track:
            continue
        if blend == "REPLACE" and above.plays:
            for curve in above.curves:
                if curve not in above.moving and not curve.mute and case.key_of(above.thing, curve) == name:
                    yield above, curve


def _own(source: Source) -> tuple[float, float]:
    """Give the scene frames of a source without what it holds before and after."""
    if source.track is None:
        return source.extent
    return source.holder.frame_start, source.holder.frame_end


def _share(extent: tuple[float, float], span: tuple[float, float]) -> float:
    """Give which share of a span lies within an extent."""
    length = span[1] - span[0]
    return max(0.0, min(extent[1], span[1]) - max(extent[0], span[0])) / length if length else 0.0


def _once(things: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for thing in things:
        if thing not in found:
            found.append(thing)
    return found
