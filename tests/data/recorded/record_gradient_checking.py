"""Record gradients by PyTorch's automatic differentiation, in float64, into gradient_checking.npz beside this file.

PyTorch is no dependency of this project: run this in an environment of its own, and only to add a case.

    pip install torch==2.13.0 numpy
    python tests/data/recorded/record_gradient_checking.py

An array's name is "function/what": what is x, df or dx. The functions are those of test_gradient_checking.py.
"""

from pathlib import Path

import numpy as np
import torch

FUNCTIONS = {
    "cubes": lambda x: (x**3 - 2 * x).sum(),
    "log of sum of exponentials": lambda x: torch.logsumexp(x, dim=1).sum(),
    "tanh": torch.tanh,
    "products": lambda x: x[:, 1:] * x[:, :-1],
    "sines": lambda x: torch.sin(2 * x).sum(dim=0),
}


def main() -> None:
    rng = np.random.default_rng(1)
    arrays = {}
    for name, function in FUNCTIONS.items():
        x = torch.tensor(rng.standard_normal((3, 4)), dtype=torch.float64, requires_grad=True)
        out = function(x)
        df = torch.tensor(rng.standard_normal(tuple(out.shape)), dtype=torch.float64)
        df = df if out.ndim else torch.tensor(1.0, dtype=torch.float64)
        out.backward(df)
        arrays |= {f"{name}/{what}": np.asarray(a) for what, a in (("x", x.detach()), ("df", df), ("dx", x.grad))}
    path = Path(__file__).with_name("gradient_checking.npz")
    np.savez_compressed(path, **arrays)
    print(f"torch {torch.__version__}: {len(arrays)} arrays in {path.name}")


if __name__ == "__main__":
    main()
