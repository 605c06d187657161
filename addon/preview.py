"""See before baking: heads that speak while the timeline plays and sliders are moved, without a key in the file.

A sound is listened to once, a take read once. From then on every frame, and every move of a slider, asks for what the
face does at the playhead alone (`previewed`) and sets it (`bridge.shown`). The sliders are the scene's, so all heads
previewed in it follow them. Before the file is saved or rendered, and when a preview ends, everything is put back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import bpy

from . import compat
from .bridge import shown, sound, takes
from .bridge.playback import Playback
from .properties import settings_of
from .speaking import asked_of

if TYPE_CHECKING:
    from .previewed import Source


@dataclass
class Session:
    """One head that is previewed, by name and id: what it was `asked` to say, when that begins, and what moves it, as
    the sliders said last, at a `rate` of frames a second."""

    head: str
    uid: int
    scene: int
    asked: tuple[str, ...]
    cue: sound.Cue
    source: Source
    playback: Playback | None
    rate: float = 0.0
    held: list[shown.Held] = field(default_factory=list)
    signature: tuple[Any, ...] = ()

    @property
    def body(self) -> bpy.types.Object | None:
        """The head; None when it has gone. One that was renamed is found again."""
        found: bpy.types.Object | None = bpy.data.objects.get(self.head)
        if found is None or found.session_uid != self.uid:
            found = next((one for one in bpy.data.objects if one.session_uid == self.uid), None)
            self.head = found.name if found is not None else self.head
        return found


_sessions: dict[int, Session] = {}
"""By the head's id."""

_withdrawn = False
"""Nothing is shown right now: the file is being saved, or rendered."""

_playing = False


def begin(scene: bpy.types.Scene, body: bpy.types.Object, cue: sound.Cue, source: Source) -> None:
    """Let a head be previewed; the scene's range grows over all that moves it until that ends."""
    global _withdrawn
    settings = settings_of(scene)
    stop(body)
    _withdrawn = False
    heard = Playback(cue.path) if settings.source == "FILE" and not _is_placed(scene, cue) else None
    session = Session(body.name, body.session_uid, scene.session_uid, asked_of(settings), cue, source, heard)
    _attach()
    _sessions[session.uid] = session
    turn(scene, session)
    _anew(scene, session)


def end(session: Session) -> None:
    """End a preview and put everything back."""
    if session.playback is not None:
        session.playback.stop()
    _put_back(session)
    _sessions.pop(session.uid, None)
    _tidy()
    if not _sessions:
        _detach()


def stop(body: bpy.types.Object) -> None:
    """End the preview of a head, if there is one."""
    if body.session_uid in _sessions:
        end(_sessions[body.session_uid])


def stop_all() -> None:
    """End all previews: the extension is being disabled."""
    for session in list(_sessions.values()):
        end(session)


def with_id(uid: int) -> Session | None:
    """Give the preview of the head with an id, while there is one."""
    session = _sessions.get(uid)
    return session if session is not None and session.body is not None else None


def session_of(context: bpy.types.Context) -> Session | None:
    """Give the preview of the active head, or else the only one of the scene."""
    body = takes.speaker(context.active_object)
    if body is not None and body.session_uid in _sessions:
        return _sessions[body.session_uid]
    here = _of(context.scene)
    return here[0] if len(here) == 1 else None


def is_stale(scene: bpy.types.Scene, session: Session) -> bool:
    """Tell whether another sound, text or take was chosen since a preview began."""
    return session.asked != asked_of(settings_of(scene))


def slid(scene: bpy.types.Scene) -> None:
    """Follow the sliders of a scene: show at once what they make of the frame at the playhead."""
    for session in _of(scene):
        if session.body is not None:
            turn(scene, session)
            _show(scene, session)


def look_again() -> None:
    """After undo and redo: show on what is there now what the sliders say now, and put back what is left over."""
    for session in list(_sessions.values()):
        scene = _scene(session)
        if scene is None or session.body is None:
            end(session)
        elif not _withdrawn:
            turn(scene, session)
            _anew(scene, session)
    _tidy()


def forget() -> None:
    """Another file was opened: nothing is shown in it, but for what a copy that Blender saved by itself has kept."""
    _quiet()
    _sessions.clear()
    _detach()
    _tidy()


@bpy.app.handlers.persistent
def withdraw(*_: Any) -> None:
    """Put everything back for a while: the file is being saved or rendered."""
    global _withdrawn
    _withdrawn = True
    _quiet()
    for session in _sessions.values():
        _put_back(session)
    _tidy()


@bpy.app.handlers.persistent
def come_back(*_: Any) -> None:
    """Show again what was withdrawn."""
    global _withdrawn
    _withdrawn = False
    look_again()


def _of(scene: bpy.types.Scene) -> list[Session]:
    return [session for session in _sessions.values() if session.scene == scene.session_uid]


def _scene(session: Session) -> bpy.types.Scene | None:
    return next((scene for scene in bpy.data.scenes if scene.session_uid == session.scene), None)


def turn(scene: bpy.types.Scene, session: Session) -> None:
    """Let a head move as the sliders say now; the active head also from where that begins now."""
    body, active = session.body, takes.speaker(bpy.context.active_object)
    assert body is not None
    session.source.turn(scene, body)
    session.rate = sound.frames_per_second(scene)
    mine = active == body and settings_of(scene).source in ("FILE", "TAKE")
    if mine and not is_stale(scene, session):
        session.cue = replace(session.cue, start=settings_of(scene).start)


def _anew(scene: bpy.types.Scene, session: Session) -> None:
    """Find out what is moved on a head and show it, where Blender may not have made its own values yet."""
    _hold(session)
    _make_room(scene, session)
    for held in session.held:
        shown.evaluate_again(held)
    bpy.context.view_layer.update()
    _show(scene, session, evaluated=True)


def _hold(session: Session) -> None:
    body = session.body
    assert body is not None
    channels = session.source.at(-1).channels
    session.held = shown.hold(body, channels, session.source.layer)
    session.signature = (channels, *shown.signature(body))


def _show(
    scene: bpy.types.Scene,
    session: Session,
    chosen: Callable[[shown.Held], bool] | None = None,
    evaluated: bool = False,
) -> None:
    """Show the frame at the playhead, on all that is moved of a head or on what is `chosen`."""
    if _withdrawn or _rendering():
        return
    body = session.body
    if body is None:
        end(session)
        return
    if session.rate != sound.frames_per_second(scene):
        turn(scene, session)
    frame = scene.frame_current_final
    one = session.source.at(frame - session.cue.start)
    if session.signature != (one.channels, *shown.signature(body)):
        _put_back(session)
        _hold(session)
    for held in session.held:
        if chosen is None or chosen(held):
            shown.show(held, session.source.layer, one.values[0], frame, evaluated)


def _make_room(scene: bpy.types.Scene, session: Session) -> None:
    """Let the timeline play all of it, with frames dropped where the viewport is slow."""
    last = int(session.cue.start) + session.source.frame_count - 1
    room = {
        "frame_start": max(0, min(scene.frame_start, int(session.cue.start))), "frame_end": max(scene.frame_end, last),
    }  # fmt: skip
    shown.lend(scene, room | ({"sync_mode": "AUDIO_SYNC"} if session.playback is not None else {}))


def _is_placed(scene: bpy.types.Scene, cue: sound.Cue) -> bool:
    """Tell whether the sequencer plays the sound already."""
    strips = [one for one in compat.sequence_strips_all(scene) if one.type == "SOUND" and one.sound and not one.mute]
    path, start = str(cue.path), int(cue.start)
    return any(bpy.path.abspath(one.sound.filepath) == path and one.frame_final_start == start for one in strips)


def _put_back(session: Session) -> None:
    for held in session.held:
        if held.thing is not None:
            shown.put_back(held.thing, held.plain)
    session.held, session.signature = [], ()


def _tidy() -> None:
    """Put back what is shown for nobody."""
    sessions = [] if _withdrawn else list(_sessions.values())
    claimed = {held.uid for session in sessions for held in session.held} | {session.scene for session in sessions}
    for thing in shown.marked():
        if thing.session_uid not in claimed:
            shown.put_back(thing)


def _quiet() -> None:
    for session in _sessions.values():
        if session.playback is not None:
            session.playback.stop()


@bpy.app.handlers.persistent
def _before_frame(scene: bpy.types.Scene, *_: Any) -> None:
    """Set what Blender does not move itself: so a frame is made once, not twice."""
    for session in _of(scene):
        _show(scene, session, shown.is_still)


@bpy.app.handlers.persistent
def _after_frame(scene: bpy.types.Scene, *_: Any) -> None:
    """Set what Blender has just moved itself, and let the sound be heard."""
    for session in _of(scene):
        _show(scene, session, lambda held: not shown.is_still(held), evaluated=True)
        _sound(scene, session)


@bpy.app.handlers.persistent
def _updated(scene: bpy.types.Scene, *_: Any) -> None:
    """Follow what was changed besides: a layer that was muted, a key that was moved."""
    for session in _of(scene):
        if any(shown.disturbed(held) for held in session.held):
            _show(scene, session, lambda held: not shown.is_still(held), evaluated=True)


def _sound(scene: bpy.types.Scene, session: Session) -> None:
    if session.playback is None or _withdrawn or not scene.use_audio:
        return
    fps = sound.frames_per_second(scene)
    seconds = (scene.frame_current_final - session.cue.start) / fps + session.cue.skip
    if _playing:
        session.playback.follow(seconds)
    elif scene.use_audio_scrub:
        session.playback.touch(seconds, 1 / fps)


@bpy.app.handlers.persistent
def _play(*_: Any) -> None:
    global _playing
    _playing = True


@bpy.app.handlers.persistent
def _pause(*_: Any) -> None:
    global _playing
    _playing = False
    _quiet()


@bpy.app.handlers.persistent
def _rendered(*_: Any) -> None:
    """Come back on the main thread: a render tells from its own."""
    if bpy.app.background:
        come_back()
    elif not bpy.app.timers.is_registered(_come_back_soon):
        bpy.app.timers.register(_come_back_soon, first_interval=0.1)


def _rendering() -> bool:
    return bool(bpy.app.is_job_running("RENDER"))  # type: ignore[func-returns-value]


def _come_back_soon() -> float | None:
    if _rendering():
        return 0.1
    come_back()
    return None


HANDLERS = (
    ("frame_change_pre", _before_frame), ("frame_change_post", _after_frame), ("depsgraph_update_post", _updated),
    ("animation_playback_pre", _play), ("animation_playback_post", _pause), ("save_pre", withdraw),
    ("save_post", come_back), ("save_post_fail", come_back), ("render_init", withdraw),
    ("render_complete", _rendered), ("render_cancel", _rendered),
)  # fmt: skip


def _attach() -> None:
    """Listen to frames, saving and rendering, while there is a preview."""
    for name, handler in HANDLERS:
        if handler not in getattr(bpy.app.handlers, name):
            getattr(bpy.app.handlers, name).append(handler)


def _detach() -> None:
    for name, handler in HANDLERS:
        if handler in getattr(bpy.app.handlers, name):
            getattr(bpy.app.handlers, name).remove(handler)
    if bpy.app.timers.is_registered(_come_back_soon):
        bpy.app.timers.unregister(_come_back_soon)
