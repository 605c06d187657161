"""The export gate: bake a head, write it, read the file back, and say what is lost; the artist's scene is not touched.

Everything happens on doubles in a scene of their own (`gate_copy`): they play each clip (`gate_clips`), what they do is
kept (`gate_sample`) and laid on them as plain keys (`gate_bake`), written (`gate_write`) and read back (`gate_read`).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import bpy

from ...core.errors import InputError
from ...core.formats.gate import NOTE, ExportOptions, Line, Report, ordered
from ...core.progress import Progress, part, silent
from . import (
    gate_bake,
    gate_check,
    gate_clips,
    gate_copy,
    gate_curves,
    gate_sample,
    gate_sound,
    gate_traps,
    gate_write,
)
from .gate_check import Findings
from .gate_clips import Clip
from .gate_copy import Doubles
from .gate_sample import Motion
from .sound import frames_per_second


def export(
    path: Path,
    bodies: Iterable[bpy.types.Object],
    scene: bpy.types.Scene,
    options: ExportOptions,
    progress: Progress = silent,
) -> Report:
    """Write meshes with their armatures and what they do in a scene, and check what arrived.

    The ending of `path` chooses the format, of `gate_write.ENDINGS`. Several clips become one file each, called
    `path@clip`, where a format holds one. Raises `InputError` for what cannot be exported, `OutputError` when nothing
    could be written or read back.
    """
    bodies, ending = list(dict.fromkeys(bodies)), path.suffix.lower()
    if ending not in gate_write.ENDINGS:
        raise InputError(f"{path}: unknown ending {path.suffix!r}; choose one of {' '.join(gate_write.ENDINGS)}")
    gate_write.able(ending)
    gate_traps.refuse(bodies)
    clips = gate_clips.clips_of(gate_copy.family(bodies), scene, options.clips, path.stem)
    files = gate_write.files_of(path, clips)
    lines: list[Line] = []
    with gate_copy.doubles(bodies, scene, path.stem) as made:
        lines += gate_traps.unrun(made)
        if ending == ".abc":
            found = _vertices(files, made, clips, scene, options, progress)
        elif ending == ".csv":
            found = gate_curves.export(files, made, clips, scene, options, progress)
        else:
            found = _keyed(files, made, clips, scene, options, progress)
        if options.clips == "scene":
            lines += gate_sound.write(path.with_suffix(".wav"), scene, options.sound)
    lines += [*found.lines, *gate_traps.units(scene, ending)]
    sound = [path.with_suffix(".wav")] if path.with_suffix(".wav").is_file() else []
    return Report(
        files=tuple(dict.fromkeys(file.name for file in [*files, *sound])), format=ending[1:],
        fps=round(frames_per_second(scene), 6), clips=tuple(clip.name for clip in clips),
        frames=sum(clip.last - clip.first + 1 for clip in clips),
        keys=sum(len(gate_sample.keys_of(body)) for body in bodies), kept=found.kept if options.check else None,
        error_mm=_mm(found.error), worst=found.worst, lacks_mm=_mm(found.lacks), way_mm=_mm(found.way),
        lines=ordered(lines),
    )  # fmt: skip


def _mm(error: float | None) -> float | None:
    return round(error, 6) if error is not None else None


def _sampled(made: Doubles, clips: list[Clip], options: ExportOptions, progress: Progress) -> list[Motion]:
    """Read every clip off the doubles."""
    motions = []
    for number, clip in enumerate(clips):
        share = part(progress, number / len(clips), (number + 1) / len(clips))
        gate_clips.play(made, clip, clips)
        motion = gate_sample.sample(made, clip, part(share, 0.0, 0.7))
        if options.check:
            gate_sample.look(made, motion, options.samples, part(share, 0.7, 1.0))
        motions.append(motion)
    return motions


def _keyed(
    files: list[Path], made: Doubles, clips: list[Clip], scene: bpy.types.Scene, options: ExportOptions,
    progress: Progress,
) -> Findings:  # fmt: skip
    """Write and check what has shape keys."""
    ending = files[0].suffix.lower()
    size = scene.unit_settings.scale_length if ending in gate_write.METRES else 1.0
    first = 0 if ending in gate_write.ZERO else None
    dropped = gate_copy.drop_reshaping(made)
    motions = _sampled(made, clips, options, part(progress, 0.0, 0.3))
    loose = gate_bake.plain(made)
    if ending in gate_write.WORDS:
        gate_bake.rename(made)
    if ending in gate_write.TOGETHER:
        gate_bake.play(made, loose, motions, first, tracks=True, size=size)
        for motion in motions if options.check else ():
            gate_bake.solo(made, motion.clip.name)
            motion.baked = {thing: points / size for thing, points in gate_sample.seen(made, motion, 0).items()}
        gate_bake.solo(made, None)
        progress(0.35, "Writing")
        gate_write.keyed(files[0], made, motions)
    else:
        for number, (path, motion) in enumerate(zip(files, motions, strict=True)):
            progress(0.35 + 0.3 * number / len(files), "Writing")
            gate_bake.play(made, loose, [motion], first, tracks=False)
            if options.check:
                motion.baked = gate_sample.seen(made, motion, motion.clip.first if first is None else first)
            gate_write.keyed(path, made, [motion])
    progress(0.65, "Checking")
    found = Findings()
    if options.check:
        found = gate_check.keyed(files, made, motions, scene, options, first)
    found.lines += [*gate_traps.baked(made, dropped), *gate_traps.out_of_range(motions)]
    return found


def _vertices(
    files: list[Path], made: Doubles, clips: list[Clip], scene: bpy.types.Scene, options: ExportOptions,
    progress: Progress,
) -> Findings:  # fmt: skip
    """Write and check vertex caches, which have no keys."""
    found = Findings(kept=0)
    for number, (path, clip) in enumerate(zip(files, clips, strict=True)):
        share = part(progress, number / len(files), (number + 1) / len(files))
        gate_clips.play(made, clip, clips)
        motion = gate_write.vertices(path, made, clip, scene, part(share, 0.0, 0.5))
        if not options.check:
            continue
        gate_sample.look(made, motion, options.samples, part(share, 0.5, 0.7))
        share(0.7, "Checking")
        gate_check.cache(path, made, motion, scene, options, found)
    count = sum(len(gate_sample.keys_of(thing)) for thing in made.meshes)
    if count:
        why = f"Alembic has no shape keys: {count} of them came as moving vertices"
        found.lines.append(Line("no_keys", files[0].name, why, NOTE, count))
    return found
