"""What the networks run on: chosen in one place, refused in one line, never at the cost of a result."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from headroom.addon import cli
from headroom.core import device
from headroom.core.errors import InputError
from headroom.core.head import decode
from headroom.core.rig.face import find
from headroom.core.speech import lips, recognise
from headroom.core.stabilize import align, place


@pytest.fixture(autouse=True)
def afresh(monkeypatch):
    monkeypatch.delenv(device.VARIABLE, raising=False)
    device.choose("auto")
    yield
    device.choose("auto")
    device.forget()


@pytest.fixture
def cards(monkeypatch):
    """Have torch offer these; "meta" computes shapes without numbers, as strict about devices as a card is."""

    def offer(*names: str) -> None:
        monkeypatch.setattr(device, "_cards", lambda: names)
        monkeypatch.setattr(device, "CHOICES", (*device.CHOICES, *names))

    return offer


def test_automatic_takes_a_card_only_for_what_gains_by_it(cards):
    cards("cuda")
    assert device.place(heavy=True) == "cuda" and device.place(heavy=False) == "cpu"
    device.choose("cpu")
    assert device.place(heavy=True) == "cpu"
    device.choose("cuda")
    assert device.place(heavy=False) == "cuda"


def test_without_a_card_automatic_is_the_cpu_and_says_nothing(cards):
    cards()
    assert device.place() == "cpu" and not device.trouble()


def test_a_card_that_is_not_there_is_one_line_and_the_cpu(cards):
    cards("mps")
    device.choose("cuda")
    assert device.place() == "cpu"
    assert device.trouble() == "PyTorch offers no CUDA here; the CPU is used"
    device.choose("mps")
    assert device.place() == "mps" and not device.trouble()


def test_the_environment_wins(cards, monkeypatch):
    cards("cuda")
    device.choose("cuda")
    monkeypatch.setenv(device.VARIABLE, "CPU")
    assert device.place() == "cpu"


def test_what_is_no_device_is_refused(monkeypatch, capsys, tmp_path):
    with pytest.raises(InputError, match="choose one of auto, cpu, cuda, mps"):
        device.choose("gpu")
    monkeypatch.setenv(device.VARIABLE, "gpu")
    assert cli.run(["generate", "-o", str(tmp_path / "head.npz")]) == 2
    assert capsys.readouterr().err.strip().splitlines() == [
        "headroom: HEADROOM_DEVICE gpu: not known; choose one of auto, cpu, cuda, mps"
    ]


def test_the_command_line_says_what_it_did_instead(cards, monkeypatch, capsys):
    cards()
    monkeypatch.setenv(device.VARIABLE, "cuda")
    line = Path(__file__).resolve().parents[2] / "docs/demo/line.flac"
    assert cli.run(["lipsync", str(line), "-o", "/dev/null/no.csv"]) == 2  # no place to write to; it was not asked yet
    capsys.readouterr()
    device.place()
    monkeypatch.setattr(cli, "parser", lambda: Asked())
    assert cli.run([]) == 0
    assert capsys.readouterr().err == "headroom: warning: PyTorch offers no CUDA here; the CPU is used\n"


class Asked:
    """A parser of a verb that does nothing."""

    def parse_args(self, _):
        return self

    def verb(self, _):
        return 0


NETWORKS = {
    "phones": (recognise.network, (torch.zeros(1, 400, 64),), {}),
    "lips": (lips.network, (torch.zeros(1, 400, 46),), {}),
    "seeker": (find.seeker, (torch.zeros(1, 5, 64, 64),), {}),
    "marker": (find.marker, (torch.zeros(1, 5, 64, 64),), {}),
    "shapes": (decode.network, (torch.zeros(1, 290), torch.zeros(177340, dtype=torch.long)), {}),
    "place": (place.network, (torch.zeros(2, 50, 3),), {"rounds": 2}),
    "skull": (align.network, (*2 * (torch.zeros(2, 128, 3),), *2 * (torch.ones(2, 128),)), {}),
}  # fmt: skip


def leaves(made) -> list[torch.Tensor]:
    if isinstance(made, torch.Tensor):
        return [made]
    return [leaf for one in (made.values() if isinstance(made, dict) else made) for leaf in leaves(one)]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_runs_wholly_where_it_is_told_to(name, cards, monkeypatch):
    """A tensor that is made on the CPU on the way would be refused by the others."""
    cards("meta")
    device.choose("meta")
    monkeypatch.setattr(device, "_back", lambda made: made)
    load, inputs, settings = NETWORKS[name]
    with torch.inference_mode():
        made = leaves(device.run(load(), *inputs, **settings))
    assert not device.trouble() and {one.device.type for one in made} == {"meta"}
    assert all(one.device.type == "cpu" for one in load().parameters()), "the one on the CPU stays"


@pytest.mark.parametrize("name", NETWORKS)
def test_a_card_that_fails_costs_no_result(name, cards):
    """Nothing comes back from "meta", as from a card that has no memory left: the CPU goes on, with the same bits."""
    cards("meta")
    load, inputs, settings = NETWORKS[name]
    with torch.inference_mode():
        wanted = leaves(load()(*inputs, **settings))
        device.choose("meta")
        made = leaves(device.run(load(), *inputs, **settings))
    assert all(torch.equal(a, b) for a, b in zip(made, wanted, strict=True))
    assert "failed and the CPU is used" in device.trouble() and "\n" not in device.trouble()
    assert device.place() == "cpu", "it is not asked again"


def test_copies_on_a_card_go_with_their_network(cards):
    cards("meta")
    device.choose("meta")
    network = torch.nn.Linear(2, 2)
    device.run(network, torch.zeros(1, 2))
    assert len(device.copies()) == 1
    del network
    assert not device.copies()
