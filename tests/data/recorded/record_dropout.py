"""Record what PyTorch answers on small inputs of sigmoid, cross-entropy and dropout, in float64, into dropout.npz.

PyTorch is no dependency of this project: run this in an environment of its own, and only to add a case.

    pip install torch==2.13.0 numpy
    python tests/data/recorded/record_dropout.py

An array's name is "layer/case/what". Dropout draws masks that nobody else draws: recorded is how PyTorch's out and dx
follow from x, dout and its own mask. PyTorch's p is the probability to drop; recorded is the one to keep.
"""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

SIGMOID = {"moderate": ((4, 5), 2.0), "large": ((3, 4), 300.0), "four axes": ((2, 3, 2, 2), 5.0)}
SOFTMAX = {  # N, C, spread of the scores, what is added to all of them
    "moderate": (5, 4, 1.0, 0.0),
    "two classes": (3, 2, 2.0, 0.0),
    "one example": (1, 6, 1.0, 0.0),
    "large": (4, 5, 3.0, 1000.0),
    "far apart": (4, 5, 900.0, 0.0),
    "all equal": (3, 7, 0.0, -2.0),
}
DROPOUT = {"p 0.3": ((6, 7), 0.3), "p 0.8": ((2, 3, 4, 5), 0.8), "p 1": ((3, 4), 1.0)}


def main() -> None:
    rng = np.random.default_rng(6)
    arrays = {}

    def record(name: str, x: torch.Tensor, out: torch.Tensor, **more: object) -> None:
        dout = torch.tensor(rng.standard_normal(tuple(out.shape)), dtype=torch.float64)
        dout = dout if out.ndim else torch.tensor(1.0, dtype=torch.float64)
        out.backward(dout)
        results = {"x": x.detach(), "out": out.detach(), "dout": dout, "dx": x.grad} | more
        arrays.update({f"{name}/{what}": np.asarray(value) for what, value in results.items()})

    def tensor(shape: tuple[int, ...], spread: float, offset: float = 0.0) -> torch.Tensor:
        values = offset + spread * rng.standard_normal(shape)
        return torch.tensor(values, dtype=torch.float64, requires_grad=True)

    for case, (shape, spread) in SIGMOID.items():
        x = tensor(shape, spread)
        record(f"sigmoid/{case}", x, torch.sigmoid(x))
    for case, (n, c, spread, offset) in SOFTMAX.items():
        x, y = tensor((n, c), spread, offset), rng.integers(0, c, n)
        record(f"softmax/{case}", x, functional.cross_entropy(x, torch.tensor(y)), y=y)
    torch.manual_seed(6)
    for case, (shape, keep) in DROPOUT.items():
        x = tensor(shape, 1.0)
        record(f"dropout/{case}", x, functional.dropout(x, p=1 - keep, training=True), keep=keep)
    path = Path(__file__).with_name("dropout.npz")
    np.savez_compressed(path, **arrays)
    print(f"torch {torch.__version__}: {len(arrays)} arrays in {path.name}")


if __name__ == "__main__":
    main()
