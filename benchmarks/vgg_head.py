"""VGG-16's head at full width, once as fully-connected layers and once as convolutions: equality, time and memory.

    python -m benchmarks.vgg_head

It is run once and is no part of `make bench`. The weights are random: whether two computations are the same does not
depend on what they compute. They are float32, as a trained VGG's are: 124 million parameters take 0.5 GB, and would
take 1 GB in float64.
"""

import resource
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from cs231n_utils.layers import conv_forward, relu_forward
from cs231n_utils.plotting import table
from solutions.fc_as_conv import affine_forward, convify_head, fc6_parameters, fc7_parameters, fc8_parameters

Layers = list[tuple[np.ndarray, np.ndarray]]
Result = TypeVar("Result")

LAYERS = {"fc6": (512 * 7 * 7, 4096), "fc7": (4096, 4096), "fc8": (4096, 1000)}
# float32 keeps 24 bits, and fc6 adds 25,088 products, in one order here and in another there.
CLOSE = 1e-4


def main() -> None:
    """Build the head, convert it, run both, print what comes out; exit with 1 where they differ."""
    rng = np.random.default_rng(0)
    head = [random_layer(rng, D, M) for D, M in LAYERS.values()]
    weights = sum(w.nbytes + b.nbytes for w, b in head)
    counts = [w.size + b.size for w, b in head]
    assert counts == [fc6_parameters(), fc7_parameters(), fc8_parameters()]
    before = peak_memory()
    layers, convert_seconds = timed(convify_head, head, (512, 7, 7))
    copied = sum(w.nbytes for (w, _), (v, _) in zip(layers, head, strict=True) if not np.shares_memory(w, v))

    rows = [[name, *map(shape_of, pair), n] for name, pair, n in zip(LAYERS, pairs(head, layers), counts, strict=True)]
    print(table(["layer", "affine (D × M)", "convolution (F × C × HH × WW)", "parameters"], rows))
    print(f"\nweights: {weights / 1e6:.0f} MB in float32; converting them: {1000 * convert_seconds:.1f} ms")
    print(f"copied by the conversion: {copied / 1e6:.0f} MB (the filters are a view of the same weights)\n")

    rows, differences = [], []
    for what, side in (("224×224 image, map of 7×7×512", 7), ("384×384 image, map of 12×12×512", 12)):
        x = rng.standard_normal((1, 512, side, side), dtype=np.float32)
        run_conv(layers, x)  # once without the clock
        scores, conv_seconds = timed(run_conv, layers, x)
        crops, crops_seconds = timed(by_crops, head, x)
        batch, batch_seconds = timed(as_minibatch, head, x)
        size = float(np.abs(crops).max())
        differences += [float(np.abs(scores - other).max()) / size for other in (crops, batch)]
        places = scores.shape[2] * scores.shape[3]
        for name, seconds, difference in (
            (f"crops of the map, one by one ({places})", crops_seconds, 0.0),
            (f"crops of the map, one minibatch ({places})", batch_seconds, differences[-1]),
            ("convolutions, one pass", conv_seconds, differences[-2]),
        ):
            rows.append([what, " × ".join(map(str, scores.shape[1:])), name, f"{seconds:.3f}", f"{difference:.1e}"])
    print(table(["input", "scores", "way", "time [s]", "difference (relative to the largest score)"], rows))
    print(f"\nlargest memory in use: {before:.0f} MB with the weights, {peak_memory():.0f} MB in the end")
    if max(differences) > CLOSE:
        sys.exit(f"the two heads differ by {max(differences):.1e}, expected at most {CLOSE:.0e}")


def random_layer(rng: np.random.Generator, D: int, M: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights (D, M) and biases (M,) of an affine layer, float32, of a size that keeps activations near 1."""
    w = rng.standard_normal((D, M), dtype=np.float32)
    w *= np.float32(np.sqrt(2 / D))
    return w, 0.1 * rng.standard_normal(M, dtype=np.float32)


def run_fc(head: Layers, x: np.ndarray) -> np.ndarray:
    """The head as it is: scores (N, 1000)."""
    for number, (w, b) in enumerate(head):
        x, _ = affine_forward(x if number == 0 else relu_forward(x)[0], w, b)
    return x


def run_conv(layers: Layers, x: np.ndarray) -> np.ndarray:
    """The head as convolutions: scores (N, 1000, H_out, W_out)."""
    for number, (w, b) in enumerate(layers):
        x, _ = conv_forward(x if number == 0 else relu_forward(x)[0], w, b, {"stride": 1, "pad": 0})
    return x


def by_crops(head: Layers, x: np.ndarray) -> np.ndarray:
    """Every 7×7 window of the map through the fully-connected head, one after the other."""
    places = x.shape[2] - 6, x.shape[3] - 6
    scores = np.empty((1, 1000, *places), dtype=x.dtype)
    for i, j in np.ndindex(places):
        scores[:, :, i, j] = run_fc(head, x[:, :, i : i + 7, j : j + 7])
    return scores


def as_minibatch(head: Layers, x: np.ndarray) -> np.ndarray:
    """Every 7×7 window of the map through the fully-connected head, all at once."""
    windows = np.lib.stride_tricks.sliding_window_view(x[0], (7, 7), axis=(1, 2)).transpose(1, 2, 0, 3, 4)
    scores = run_fc(head, windows.reshape(-1, 512, 7, 7))
    return scores.reshape(1, *windows.shape[:2], 1000).transpose(0, 3, 1, 2)


def timed(function: Callable[..., Result], *arguments: object) -> tuple[Result, float]:
    """What the function returns, and the seconds that it took."""
    start = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - start


def pairs(head: Layers, layers: Layers) -> list[tuple[np.ndarray, np.ndarray]]:
    """The weights of each layer in both forms."""
    return [(w, v) for (w, _), (v, _) in zip(head, layers, strict=True)]


def shape_of(array: np.ndarray) -> str:
    """A shape as it is written in the text."""
    return " × ".join(map(str, array.shape))


def peak_memory() -> float:
    """The most memory that this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
