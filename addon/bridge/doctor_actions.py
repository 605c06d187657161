"""What may be wrong with actions: none, not assigned, no slot, the wrong one, lost names, muted or still curves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import bpy

from ...core.rig.doctor import are, few, respelled
from ...core.rig.translate import Meaning
from .. import compat
from . import doctor_names
from . import doctor_remedies as remedies
from .doctor_case import Case, Source, Trouble, is_ours, meant, moves, named_key, resolves, sources_of, trouble

FITTING = 0.5
"""Share of an action's curves that must name things of a head for the action to be meant for it."""


def check(case: Case) -> Iterator[Trouble]:
    """Look for what is wrong with the actions of a mesh's shape keys and of its rig."""
    for source in case.sources:
        yield from _slot(case, source)
        yield from _lost(case, source)
        yield from _muted(case, source)
    if case.keys is not None:
        yield from _nothing(case)


def _slot(case: Case, source: Source) -> Iterator[Trouble]:
    """An action whose slot is not chosen, or is another one's."""
    slots, chosen = compat.slots(source.action), compat.slot_of(source.holder)
    if not slots or source.moving or any(resolves(source.thing, curve) for curve in source.curves):
        return
    best = max(slots, key=lambda slot: _fit(case, source, slot))
    if best == chosen or not _fit(case, source, best):
        return
    name, what = source.action.name, "unslotted" if chosen is None else "wrong_slot"
    why = f"Action {name} plays " + ("no slot" if chosen is None else f"slot {chosen.name_display}, not the head's")
    if best.target_id_type in ("UNSPECIFIED", source.thing.id_type):
        yield trouble(
            what, case.body, why, f"Use {best.name_display}", lambda: compat.choose_slot(source.holder, best),
            detail=source.name,
        )  # fmt: skip
    else:
        curves = compat.fcurves_in(source.action, best)
        yield trouble(
            "wrong_owner", case.body, f"Action {name} was made for objects, not for shape keys", "Copy to Shape Keys",
            lambda: remedies.give_curves(case.keys, source.action, curves, source.holder), detail=source.name,
        )  # fmt: skip


def _fit(case: Case, source: Source, slot: Any) -> int:
    """Count the curves of a slot that could move something."""
    thing = source.thing
    return sum(resolves(thing, curve) and moves(curve) for curve in compat.fcurves_in(source.action, slot))


def _lost(case: Case, source: Source) -> Iterator[Trouble]:
    """Curves whose names are not there: of keys that were renamed, or of another object."""
    lost = [curve for curve in source.curves if not resolves(source.thing, curve) and moves(curve)]
    if not lost:
        return
    named = {named_key(curve): curve for curve in lost if named_key(curve)}
    if source.thing in (case.body, case.rig, case.mesh) and named:
        lost = [curve for curve in lost if not named_key(curve)]
        yield from _misplaced(case, source, list(named.values()))
    if not lost:
        return
    what = "some_lost" if source.moving else "all_lost"
    why = f"{source.name[0].upper() + source.name[1:]} moves {few(map(meant, lost))}, which {case.body.name} lacks"
    spelled = respelled(named, case.keys.key_blocks.keys()) if source.thing == case.keys else {}
    said: Meaning = {name: ((key, 1.0),) for name, key in spelled.items()}
    if source.thing == case.keys:
        every = filter(None, map(named_key, source.curves))
        said |= {name: keys for name, keys in doctor_names.meaning(case.body, every).items() if name in named}
    if said:
        wanted = list(dict.fromkeys(key for pairs in said.values() for key, _ in pairs))
        if all(pairs == ((spelled.get(name), 1.0),) for name, pairs in said.items()):
            why = f"{source.name[0].upper() + source.name[1:]} spells {few(said)} otherwise than {case.body.name} does"
        else:
            calls = f"calls {few(wanted)}" if len(wanted) <= len(said) else f"makes of {few(wanted)}"
            why = f"{source.name[0].upper() + source.name[1:]} keys {few(said)}, which {case.body.name} {calls}"
        yield trouble(
            what,
            case.body,
            why,
            f"Use {few(wanted, 1)}",
            lambda: doctor_names.put(case, source, said),
            detail=source.name,
        )
    elif what == "all_lost" or source.thing == case.keys:
        yield trouble(
            what, case.body, why + doctor_names.hint(case.body, named) if case.keys else why, detail=source.name
        )


def _misplaced(case: Case, source: Source, curves: list[Any]) -> Iterator[Trouble]:
    """Curves of shape keys that lie on the object, where they move nothing."""
    if case.keys is None:
        return
    waiting = [curve for curve in curves if named_key(curve) in case.keys.key_blocks.keys()]
    waiting = [curve for curve in waiting if named_key(curve) not in case.wanted]
    if waiting:
        why = f"{source.name[0].upper() + source.name[1:]} lies on {source.thing.name}, not on its shape keys"
        yield trouble(
            "wrong_owner", case.body, why, "Copy to Shape Keys",
            lambda: remedies.give_curves(case.keys, source.action, waiting, None), detail=source.name,
        )  # fmt: skip


def _muted(case: Case, source: Source) -> Iterator[Trouble]:
    muted = [curve for curve in source.moving if curve.mute]
    if muted:
        names = [meant(curve) for curve in muted]
        yield trouble(
            "muted_curves", case.body, f"The F-curve{'s' * (len(muted) > 1)} of {few(names)} {are(names)} muted in "
            f"{source.name}", "Unmute", lambda: remedies.unmute(source, muted), detail=source.name,
        )  # fmt: skip


def _nothing(case: Case) -> Iterator[Trouble]:
    """No animation at all: it lies elsewhere, or there is none."""
    body = case.body
    meant_for = [
        curve for source in case.sources for curve in source.action_curves
        if named_key(curve) or case.key_of(source.thing, curve)
    ]  # fmt: skip
    if case.wanted or any(moves(curve) for curve in meant_for) or _follows(case):
        return
    loose = unassigned(case)
    for action in loose:
        yield trouble(
            "unassigned", body, f"Action {action.name} fits {body.name}, but nothing plays it", "Assign",
            partial(remedies.assign, case, action), detail=action.name,
        )  # fmt: skip
    if loose:
        return
    other = elsewhere(case)
    if other is not None and case.rig is not None and Case(other, case.scene, case.layer).rig == case.rig:
        yield trouble(
            "elsewhere", body, f"{body.name} has no animation, {other.name} on its rig has", f"Follow {other.name}",
            lambda: doctor_names.follow(case, other), detail=other.name,
        )  # fmt: skip
    elif other is not None:
        yield trouble(
            "elsewhere", body, f"The animation lies on {other.name}; {body.name} has none", "Copy It Here",
            lambda: doctor_names.copy_animation(case, other), ask=True, detail=other.name,
        )  # fmt: skip
    elif meant_for:
        yield trouble(
            "flat", body, f"The keys of {body.name} hold one value from first to last; set others, or press Lip Sync"
        )
    else:
        yield trouble("no_animation", body, f"{body.name} has no animation on its shape keys; press Lip Sync")


def _follows(case: Case) -> bool:
    """Tell whether drivers move keys: others than correctives, which only mend what moves, and follow keys of the same
    mesh on heads of any names."""
    from ...core.head.correctives import CORRECTIVES, FOLLOW

    return any(
        name not in CORRECTIVES and name not in FOLLOW and _listens_elsewhere(case, curve)
        for name, curve in case.drivers.items()
    )


def _listens_elsewhere(case: Case, curve: Any) -> bool:
    targets = [target.id for variable in curve.driver.variables for target in variable.targets]
    return not targets or any(target != case.keys for target in targets)


def unassigned(case: Case) -> list[Any]:
    """Give the actions that would move a mesh and that nothing uses: all of Headroom's, else the best of others."""
    known = set(case.keys.key_blocks.keys())
    found = []
    for action in bpy.data.actions:
        if action.users > action.use_fake_user or action.library is not None:
            continue
        named = [(named_key(curve), moves(curve)) for curve in compat.fcurves(action)]
        there = known.union(doctor_names.meaning(case.body, [name for name, _ in named if name]))
        fitting = [name for name, moving in named if name in there and moving]
        if fitting and len([name for name, _ in named if name in there]) >= FITTING * len(named):
            found.append((len(fitting), action))
    ours = [action for _, action in found if is_ours(action)]
    return ours or [action for _, action in sorted(found, key=lambda pair: -pair[0])[:1]]


def elsewhere(case: Case) -> Any:
    """Give another mesh of the scene whose animation would move this one too, on the same rig at best."""
    known, found = set(case.keys.key_blocks.keys()), []
    for other in case.scene.objects:
        keys = other.data.shape_keys if other.type == "MESH" and other != case.body else None
        if keys is None or keys == case.keys:
            continue
        keyed = {named_key(curve) for source in sources_of(keys) for curve in source.moving}
        fitting = len(keyed & known.union(doctor_names.meaning(case.body, filter(None, keyed), other)))
        if fitting and fitting >= FITTING * min(len(known) - 1, len(keyed)):
            found.append((Case(other, case.scene, case.layer).rig == case.rig, fitting, other))
    return max(found, key=lambda one: one[:2])[2] if found else None
