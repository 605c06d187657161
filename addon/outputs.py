"""Files that appear whole or not at all: written in a hidden folder beside their place, then moved there."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from ..core.errors import InputError, OutputError
from ..core.formats.atomic import HIDDEN, sweep


class Staging:
    """A folder to write into; when the block ends well, everything in it moves to `folder`, otherwise it vanishes.

    Missing parents are made, and taken away again when nothing was written. Raises `OutputError`, before any work
    is done, when the place cannot be written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made: list[Path] = []

    def __enter__(self) -> Path:
        missing = [place for place in (self.folder, *self.folder.parents) if not place.exists()]
        try:
            for place in reversed(missing):
                place.mkdir()
                self._made.append(place)
            home = self.folder.resolve()  # Blender takes a relative path from $PWD, or from beside the .blend
            sweep(home)
            self._stage = Path(tempfile.mkdtemp(prefix=HIDDEN, dir=home))
        except OSError as error:
            self._take_back()
            raise OutputError(
                f"{self.folder}: cannot be written to ({_reason(error)}); choose another place"
            ) from error
        return self._stage

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                for made in sorted(self._stage.rglob("*")):
                    place = self.folder / made.relative_to(self._stage)
                    if made.is_dir():
                        place.mkdir(exist_ok=True)
                    else:
                        made.replace(place)
        except OSError as problem:
            error = problem
        shutil.rmtree(self._stage, ignore_errors=True)
        if error is not None:
            self._take_back()
        if isinstance(error, OSError):
            raise OutputError(f"{self.folder}: cannot be written to ({_reason(error)})") from error

    def _take_back(self) -> None:
        for place in reversed(self._made):
            try:
                place.rmdir()
            except OSError:  # something else is in it by now
                return


def destination(output: Path | None, form: str | None, endings: tuple[str, ...], stem: str) -> Path:
    """Decide the file that `-o` and `--format` mean; `stem` names a file in a folder.

    Raises `InputError` for no output, an unknown ending or format.
    """
    known = ", ".join(ending[1:] for ending in endings)
    if output is None:
        raise InputError(f"say where the result goes: -o FILE, with one of the endings {known}")
    if form is not None:
        ending = "." + form.lstrip(".")  # as it was typed: Praat's is .TextGrid
        if ending.lower() not in endings:
            raise InputError(f"--format {form}: not known; choose one of {known}")
        named = output.suffix.lower() == ending.lower() and not output.is_dir()
        return output if named else output / f"{stem}{ending}"
    if output.is_dir():
        raise InputError(f"{output}: is a folder; add --format with one of {known}")
    if output.suffix.lower() not in endings:
        raise InputError(f"{output}: unknown ending {output.suffix or 'none'!r}; choose one of {known}")
    return output


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
