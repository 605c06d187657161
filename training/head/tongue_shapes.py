"""The tongue's shapes for speech, made as a tongue makes them: a bending body that keeps its volume.

The tongue is a muscle without bones. It is described by its middle line from root to tip and by the width and height
of the sections along it; a shape bends and stretches the line, and what a section loses in length or width it gains in
height. Afterwards the surface is held under the palate and off teeth, gums and lips, and swollen or shrunk evenly until
its volume is that at rest. All of this happens in the frame of the lower jaw, which the tongue rides on.
Targets of the shapes: Ladefoged and Maddieson 1996, The Sounds of the World's Languages, chapters 2 and 9.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from headroom.core.head.anatomy import JAW_OPEN
from headroom.core.head.correctives import TONGUE_OPENS, TONGUE_TURNS

from .skinning import turned
from .tongue_contact import LOWER_TEETH, Mouth, Solid, held
from .tongue_line import Bend, Drawn, Line

BENDS = {
    "tongueTipUp": Bend(
        up=((0.45, 0.0), (0.68, 0.30), (0.85, 0.55), (1.0, 0.75)), stretch=((0.5, 1.0), (0.9, 0.97)),
        lift=((0.4, 0.0), (0.65, 0.0015), (1.0, 0.0)),
    ),
    "tongueTipTeeth": Bend(
        up=((0.4, 0.0), (0.6, 0.34), (0.8, 0.18), (1.0, -0.05)), stretch=((0.2, 1.0), (0.6, 1.22), (1.0, 1.15)),
    ),
    "tongueBackUp": Bend(
        lift=((0.02, 0.0), (0.30, 0.0115), (0.6, 0.001), (1.0, 0.0)), shift=((0.1, 0.0), (0.4, 0.003), (1.0, 0.004)),
        up=((0.5, 0.0), (1.0, -0.1)),
    ),
    "tongueNarrow": Bend(width=((0.0, 1.0), (0.45, 0.80), (0.9, 0.72)), shift=((0.2, 0.0), (1.0, 0.002))),
    "tongueWide": Bend(width=((0.0, 1.0), (0.4, 1.10), (0.7, 1.22), (1.0, 1.3)), stretch=((0.5, 1.0), (1.0, 0.97))),
    "tongueFrontUp": Bend(
        lift=((0.25, 0.0), (0.6, 0.0115), (0.82, 0.006), (1.0, 0.0)), up=((0.75, 0.0), (1.0, -0.2)),
        shift=((0.0, 0.0), (0.6, -0.001), (1.0, 0.0)),
    ),
    "tongueCurl": Bend(
        up=((0.42, 0.0), (0.6, 0.35), (0.75, 0.75), (0.88, 1.25), (1.0, 1.6)),
        stretch=((0.5, 1.0), (0.8, 1.12), (1.0, 1.0)),
    ),
    "tongueRetract": Bend(
        stretch=((0.0, 0.95), (0.5, 0.82), (1.0, 0.80)), shift=((0.0, 0.005), (0.4, 0.004), (1.0, 0.004)),
        lift=((0.05, 0.0), (0.25, 0.003), (0.5, 0.0)),
    ),
    "tongueDown": Bend(
        lift=((0.1, 0.0), (0.4, -0.0055), (0.75, -0.003), (1.0, 0.0)), groove=((0.2, 0.0), (0.5, 0.002), (0.95, 0.0)),
        width=((0.2, 1.0), (0.6, 1.05), (1.0, 1.05)),
    ),
    "tongueLeft": Bend(side=((0.2, 0.0), (0.65, 0.20), (1.0, 0.50)), width=((0.4, 1.0), (0.75, 0.90), (1.0, 0.85)),
                       stretch=((0.4, 1.0), (0.9, 0.97))),
    "tongueRight": Bend(side=((0.2, 0.0), (0.65, -0.20), (1.0, -0.50)), width=((0.4, 1.0), (0.75, 0.90), (1.0, 0.85)),
                        stretch=((0.4, 1.0), (0.9, 0.97))),
}  # fmt: skip

OUT = Drawn((
    (0.00, -0.0670, -0.0250, 0.0150, 0.0116), (0.20, -0.0490, -0.0125, 0.0158, 0.0068),
    (0.40, -0.0250, -0.0004, 0.0150, 0.0051), (0.55, -0.0050, 0.0054, 0.0140, 0.0039),
    (0.65, 0.0050, 0.0060, 0.0140, 0.0037), (0.75, 0.0140, 0.0060, 0.0140, 0.0040),
    (0.88, 0.0240, 0.0040, 0.0138, 0.0042), (1.00, 0.0320, 0.0000, 0.0095, 0.0032),
))  # fmt: skip
"""`tongueOut`: over the lower incisors and lip, thin between the teeth, as wide as they let it, its tip hanging."""
HALFWAY = Drawn((
    (0.00, -0.0670, -0.0250, 0.0150, 0.0116), (0.25, -0.0510, -0.0110, 0.0172, 0.0108),
    (0.50, -0.0330, -0.0034, 0.0160, 0.0076), (0.75, -0.0170, 0.0003, 0.0128, 0.0048),
    (1.00, -0.0048, 0.0025, 0.0075, 0.0016),
))  # fmt: skip
"""On the way out: the tip lifted between the edges of the incisors, which it would otherwise go through."""


def tongue_shapes(tongue: Solid, mouth: Callable[[float], Mouth]) -> dict[str, np.ndarray]:
    """Give each shape's delta (N, 3) on the vertices of `tongue`, and that of each corrective of the tongue.

    mouth: gives the mouth as `jawOpen` at a value opens it, seen from the lower jaw. Correctives `jawOpen_*` turn a
    shape along with the jaw that opens.
    """
    rest, line, shut = tongue[0], Line.of(tongue[0]), mouth(0.0)
    shapes = {name: held(line.bent(bend), tongue, shut) - rest for name, bend in BENDS.items()}
    edge = lower_edge(shut.solids[LOWER_TEETH][0])
    out = shapes["tongueOut"] = held(line.drawn(OUT, edge), tongue, mouth(TONGUE_OPENS)) - rest
    shapes["tongueOut_half"] = held(line.drawn(HALFWAY, edge), tongue, mouth(TONGUE_OPENS / 2)) - rest - out / 2
    for name in TONGUE_TURNS:
        turning = shapes[name] if name != "tongueOut" else held(rest + out, tongue, mouth(1.0)) - rest
        shapes[f"jawOpen_{name}"] = turned(turning, JAW_OPEN) - shapes[name]
    return shapes


def lower_edge(teeth: np.ndarray) -> np.ndarray:
    """Give the middle (3,) of the edge of the lower incisors of lower teeth (N, 3)."""
    incisors = teeth[np.abs(teeth[:, 0]) < 0.006]
    return incisors[incisors[:, 2].argmax()] * [0, 1, 1]
