"""What an artist reads about a landmark is true of the template's."""

import numpy as np

from headroom.core.rig.landmark_places import PLACES
from headroom.core.rig.landmarks import NAMES, reference


def test_places_are_where_they_say():
    """Left is the person's own, +X; uppers are above lowers, and outer ends further out than inner ones."""
    points = dict(zip(PLACES, reference()[0], strict=True))
    assert len(points) == len(NAMES)
    for place, point in points.items():
        assert np.sign(round(point[0], 3)) == ("left" in place) - ("right" in place), place
    for side in ("left", "right"):
        assert points[f"{side} eye, upper lid, inside"][2] > points[f"{side} eye, lower lid, inside"][2]
        for what in ("eye", "brow"):
            outer, inner = (
                abs(points[f"{side} {what}, {end} {'end' if what == 'brow' else 'corner'}"][0])
                for end in ("outer", "inner")
            )
            assert outer > inner + 0.01
    edges = [
        points[f"{place}, middle"][2]
        for place in (
            "upper edge of the upper lip",
            "lower edge of the upper lip",
            "upper edge of the lower lip",
            "lower edge of the lower lip",
        )
    ]
    assert edges == sorted(edges, reverse=True)
