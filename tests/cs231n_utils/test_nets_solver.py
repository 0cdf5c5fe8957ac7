"""Networks: gradients, shapes, counts; the Solver: it fits 50 digits and repeats itself to the bit."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from cs231n_utils.data import load_digits, subsample
from cs231n_utils.gradient_check import directional_error
from cs231n_utils.layers import conv_forward
from cs231n_utils.nets import (
    Activation,
    Affine,
    Conv,
    Dropout,
    LocallyConnected,
    Network,
    Normalize,
    Pool,
    Relu,
    Sigmoid,
    squared_loss,
)
from cs231n_utils.solver import Solver, one_thread


def halves_forward(x, pool_param):
    """A stand-in for a student's pooling: the sum of each 2×2 window."""
    assert pool_param == {"pool_height": 2, "pool_width": 2, "stride": 2}
    N, C, H, W = x.shape
    return x.reshape(N, C, H // 2, 2, W // 2, 2).sum(axis=(3, 5)), x.shape


def halves_backward(dout, cache):
    return dout.repeat(2, axis=2).repeat(2, axis=3)


HALVES = Pool(halves_forward, halves_backward, {"pool_height": 2, "pool_width": 2, "stride": 2})
GLOBAL = Pool(lambda x: (x.sum(axis=(2, 3)), x), lambda dout, x: np.ones_like(x) * dout[:, :, None, None])


def scale_forward(x, gamma, beta, param):
    """A stand-in for a student's normalization: in training it divides by 2 and counts; it shows what it was given."""
    assert param["eps"] == 0.1
    assert "running" in param or param["mode"] == "test"
    factor = 0.5 if param["mode"] == "train" else 1.0
    param["running"] = param.get("running", 0) + (param["mode"] == "train")
    per_channel = (len(gamma), *[1] * (x.ndim - 2))
    return factor * x * gamma.reshape(per_channel) + beta.reshape(per_channel), (x, gamma.reshape(per_channel), factor)


def scale_backward(dout, cache):
    x, gamma, factor = cache
    axes = (0, *range(2, x.ndim))
    return factor * dout * gamma, (factor * dout * x).sum(axis=axes), dout.sum(axis=axes)


SCALE = Normalize(scale_forward, scale_backward, {"eps": 0.1, "running": 0})


@pytest.mark.parametrize(
    "layers",
    [
        [Conv(3, 3), SCALE, Sigmoid(), Affine(5), SCALE, Relu(), Affine(4)],
        [Conv(3, 3, pad=1), Relu(), HALVES, Affine(4)],
        [Conv(3, 3, stride=2), Relu(), Conv(4, 2), Relu(), Affine(4)],
        [LocallyConnected(2, 3), Relu(), LocallyConnected(4, 2), GLOBAL],
        [LocallyConnected(2, 3), Relu(), HALVES, Affine(4)],
    ],
)
def test_gradients_of_every_parameter_and_of_the_input(layers):
    net = Network((2, 6, 6), layers, seed=1)
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((3, 2, 6, 6)), np.array([0, 3, 1])
    scores, caches = net.forward(X)
    assert scores.shape == (3, 4)
    dscores = rng.standard_normal(scores.shape)
    dX, _ = net.backward(dscores, caches)
    assert directional_error(lambda X: net.forward(X)[0], X, dX, dscores, seed=0) < 1e-6
    _, grads = net.loss(X, y)
    assert grads.keys() == net.params.keys()
    for name, w in net.params.items():

        def loss_at(value, name=name, w=w):
            net.params[name] = value
            loss, _ = net.loss(X, y)
            net.params[name] = w
            return loss

        assert grads[name].shape == w.shape
        assert directional_error(loss_at, w, grads[name], 1.0, seed=0) < 1e-6


def test_locally_connected_with_equal_filters_is_a_convolution():
    net = Network((2, 5, 6), [LocallyConnected(3, 2)])
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 2, 5, 6)), rng.standard_normal((3, 2, 2, 2))
    for name, value in net.params.items():
        if name.endswith("_w"):
            net.params[name] = np.broadcast_to(w.reshape(3, -1).T, value.shape)
    expected = conv_forward(x, w, np.zeros(3), {"stride": 1, "pad": 0})[0]
    np.testing.assert_allclose(net.loss(x), expected, rtol=1e-12, atol=1e-12)


def test_counts():
    net = Network((1, 8, 8), [Conv(4, 3, pad=1), Relu(), HALVES, Affine(10)])
    assert [row[0] for row in net.rows] == ["Conv", "Relu", "Pool", "Affine"]
    assert [row[1] for row in net.rows] == [(4, 8, 8), (4, 8, 8), (4, 4, 4), (10,)]
    assert [row[2] for row in net.rows] == [40, 0, 0, 650]
    assert [row[3] for row in net.rows] == [9 * 256, 0, 0, 640]
    assert net.num_parameters == 690
    unshared = Network((1, 8, 8), [LocallyConnected(4, 3)])
    assert (unshared.num_parameters, unshared.multiply_adds) == (36 * 40, 36 * 36)


def test_activations_are_what_the_layers_put_out():
    net = Network((1, 8, 8), [Conv(4, 3), Relu(), Affine(10)])
    X = np.random.default_rng(0).standard_normal((2, 1, 8, 8))
    after_conv, after_relu, scores = net.activations(X)
    np.testing.assert_array_equal(after_relu, np.maximum(after_conv, 0))
    np.testing.assert_array_equal(scores, net.loss(X))


def test_a_network_that_shrinks_its_maps_away_is_explained():
    too_large = Pool(lambda x: (x[:, :, :0, :0], None), lambda dout, cache: dout)
    with pytest.raises(ValueError, match=r"layer 1, Pool, makes \(4, 6, 6\) into \(4, 0, 0\)"):
        Network((1, 8, 8), [Conv(4, 3), too_large, Affine(10)])


def test_a_first_loss_is_near_log_of_the_classes():
    data = load_digits()
    net = Network((1, 8, 8), [Conv(8, 3), Relu(), Affine(10)])
    net.params = {name: 0.01 * w for name, w in net.params.items()}
    loss, _ = net.loss(data["X_train"][:50], data["y_train"][:50])
    assert loss == pytest.approx(np.log(10), abs=0.01)


def counting(x, gamma, beta, param):
    """A stand-in for a student's batch norm that counts its calls in training, and answers the count in testing."""
    if param["mode"] == "train":
        param["calls"] = param.get("calls", 0) + 1
        return x, None
    return x * 0 + param.get("calls", 0), None


def test_layers_remember_from_call_to_call_each_for_itself():
    param = {"momentum": 0.5}
    layer = Normalize(counting, lambda dout, cache: (dout, np.zeros(3), np.zeros(3)), param)
    net, other = Network((3,), [layer, layer]), Network((3,), [layer])
    X, y = np.ones((2, 3)), np.array([0, 1])
    for _ in range(3):
        net.loss(X, y)
    np.testing.assert_array_equal(net.loss(X), 3)
    np.testing.assert_array_equal(net.forward(X)[0], 1)  # a training pass, and so the fourth
    np.testing.assert_array_equal(other.loss(X), 0)
    assert [memory["calls"] for memory in net.memories] == [4, 4]
    assert param == {"momentum": 0.5}


def noted(calls):
    """A stand-in for a student's dropout, which notes what it was given."""

    def forward(x, dropout_param):
        calls.append(dropout_param)
        return (2 * x, 2.0) if dropout_param["mode"] == "train" else (x, 1.0)

    return forward, lambda dout, cache: cache * dout


def test_dropout_gets_a_seed_of_its_own_for_every_training_step():
    def seeds(seed):
        calls = []
        net = Network((3,), [Dropout(*noted(calls), p=0.75, seed=seed)])
        X, y = np.ones((2, 3)), np.array([0, 1])
        del calls[:]
        for _ in range(3):
            net.loss(X, y)
        np.testing.assert_array_equal(net.loss(X), X)
        assert calls.pop() == {"p": 0.75, "mode": "test"}
        assert [(call["p"], call["mode"]) for call in calls] == [(0.75, "train")] * 3
        return [call["seed"] for call in calls]

    assert seeds(1) == seeds(1)
    assert len({*seeds(1), *seeds(2)}) == 6


def test_an_activation_of_ones_own_is_used_both_ways():
    halve = Activation(lambda x: (x / 2, None), lambda dout, cache: dout / 2)
    net = Network((3,), [halve])
    out, caches = net.forward(np.ones((2, 3)))
    np.testing.assert_array_equal(out, 0.5)
    np.testing.assert_array_equal(net.backward(np.ones((2, 3)), caches)[0], 0.5)


def test_looking_at_activations_leaves_no_memory():
    net = Network((3,), [Normalize(counting, scale_backward)])
    np.testing.assert_array_equal(net.activations(np.ones((2, 3)), "train")[0], 1)
    np.testing.assert_array_equal(net.activations(np.ones((2, 3)))[0], 0)
    assert net.memories == [{}]


def test_squared_loss_gradient():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((3, 4)), rng.standard_normal((3, 1, 2, 2))
    assert directional_error(lambda x: squared_loss(x, y)[0], x, squared_loss(x, y)[1], 1.0, seed=0) < 1e-7


def fit_fifty_digits():
    net = Network((1, 8, 8), [Conv(8, 3, pad=1), Relu(), HALVES, Affine(10)], seed=0)
    data = subsample(load_digits(), 50)
    solver = Solver(net, data, optim_config={"learning_rate": 1e-2}, num_epochs=20, batch_size=25, progress=False)
    solver.train()
    return solver


def test_solver_fits_fifty_digits_and_repeats_itself():
    solver, again = fit_fifty_digits(), fit_fifty_digits()
    assert solver.train_acc_history[-1] == 1.0
    assert len(solver.loss_history) == 40
    assert len(solver.val_acc_history) == 20
    assert solver.loss_history == again.loss_history
    assert solver.best_val_acc == max(solver.val_acc_history)
    solver.model.params = solver.best_params
    assert solver.accuracy(solver.data["X_val"], solver.data["y_val"]) == solver.best_val_acc
    assert solver.seconds > 0


def test_learning_rate_decay_and_a_last_small_minibatch():
    net = Network((1, 8, 8), [Affine(10)])
    data = subsample(load_digits(), 50)
    solver = Solver(net, data, update_rule="sgd", lr_decay=0.5, num_epochs=2, batch_size=20, progress=False)
    solver.train()
    assert len(solver.loss_history) == 6  # 20 + 20 + 10, twice
    assert len(solver.train_acc_history) == 2
    assert {config["learning_rate"] for config in solver.optim_configs.values()} == {0.0025}


def test_accuracies_every_few_epochs_and_after_the_last():
    net, data = Network((1, 8, 8), [Affine(10)]), subsample(load_digits(), 20)
    solver = Solver(net, data, num_epochs=5, measure_every=2, progress=False)
    solver.train()
    assert len(solver.train_acc_history) == len(solver.val_acc_history) == 3
    assert solver.train_acc_history[-1] == solver.accuracy(data["X_train"], data["y_train"])


def test_progress_bar_is_drawn_and_can_be_off(capsys):
    data = subsample(load_digits(), 20)
    for shown in (True, False):
        Solver(Network((1, 8, 8), [Affine(10)]), data, num_epochs=2, progress=shown).train()
        assert ("training" in capsys.readouterr().err) == shown


def test_solver_explains_itself():
    net, data = Network((1, 8, 8), [Affine(10)]), load_digits()
    with pytest.raises(ValueError, match="'adam'"):
        Solver(net, data, update_rule="Adam")
    with pytest.raises(ValueError, match="1197 examples, y_train 300"):
        Solver(net, data | {"y_train": data["y_val"]})


def blas_threads() -> int:
    return max(library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas")


def test_where_threads_cannot_be_counted_it_goes_on(monkeypatch):
    """The sandbox that students' code is graded in has nothing in /proc."""

    def without_proc(**options):
        raise FileNotFoundError("/proc/self/maps")

    monkeypatch.setattr("threadpoolctl.threadpool_limits", without_proc)
    with one_thread():
        assert np.ones(3) @ np.ones(3) == 3


def test_a_solver_and_a_loop_of_ones_own_compute_in_one_thread_and_give_the_others_back():
    seen = []

    class Watched(Network):
        def loss(self, X, y=None):
            seen.append(blas_threads())
            return super().loss(X, y)

    @one_thread()
    def loop_of_ones_own():
        seen.append(blas_threads())

    with threadpool_limits(limits=2, user_api="blas"):
        data = subsample(load_digits(), 10, seed=0)
        Solver(Watched((1, 8, 8), [Affine(10)]), data, num_epochs=1, progress=False).train()
        loop_of_ones_own()
        assert len(seen) > 2
        assert set(seen) == {1}
        assert blas_threads() == 2
