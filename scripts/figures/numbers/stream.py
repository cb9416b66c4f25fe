"""Random numbers that are the same here and in course/assets/figures/numbers/random.js.

A counter goes through a 32-bit mixer, so number i of a stream can be had without the ones before
it. Idea: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. Mixer:
C. Wellons, "Prospecting for hash functions", 2018.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Words = NDArray[np.uint32]

GOLDEN: Final = 0x9E3779B9
RANGE: Final = 2**32


def mix(bits: Words) -> Words:
    """Mix 32 bits, one to one; any shape."""
    x = bits.astype(np.uint32)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def streams(seed: int, numbers: int | NDArray[np.int64]) -> Words:
    """Return the keys of streams of a seed: mix(mix(seed) + number + 1); shape of `numbers`."""
    start = mix(np.array([seed % RANGE], dtype=np.uint32)).astype(np.uint64)[0]
    wanted = np.asarray(numbers, dtype=np.uint64)
    return mix(((start + wanted + np.uint64(1)) % np.uint64(RANGE)).astype(np.uint32))


def uniforms(keys: Words, indices: NDArray[np.int64]) -> Floats:
    """Return (mix(key + (index + 1) GOLDEN) + 1/2) / 2^32; the shapes broadcast."""
    steps = (indices.astype(np.uint64) + np.uint64(1)) * np.uint64(GOLDEN)
    places = (keys.astype(np.uint64) + steps) % np.uint64(RANGE)
    return (mix(places.astype(np.uint32)).astype(np.float64) + 0.5) / RANGE


def normals(keys: Words, count: int) -> Floats:
    """Return standard normal numbers, shape of `keys` + (count,); Box and Muller, 1958."""
    pairs = np.arange(0, count + count % 2, 2, dtype=np.int64)
    stretched = np.asarray(keys)[..., None]
    radius = np.sqrt(-2 * np.log(uniforms(stretched, pairs)))
    angle = 2 * np.pi * uniforms(stretched, pairs + 1)
    both = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    flat: Floats = both.reshape(*stretched.shape[:-1], -1)[..., :count]
    return flat
