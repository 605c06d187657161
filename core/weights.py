"""The bundled model files: found by name, checked before use, loaded once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import WeightsError

if TYPE_CHECKING:
    import numpy as np

FOLDER = Path(__file__).parent / "models"
FORMAT = 1
"""Raised when code and files stop understanding each other."""
LARGEST = 64 << 20
"""Bytes of a model file."""


class Arrays(dict):
    """A model's arrays by name; asking for one it lacks says that the file belongs to another version."""

    def __missing__(self, key: str) -> np.ndarray:
        raise WeightsError(f"weights: no array {key}; made for another version; reinstall Headroom")


@dataclass(frozen=True)
class Weights:
    """One model file: its arrays by name (as stored, usually float16) and the settings that rebuild the network."""

    name: str
    config: dict[str, Any]
    arrays: Arrays

    def fill(self, module: Any) -> Any:
        """Copy the arrays into a torch module as float32, set it to evaluate, and give it back.

        Raises `WeightsError` when names or shapes differ from the module's.
        """
        import torch

        state = {key: torch.from_numpy(array.astype("float32")) for key, array in self.arrays.items()}
        try:
            module.load_state_dict(state)
        except RuntimeError as error:
            raise WeightsError(f"weights {self.name}: made for another version; reinstall Headroom") from error
        return module.eval().requires_grad_(False)


@cache
def load(name: str, folder: Path | None = None) -> Weights:
    """Read the model called `name` from `folder` (the shipped ones), after checking it against the index.

    Raises `WeightsError`, one line with what to do, when the file is missing, damaged or of another version.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as parse

    folder = folder or FOLDER
    try:
        index = json.loads(_bytes(folder / "index.json"))
        entry = index[name]
        blob = _bytes(folder / entry["file"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise WeightsError(f"weights {name}: missing from {folder}; reinstall Headroom") from error
    if entry.get("format") != FORMAT:
        raise WeightsError(f"weights {name}: format {entry.get('format')}, needed {FORMAT}; reinstall Headroom")
    if hashlib.sha256(blob).hexdigest() != entry.get("sha256"):
        raise WeightsError(f"weights {name}: {folder / entry['file']} is damaged; reinstall Headroom")
    try:
        arrays = parse(blob)
    except (SafetensorError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise WeightsError(f"weights {name}: {folder / entry['file']} cannot be read; reinstall Headroom") from error
    return Weights(name, entry.get("config", {}), Arrays(arrays))


def _bytes(path: Path) -> bytes:
    """Read a file that is not larger than all models together may be. Raises OSError or ValueError."""
    if not path.is_file():
        raise FileNotFoundError(path)
    with path.open("rb") as file:
        blob = file.read(LARGEST + 1)
    if len(blob) > LARGEST:
        raise ValueError("too large")
    return blob


def save(name: str, arrays: dict[str, np.ndarray], config: dict[str, Any], folder: Path = FOLDER) -> Path:
    """Write a model as `name`.safetensors and enter it in the index; what `training` calls at the end."""
    import numpy as np
    from safetensors.numpy import save as pack

    folder.mkdir(parents=True, exist_ok=True)
    blob = pack({key: np.ascontiguousarray(array) for key, array in arrays.items()})  # it writes memory as it lies
    path = folder / f"{name}.safetensors"
    path.write_bytes(blob)
    index_path = folder / "index.json"
    index = json.loads(index_path.read_text(encoding="utf-8")) if index_path.exists() else {}
    index[name] = {"file": path.name, "format": FORMAT, "sha256": hashlib.sha256(blob).hexdigest(), "config": config}
    index_path.write_text(json.dumps(index, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    load.cache_clear()
    return path
