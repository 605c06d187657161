"""Kinds of people to start from: a few attributes each, the rest left to the seed."""

from __future__ import annotations

from ..errors import InputError

PRESETS: dict[str, tuple[str, dict[str, float]]] = {
    "young_woman": ("Young Woman", {"age": 22.0, "sex": 0.0, "weight": 0.45}),
    "young_man": ("Young Man", {"age": 24.0, "sex": 1.0, "weight": 0.45}),
    "woman": ("Woman", {"age": 42.0, "sex": 0.0}),
    "man": ("Man", {"age": 45.0, "sex": 1.0}),
    "old_woman": ("Old Woman", {"age": 75.0, "sex": 0.0, "hair_tone": 0.1}),
    "old_man": ("Old Man", {"age": 78.0, "sex": 1.0, "hair_tone": 0.1}),
    "child": ("Child", {"age": 8.0, "sex": 0.5, "asymmetry": 0.2}),
    "teenager": ("Teenager", {"age": 15.0, "sex": 0.5}),
    "heavy_man": ("Heavy Man", {"age": 50.0, "sex": 1.0, "weight": 0.95, "muscle": 0.4}),
    "athlete": ("Athlete", {"age": 28.0, "weight": 0.4, "muscle": 0.95}),
}
"""Name -> title, and the attributes that it fixes."""


def preset(name: str) -> dict[str, float]:
    """Give the attributes that a preset fixes; raises `InputError` for an unknown name."""
    if name not in PRESETS:
        raise InputError(f"--preset {name}: not known; choose one of {', '.join(PRESETS)}")
    return dict(PRESETS[name][1])
