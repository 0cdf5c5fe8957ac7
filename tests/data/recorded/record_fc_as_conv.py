"""Record PyTorch's answers on small affine layers and convolutions, in float64, into fc_as_conv.npz beside this file.

PyTorch is no dependency of this project: run this in an environment of its own, and only to add a case.

    pip install torch==2.13.0 numpy
    python tests/data/recorded/record_fc_as_conv.py

An array's name is "layer/case/what": what is x, w, b, param (stride, pad; convolutions only), out, dout, dx, dw or db.
"""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

# case: shape of x, outputs
AFFINE = {
    "vectors": ((3, 5), 4),
    "maps": ((2, 3, 4, 5), 6),
    "one example": ((1, 2, 3), 2),
    "one output": ((4, 2, 2, 2), 1),
}
# case: shape of x, shape of the filters, stride, pad
CONV = {
    "same size": ((2, 3, 5, 6), (4, 3, 3, 3), 1, 1),
    "no padding": ((2, 2, 6, 5), (3, 2, 2, 3), 1, 0),
    "stride": ((2, 2, 7, 9), (2, 2, 3, 3), 2, 0),
    "pixels left over": ((1, 3, 8, 7), (2, 3, 3, 2), 2, 0),
    "much padding": ((1, 2, 3, 4), (2, 2, 3, 3), 2, 2),
    "gaps": ((2, 1, 7, 8), (2, 1, 1, 2), 3, 1),
    "as large as the map": ((3, 2, 4, 5), (6, 2, 4, 5), 1, 0),
    "one pixel": ((2, 3, 4, 5), (4, 3, 1, 1), 1, 0),
}


def record(rng, call, shapes):
    """x, w, b, what call makes of them, and the gradients for a random dout."""
    values = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    tensors = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in values.items()}
    out = call(**tensors)
    dout = torch.tensor(rng.standard_normal(tuple(out.shape)), dtype=torch.float64)
    out.backward(dout)
    gradients = {f"d{name}": tensor.grad for name, tensor in tensors.items()}
    return values | {"out": out.detach(), "dout": dout} | gradients


def main() -> None:
    rng = np.random.default_rng(7)
    arrays = {}
    for case, (shape, M) in AFFINE.items():
        shapes = {"x": shape, "w": (int(np.prod(shape[1:])), M), "b": (M,)}
        results = record(rng, lambda x, w, b: functional.linear(x.flatten(1), w.T, b), shapes)
        arrays |= {f"affine/{case}/{what}": np.asarray(value) for what, value in results.items()}
    for case, (shape, w_shape, S, P) in CONV.items():
        shapes = {"x": shape, "w": w_shape, "b": w_shape[:1]}
        results = record(rng, lambda x, w, b, S=S, P=P: functional.conv2d(x, w, b, stride=S, padding=P), shapes)
        results["param"] = np.array([S, P])
        arrays |= {f"conv/{case}/{what}": np.asarray(value) for what, value in results.items()}
    path = Path(__file__).with_name("fc_as_conv.npz")
    np.savez_compressed(path, **arrays)
    print(f"torch {torch.__version__}: {len(arrays)} arrays in {path.name}")


if __name__ == "__main__":
    main()
