"""Record what PyTorch answers on small inputs of layer, instance and group normalization, in float64.

PyTorch is no dependency of this project: run this in an environment of its own, and only to add a case.

    pip install torch==2.13.0 numpy
    python tests/data/recorded/record_group_norms.py

An array's name is "layer/case/what": what is x, gamma, beta, settings (eps, G; G is 0 where there is none), out, dout,
dx, dgamma or dbeta. They are written to group_norms.npz beside this file.
"""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

# case: shape of x, eps, number of groups (0: none)
LAYERS = {
    "layernorm": {
        "plain": ((3, 5), 1e-5, 0),
        "more examples than features": ((6, 4), 0.3, 0),
        "one example": ((1, 7), 0.1, 0),
    },
    "instancenorm": {
        "plain": ((2, 3, 4, 5), 1e-5, 0),
        "not square": ((3, 2, 2, 6), 0.25, 0),
        "one map": ((1, 1, 3, 4), 0.5, 0),
    },
    "spatial_groupnorm": {
        "plain": ((2, 6, 3, 4), 1e-5, 2),
        "one group": ((3, 4, 3, 2), 0.2, 1),
        "as many groups as channels": ((2, 4, 4, 3), 0.3, 4),
        "three groups": ((2, 6, 2, 5), 0.1, 3),
        "one pixel": ((4, 6, 1, 1), 0.4, 2),
    },
}
CALLS = {
    "layernorm": lambda x, gamma, beta, G, eps: functional.layer_norm(x, x.shape[1:], gamma, beta, eps),
    "instancenorm": lambda x, gamma, beta, G, eps: functional.instance_norm(x, weight=gamma, bias=beta, eps=eps),
    "spatial_groupnorm": lambda x, gamma, beta, G, eps: functional.group_norm(x, G, gamma, beta, eps),
}


def main() -> None:
    rng = np.random.default_rng(5)
    arrays = {}
    for layer, cases in LAYERS.items():
        for case, (shape, eps, G) in cases.items():
            values = {
                "x": 2 + 3 * rng.standard_normal(shape),
                "gamma": rng.standard_normal(shape[1]),
                "beta": rng.standard_normal(shape[1]),
            }
            tensors = {what: torch.tensor(value, requires_grad=True) for what, value in values.items()}
            out = CALLS[layer](tensors["x"], tensors["gamma"], tensors["beta"], G, eps)
            dout = torch.tensor(rng.standard_normal(shape))
            out.backward(dout)
            values |= {f"d{what}": tensor.grad for what, tensor in tensors.items()}
            values |= {"settings": (eps, G), "out": out.detach(), "dout": dout}
            arrays |= {f"{layer}/{case}/{what}": np.asarray(value) for what, value in values.items()}
    path = Path(__file__).with_name("group_norms.npz")
    np.savez_compressed(path, **arrays)
    print(f"torch {torch.__version__}: {len(arrays)} arrays in {path.name}")


if __name__ == "__main__":
    main()
