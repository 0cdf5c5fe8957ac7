"""Hypothesis strategies shared by the tests of the references: small images, windows that fit them."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st


@dataclass(frozen=True)
class Pooling:
    """One input of a pooling layer; `seed` draws the further arrays a test needs."""

    x: np.ndarray
    HH: int
    WW: int
    S: int
    seed: int

    @property
    def param(self):
        return {"pool_height": self.HH, "pool_width": self.WW, "stride": self.S}

    def dout(self, out):
        return np.random.default_rng(self.seed).standard_normal(out.shape)


def images(shape, seed, ties):
    """Random images; with `ties`, few different values, so that windows have several maxima."""
    rng = np.random.default_rng(seed)
    return rng.integers(-2, 2, shape).astype(float) if ties else rng.standard_normal(shape)


sides = st.integers(1, 6)
seeds = st.integers(0, 2**32 - 1)
tied_or_not = st.booleans()


@st.composite
def poolings(draw, ties=tied_or_not, overlap=True):
    """Any small pooling; `ties` draws whether values repeat, and without `overlap` each pixel is in one window."""
    N, C = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    H, W = draw(sides), draw(sides)
    HH, WW = draw(st.integers(1, H)), draw(st.integers(1, W))
    S = draw(st.integers(1 if overlap else max(HH, WW), 7))
    seed = draw(seeds)
    return Pooling(images((N, C, H, W), seed, draw(ties)), HH, WW, S, seed)
