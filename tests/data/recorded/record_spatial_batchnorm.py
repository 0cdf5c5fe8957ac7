"""Record what PyTorch answers on small inputs of spatial batch normalization, in float64.

PyTorch is no dependency of this project: run this in an environment of its own, and only to add a case.

    pip install torch==2.13.0 numpy
    python tests/data/recorded/record_spatial_batchnorm.py

An array's name is "case/what": what is x, gamma, beta, mean, var (the statistics of test mode), eps, dout, and the
results: out, dx, dgamma, dbeta of training mode and test_out of test mode. They are written to spatial_batchnorm.npz
beside this file. Running statistics are not recorded: PyTorch's running variance divides by one less.
"""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

CASES = {
    "plain": ((2, 3, 4, 5), 1e-5),
    "not square": ((3, 2, 2, 6), 0.25),
    "one image": ((1, 4, 3, 2), 0.5),
    "one pixel": ((5, 3, 1, 1), 0.1),
    "one channel": ((2, 1, 3, 3), 0.3),
}


def main() -> None:
    rng = np.random.default_rng(4)
    arrays = {}
    for case, (shape, eps) in CASES.items():
        C = shape[1]
        values = {
            "x": 2 + 3 * rng.standard_normal(shape),
            "gamma": rng.standard_normal(C),
            "beta": rng.standard_normal(C),
        }
        tensors = {what: torch.tensor(value, requires_grad=True) for what, value in values.items()}
        given = {what: torch.tensor(value) for what, value in values.items()}
        mean, var = torch.tensor(rng.standard_normal(C)), torch.tensor(rng.uniform(0.5, 2, C))
        out = functional.batch_norm(tensors["x"], None, None, tensors["gamma"], tensors["beta"], training=True, eps=eps)
        dout = torch.tensor(rng.standard_normal(shape))
        out.backward(dout)
        values |= {f"d{what}": tensor.grad for what, tensor in tensors.items()}
        values |= {"eps": eps, "mean": mean, "var": var, "out": out.detach(), "dout": dout}
        values["test_out"] = functional.batch_norm(given["x"], mean, var, given["gamma"], given["beta"], eps=eps)
        arrays |= {f"{case}/{what}": np.asarray(value) for what, value in values.items()}
    path = Path(__file__).with_name("spatial_batchnorm.npz")
    np.savez_compressed(path, **arrays)
    print(f"torch {torch.__version__}: {len(arrays)} arrays in {path.name}")


if __name__ == "__main__":
    main()
