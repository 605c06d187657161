"""Model files: written, found, checked and refused, each with one line that says what to do."""

import json
from pathlib import Path

import numpy as np
import pytest

from headroom.core import weights
from headroom.core.errors import WeightsError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    arrays = {"weight": np.arange(6, dtype=np.float16).reshape(2, 3), "bias": np.ones(2, np.float16)}
    weights.save("tiny", arrays, {"inputs": 3, "outputs": 2}, tmp_path)
    return tmp_path


def test_what_was_saved_comes_back(folder: Path) -> None:
    made = weights.load("tiny", folder)
    assert made.name == "tiny" and made.config == {"inputs": 3, "outputs": 2}
    np.testing.assert_array_equal(made.arrays["weight"], np.arange(6).reshape(2, 3))
    assert made.arrays["weight"].dtype == np.float16


def test_it_is_read_once(folder: Path) -> None:
    assert weights.load("tiny", folder) is weights.load("tiny", folder)


def test_saving_again_replaces(folder: Path) -> None:
    weights.load("tiny", folder)
    weights.save("tiny", {"weight": np.zeros((1, 1), np.float16)}, {"inputs": 1}, folder)
    assert weights.load("tiny", folder).config == {"inputs": 1}


def test_two_models_share_an_index(folder: Path) -> None:
    weights.save("other", {"x": np.zeros(1, np.float16)}, {}, folder)
    assert weights.load("tiny", folder).name == "tiny" and weights.load("other", folder).name == "other"


def test_a_module_is_filled_in_float32_and_does_not_learn(folder: Path) -> None:
    torch = pytest.importorskip("torch")
    module = weights.load("tiny", folder).fill(torch.nn.Linear(3, 2))
    assert module.weight.dtype == torch.float32 and not module.weight.requires_grad and not module.training
    torch.testing.assert_close(module(torch.tensor([1.0, 0.0, 0.0])), torch.tensor([1.0, 4.0]))


def test_a_module_of_another_shape_is_refused(folder: Path) -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(WeightsError, match=r"tiny.*another version.*reinstall"):
        weights.load("tiny", folder).fill(torch.nn.Linear(4, 2))


def damage_nothing(folder: Path) -> None:
    (folder / "tiny.safetensors").unlink()


def damage_index(folder: Path) -> None:
    (folder / "index.json").write_text("{", encoding="utf-8")


def damage_kind(folder: Path) -> None:
    (folder / "index.json").write_text("[]", encoding="utf-8")


def damage_bits(folder: Path) -> None:
    blob = bytearray((folder / "tiny.safetensors").read_bytes())
    blob[-1] ^= 1
    (folder / "tiny.safetensors").write_bytes(blob)


def damage_end(folder: Path) -> None:
    blob = (folder / "tiny.safetensors").read_bytes()
    (folder / "tiny.safetensors").write_bytes(blob[: len(blob) // 2])


def damage_format(folder: Path) -> None:
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    index["tiny"]["format"] = weights.FORMAT + 1
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (damage_nothing, "missing"),
        (damage_index, "missing"),
        (damage_kind, "missing"),
        (damage_bits, "damaged"),
        (damage_end, "damaged"),
        (damage_format, "format"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(folder: Path, damage, words: str) -> None:
    damage(folder)
    weights.load.cache_clear()
    with pytest.raises(WeightsError) as caught:
        weights.load("tiny", folder)
    message = str(caught.value)
    assert "tiny" in message and words in message and "reinstall Headroom" in message and "\n" not in message


def test_an_unknown_name_is_refused(folder: Path) -> None:
    with pytest.raises(WeightsError, match=r"nobody.*missing"):
        weights.load("nobody", folder)
