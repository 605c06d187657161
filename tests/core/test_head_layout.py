"""The skin's layout: closed loops where an artist expects them, poles only at block corners."""

from collections import Counter

import numpy as np

from training.head.layout import BLOCKS, CAP_LENGTH, CAP_SIDE, COLUMNS, LIP_BORDER, LIP_INNER, ROWS, build


def test_half_head_is_one_disc_of_quads():
    layout = build()
    pairs = np.concatenate([np.stack([layout.faces[:, k], layout.faces[:, (k + 1) % 4]], 1) for k in range(4)])
    edges = np.unique(np.sort(pairs, axis=1), axis=0)
    assert layout.count - len(edges) + len(layout.faces) == 1
    assert len(np.unique(pairs, axis=0)) == len(pairs)
    assert set(layout.faces.ravel()) == set(range(layout.count))


def test_midline_is_one_chain_of_edges():
    layout = build()
    pairs = np.concatenate([np.stack([layout.faces[:, k], layout.faces[:, (k + 1) % 4]], 1) for k in range(4)])
    edges = set(map(tuple, np.sort(pairs, axis=1)))
    assert len(set(layout.midline)) == len(layout.midline)
    assert all(tuple(sorted(pair)) in edges for pair in zip(layout.midline, layout.midline[1:], strict=False))


def test_loops_around_lips_and_lids_have_no_pole():
    layout = build()
    pairs = np.concatenate([np.stack([layout.faces[:, k], layout.faces[:, (k + 1) % 4]], 1) for k in range(4)])
    valence = Counter(np.unique(np.sort(pairs, axis=1), axis=0).ravel().tolist())
    for block in BLOCKS:
        for ring in layout.rings[block.name][1:-1]:
            interior = ring[1:-1] if block.name == "mouth" else ring
            assert {valence[int(v)] for v in interior} == {4}, block.name
    assert LIP_INNER - LIP_BORDER >= 6


def test_blocks_and_cap_stand_on_even_columns_and_rows():
    assert not any(n % 2 for b in BLOCKS for n in (b.left, b.right, b.bottom, b.top))
    assert not any(n % 2 for n in (COLUMNS, ROWS, CAP_SIDE, CAP_LENGTH)) and 2 * CAP_SIDE + CAP_LENGTH == COLUMNS
