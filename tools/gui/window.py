"""A real Blender window on a screen in memory, used as a user does: by mouse and keyboard."""

from __future__ import annotations

import json
import select
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
STEP = 14
"""Pixels between two looks when searching for buttons: less than the height of one."""
AT_ONCE = 12
"""Places that are looked at before what was found is asked for."""


class WindowError(Exception):
    """The window did not do what was asked, or Blender is gone."""


class Window:
    """Blender in the Debian system `suite`; screenshots go to `pictures`, named after the suite and a step."""

    def __init__(self, suite: str, pictures: Path) -> None:
        self.suite, self.pictures = suite, pictures
        build = subprocess.run([HERE / "chroot.sh", suite], stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        if build.returncode != 0:
            raise WindowError(f"the {suite} system could not be built")
        self.root = build.stdout.strip().splitlines()[-1]
        self.shared = Path(tempfile.mkdtemp(prefix="headroom-gui-"))  # short: a socket's path has 108 bytes at most
        for name in ("driver.py", "session.sh"):
            shutil.copy(HERE / name, self.shared / name)
        self.shell: subprocess.Popen[bytes] | None = None
        self.places: dict[str, tuple[int, int]] = {}
        self.log = (self.shared / "log.txt").open("wb")
        self.process = subprocess.Popen(
            self.enter("/mnt/work/session.sh"), stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT
        )
        self.wait(lambda: self.ask("result = bpy.app.version_string"), 90, "Blender does not answer")

    def enter(self, command: str) -> list[str]:
        """Give the command line that runs a program inside the system."""
        return [str(HERE / "enter.sh"), self.root, str(self.shared), command]

    def close(self) -> None:
        """End Blender and its screen, and remove what the session left."""
        for process in (self.shell, self.process):
            if process is not None:
                process.kill()
                process.wait()
        self.log.close()
        shutil.rmtree(self.shared, ignore_errors=True)

    def output(self) -> str:
        """Give what Blender printed so far."""
        return (self.shared / "log.txt").read_text(errors="replace")

    def ask(self, code: str, timeout: float = 60.0) -> Any:
        """Run code inside Blender and give what it leaves in `result`."""
        if self.process.poll() is not None:
            raise WindowError(f"Blender ended with code {self.process.returncode}:\n{self.output()[-3000:]}")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout)
            connection.connect(str(self.shared / "blender.sock"))
            connection.sendall(json.dumps({"code": code}).encode() + b"\n")
            reply = json.loads(connection.makefile("r", encoding="utf-8").readline())
        if "error" in reply:
            raise WindowError(reply["error"])
        return reply["result"]

    def wait(self, condition: Callable[[], Any] | str, seconds: float, otherwise: str) -> Any:
        """Wait until a condition, or an expression inside Blender, is true; gives its value."""
        check = (lambda: self.ask(f"result = {condition}")) if isinstance(condition, str) else condition
        until = time.monotonic() + seconds
        while True:
            try:
                value = check()
                if value:
                    return value
            except OSError:  # not there yet, or busy
                pass
            if time.monotonic() > until:
                raise WindowError(f"{otherwise} within {seconds:g} s\n{self.output()[-2000:]}")
            time.sleep(0.1)

    def inside(self, command: str, timeout: float = 60.0) -> None:
        """Run a shell command beside Blender, on its screen; raises `WindowError` when it fails or takes too long."""
        if self.shell is None:  # one shell for all of them: entering the system takes longer than a click
            self.shell = subprocess.Popen(self.enter("bash"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.shell.stdin and self.shell.stdout
        self.shell.stdin.write(f"{{ {command}; }} >/dev/null; echo $?\n".encode())
        self.shell.stdin.flush()
        ready, _, _ = select.select([self.shell.stdout], [], [], timeout)
        status = self.shell.stdout.readline().strip() if ready else b"took too long"
        if status != b"0":
            raise WindowError(f"{command}: {status.decode() or 'the system beside Blender is gone'}")

    def move(self, x: int, y: int) -> None:
        """Put the mouse there, in pixels from the screen's top left."""
        self.inside(f"xdotool mousemove {x} {y}")

    def click(self, x: int, y: int) -> None:
        """Press the left mouse button there, as slowly as a hand does."""
        self.inside(f"xdotool mousemove {x} {y}; sleep 0.4; xdotool click 1; sleep 0.2")

    def key(self, name: str) -> None:
        """Press a key ("Escape", "ctrl+z") with the mouse over the middle of the 3D view."""
        self.inside(f"xdotool mousemove 500 420; sleep 0.3; xdotool key {name}; sleep 0.3")

    def screenshot(self, step: str, still: bool = False) -> Path:
        """Save what the screen shows as <suite>-<step>.png and give the path; the mouse goes out of the way before,
        unless it shall stay `still`, as for a menu that would close."""
        if not still:
            self.move(200, 560)
        time.sleep(0.5)
        self.inside("xwd -root -silent | convert xwd:- /mnt/work/shot.png")
        self.pictures.mkdir(parents=True, exist_ok=True)
        path = self.pictures / f"{self.suite}-{step}.png"
        shutil.copy(self.shared / "shot.png", path)
        return path

    def open_tab(self, name: str) -> None:
        """Open the sidebar on a tab."""
        self.wait(lambda: self.ask(f"result = show_tab({name!r})") == name, 30, f"no tab {name} in the sidebar")
        time.sleep(1.0)  # drawn at its full width

    def drag(self, start: tuple[int, int], pixels: int, steps: int = 12) -> None:
        """Press the left mouse button there, pull it sideways and let go, as slowly as a hand does."""
        x, y = start
        pull = "; ".join(
            f"xdotool mousemove {x + round(pixels * k / steps)} {y}; sleep 0.06" for k in range(1, steps + 1)
        )
        self.inside(f"xdotool mousemove {x} {y}; sleep 0.4; xdotool mousedown 1; sleep 0.1; {pull}; xdotool mouseup 1")

    def find(self, command: str, shares: tuple[float, ...] = (0.6, 0.25)) -> tuple[int, int]:
        """Give the middle of the button whose command or property contains these words.

        shares: where to look in each line, from the sidebar's left edge (0) to its right (1), one after the other.
        Where one was found before is looked at first: most panels stay where they are. The mouse leaves it meanwhile,
        since Blender does not draw a button anew that is under the mouse, and that one keeps its settings of before.
        What is below the sidebar's edge is scrolled to.
        """
        known, seen = self.places.get(command), set[str]()
        if known is not None:
            self.move(200, 560)
            self.ask("redraw()")
            time.sleep(0.2)
        if known is not None and command in self.look([known])[0]:
            return known
        for _ in range(3):
            for share in shares:
                place = self._search(command, share, seen)
                if place is not None:
                    self.places[command] = place
                    return place
            if not self.scroll(-6):
                break
        raise WindowError(f"the sidebar has no button for {command}, only {sorted(seen)}")

    def _search(self, command: str, share: float, seen: set[str]) -> tuple[int, int] | None:
        """Search the sidebar downwards with the mouse; notes what else was `seen`."""
        left, top, width, height = self.ask("result = sidebar()")
        places = [(left + int(width * share), y) for y in range(top + STEP, top + height, STEP)]
        for first in range(0, len(places), AT_ONCE):
            some = places[first : first + AT_ONCE]
            for (x, y), name in zip(some, self.look(some), strict=True):
                seen.add(name)
                if command in name:  # here, or just above where busy cores showed the one before
                    near = [(x, y + far) for far in range(-STEP, STEP, 4)]
                    hits = [place for place, said in zip(near, self.look(near), strict=True) if command in said]
                    if hits:
                        return _middle(hits)
        return None

    def scroll(self, turns: int) -> bool:
        """Turn the mouse's wheel over the sidebar, upwards or (negative) downwards; tells whether it moved."""
        left, top, width, height = self.ask("result = sidebar()")
        where = "result = view()[1].view2d.region_to_view(0, 0)[1]"
        before, wheel = self.ask(where), 4 if turns > 0 else 5
        self.inside(
            f"xdotool mousemove {left + width // 2} {top + height // 2}; sleep 0.3; "
            f"xdotool click --repeat {abs(turns)} --delay 60 {wheel}; sleep 0.6"
        )
        return bool(self.ask(where) != before)

    def look(self, places: list[tuple[int, int]]) -> list[str]:
        """Give the command or property of the sidebar's button at each place, empty for none."""
        self.ask(f"scan({places!r})")
        return list(self.wait("scanned", 30 + len(places), "the mouse does not get through"))

    def fold(self, first: str, above: int) -> None:
        """Fold a panel by a click on its title, which lies `above` pixels over the button that contains `first`."""
        self.click(self.ask("result = sidebar()")[0] + 60, self.find(first)[1] - above)
        time.sleep(0.5)

    def unfold(self, above: str, number: int = 1) -> None:
        """Open or fold a panel by a click on its title, the `number`-th of folded ones under the button that contains
        `above`, the last of the panel before."""
        self.click(self.ask("result = sidebar()")[0] + 60, self.find(above)[1] + 36 + 26 * (number - 1))
        time.sleep(0.5)

    def write(self, field: str, text: str) -> None:
        """Click into the text field whose property contains these words, and type over what stands there."""
        self.click(*self.find(field))
        quoted = text.replace("'", "'\\''")
        self.inside(f"sleep 0.3; xdotool key ctrl+a; xdotool type --delay 25 '{quoted}'; xdotool key Return; sleep 0.4")

    def press(self, command: str) -> None:
        """Click the button whose command contains these words; the tab must be open."""
        self.click(*self.find(command))


def _middle(places: list[tuple[int, int]]) -> tuple[int, int]:
    """Give the place halfway down; of two the upper: just below a button Blender still means it, a click does not."""
    return places[(len(places) - 1) // 2]
