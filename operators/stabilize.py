# mypy: disable-error-code="valid-type,override"
"""Take the skull's motion out of a captured face."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty

from ..addon.jobs import JobOperator, Work
from ..addon.properties import FolderProperties, HeadroomStabilize, StabilizeProperties, options_from, settings_of
from ..addon.translate import rpt_, tip_
from .sidebar import FromSidebar
from .where import InObjectMode, over_viewport

if TYPE_CHECKING:
    from ..addon.bridge.stabilized import Stabilized
    from ..core.progress import Progress
    from ..core.sequence import MeshSequence
    from ..core.stabilize.stabilize import StabilizeOptions


class _Stabilizing(FromSidebar, StabilizeProperties, JobOperator):
    """What stabilizing a mesh of the scene and a folder of files have in common."""

    rig: StringProperty(name="Rig", description="Name of the armature with the bone; for Motion To Bone")

    _upright = False

    def settings(self, context: bpy.types.Context) -> HeadroomStabilize:
        """Those of the panel Stabilize."""
        return settings_of(context.scene).stabilize

    def wanted(self, frames: range, ordered: bool, basis: int = -1) -> "StabilizeOptions":
        """Turn the properties into options, for frames that are called so; raises `InputError` for bad ones."""
        from ..core.errors import InputError
        from ..core.stabilize.stabilize import StabilizeOptions

        reference = basis
        if not self.neutral:
            if self.frame not in frames:
                known = f"{frames[0]} to {frames[-1]}"
                raise InputError(f"reference frame {self.frame}: the frames are {known}; choose one of them")
            reference = frames.index(self.frame)
        if self.motion == "BONE":
            rig: bpy.types.Object | None = bpy.data.objects.get(self.rig)
            if rig is None or rig.type != "ARMATURE":
                raise InputError("choose an armature for the motion, or send it to an empty")
            if self.bone not in rig.pose.bones:
                raise InputError(f"{rig.name} has no bone called {self.bone!r}; choose another")
        if self.smoothing and not ordered:
            self.report({"WARNING"}, rpt_("Smoothing is for frames in order; it was left out"))
        return options_from(StabilizeOptions, self, reference=reference)

    def work(
        self, source: str, sequence: "MeshSequence", options: "StabilizeOptions", name: str, names: tuple[str, ...]
    ) -> Work:  # fmt: skip
        """Say what to do; `source` begins what goes wrong, `name` and `names` are what capture and frames become."""
        from ..addon.bridge.captures import PendingCache, cache_folder
        from ..core.formats import sequences

        upright, cached = self._upright, sequence.fps is not None and self.face == "CACHE"
        folder = cache_folder()

        def stabilized(progress: "Progress") -> "Stabilized":
            from ..addon.bridge.stabilized import Stabilized
            from ..core.formats.frames import Moved
            from ..core.progress import part
            from ..core.stabilize.stabilize import stabilize
            from ..core.stabilize.upright import stand

            with sequences.about(source):
                result, shown = stabilize(sequence, options, part(progress, 0.0, 0.8)), sequence
                if upright:
                    shown, result = stand(sequence, result)
                shown = replace(shown, vertices=Moved(shown.vertices, result.track), names=names)
                cache = PendingCache(folder) if cached else None
                if cache is not None:
                    cache.write(shown, part(progress, 0.8, 1.0))
            return Stabilized(name, shown, result, cache)

        return stabilized

    def place(
        self, context: bpy.types.Context, made: "Stabilized", original: bpy.types.Object | None,
        collection: bpy.types.Collection,
    ) -> None:  # fmt: skip
        """Add the stabilized face and where its motion goes, and say what was found."""
        from ..addon.bridge import heads, motions, stabilized
        from ..addon.bridge.sequence_files import times
        from ..core.errors import InputError

        ordered, track, place = made.sequence.fps is not None, made.result.track, made.result.place
        start = times(made.sequence)[0]
        rig = bpy.data.objects.get(self.rig) if ordered and self.motion == "BONE" else None
        if ordered and self.motion == "BONE" and (rig is None or self.bone not in rig.pose.bones):
            raise InputError(f"{self.rig} has gone or lost its bone meanwhile; choose another")
        if ordered or original is None:
            body = stabilized.add_face(made, original, collection)
        else:
            body = stabilized.add_corrected(made, original)
        stabilized.remember(body, original, made)
        if ordered and self.motion == "EMPTY":
            empty = motions.add_empty(f"{made.name} skull", track, place, made.result.metres, start, collection)
            motions.carry(empty, body, place)
        elif rig is not None:
            motions.on_bone(rig, self.bone, track, place, start)
            if motions.keyed_by_hand(rig, self.bone):
                self.report(
                    {"WARNING"}, rpt_(f"keys made by hand win over the motion of {self.bone}; mute or move them")
                )
        if original is not None:
            original.hide_set(True)
            original.hide_render = True
        heads.select_only(body)
        if ordered:
            stabilized.mark(context.scene, start, track.unsure)
        self._tell(made)

    def _tell(self, made: "Stabilized") -> None:
        track, unsure = made.result.track, made.result.track.unsure
        if len(unsure):
            few = ", ".join(made.sequence.names[frame] for frame in unsure[:3])
            more = ", …" if len(unsure) > 3 else ""
            self.report(
                {"WARNING"}, rpt_(f"unsure of {len(unsure)} of {made.sequence.frame_count} frames ({few}{more})")
            )
        self.report(
            {"INFO"},
            rpt_(
                f"{made.sequence.frame_count} frames held to {made.sequence.names[made.result.reference]}; "
                f"residual {track.residual_mm.mean():.2f} mm, expected error {track.error_mm.mean():.2f} mm"
            ),
        )


class HEADROOM_OT_stabilize(_Stabilizing):  # noqa: N801
    """Take the skull's motion out of the active mesh."""

    bl_idname = "headroom.stabilize"
    bl_label = "Stabilize"
    bl_description = "Take the head's motion out of the active mesh; a copy is made, the original is only hidden"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    _sequence: Any = None  # Blender reads annotations, so no type of ours may stand here
    _scene = ""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Wants a mesh that moves or has shape keys, and says why when there is none."""
        from ..addon.bridge.captures import why_not

        reason = why_not(context.active_object)
        if reason:
            cls.poll_message_set(tip_(reason))
        return not reason

    def prepare(self, context: bpy.types.Context) -> Work:
        """See what the mesh is; its frames are read later, a few at a time."""
        from ..addon.bridge import captures, sequences
        from ..addon.bridge.sequence_files import times

        body = context.active_object
        self._target, self._scene = body.name, context.scene.name
        with captures.same_frame(context.scene):
            self._sequence = sequence = sequences.of_object(body)
        if sequence.fps is not None:
            first, last = times(sequence)
            options = self.wanted(range(first, last + 1), True)
        else:
            keys = body.data.shape_keys
            options = self.wanted(range(len(keys.key_blocks)), False, keys.key_blocks.find(keys.reference_key.name))
        return self.work(body.name, sequence, options, body.name, sequence.names)

    def read(self, context: bpy.types.Context) -> Iterator[float]:
        """Move the scene in time and keep what is seen; only Blender's main thread can."""
        from ..addon.bridge.captures import fetch
        from ..core.formats.sequences import about

        if self._sequence.fps is not None:
            with about(self._target):
                yield from fetch(self._sequence, self._scene)

    def finish(self, context: bpy.types.Context, result: "Stabilized") -> None:
        """Add the stabilized copy."""
        from ..addon.bridge.captures import why_not
        from ..addon.bridge.heads import home
        from ..core.errors import InputError

        original: bpy.types.Object | None = bpy.data.objects.get(self._target)
        if original is None or why_not(original):
            raise InputError(f"{self._target} has gone or changed meanwhile; select the capture and try again")
        self.place(context, result, original, home(original))


class HEADROOM_OT_stabilize_folder(InObjectMode, FolderProperties, _Stabilizing):  # noqa: N801
    """Take the skull's motion out of a folder of meshes."""

    bl_idname = "headroom.stabilize_folder"
    bl_label = "Stabilize Folder"
    bl_description = (
        "Take the head's motion out of a folder of .obj or .ply files, and add the face, upright, in metres"
    )
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    directory: StringProperty(subtype="DIR_PATH", options={"HIDDEN", "SKIP_SAVE"})

    _upright = True

    def prepare(self, context: bpy.types.Context) -> Work:
        """Open the folder; its files are read in the worker."""
        from ..addon.bridge.sound import frames_per_second
        from ..core.errors import InputError
        from ..core.formats import sequences
        from ..core.formats.times import scene_names

        chosen = self.folder or self.directory
        if not chosen:
            raise InputError("Choose a folder of .obj or .ply files first")
        path = Path(bpy.path.abspath(chosen))
        sequence = sequences.read(path)
        count, start = sequence.frame_count, context.scene.frame_start
        frames, names = range(count), tuple(Path(name).stem for name in sequence.names)
        if self.ordered:
            sequence = replace(sequence, fps=frames_per_second(context.scene))
            frames = range(start, start + count)
            names = scene_names(frames)
        return self.work(str(path), sequence, self.wanted(frames, self.ordered), path.name, names)

    def finish(self, context: bpy.types.Context, result: "Stabilized") -> None:
        """Add the face, and show all of its frames."""
        from ..addon.bridge.sequence_files import times

        self.place(context, result, None, context.collection)
        if self.ordered:
            context.scene.frame_end = max(context.scene.frame_end, times(result.sequence)[1])


class HEADROOM_OT_clear_marks(bpy.types.Operator):  # noqa: N801
    """Take away the markers at unsure frames."""

    bl_idname = "headroom.clear_marks"
    bl_label = "Clear Marks"
    bl_description = "Remove the timeline markers at frames that the stabilizer is unsure of"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while there are any."""
        from ..addon.bridge.stabilized import marks

        if not marks(context.scene):
            cls.poll_message_set(tip_("No frame is marked as unsure"))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Remove them."""
        from ..addon.bridge.stabilized import unmark

        unmark(context.scene)
        return {"FINISHED"}


class HEADROOM_FH_meshes(bpy.types.FileHandler):  # noqa: N801
    """Lets meshes that are dropped on the viewport be stabilized, with their folder."""

    bl_idname = "HEADROOM_FH_meshes"
    bl_label = "Stabilize Folder of These"
    bl_import_operator = "headroom.stabilize_folder"
    bl_file_extensions = ".obj;.ply"

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Only over a viewport in Object Mode."""
        return over_viewport(context) and context.mode == "OBJECT"
