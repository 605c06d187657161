"""What each verb of the command line does: read, call core, write."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import HeadroomError, InputError
from ..core.formats.text import read_text
from ..core.progress import part
from . import headfile, session
from .arguments import options_from
from .outputs import Staging, destination
from .terminal import Bar, quiet

if TYPE_CHECKING:
    import bpy

    from ..core.curves.reduce import ReduceOptions
    from ..core.head.generate import GenerateOptions
    from ..core.speech.lipsync import LipsyncOptions, LipsyncResult
    from ..core.speech.sound import Sound

HEAD_ENDINGS = (".blend", ".glb", ".fbx", ".usdc", ".obj", ".npz")
TABLE_ENDINGS = (".csv", ".json", ".npz", ".textgrid", ".tsv")
SPEECH_ENDINGS = (".blend", ".glb", ".fbx", ".usdc", *TABLE_ENDINGS)
FPS = 24.0
LARGEST_TEXT = 16 << 20  # bytes of a transcript: more than a hundred hours of speech
"""Frame rate of a scene that holds only a still head."""


def generate(given: argparse.Namespace) -> int:
    """Make a head and write it, or several of seeds in a row into a folder."""
    from ..core.head.generate import GenerateOptions
    from ..core.head.presets import preset
    from .arguments import assignments
    from .cli import finish

    if given.preset:
        chosen = preset(given.preset) | assignments(" ".join(given.set or []))
        given.set = [f"{name}={value:g}" for name, value in chosen.items()]
    options = options_from(GenerateOptions, given)
    if given.count < 1:
        raise InputError(f"--count {given.count}: must be at least 1")
    if given.count > 1 and given.format is None:
        raise InputError("several heads need a folder: -o FOLDER --format glb")
    made = []
    for k in range(given.count):
        one = dataclasses.replace(options, seed=options.seed + k)
        made.append(_make(one, destination(given.output, given.format, HEAD_ENDINGS, f"head-{one.seed}")))
    summary = {"verb": "generate", **made[0]} if given.count == 1 else {"verb": "generate", "files": made}
    lines = [
        f"{one['output']}: {one['vertices']} vertices, {one['shapes']} shapes ({one['seconds']:.1f} s)" for one in made
    ]
    finish(summary, lines, given.json)
    return 0


def _make(options: GenerateOptions, path: Path) -> dict[str, Any]:
    """Make one head, write it to `path` and tell about it."""
    from ..core.head import generate as model

    begun, bar = time.perf_counter(), Bar("generate")
    try:
        with Staging(path.parent) as stage:
            identity = model.identify(options)
            head = model.decode(identity, options.level, bar, dataclasses.asdict(options))
            if path.suffix.lower() == ".npz":
                headfile.save(stage / path.name, head)
            else:
                with quiet():
                    session.fresh_scene(FPS)
                    from .bridge import exports, heads

                    exports.export(stage / path.name, heads.add_head(head, identity, options.level))
    finally:
        bar.clear()
    return {
        "output": str(path), "seed": options.seed, "level": options.level, "vertices": len(head.neutral),
        "faces": len(head.faces), "shapes": len(head.shape_names), "seconds": round(time.perf_counter() - begun, 3),
    }  # fmt: skip


def lipsync(given: argparse.Namespace) -> int:
    """Let a head speak each recording; a bad one does not keep the others from being written."""
    from ..core.curves.reduce import ReduceOptions
    from ..core.speech.lipsync import LipsyncOptions
    from .cli import BAD_INPUT, finish

    given.transcript = text_of(given.transcript)
    options, reduction = options_from(LipsyncOptions, given), options_from(ReduceOptions, given)
    targets = _targets(given)
    _fits(options.visemes, targets)
    if given.head is not None and not given.head.is_file():
        raise InputError(f"--head {given.head}: no such file")
    done, wrong = [], []
    for audio, target in zip(given.audio, targets, strict=True):
        try:
            done.append(_speak(audio, target, options, reduction, given))
        except HeadroomError as error:
            wrong.append(str(error))
            print(f"headroom: {error}", file=sys.stderr)
    lines = [f"{entry['output']}: {entry['duration']:.1f} s of speech ({entry['seconds']:.1f} s)" for entry in done]
    for entry in done:
        for warning in entry["warnings"]:
            print(f"headroom: warning: {entry['input']}: {warning}", file=sys.stderr)
    if given.json or lines:
        finish({"verb": "lipsync", "files": done, "errors": wrong}, lines, given.json)
    return BAD_INPUT if wrong else 0


def text_of(given: str | None) -> str | None:
    """Take a transcript as it was given, or out of the text file that it names."""
    if not given or len(given) > 1000 or "\n" in given:
        return given
    path = Path(given)
    try:
        there = path.is_file()
    except OSError:  # a sentence that is longer than names of files may be
        there = False
    if not there:
        if path.suffix.lower() == ".txt":
            raise InputError(f"{given}: no such text file")
        return given
    return read_text(path, LARGEST_TEXT).strip()


def open_audio(path: Path) -> Sound:
    """Open a recording; Blender's decoder is fetched only for what needs it."""
    from ..core.speech.sound import needs_decoder, read

    if not needs_decoder(path) or not path.is_file() or not path.stat().st_size:
        return read(path)
    with quiet():
        session.start()
        from .bridge.sound import Cue, open_sound

        return open_sound(Cue(path, 0.0))


def speak(
    body: bpy.types.Object,
    result: LipsyncResult,
    audio: Path,
    fps: float,
    pack: bool = False,
    reduction: ReduceOptions | None = None,
    options: LipsyncOptions | None = None,
) -> list[str]:
    """Write a performance onto a head from frame 1, with its sound; gives warnings.

    With `options` the head remembers what it speaks, so that its phones can be edited in Blender.
    """
    import bpy

    from .bridge import actions, sound, takes

    scene = bpy.context.scene
    start = 1
    scene.frame_start, scene.frame_end = start, start
    actions.write(result.performance, body, start, fps, reduction or actions.REDUCED)
    if options is not None:
        spoken = takes.spoken(result, dataclasses.replace(options, fps=fps), sound.Cue(audio.resolve(), start))
        takes.store(body, spoken)
        takes.remember_keys(body, reduction or actions.REDUCED)
    sound.make_room(scene, start, result.performance.duration * fps)
    strip = sound.place(scene, audio.resolve(), start, body)
    if pack:
        strip.sound.pack()
    scene.frame_set(start)
    missing = actions.unanswered(result.performance, body)
    return [f"{body.name} has no shape key for {', '.join(missing)}"] if missing else []


def _targets(given: argparse.Namespace) -> list[Path]:
    if len(given.audio) > 1 and given.phones is not None and given.phones.is_file():
        raise InputError("several recordings need a folder of phones: --phones FOLDER, with a file of each one's name")
    if len(given.audio) > 1 and given.format is None:
        raise InputError("several recordings need a folder: -o FOLDER --format csv")
    targets = [destination(given.output, given.format, SPEECH_ENDINGS, audio.stem) for audio in given.audio]
    twice = next((target for target in targets if targets.count(target) > 1), None)
    if twice is not None:
        raise InputError(f"{twice}: two recordings would be written there; give them different names")
    return targets


def _speak(
    audio: Path, target: Path, options: Any, reduction: ReduceOptions, given: argparse.Namespace
) -> dict[str, Any]:
    from ..core.formats import phone_files
    from ..core.speech.lipsync import lipsync as core_lipsync
    from .casting import put_head

    begun, bar = time.perf_counter(), Bar(audio.name)
    known, phones = None, given.phones
    if phones is not None:
        known = phone_files.read(phone_files.beside(phones, audio) if phones.is_dir() else phones)
    try:
        with Staging(target.parent) as stage:
            result = core_lipsync(open_audio(audio), options, part(bar, 0.0, 0.9), known)
            bar(0.9, "Writing")
            warnings = list(result.warnings)
            if target.suffix.lower() in TABLE_ENDINGS:
                write_table(stage / target.name, result, options, audio)
            else:
                with quiet():
                    rate, casting = result.performance.fps, part(bar, 0.9, 0.95)
                    body, told = put_head(given.head, rate, casting, given.key_map, given.object or "")
                    warnings += told
                    result, options = for_head(body, result, options)
                    fps, pack = result.performance.fps, _small(audio)
                    editable = options if target.suffix.lower() == ".blend" else None
                    warnings += speak(body, result, audio, fps, pack, reduction, editable)
                    from .bridge import exports, heads, keymaps

                    family = keymaps.members(body)
                    rigs = {one for one in map(heads.rig_of, family) if one is not None}
                    exports.export(stage / target.name, body, family, rigs)
    finally:
        bar.clear()
    return {
        "input": str(audio), "output": str(target), "duration": round(result.performance.duration, 3),
        "frames": result.performance.frame_count, "fps": result.performance.fps, "phones": len(result.phones.label),
        "warnings": warnings, "seconds": round(time.perf_counter() - begun, 3),
    }  # fmt: skip


def _small(audio: Path) -> bool:
    """Tell whether a sound may travel inside a .blend."""
    return audio.stat().st_size < 64 << 20


def _fits(target: str, places: list[Path]) -> None:
    """Refuse a table of mouth drawings of what is no drawing."""
    from ..core.speech.visemes import set_of

    kind = set_of(target)
    if (kind is None or not kind.flat) and any(place.suffix.lower() == ".tsv" for place in places):
        raise InputError(".tsv holds mouth drawings; add --visemes rhubarb, preston_blair or microsoft")


def for_head(
    body: bpy.types.Object, result: LipsyncResult, options: LipsyncOptions
) -> tuple[LipsyncResult, LipsyncOptions]:
    """Move what a head has, where nobody said what: a head of visemes gets those out of the same phones."""
    from ..core.rig import viseme_names
    from ..core.speech.lipsync import solve
    from .bridge import keymaps

    target = keymaps.chosen(options.visemes, body)
    if options.visemes != "auto" or target == viseme_names.ARKIT:
        return result, options
    options = dataclasses.replace(options, visemes=target)
    return dataclasses.replace(result, performance=solve(result.phones, result.heard, options)), options


def write_table(path: Path, result: LipsyncResult, options: LipsyncOptions, audio: Path) -> None:
    """Write curves as CSV (Live Link Face's, or columns of visemes), as JSON, or as NumPy arrays; mouth drawings as
    Rhubarb's TSV; or phones and words as a TextGrid."""
    from ..core.formats import columns, livelink, mouth_cues, table, textgrid
    from ..core.speech.holds import holds
    from ..core.speech.visemes import set_of

    kind, duration = set_of(options.visemes), result.performance.duration
    shown = holds(result.phones, duration, kind, options) if kind is not None and kind.flat else ()
    if path.suffix.lower() == ".csv":
        (livelink if kind is None else columns).write(path, result.performance)
    elif path.suffix.lower() == ".tsv" and kind is not None:
        mouth_cues.write_tsv(path, shown, duration, kind.rest)
    elif path.suffix.lower() == ".json":
        cues = mouth_cues.as_json(shown, duration, str(audio)) if shown else None
        table.write_json(path, result.performance, result.phones, cues)
    elif path.suffix.lower() == ".textgrid":
        textgrid.write(path, result.phones, result.performance.duration)
    else:
        table.write_npz(path, result.performance, result.phones)
