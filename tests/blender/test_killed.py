"""Blender is killed in the middle of something: what was saved opens, files are whole, and the next try works.

A copy of the process does the work and kills itself at its n-th change of a file, for every n until it comes through.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy
import numpy as np
import pytest
from captures import head, motion, played, still, take  # noqa: F401 - fixtures
from exported import talking  # noqa: F401 - fixture

if not hasattr(os, "fork"):
    pytest.skip("processes cannot be copied here", allow_module_level=True)

SECONDS = 30
EVENTS = {"open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "shutil.move", "shutil.rmtree"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def killed(act: Callable[[], object], folder: Path) -> Iterator[int]:
    """Do something again and again, killed just before its first, second … change of a file in a folder; gives the
    number each time. Ends when it came through."""
    number = 0
    while True:
        number += 1
        child = os.fork()
        if not child:
            status = 1
            try:
                signal.alarm(SECONDS)
                _kill_at(number, folder)
                act()
                status = 0
            finally:
                os._exit(status)
        ended = os.waitpid(child, 0)[1]
        if not os.WIFSIGNALED(ended):
            assert os.WEXITSTATUS(ended) == 0
            assert number > 2, "nothing was written"
            return
        assert os.WTERMSIG(ended) == signal.SIGKILL, f"signal {os.WTERMSIG(ended)}"
        yield number


def _kill_at(number: int, folder: Path) -> None:
    left = number

    def hook(event: str, given: tuple[object, ...]) -> None:
        nonlocal left
        if event not in EVENTS or (event == "open" and not (isinstance(given[2], int) and given[2] & WRITES)):
            return
        if isinstance(given[0], str | os.PathLike) and str(given[0]).startswith(str(folder)):
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


@pytest.fixture
def saved(tmp_path):
    """Save the open file, and tell whether it can be opened as it was: `saved()` first, then `saved()` again."""
    path = tmp_path / "work.blend"
    before: list[object] = []

    def same() -> bool:
        if not before:
            bpy.ops.wm.save_as_mainfile(filepath=str(path))
        now = path.read_bytes()
        before.append(now)
        bpy.ops.wm.open_mainfile(filepath=str(path))
        return now == before[0]

    return same


def hidden(folder: Path) -> list[Path]:
    return [one for one in folder.iterdir() if one.name.startswith(".headroom-")]


def age(folder: Path) -> None:
    """Let what was left be of another day."""
    for left in hidden(folder):
        for one in (*left.rglob("*"), left):
            os.utime(one, (0, 0))


def select(name: str) -> bpy.types.Object:
    thing = bpy.data.objects[name]
    thing.select_set(True)
    bpy.context.view_layer.objects.active = thing
    return thing


def once(work: Callable[..., object]) -> Callable[..., object]:
    """Do something the first time, and give what came out then afterwards."""
    made: list[object] = []

    def again(*given: object) -> object:
        if not made:
            made.append(work(*given))
        return made[0]

    return again


def test_stabilizing_leaves_whole_caches_or_none(played, saved, tmp_path, part, monkeypatch):
    """A cache that another saved file may play is never touched.

    The network runs once: torch's threads do not come along into a copy of the process.
    """
    stabilizing = part("core.stabilize.stabilize")
    monkeypatch.setattr(stabilizing, "stabilize", once(stabilizing.stabilize))
    name = played("pc2").name
    saved()

    def stabilize() -> None:
        select(name)
        assert bpy.ops.headroom.stabilize(neutral=False, frame=5) == {"FINISHED"}

    stabilize()
    kept = {path: path.read_bytes() for path in tmp_path.glob("*.pc2")}
    (whole,) = {len(blob) for path, blob in kept.items() if "stabilized" in path.name}
    assert saved()
    for _ in killed(stabilize, tmp_path):
        assert saved()
        assert all(path.read_bytes() == blob for path, blob in kept.items())
        assert {path.stat().st_size for path in tmp_path.glob("*stabilized*.pc2")} == {whole}
    assert hidden(tmp_path), "else nothing was killed in the middle"
    age(tmp_path)
    stabilize()
    assert not hidden(tmp_path), "what was left goes the next time, a day later"


@pytest.fixture
def quick_elsewhere(part, monkeypatch):
    """Let another Blender write once; afterwards the same files appear without it."""
    elsewhere = part("addon.elsewhere")
    real, said, written = elsewhere.run, [], {}

    def run(words, *given):
        stage = Path(words[-1]).parent  # the last word is --output's
        if not said:
            said.append(real(words, *given))
            written.update((path.name, path.read_bytes()) for path in stage.iterdir())
        for name, content in written.items():
            (stage / name).write_bytes(content)
        return said[0]

    monkeypatch.setattr(elsewhere, "run", run)


@pytest.mark.parametrize("ending", ["glb", "csv"])
def test_an_export_is_the_old_or_the_new(talking, saved, tmp_path, quick_elsewhere, ending):
    out = tmp_path / "out"
    name = talking.name
    saved()

    def export() -> None:
        select(name)
        assert bpy.ops.headroom.export_check(folder=str(out), format=ending) == {"FINISHED"}

    export()
    sizes = {path.name: path.stat().st_size for path in out.iterdir()}
    for before in (None, b"an older one"):
        for name_of_it in sizes:
            (out / name_of_it).unlink()
            if before is not None:
                (out / name_of_it).write_bytes(before)
        assert saved()
        for _ in killed(export, out):
            assert saved()
            there = {path.name: path for path in out.iterdir() if path not in hidden(out)}
            assert before is None or set(there) == set(sizes)
            for found, path in there.items():
                assert path.read_bytes() == before or path.stat().st_size == sizes[found]
        assert {path.name for path in out.iterdir() if path not in hidden(out)} == set(sizes)


def test_a_saved_person_is_the_old_or_the_new(part):
    people, identity = part("addon.people"), part("core.head.identity").Identity
    size = part("core.head.population").population().size
    old, new = identity(np.zeros(size)), identity(np.full(size, 0.5))
    people.save("Anna", old)
    for _ in killed(lambda: people.save("Anna", new), people._folder()):
        assert people.names() == ["Anna"]
        assert people.load("Anna").code[0] in (0.0, 0.5)
    assert people.load("Anna").code[0] == 0.5
    age(people._folder())
    people.save("Anna", old)
    assert not hidden(people._folder())
    people.remove("Anna")


def test_a_saved_key_map_is_the_old_or_the_new(part, body, tmp_path):
    path = tmp_path / "map.json"
    bpy.ops.headroom.recognize_keys()

    def save() -> None:
        assert bpy.ops.headroom.save_key_map(filepath=str(path)) == {"FINISHED"}

    save()
    wanted = path.read_bytes()
    path.write_bytes(b"{}")
    for _ in killed(save, tmp_path):
        assert path.read_bytes() in (b"{}", wanted)
    assert path.read_bytes() == wanted


def test_a_lip_sync_that_is_killed_has_changed_nothing(models, part, body, wave, saved, tmp_path, monkeypatch):
    """Nothing is written before the artist saves; the file on disk stays as it was."""
    sound, name = wave(1.0), body.name
    saved()
    lipsync = part("core.speech.lipsync")
    real = lipsync.lipsync

    def dies(*given):
        real(*given)
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if not child:
        lipsync.lipsync = dies
        select(name)
        bpy.ops.headroom.lip_sync(filepath=str(sound))
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert saved() and not hidden(tmp_path)
    select(name)
    assert bpy.ops.headroom.lip_sync(filepath=str(sound)) == {"FINISHED"}
