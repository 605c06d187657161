# mypy: disable-error-code="valid-type"
"""How a head is made to speak, as Blender properties: the sound, what is said in it, and all sliders of the mouth."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import EnumProperty, FloatProperty, IntProperty, StringProperty

from . import compat

if TYPE_CHECKING:
    from ..core.speech.lipsync import LipsyncOptions
    from .bridge.sound import Cue

SOURCES = (
    ("FILE", "File", "A sound file, or a video with a sound track", "FILE_SOUND", 0),
    ("STRIP", "Strip", "A sound strip in the Video Sequencer", "SEQ_SEQUENCER", 1),
    ("SPEAKER", "Speaker", "The sound of a speaker object", "SPEAKER", 2),
    ("TAKE", "Take", "A take of Live Link Face, whose head turns too", "REC", 3),
)

EARLIEST = -1_000_000
"""Scene frame before which Blender's own frames end; sounds may begin before the scene does."""


RELATIVE = compat.blend_relative()
"""Options of paths that may begin with //; without them Blender 5.2 shows such a path red."""


def _slid(holder: Any, context: bpy.types.Context) -> None:
    """Let the heads that are previewed follow a slider of their scene; nothing to do where none ever was."""
    preview = sys.modules.get(f"{__package__}.preview")
    if preview is not None and isinstance(holder.id_data, bpy.types.Scene):  # an operator has sliders too
        preview.slid(holder.id_data)


def factor(name: str, description: str, most: float = 2.0) -> Any:
    """Declare a slider around 1."""
    return FloatProperty(
        name=name, description=description, default=1.0, min=0.0, max=most, subtype="FACTOR", update=_slid
    )


VISEMES = (
    ("auto", "What the Head Has", "ARKit's shapes where the head has them, else its visemes"),
    ("arkit", "ARKit", "Apple's shapes, such as jawOpen"),
    ("oculus", "Oculus", "The 15 visemes of Oculus, Ready Player Me and VRChat"),
    ("vrm", "VRM", "The five vowels of VRM, VRoid and MikuMikuDance"),
    ("rhubarb", "Rhubarb", "The mouths A to H and X"),
    ("preston_blair", "Preston Blair", "The ten mouths of Preston Blair, such as MBP and etc"),
    ("microsoft", "Microsoft", "The 22 visemes of SAPI and Azure"),
    ("metahuman", "MetaHuman", "ARKit's shapes, which Live Link takes"),
)


STYLES = (
    ("neutral", "Neutral", "As the voice says"),
    ("clear", "Clear", "Lips work harder, as if to be read"),
    ("mumbled", "Mumbled", "Jaw and lips hardly move"),
    ("whispered", "Whispered", "Lips work, the jaw rests"),
    ("shouted", "Shouted", "The jaw opens wide"),
    ("sung", "Sung", "Wide vowels, soft consonants"),
)


class LipsyncProperties:
    """The fields of `core.speech.lipsync.LipsyncOptions` (but the frame rate, which is the scene's), and the sound."""

    source: EnumProperty(name="Source", description="Where the sound comes from", items=SOURCES)
    filepath: StringProperty(
        name="Sound", description="Sound or video file with the speech", subtype="FILE_PATH", options=RELATIVE
    )
    strip: StringProperty(name="Strip", description="Name of a sound strip in the sequencer")
    strip_scene: StringProperty(
        name="Scene", description="Scene whose sequencer has the strip, such as an edit; empty for the window's scene"
    )
    start: IntProperty(
        name="Start", description="Scene frame at which it begins", default=1, min=EARLIEST, update=_slid
    )
    transcript: StringProperty(
        name="Transcript", description="What is said; optional, it makes the lips more exact when given"
    )
    language: StringProperty(
        name="Language", description="Language of the transcript, such as en, de, fr, ja or zh", default="en"
    )
    dictionary: StringProperty(
        name="Dictionary",
        description="Text file with pronunciations of names and rare words, as CMUdict has them or in IPA",
        subtype="FILE_PATH",
        options=RELATIVE,
    )
    phones: StringProperty(
        name="Phones",
        description="File with what is said when, instead of listening: TextGrid, Rhubarb TSV or JSON, SRT, WebVTT",
        subtype="FILE_PATH",
        options=RELATIVE,
    )
    visemes: EnumProperty(
        name="Moves",
        description="What moves: ARKit's shapes or a set of visemes",
        items=VISEMES,
        default="auto",
        update=_slid,
    )
    strength: factor("Strength", "How far everything moves")
    jaw: factor("Jaw", "How far the jaw opens")
    lips: factor("Lips", "How far the lips round, spread and part")
    tongue: factor("Tongue", "How far the tongue moves")
    articulation: EnumProperty(
        name="Speaks",
        description="Way of speaking; it scales the other settings",
        items=STYLES,
        default="neutral",
        update=_slid,
    )
    dynamics: factor("Dynamics", "How much wider louder speech opens the mouth", most=3.0)
    closure: factor("Closure", "How firmly the lips meet in p, b and m; below 1 they stay apart")
    teeth: factor("Teeth", "How far the lower lip goes to the teeth in f and v")
    vowels: factor("Vowels", "How far open vowels open")
    rounding: factor("Rounding", "How far w, oo, o, r and sh round the lips")
    spreading: factor("Spreading", "How far ee, eh and s spread the lips")
    consonants: factor("Consonants", "How far other consonants open")
    smoothing: FloatProperty(
        name="Smoothing",
        description="Softens fast motion; contacts of the lips stay",
        default=0.0,
        min=0.0,
        max=0.2,
        unit="TIME_ABSOLUTE",
        update=_slid,
    )
    lead: FloatProperty(
        name="Lead",
        description="Moves the mouth this much ahead of the sound",
        default=0.0,
        min=-0.5,
        max=0.5,
        unit="TIME_ABSOLUTE",
        update=_slid,
    )


class TakeProperties:
    """The fields of `core.amounts.Amounts`."""

    strength: factor("Strength", "How far everything moves")
    jaw: factor("Jaw", "How far the jaw opens")
    lips: factor("Lips", "How far the lips round, spread and part")
    head: factor("Head", "How far the head turns")


TEXT = ("transcript", "language", "dictionary")
"""Settings that say what words there are in a sound, and how they are spelled."""

SAID = ("source", "take", "filepath", "strip", "strip_scene", *TEXT, "phones")
"""Settings that say what is spoken; the others say how, and where it begins."""


def asked_of(settings: Any) -> tuple[str, ...]:
    """Give what a scene's settings say is spoken, to tell whether that was changed."""
    speaker = settings.speaker.name if settings.speaker is not None else ""
    return (*(getattr(settings, name) for name in SAID), speaker)


def edit_of(scene: bpy.types.Scene, holder: Any) -> bpy.types.Scene:
    """Give the scene whose sequencer has the strip that an operator or a scene's settings choose.

    Raises `InputError` when it has gone.
    """
    from ..core.errors import InputError

    edit: bpy.types.Scene | None = bpy.data.scenes.get(holder.strip_scene) if holder.strip_scene else scene
    if edit is None:
        raise InputError(f"there is no scene called {holder.strip_scene!r} any more; choose one under Speak")
    return edit


def cue_of(scene: bpy.types.Scene, holder: Any) -> "Cue":
    """Find the sound that an operator or a scene's settings choose. Raises `InputError` where there is none."""
    from ..core.errors import InputError
    from .bridge import sound

    if holder.source == "STRIP":
        return sound.from_strip(scene, holder.strip, edit_of(scene, holder))
    if holder.source == "SPEAKER":
        speaker = bpy.data.objects.get(holder.speaker) if isinstance(holder.speaker, str) else holder.speaker
        return sound.from_speaker(scene, speaker, holder.start)
    if holder.source == "TAKE":
        raise InputError("A take is chosen under Speak in the sidebar; choose a sound, or press Import Live Link")
    if not holder.filepath:
        raise InputError("Choose a sound file first, under Speak in the sidebar, or drop one onto the viewport")
    return sound.Cue(Path(bpy.path.abspath(holder.filepath)), holder.start)


def options_of(holder: Any, scene: bpy.types.Scene, body: bpy.types.Object) -> "LipsyncOptions":
    """Give how a head is to speak, as an operator or a scene's settings say."""
    from ..core.speech.lipsync import LipsyncOptions
    from .bridge import keymaps
    from .bridge.sound import frames_per_second
    from .properties import options_from

    return options_from(
        LipsyncOptions,
        holder,
        fps=frames_per_second(scene),
        dictionary=bpy.path.abspath(holder.dictionary),
        visemes=keymaps.chosen(holder.visemes, body),
    )
