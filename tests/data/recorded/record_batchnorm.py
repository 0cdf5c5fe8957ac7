"""Record what PyTorch answers on small batch normalizations, in float64, into batchnorm.npz beside this file.

PyTorch is no dependency of this project: run this in an environment of its own, and only to add a case.

    pip install torch==2.13.0 numpy
    python tests/data/recorded/record_batchnorm.py

PyTorch's momentum is one minus ours, and it stores the *unbiased* batch variance in running_var, which we do not: what
is recorded here is the running mean, and running_var after the factor (N - 1) / N on the batch's share of it.

An array's name is "case/what": what is x, gamma, beta, param (eps, momentum), running_mean, running_var (before),
dout, out, dx, dgamma, dbeta, new_mean, new_var, and out_test, with the new statistics.
"""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

# case: N, D, eps, momentum
CASES = {
    "small": (4, 3, 1e-5, 0.9),
    "large eps": (5, 4, 0.4, 0.7),
    "more features than examples": (3, 7, 0.1, 0.5),
    "two examples": (2, 3, 0.2, 0.9),
    "far from zero": (8, 2, 1e-3, 0.95),
    "one feature": (6, 1, 1e-5, 0.0),
}


def main() -> None:
    rng = np.random.default_rng(3)
    arrays = {}
    for case, (N, D, eps, momentum) in CASES.items():
        x = rng.standard_normal((N, D)) * rng.uniform(0.5, 3, D) + rng.uniform(-3, 3, D)
        if case == "far from zero":
            x += 30
        values = {"x": x, "gamma": rng.uniform(0.5, 2, D), "beta": rng.standard_normal(D)}
        running = {"running_mean": rng.standard_normal(D), "running_var": rng.uniform(0.5, 2, D)}
        tensors = {name: torch.tensor(value, requires_grad=True) for name, value in values.items()}
        mean, var = (torch.tensor(value) for value in running.values())
        out = functional.batch_norm(tensors["x"], mean, var, tensors["gamma"], tensors["beta"], True, 1 - momentum, eps)
        dout = torch.tensor(rng.standard_normal((N, D)))
        out.backward(dout)
        before = torch.tensor(running["running_var"])
        var = momentum * before + (var - momentum * before) * (N - 1) / N
        out_test = functional.batch_norm(tensors["x"], mean, var, tensors["gamma"], tensors["beta"], False, 0.0, eps)
        gradients = {f"d{name}": tensor.grad for name, tensor in tensors.items()}
        results = values | running | gradients | {"out": out.detach(), "dout": dout, "param": [eps, momentum]}
        results |= {"new_mean": mean, "new_var": var, "out_test": out_test.detach()}
        arrays |= {f"{case}/{what}": np.asarray(value) for what, value in results.items()}
    path = Path(__file__).with_name("batchnorm.npz")
    np.savez_compressed(path, **arrays)
    print(f"torch {torch.__version__}: {len(arrays)} arrays in {path.name}")


if __name__ == "__main__":
    main()
