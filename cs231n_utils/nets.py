"""Small networks from layers in a row, into which a student's own pooling, normalizations and dropout are put.

    net = Network((1, 8, 8), [
        Conv(16, size=3, pad=1), Relu(),
        Pool(max_pool_forward_fast, max_pool_backward_fast, {"pool_height": 2, "pool_width": 2, "stride": 2}),
        Affine(10),
    ])

A layer is a description without state. The network holds the numbers, in one dictionary `params`, so that a Solver can
exchange them, and what layers remember from one minibatch to the next, such as running statistics, in `memories`. A new
kind of layer needs the methods of `Layer`, or of `ModalLayer` where training and testing differ.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from cs231n_utils.layers import (
    affine_backward,
    affine_forward,
    conv_backward,
    conv_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
)

__all__ = [
    "Activation",
    "Affine",
    "Conv",
    "Dropout",
    "Layer",
    "LocallyConnected",
    "ModalLayer",
    "Network",
    "Normalize",
    "Pool",
    "Relu",
    "Sigmoid",
    "squared_loss",
]

Arrays = dict[str, np.ndarray]
Memory = dict[str, Any]


class Layer(Protocol):
    """What Network asks of a layer. Shapes are without the minibatch: (C, H, W) or (D,)."""

    def initial(self, in_shape: tuple[int, ...], rng: np.random.Generator) -> Arrays:
        """The parameters to start from, by name; empty where nothing is learned."""
        ...

    def forward(self, x: np.ndarray, params: Arrays) -> tuple[np.ndarray, Any]:
        """(out, cache)."""
        ...

    def backward(self, dout: np.ndarray, cache: Any) -> tuple[np.ndarray, Arrays]:
        """(dx, gradients with the keys of the parameters)."""
        ...

    def multiply_adds(self, in_shape: tuple[int, ...], out_shape: tuple[int, ...]) -> int:
        """How many products of a weight and an activation one image costs in the forward pass."""
        ...


@runtime_checkable
class ModalLayer(Protocol):
    """What Network asks of a layer that does one thing in training and another in testing, or remembers something.

    Like Layer, but for the forward pass.
    """

    def initial(self, in_shape: tuple[int, ...], rng: np.random.Generator) -> Arrays: ...

    def forward_in(self, mode: str, x: np.ndarray, params: Arrays, memory: Memory) -> tuple[np.ndarray, Any]:
        """(out, cache). The mode is 'train' or 'test'; memory is the layer's own, empty at first."""
        ...

    def backward(self, dout: np.ndarray, cache: Any) -> tuple[np.ndarray, Arrays]: ...

    def multiply_adds(self, in_shape: tuple[int, ...], out_shape: tuple[int, ...]) -> int: ...


def _he(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int) -> np.ndarray:
    """Normal with variance 2 / fan_in, which keeps the size of activations through ReLUs (arXiv 1502.01852, eq. 10)."""
    return rng.normal(0.0, np.sqrt(2.0 / fan_in), shape)


@dataclass(frozen=True)
class Conv:
    """A convolution: `filters` filters of size×size pixels, each used at every place (shared weights)."""

    filters: int
    size: int
    stride: int = 1
    pad: int = 0

    def initial(self, in_shape: tuple[int, ...], rng: np.random.Generator) -> Arrays:
        fan_in = in_shape[0] * self.size**2
        shape = (self.filters, in_shape[0], self.size, self.size)
        return {"w": _he(rng, shape, fan_in), "b": np.zeros(self.filters)}

    def forward(self, x: np.ndarray, params: Arrays) -> tuple[np.ndarray, Any]:
        return conv_forward(x, params["w"], params["b"], {"stride": self.stride, "pad": self.pad})

    def backward(self, dout: np.ndarray, cache: Any) -> tuple[np.ndarray, Arrays]:
        dx, dw, db = conv_backward(dout, cache)
        return dx, {"w": dw, "b": db}

    def multiply_adds(self, in_shape: tuple[int, ...], out_shape: tuple[int, ...]) -> int:
        return in_shape[0] * self.size**2 * int(np.prod(out_shape))


@dataclass(frozen=True)
class LocallyConnected:
    """Like a convolution with stride 1 and no padding, but with filters of its own at every place (unshared weights).

    Parameters: w (H_out, W_out, C·size·size, filters), b (filters, H_out, W_out).
    """

    filters: int
    size: int

    def initial(self, in_shape: tuple[int, ...], rng: np.random.Generator) -> Arrays:
        C, H, W = in_shape
        H_out, W_out, fan_in = H - self.size + 1, W - self.size + 1, C * self.size**2
        if min(H_out, W_out) < 1:
            raise ValueError(
                f"LocallyConnected: filters of {self.size}×{self.size} pixels do not fit into {H}×{W} pixels"
            )
        return {
            "w": _he(rng, (H_out, W_out, fan_in, self.filters), fan_in),
            "b": np.zeros((self.filters, H_out, W_out)),
        }

    def forward(self, x: np.ndarray, params: Arrays) -> tuple[np.ndarray, Any]:
        size, w = self.size, params["w"]
        windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
        H_out, W_out = windows.shape[2:4]
        columns = windows.transpose(2, 3, 0, 1, 4, 5).reshape(H_out, W_out, len(x), -1)
        out = (columns @ w).transpose(2, 3, 0, 1) + params["b"]
        return np.ascontiguousarray(out), (x.shape, columns, w)

    def backward(self, dout: np.ndarray, cache: Any) -> tuple[np.ndarray, Arrays]:
        (N, C, H, W), columns, w = cache
        size = self.size
        H_out, W_out = dout.shape[2:]
        dplaces = dout.transpose(2, 3, 0, 1)
        dw = columns.swapaxes(2, 3) @ dplaces
        dcolumns = (dplaces @ w.swapaxes(2, 3)).reshape(H_out, W_out, N, C, size, size)
        dx = np.zeros((N, C, H, W), dtype=dcolumns.dtype)
        for p, q in np.ndindex(size, size):
            dx[:, :, p : p + H_out, q : q + W_out] += dcolumns[..., p, q].transpose(2, 3, 0, 1)
        return dx, {"w": dw, "b": dout.sum(axis=0)}

    def multiply_adds(self, in_shape: tuple[int, ...], out_shape: tuple[int, ...]) -> int:
        return in_shape[0] * self.size**2 * int(np.prod(out_shape))


@dataclass(frozen=True)
class Affine:
    """A fully-connected layer with `outputs` outputs."""

    outputs: int

    def initial(self, in_shape: tuple[int, ...], rng: np.random.Generator) -> Arrays:
        D = int(np.prod(in_shape))
        return {"w": _he(rng, (D, self.outputs), D), "b": np.zeros(self.outputs)}

    def forward(self, x: np.ndarray, params: Arrays) -> tuple[np.ndarray, Any]:
        return affine_forward(x, params["w"], params["b"])

    def backward(self, dout: np.ndarray, cache: Any) -> tuple[np.ndarray, Arrays]:
        dx, dw, db = affine_backward(dout, cache)
        return dx, {"w": dw, "b": db}

    def multiply_adds(self, in_shape: tuple[int, ...], out_shape: tuple[int, ...]) -> int:
        return int(np.prod(in_shape)) * self.outputs


@dataclass(frozen=True)
class _Fixed:
    """A layer without parameters."""

    def initial(self, in_shape: tuple[int, ...], rng: np.random.Generator) -> Arrays:
        return {}

    def multiply_adds(self, in_shape: tuple[int, ...], out_shape: tuple[int, ...]) -> int:
        return 0


@dataclass(frozen=True)
class Relu(_Fixed):
    """The rectifier, max(0, x)."""

    def forward(self, x: np.ndarray, params: Arrays) -> tuple[np.ndarray, Any]:
        return relu_forward(x)

    def backward(self, dout: np.ndarray, cache: Any) -> tuple[np.ndarray, Arrays]:
        return relu_backward(dout, cache), {}


@dataclass(frozen=True)
class Sigmoid(_Fixed):
    """The logistic function, 1 / (1 + exp(-x))."""

    def forward(self, x: np.ndarray, params: Arrays) -> tuple[np.ndarray, Any]:
        from scipy.special import expit

        out = expit(x)
        return out, out

    def backward(self, dout: np.ndarray, cache: Any) -> tuple[np.ndarray, Arrays]:
        return dout * cache * (1 - cache), {}


@dataclass(frozen=True)
class Activation(_Fixed):
    """An activation function by your own pair of functions, called as (x) -> (out, cache) and (dout, cache) -> dx."""

    activation_forward: Callable[[np.ndarray], tuple[np.ndarray, Any]]
    activation_backward: Callable[[np.ndarray, Any], np.ndarray]

    def forward(self, x: np.ndarray, params: Arrays) -> tuple[np.ndarray, Any]:
        out, cache = self.activation_forward(x)
        return out, cache

    def backward(self, dout: np.ndarray, cache: Any) -> tuple[np.ndarray, Arrays]:
        return self.activation_backward(dout, cache), {}


@dataclass(frozen=True)
class Dropout(_Fixed):
    """Dropout by your own pair of functions, called as (x, dropout_param) and (dout, cache); p is the share to keep.

    Every training step gets a seed of its own, so that a run can be repeated. Give each layer of a network another
    `seed`.
    """

    dropout_forward: Callable[..., tuple[np.ndarray, Any]]
    dropout_backward: Callable[[np.ndarray, Any], np.ndarray]
    p: float
    seed: int = 0

    def forward_in(self, mode: str, x: np.ndarray, params: Arrays, memory: Memory) -> tuple[np.ndarray, Any]:
        param: Memory = {"p": self.p, "mode": mode}
        if mode == "train":
            memory["step"] = memory.get("step", 0) + 1
            param["seed"] = 1_000_003 * self.seed + memory["step"]
        out, cache = self.dropout_forward(x, param)
        return out, cache

    def backward(self, dout: np.ndarray, cache: Any) -> tuple[np.ndarray, Arrays]:
        return self.dropout_backward(dout, cache), {}


@dataclass(frozen=True)
class Normalize:
    """A normalization by your own pair of functions, with a gamma and a beta for each of D features or C channels.

    They are called as (x, gamma, beta, param) -> (out, cache) and (dout, cache) -> (dx, dgamma, dbeta). The dictionary
    param holds the mode and at first what is given here ('eps', 'momentum'); it is the same from call to call, so that
    running statistics can be kept in it.
    """

    normalize_forward: Callable[..., tuple[np.ndarray, Any]]
    normalize_backward: Callable[[np.ndarray, Any], tuple[np.ndarray, np.ndarray, np.ndarray]]
    param: Mapping[str, Any] = field(default_factory=dict)

    def initial(self, in_shape: tuple[int, ...], rng: np.random.Generator) -> Arrays:
        return {"gamma": np.ones(in_shape[0]), "beta": np.zeros(in_shape[0])}

    def forward_in(self, mode: str, x: np.ndarray, params: Arrays, memory: Memory) -> tuple[np.ndarray, Any]:
        if not memory:
            memory.update(copy.deepcopy(dict(self.param)))
        memory["mode"] = mode
        out, cache = self.normalize_forward(x, params["gamma"], params["beta"], memory)
        return out, cache

    def backward(self, dout: np.ndarray, cache: Any) -> tuple[np.ndarray, Arrays]:
        dx, dgamma, dbeta = self.normalize_backward(dout, cache)
        return dx, {"gamma": dgamma, "beta": dbeta}

    def multiply_adds(self, in_shape: tuple[int, ...], out_shape: tuple[int, ...]) -> int:
        return int(np.prod(out_shape))


@dataclass(frozen=True)
class Pool(_Fixed):
    """Pooling by your own pair of functions.

    With a pool_param they are called as (x, pool_param) and (dout, cache); without one, as global pooling is: (x) and
    (dout, cache).
    """

    pool_forward: Callable[..., tuple[np.ndarray, Any]]
    pool_backward: Callable[[np.ndarray, Any], np.ndarray]
    pool_param: dict[str, int] | None = None

    def forward(self, x: np.ndarray, params: Arrays) -> tuple[np.ndarray, Any]:
        out, cache = self.pool_forward(x) if self.pool_param is None else self.pool_forward(x, dict(self.pool_param))
        return out, cache

    def backward(self, dout: np.ndarray, cache: Any) -> tuple[np.ndarray, Arrays]:
        return self.pool_backward(dout, cache), {}


def squared_loss(x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """The mean squared error, over everything: the loss of a network that is to reproduce numbers.

    Args:
        x: outputs, shape (N, D).
        y: what they should be, as many numbers.

    Returns:
        loss: a float; dx: gradient with respect to x, shape (N, D).

    >>> squared_loss(np.array([[3.0, 1.0]]), np.array([[1.0, 1.0]]))
    (2.0, array([[2., 0.]]))
    """
    difference = x - y.reshape(x.shape)
    return float(np.mean(difference**2)), 2 * difference / difference.size


def _forward(
    layer: Layer | ModalLayer, mode: str, x: np.ndarray, params: Arrays, memory: Memory
) -> tuple[np.ndarray, Any]:
    if isinstance(layer, ModalLayer):
        return layer.forward_in(mode, x, params, memory)
    return layer.forward(x, params)


class Network:
    """Layers in a row, ending in a loss.

    Args:
        input_shape: of one example, (C, H, W).
        layers: in the order in which the data passes them.
        seed: of the initial weights.
        loss_function: (outputs, y) -> (loss, gradient with respect to the outputs).

    Attributes:
        params: every parameter, by a name such as '0_conv_w': number of the layer, kind, letter.
        memories: what each layer keeps from call to call, such as running statistics; a dictionary for every layer.
        output_shape: of one example.

    >>> net = Network((1, 8, 8), [Conv(4, size=3), Relu(), Affine(10)])
    >>> net.loss(np.zeros((2, 1, 8, 8))).shape
    (2, 10)
    >>> net.num_parameters, net.multiply_adds  # 4·9 + 4 + 144·10 + 10, and 9·144 + 144·10
    (1490, 2736)
    """

    def __init__(
        self,
        input_shape: tuple[int, ...],
        layers: Sequence[Layer | ModalLayer],
        seed: int = 0,
        loss_function: Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]] = softmax_loss,
    ) -> None:
        rng = np.random.default_rng(seed)
        self.layers = tuple(layers)
        self.loss_function = loss_function
        self.params: Arrays = {}
        self.memories: list[Memory] = [{} for _ in self.layers]
        self.rows: list[tuple[str, tuple[int, ...], int, int]] = []
        shape = tuple(input_shape)
        for number, layer in enumerate(self.layers):
            own = layer.initial(shape, rng)
            self.params |= {self._name(number, key): value for key, value in own.items()}
            out_shape = np.shape(_forward(layer, "test", np.zeros((1, *shape)), own, {})[0])[1:]
            if 0 in out_shape:
                raise ValueError(
                    f"Network: layer {number}, {type(layer).__name__}, makes {shape} into {out_shape}: "
                    "nothing is left; use a smaller window or fewer layers that shrink the maps"
                )
            parameters = sum(value.size for value in own.values())
            cost = layer.multiply_adds(shape, out_shape)
            self.rows.append((type(layer).__name__, out_shape, parameters, cost))
            shape = out_shape
        self.output_shape = shape

    def _name(self, number: int, key: str) -> str:
        return f"{number}_{type(self.layers[number]).__name__.lower()}_{key}"

    def _own(self, number: int) -> Arrays:
        """A layer's parameters, by the names that the layer itself uses."""
        prefix = self._name(number, "")
        return {name.removeprefix(prefix): value for name, value in self.params.items() if name.startswith(prefix)}

    @property
    def num_parameters(self) -> int:
        """How many numbers are learned."""
        return sum(value.size for value in self.params.values())

    @property
    def multiply_adds(self) -> int:
        """Products of a weight and an activation in the forward pass of one image."""
        return sum(row[3] for row in self.rows)

    def forward(self, X: np.ndarray, mode: str = "train") -> tuple[np.ndarray, list[Any]]:
        """The outputs, shape (N, ...), and the caches of all layers."""
        caches = []
        for number, layer in enumerate(self.layers):
            X, cache = _forward(layer, mode, X, self._own(number), self.memories[number])
            caches.append(cache)
        return X, caches

    def activations(self, X: np.ndarray, mode: str = "test") -> list[np.ndarray]:
        """What every layer puts out, first to last; the last one are the scores. Nothing is remembered of it."""
        outputs = []
        for number, layer in enumerate(self.layers):
            X, _ = _forward(layer, mode, X, self._own(number), copy.deepcopy(self.memories[number]))
            outputs.append(X)
        return outputs

    def backward(self, dout: np.ndarray, caches: list[Any]) -> tuple[np.ndarray, Arrays]:
        """The gradient with respect to the input, and the gradients with respect to the parameters, by name."""
        grads: Arrays = {}
        for number in reversed(range(len(self.layers))):
            dout, own = self.layers[number].backward(dout, caches[number])
            grads |= {self._name(number, key): value for key, value in own.items()}
        return dout, grads

    def loss(self, X: np.ndarray, y: np.ndarray | None = None) -> Any:
        """Scores, shape (N, classes), where y is not given; otherwise (loss, gradients by name of the parameter).

        As in CS231n the scores are those of a test, the loss that of a training step.
        """
        scores, caches = self.forward(X, "test" if y is None else "train")
        if y is None:
            return scores
        loss, dscores = self.loss_function(scores, y)
        return loss, self.backward(dscores, caches)[1]
