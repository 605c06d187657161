"""What Headroom remembers in a scene, and what it shows while it works."""

from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty

SOURCES = (
    ("FILE", "File", "A sound file, or a video with a sound track", "FILE_SOUND", 0),
    ("STRIP", "Strip", "A sound strip in the Video Sequencer", "SEQ_SEQUENCER", 1),
    ("SPEAKER", "Speaker", "The sound of a speaker object", "SPEAKER", 2),
)


def is_speaker(_: Any, candidate: bpy.types.Object) -> bool:
    """Let only speakers be chosen."""
    return candidate.type == "SPEAKER"


class HeadroomSettings(bpy.types.PropertyGroup):
    """Choices of the sidebar, stored with the scene."""

    seed: IntProperty(name="Seed", description="Another number gives another person", default=0, min=0)
    set: StringProperty(
        name="Attributes", description="What to ask for, such as age=60 jaw_width=1.5; empty leaves all to the seed"
    )
    source: EnumProperty(name="Source", description="Where the sound comes from", items=SOURCES)
    filepath: StringProperty(
        name="Sound", description="Sound or video file with the speech", subtype="FILE_PATH", options={"HIDDEN"}
    )
    strip: StringProperty(name="Strip", description="Sound strip in this scene's sequencer")
    speaker: PointerProperty(name="Speaker", description="Speaker object", type=bpy.types.Object, poll=is_speaker)
    transcript: StringProperty(
        name="Transcript", description="What is said; optional, it makes the lips more exact when given"
    )
    language: StringProperty(name="Language", description="Language of the transcript, such as en or de")
    start: IntProperty(name="Start", description="Scene frame at which the sound begins", default=1, min=0)


class HeadroomStatus(bpy.types.PropertyGroup):
    """What is going on right now; lives in the window manager, so it is never saved and never undone."""

    running: BoolProperty()
    stop: BoolProperty()
    title: StringProperty()
    stage: StringProperty()
    done: FloatProperty(min=0.0, max=1.0, subtype="FACTOR")

    def start(self, title: str) -> None:
        """Begin to show progress."""
        self.title, self.stage, self.done, self.stop, self.running = title, "Starting", 0.0, False, True

    def show(self, context: bpy.types.Context, done: float, stage: str) -> None:
        """Show a new state in the panel and in the status bar."""
        self.done, self.stage = done, stage
        context.workspace.status_text_set(f"{self.title}: {stage} {done:.0%}   (Esc stops it)")
        redraw(context)

    def finish(self, context: bpy.types.Context) -> None:
        """Show no progress any more."""
        self.running = self.stop = False
        if context.workspace is not None:
            context.workspace.status_text_set(None)
        redraw(context)


def redraw(context: bpy.types.Context) -> None:
    """Have the sidebars of every window drawn again."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


def attach() -> None:
    """Hang the groups onto scenes and the window manager; after their classes are registered."""
    bpy.types.Scene.headroom = PointerProperty(type=HeadroomSettings)
    bpy.types.WindowManager.headroom = PointerProperty(type=HeadroomStatus)


def detach() -> None:
    """Undo `attach`."""
    del bpy.types.Scene.headroom
    del bpy.types.WindowManager.headroom
