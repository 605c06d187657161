"""Two small convolutional networks on pictures of a surface: one finds faces, one finds the points of a face."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def layer(into: int, out: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    """Build a 3 x 3 convolution with its normalization and bend."""
    return nn.Sequential(
        nn.Conv2d(into, out, 3, stride, dilation, dilation, bias=False), nn.BatchNorm2d(out), nn.GELU()
    )


class Seeker(nn.Module):
    """Finds faces in pictures of any size, one guess for every 8 x 8 pixels.

    A guess is 7 numbers: whether a face that looks about towards the viewer has its middle there (before the
    sigmoid), where in the cell (2), the logarithm of its size, and how it is turned away (a rotation vector).
    """

    STRIDE = 8

    def __init__(self, channels: int = 5, width: int = 32) -> None:
        """Build it."""
        super().__init__()
        w = width
        self.body = nn.Sequential(
            layer(channels, w, 2), layer(w, w), layer(w, 2 * w, 2), layer(2 * w, 2 * w), layer(2 * w, 3 * w, 2),
            layer(3 * w, 3 * w), layer(3 * w, 3 * w, 1, 2), layer(3 * w, 3 * w),
        )  # fmt: skip
        self.head = nn.Conv2d(3 * w, 7, 1)

    def forward(self, picture: Tensor) -> Tensor:
        """Map (B, channels, H, W) to (B, 7, H / 8, W / 8)."""
        return self.head(self.body(picture))


class Marker(nn.Module):
    """Says where in a picture of a face its landmarks are: a map for each (before the softmax), of half the size.

    A U-Net (Ronneberger et al. 2015).
    """

    def __init__(self, channels: int = 5, marks: int = 54, width: int = 32) -> None:
        """Build it."""
        super().__init__()
        w = width
        self.one = nn.Sequential(layer(channels, w, 2), layer(w, w))
        self.two = nn.Sequential(layer(w, 2 * w, 2), layer(2 * w, 2 * w))
        self.three = nn.Sequential(layer(2 * w, 3 * w, 2), layer(3 * w, 3 * w))
        self.four = nn.Sequential(layer(3 * w, 4 * w, 2), layer(4 * w, 4 * w), layer(4 * w, 4 * w))
        self.up_three = nn.Sequential(layer(7 * w, 3 * w), layer(3 * w, 3 * w))
        self.up_two = nn.Sequential(layer(5 * w, 2 * w), layer(2 * w, 2 * w))
        self.up_one = layer(3 * w, 2 * w)
        self.head = nn.Conv2d(2 * w, marks, 1)

    def forward(self, picture: Tensor) -> Tensor:
        """Map (B, channels, H, W), both divisible by 16, to (B, marks, H / 2, W / 2)."""
        one = self.one(picture)
        two = self.two(one)
        three = self.three(two)
        x = self.four(three)
        x = self.up_three(torch.cat([functional.interpolate(x, scale_factor=2.0), three], 1))
        x = self.up_two(torch.cat([functional.interpolate(x, scale_factor=2.0), two], 1))
        x = self.up_one(torch.cat([functional.interpolate(x, scale_factor=2.0), one], 1))
        return self.head(x)


def peaks(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Read where each map (B, M, H, W) peaks: (B, M, 2) column and row in 0..1 of the picture, and how much of its
    mass is within two cells of the highest, (B, M) in 0..1."""
    batch, marks, rows, columns = maps.shape
    flat = maps.flatten(2).softmax(-1)
    top = flat.argmax(-1)
    row, column = top // columns, top % columns
    r = torch.arange(rows).view(1, 1, rows, 1)
    c = torch.arange(columns).view(1, 1, 1, columns)
    near = ((r - row[..., None, None]).abs() <= 2) & ((c - column[..., None, None]).abs() <= 2)
    mass = flat.view(batch, marks, rows, columns) * near
    sure = mass.sum((2, 3))
    x = (mass * (c + 0.5)).sum((2, 3)) / sure / columns
    y = (mass * (r + 0.5)).sum((2, 3)) / sure / rows
    return torch.stack([x, y], -1), sure
