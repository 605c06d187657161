"""`headroom VERB …` and `blender --command headroom VERB …`: the verbs of the sidebar without a window."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ..core import device
from ..core.errors import HeadroomError
from . import apart, session
from .arguments import Parser, add_options

BAD_INPUT = 2
STOPPED = 130


def main() -> None:
    """Run the console script and leave with its exit code: 0, 2 for bad input, 3 when an export lost something, 130
    when stopped."""
    session.leave(run_guarded(sys.argv[1:]))


def run_guarded(arguments: list[str]) -> int:
    """Do the same as `run`, in a process of its own where a damaged file could end this one."""
    risky = apart.needed(arguments)
    if not risky:
        return run(arguments)
    try:
        given = parser().parse_args(arguments)
        output = getattr(given, "output", None) or Path()
        return apart.run(arguments, risky, output if output.is_dir() else output.parent)
    except SystemExit as done:
        return int(done.code or 0)
    except HeadroomError as error:
        print(f"headroom: {error}", file=sys.stderr)
        return BAD_INPUT


def run(arguments: list[str]) -> int:
    """Do what a command line asks and give the exit code; messages go to standard error, one line each."""
    try:
        given = parser().parse_args(arguments)
        device.forced()  # refused before any work
        status = given.verb(given)
        if why := device.trouble():
            print(f"headroom: warning: {why}", file=sys.stderr)
        return status
    except SystemExit as done:  # --help, --version
        return int(done.code or 0)
    except HeadroomError as error:
        print(f"headroom: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("headroom: stopped, nothing was written", file=sys.stderr)
        return STOPPED


def parser() -> Parser:
    """Build the parser; its options come from the verbs' options classes."""
    from ..core.assets import AssetOptions
    from ..core.curves.reduce import ReduceOptions
    from ..core.formats.gate import ExportOptions
    from ..core.head.generate import GenerateOptions
    from ..core.head.presets import PRESETS
    from ..core.rig.rig_options import RigOptions
    from ..core.speech.lipsync import LipsyncOptions
    from ..core.stabilize.solve import SolveOptions
    from ..core.stabilize.stabilize import StabilizeOptions
    from . import exporting, library, rigging, stabilizing, verbs

    main_parser = Parser(
        prog="headroom",
        allow_abbrev=False,
        description="Generate rigged heads, let them speak, and stabilize captured ones, offline.",
    )
    main_parser.add_argument("--version", action="version", version=f"headroom {version()}")
    commands = main_parser.add_subparsers(metavar="VERB", required=True)

    generate = _verb(commands, "generate", "Make a new head", verbs.generate, verbs.HEAD_ENDINGS)
    add_options(generate, GenerateOptions)
    generate.add_argument("--preset", metavar="NAME", help=f"kind of person: {', '.join(PRESETS)}; --set wins over it")
    generate.add_argument(
        "--count", type=int, default=1, metavar="N", help="how many people, of seeds in a row; -o is a folder then"
    )

    lipsync = _verb(commands, "lipsync", "Let a head speak recordings", verbs.lipsync, verbs.SPEECH_ENDINGS)
    lipsync.add_argument("audio", nargs="+", metavar="AUDIO", type=Path, help="sound files, or videos with sound")
    lipsync.add_argument(
        "--head", type=Path,
        help="who speaks: a head made by generate (.npz, .blend), or anybody's with shape keys in a .blend .glb .fbx "
        ".usdc; without it, the head of seed 0",
    )  # fmt: skip
    lipsync.add_argument(
        "--key-map", type=Path, metavar="FILE",
        help="what the keys of --head do, as saved from the panel Key Map, instead of looking at them",
    )  # fmt: skip
    lipsync.add_argument("--object", metavar="NAME", help="mesh that speaks, where --head has several heads")
    lipsync.add_argument(
        "--phones", type=Path, metavar="FILE",
        help="what is said when, instead of listening: .TextGrid, Rhubarb's .tsv or .json, .srt, .vtt, or a .json or "
        ".npz of lipsync; with several recordings a folder with a file of the same name for each",
    )  # fmt: skip
    add_options(lipsync, LipsyncOptions)
    add_options(lipsync, ReduceOptions)

    stabilize = _verb(
        commands,
        "stabilize",
        "Take the head's motion out of a captured face",
        stabilizing.stabilize,
        stabilizing.ENDINGS,
    )
    stabilize.add_argument(
        "sequence", metavar="SEQUENCE", type=Path,
        help=".npz .abc .pc2 .mdd .glb .blend, or a folder of .obj or .ply files, one per frame",
    )  # fmt: skip
    stabilize.add_argument(
        "--fps", type=float, metavar="F", help="frames per second of a sequence that does not say, such as a folder"
    )
    stabilize.add_argument(
        "--object", metavar="NAME", help="mesh that is meant, where a .blend, .glb or .abc has several"
    )
    stabilize.add_argument(
        "--metres", action="store_true", help="write metres, whatever SEQUENCE is in; without it its unit is kept"
    )
    add_options(stabilize, StabilizeOptions)
    stabilize.add_argument(
        "--solve", type=Path, metavar="HEAD",
        help="write curves (.csv .json .npz) for the shapes of a head with the same mesh (.npz .blend .glb)",
    )  # fmt: skip
    add_options(stabilize, SolveOptions)

    rig = _verb(commands, "rig", "Give shapes and bones to a head that has none", rigging.rig, rigging.ENDINGS)
    rig.add_argument("mesh", metavar="MESH", type=Path, help=f"a head: {' '.join(rigging.SOURCES)}")
    rig.add_argument(
        "--object", action="append", metavar="NAME",
        help="mesh that is meant, where a file has others that are no head; once for each",
    )  # fmt: skip
    rig.add_argument(
        "--landmarks", type=Path, metavar="FILE",
        help="where the face is, instead of looking for it: .npy of 54 points (or the usual 51), or .npz of them",
    )  # fmt: skip
    add_options(rig, RigOptions)

    export = _verb(
        commands, "export", "Write what a .blend's head does for other programs, and check what arrives",
        exporting.export, exporting.ENDINGS,
    )  # fmt: skip
    export.add_argument("file", metavar="FILE", type=Path, help="a .blend with a head in it")
    export.add_argument(
        "--object", action="append", metavar="NAME", help="mesh that is meant, once for each; default: all heads seen"
    )
    export.add_argument(
        "--scripts", action="store_true", help="run the file's Python, as scripted drivers want; for files you trust"
    )
    export.add_argument("--progress", action="store_true", help="print each step on a line of its own")
    add_options(export, ExportOptions)

    test = commands.add_parser("self-test", allow_abbrev=False, help="Try every model and library on something tiny")
    test.set_defaults(verb=_self_test)
    test.add_argument("--json", action="store_true", help="print one JSON summary instead of text")
    made = commands.add_parser(
        "assets", allow_abbrev=False, help="Make an asset library: sample heads, expressions and visemes"
    )
    made.set_defaults(verb=library.verb)
    made.add_argument("folder", metavar="FOLDER", type=Path, help="folder for the library; made when it is not there")
    made.add_argument("--replace", action="store_true", help="write over files that are there")
    made.add_argument("--json", action="store_true", help="print one JSON summary")
    made.add_argument("--progress", action="store_true", help="print each step on a line of its own")
    add_options(made, AssetOptions)

    demo = commands.add_parser("demo", allow_abbrev=False, help="Make a head, let it speak, and film it")
    demo.set_defaults(verb=_demo)
    demo.add_argument("--audio", type=Path, required=True, help="sound file")
    demo.add_argument("--text", default="", help="what is said, or a text file with it")
    demo.add_argument("--language", default=None, help="language of the text")
    demo.add_argument("-o", "--output", type=Path, default=Path("out"), help="folder for the results (default: out)")
    demo.add_argument("--seed", type=int, default=0, help="which head (default: 0)")
    demo.add_argument("--json", action="store_true", help="print one JSON summary")
    return main_parser


def version() -> str:
    """Read Headroom's version from the one place where it stands, the extension's manifest."""
    import tomllib

    manifest = Path(__file__).parents[1] / "blender_manifest.toml"
    if not manifest.is_file():  # installed as a plain Python package
        from importlib.metadata import version as installed

        return installed("headroom")
    return tomllib.loads(manifest.read_text(encoding="utf-8"))["version"]


def finish(summary: dict[str, Any], lines: list[str], as_json: bool) -> None:
    """Print the outcome: a JSON object, or lines for people."""
    print(json.dumps(summary, ensure_ascii=False) if as_json else "\n".join(lines))


def _verb(commands: Any, name: str, text: str, verb: Any, endings: tuple[str, ...]) -> argparse.ArgumentParser:
    made = commands.add_parser(name, allow_abbrev=False, help=text, description=text + ".")
    made.set_defaults(verb=verb)
    made.add_argument("-o", "--output", type=Path, help=f"file to write; the ending decides: {' '.join(endings)}")
    made.add_argument("--format", help="ending to use when -o is a folder")
    made.add_argument("--json", action="store_true", help="print one JSON summary instead of text")
    return made


def _self_test(given: argparse.Namespace) -> int:
    """Print a line for each check; code 2 when one fails."""
    from ..core import selftest
    from .terminal import Bar

    bar = Bar("self-test")
    try:
        outcomes = selftest.run(bar)
    finally:
        bar.clear()
    lines = [f"{'ok  ' if one.works else 'FAIL'}  {one.name}: {one.said}" for one in outcomes]
    finish({"verb": "self-test", "checks": [vars(one) for one in outcomes]}, lines, given.json)
    return 0 if all(one.works for one in outcomes) else BAD_INPUT


def _demo(given: argparse.Namespace) -> int:
    from . import demo

    return demo.run(given)
