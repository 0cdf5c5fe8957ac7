"""Record what PyTorch answers on small inputs, in float64, into convnet.npz beside this file.

PyTorch is no dependency of this project: run this in an environment of its own, and only to add a case.

    pip install torch==2.13.0 numpy
    python tests/data/recorded/record_convnet.py

An array's name is "transposed/case/what": what is x, w, b, param (stride, pad), out, dout, dx, dw or db; or
"network/case/what": what is X, y, scores, loss, w0, b0, dw0, db0, w1 ... layer by layer.
"""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

# case: shape of x, shape of w, stride, pad
TRANSPOSED = {
    "dense": ((2, 3, 4, 3), (3, 2, 3, 2), 1, 0),
    "overlapping": ((2, 2, 3, 4), (2, 3, 3, 4), 2, 1),
    "side by side": ((1, 2, 3, 2), (2, 2, 2, 2), 2, 0),
    "gaps": ((2, 2, 2, 3), (2, 1, 1, 2), 3, 0),
    "large padding": ((1, 3, 4, 4), (3, 2, 5, 4), 2, 2),
    "one pixel": ((2, 1, 1, 1), (1, 3, 3, 2), 2, 0),
}
# case: shape of X, blocks (filters, convolutions, pool), hidden, classes
NETWORKS = {
    "two blocks": ((3, 2, 6, 5), [(3, 2, True), (4, 1, False)], [7], 4),
    "no hidden": ((2, 1, 7, 8), [(3, 1, True), (5, 1, True)], [], 3),
    "no block": ((4, 2, 3, 2), [], [6, 5], 3),
}


def transposed(rng):
    for case, (shape, w_shape, stride, pad) in TRANSPOSED.items():
        arrays = {"x": rng.standard_normal(shape), "w": rng.standard_normal(w_shape)}
        arrays["b"] = rng.standard_normal(w_shape[1])
        x, w, b = (torch.tensor(arrays[name], requires_grad=True) for name in "xwb")
        out = functional.conv_transpose2d(x, w, b, stride=stride, padding=pad)
        dout = torch.tensor(rng.standard_normal(tuple(out.shape)))
        out.backward(dout)
        arrays |= {"out": out.detach(), "dout": dout, "dx": x.grad, "dw": w.grad, "db": b.grad, "param": [stride, pad]}
        yield from ((f"transposed/{case}/{what}", np.asarray(value)) for what, value in arrays.items())


def networks(rng):
    for case, (shape, blocks, hidden, classes) in NETWORKS.items():
        X, y = rng.standard_normal(shape), rng.integers(0, classes, shape[0])
        _, C, H, W = shape
        out, learned = torch.tensor(X), []

        def layer(w_shape, outputs, learned=learned):
            pair = [torch.tensor(rng.standard_normal(size) / 2, requires_grad=True) for size in (w_shape, outputs)]
            learned.append(pair)
            return pair

        for filters, repeats, pool in blocks:
            for _ in range(repeats):
                w, b = layer((filters, C, 3, 3), filters)
                out, C = functional.relu(functional.conv2d(out, w, b, padding=1)), filters
            if pool:
                out, H, W = functional.max_pool2d(out, 2), H // 2, W // 2
        out, D = out.flatten(1), C * H * W
        for M in (*hidden, classes):
            w, b = layer((D, M), M)
            out, D = out @ w + b, M
            if len(learned) < len(hidden) + 1 + sum(repeats for _, repeats, _ in blocks):
                out = functional.relu(out)
        loss = functional.cross_entropy(out, torch.tensor(y))
        loss.backward()
        arrays = {"X": X, "y": y, "scores": out.detach(), "loss": loss.detach()}
        for k, (w, b) in enumerate(learned):
            arrays |= {f"w{k}": w.detach(), f"b{k}": b.detach(), f"dw{k}": w.grad, f"db{k}": b.grad}
        yield from ((f"network/{case}/{what}", np.asarray(value)) for what, value in arrays.items())


def main() -> None:
    rng = np.random.default_rng(8)
    arrays = dict(transposed(rng)) | dict(networks(rng))
    path = Path(__file__).with_name("convnet.npz")
    np.savez_compressed(path, **arrays)
    print(f"torch {torch.__version__}: {len(arrays)} arrays in {path.name}")


if __name__ == "__main__":
    main()
