"""GCJ-02, the shift of commercial web maps in China: forward formula and its inverse, on arrays of degrees.

The forward formula is the published one (Krassovsky ellipsoid, sums of sines); the inverse iterates it to 1e-9 degrees.
The shift is 100 to 700 m and changes smoothly, so it neither shows in a file nor fits a translation.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

A = 6378245.0
EE = 0.00669342162296594323
ITERATIONS = 6

Floats = NDArray[np.float64]


def shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """What GCJ-02 adds to longitude and latitude, in degrees."""
    x, y = lon - 105.0, lat - 35.0
    root, radians = np.sqrt(np.abs(x)), np.radians(lat)
    common = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (common + 20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
    north += (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (common + 20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
    east += (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    magic = 1 - EE * np.sin(radians) ** 2
    dlat = north * 180 / (A * (1 - EE) / (magic * np.sqrt(magic)) * np.pi)
    dlon = east * 180 / (A / np.sqrt(magic) * np.cos(radians) * np.pi)
    return dlon, dlat


def forward(xy: Floats) -> Floats:
    """(n, 2) lon, lat to GCJ-02."""
    dlon, dlat = shift(xy[:, 0], xy[:, 1])
    return np.column_stack((xy[:, 0] + dlon, xy[:, 1] + dlat))


def inverse(xy: Floats) -> Floats:
    """(n, 2) GCJ-02 to lon, lat."""
    guess: Any = xy.copy()
    for _ in range(ITERATIONS):
        dlon, dlat = shift(guess[:, 0], guess[:, 1])
        guess = np.column_stack((xy[:, 0] - dlon, xy[:, 1] - dlat))
    return np.asarray(guess)
