"""Record what PyTorch answers on small pooling inputs, in float64, into pooling.npz beside this file.

PyTorch is no dependency of this project: run this in an environment of its own, and only to add a case.

    pip install torch==2.13.0 numpy
    python tests/data/recorded/record_pooling.py

An array's name is "layer/case/what": what is x, window (pool_height, pool_width, stride), out, dout or dx.
"""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

# case: shape of x, then pool_height, pool_width, stride
WINDOWED = {
    "even": ((2, 3, 4, 4), (2, 2, 2)),
    "overlapping": ((2, 2, 7, 5), (3, 3, 2)),
    "dense": ((1, 2, 5, 6), (3, 2, 1)),
    "not square": ((2, 1, 6, 9), (2, 4, 2)),
    "uneven": ((1, 3, 8, 7), (3, 2, 3)),
    "gaps": ((2, 2, 7, 8), (2, 1, 3)),
    "one pixel": ((1, 2, 3, 4), (1, 1, 1)),
    "whole image": ((2, 2, 4, 5), (4, 5, 1)),
    "all negative": ((2, 2, 5, 5), (2, 2, 2)),
    "ties": ((2, 2, 6, 6), (3, 2, 3)),
}
LAYERS = {
    "max_pool": lambda x, HH, WW, S: functional.max_pool2d(x, (HH, WW), stride=S),
    "avg_pool": lambda x, HH, WW, S: functional.avg_pool2d(x, (HH, WW), stride=S),
    "global_max_pool": lambda x, HH, WW, S: functional.adaptive_max_pool2d(x, 1).flatten(1),
    "global_avg_pool": lambda x, HH, WW, S: functional.adaptive_avg_pool2d(x, 1).flatten(1),
}


def main() -> None:
    rng = np.random.default_rng(2)
    arrays = {}
    for case, (shape, window) in WINDOWED.items():
        x = rng.standard_normal(shape)
        if case == "all negative":
            x = -np.abs(x) - 1
        if case == "ties":
            x = np.round(x)
        for layer, call in LAYERS.items():
            tensor = torch.tensor(x, dtype=torch.float64, requires_grad=True)
            out = call(tensor, *window)
            dout = torch.tensor(rng.standard_normal(tuple(out.shape)), dtype=torch.float64)
            out.backward(dout)
            results = {"x": x, "window": window, "out": out.detach(), "dout": dout, "dx": tensor.grad}
            arrays |= {f"{layer}/{case}/{what}": np.asarray(value) for what, value in results.items()}
    path = Path(__file__).with_name("pooling.npz")
    np.savez_compressed(path, **arrays)
    print(f"torch {torch.__version__}: {len(arrays)} arrays in {path.name}")


if __name__ == "__main__":
    main()
