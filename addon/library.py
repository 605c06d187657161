"""The asset library: made in a Blender of its own, so that nobody's scene, undo or patience is in the way."""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..core import assets
from ..core.assets import AssetOptions, Sample
from ..core.errors import InputError
from ..core.formats import catalogs
from ..core.formats.text import read_text
from ..core.progress import Progress, part
from ..core.rig import expressions
from . import session
from .arguments import options_from, words
from .outputs import Staging
from .terminal import Bar, quiet

NAME = "Headroom"
"""What the library is called in Preferences."""

FACES, VISEMES = "Expressions.blend", "Visemes.blend"
MODEL = Sample("Model", "young_woman", 113)
"""Who shows the expressions."""

FPS = 24.0
LARGEST = 1 << 20  # bytes of an artist's catalogs

Builder = Callable[[Path, AssetOptions, Progress], None]


def files(options: AssetOptions) -> list[str]:
    """Name every .blend of the library."""
    return [*(f"Heads/{one.title}.blend" for one in assets.SAMPLES[: options.heads]), FACES, VISEMES]


def make(folder: Path, options: AssetOptions, replace: bool, progress: Progress, builder: Builder) -> list[Path]:
    """Make the library in a folder; gives its files. They appear all together or not at all.

    Catalogs that are there already stay. Raises `InputError` when a file is there and not to be replaced.
    """
    refuse_existing(folder, options, replace)
    with Staging(folder) as stage:
        builder(stage, options, progress)
        known = folder / catalogs.NAME
        before = read_text(known, LARGEST) if known.is_file() else ""
        (stage / catalogs.NAME).write_text(catalogs.merged(before, assets.CATALOGS), encoding="utf-8")
    return [folder / name for name in files(options)]


def refuse_existing(folder: Path, options: AssetOptions, replace: bool) -> None:
    """Raise `InputError` when a file of the library is there and not to be replaced."""
    there = next((name for name in files(options) if (folder / name).exists()), None)
    if there is not None and not replace:
        raise InputError(f"{folder / there}: is there already; choose Replace Existing (--replace) or another folder")


def build(stage: Path, options: AssetOptions, progress: Progress) -> None:
    """Make every file in this Blender, whose file is closed for it."""
    shown = (*expressions.EXPRESSIONS.values(), *expressions.VISEMES)
    total = 3.0 * options.heads + len(shown)  # a head takes three times as long as a preview
    for number, sample in enumerate(assets.SAMPLES[: options.heads]):
        progress(3.0 * number / total, f"Head {number + 1} of {options.heads}")
        _head(stage / "Heads" / f"{sample.title}.blend", sample, options)
    begun = 3.0 * options.heads / total
    _expressions(stage, options, part(progress, begun, 1.0))
    progress(1.0, "Done")


def _head(path: Path, sample: Sample, options: AssetOptions) -> None:
    from .bridge import assets as files

    body = _put(sample, options.level)
    collection = body.users_collection[0]
    files.light(body)
    files.mark(collection, sample.words, ("head", sample.preset.replace("_", " ")), assets.HEADS)
    files.preview(collection, options.size)
    files.save(path)


def _expressions(stage: Path, options: AssetOptions, progress: Progress) -> None:
    """Write the actions, each with a picture of a head that wears it."""
    import bpy

    from .bridge import assets as files
    from .bridge import expressions as worn

    body = _put(MODEL, options.level)
    files.light(body)
    neutral = worn.Pose(expressions.EXPRESSIONS["Neutral"].channels)
    kinds = {FACES: tuple(expressions.EXPRESSIONS.values()), VISEMES: expressions.VISEMES}
    done, total = 0, sum(map(len, kinds.values()))
    for name, some in kinds.items():
        made = []
        files.aim(body, "mouth" if name == VISEMES else "face")
        for one in some:
            progress(done / total, one.title)
            for pose in (neutral, worn.Pose(one.channels, one.viseme)):
                worn.wear(body, pose, 1.0)
            action = worn.new_action(one)
            catalog = assets.VISEMES if one.viseme else assets.FACES if one.part == "face" else assets.PARTS
            files.mark(action, one.help, ("viseme" if one.viseme else "expression", one.part), catalog)
            files.preview(action, options.size)
            made.append(action)
            done += 1
        files.write(stage / name, made)
        for action in made:
            bpy.data.actions.remove(action)


def _put(sample: Sample, level: str) -> Any:
    """Put a sample head into an empty scene, with its sliders where it has its attributes."""
    from ..core.head import generate

    options = sample.options(level)
    session.fresh_scene(FPS)
    from . import person
    from .bridge import heads

    identity = generate.identify(options)
    head = generate.decode(identity, level, asked=dataclasses.asdict(options))
    body = heads.add_head(head, identity, level, name=sample.title)
    person.show(body, identity.attributes)
    return body


def builder_elsewhere() -> Builder:
    """Give a builder that makes every file in another Blender; to be asked for in the main thread."""
    from . import elsewhere

    command = elsewhere.command()

    def built(stage: Path, options: AssetOptions, progress: Progress) -> None:
        elsewhere.run([*command, "assets", str(stage), "--progress", *words(options)], progress)

    return built


def verb(given: argparse.Namespace) -> int:
    """`headroom assets FOLDER`: make the library in a folder."""
    from .cli import finish

    session.start()
    from . import elsewhere

    options, begun, bar = options_from(AssetOptions, given), time.perf_counter(), Bar("assets")
    try:
        with quiet():
            session.fresh_scene(FPS)
            _register()
            made = make(given.folder, options, given.replace, elsewhere.tell if given.progress else bar, build)
    finally:
        bar.clear()
    size = sum(path.stat().st_size for path in made)
    told = {
        "verb": "assets", "output": str(given.folder), "files": [str(path) for path in made], "bytes": size,
        "seconds": round(time.perf_counter() - begun, 3),
    }  # fmt: skip
    finish(told, [f"{given.folder}: {len(made)} files, {size / 1e6:.0f} MB ({told['seconds']:.1f} s)"], given.json)
    return 0


def _register() -> None:
    """Make sure that heads have their sliders, which are kept with them."""
    import bpy

    from . import person, registration

    if not hasattr(bpy.types.Object, person.NAME):
        registration.register()
