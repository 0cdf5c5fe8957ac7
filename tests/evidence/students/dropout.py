"""Wrong answers to notebooks 01 and 06, in other ways than the references go."""

import numpy as np

from tests.evidence.students.answer import wrong


def generator(dropout_param):
    return np.random.RandomState(dropout_param.get("seed"))


def drop(x, dropout_param):
    """A right forward pass."""
    if dropout_param["mode"] == "test":
        return x * 1.0, (None, dropout_param)
    keep = generator(dropout_param).rand(*x.shape) < dropout_param["p"]
    return x * keep / dropout_param["p"], (keep, dropout_param)


@wrong("dropout_forward", "mask_not_scaled")
def vanilla(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    return np.where(generator(dropout_param).rand(*x.shape) < dropout_param["p"], x, 0), None


@wrong("dropout_forward", "p_is_drop_probability")
def as_in_pytorch(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    p = dropout_param["p"]
    if p == 1:
        return 0 * x, None
    return x * (generator(dropout_param).uniform(size=x.shape) > p) / (1 - p), None


@wrong("dropout_forward", "vanilla_dropout", "scaled_at_test")
def scales_at_test_time(x, dropout_param):
    p = dropout_param["p"]
    if dropout_param["mode"] == "test":
        return x * p, None
    return x * generator(dropout_param).binomial(1, p, x.shape), None


@wrong("dropout_forward", "scaled_at_test")
def scales_twice(x, dropout_param):
    p = dropout_param["p"]
    if dropout_param["mode"] == "test":
        return p * x, None
    return x * (generator(dropout_param).binomial(1, p, x.shape) / p), None


@wrong("dropout_forward", "seed_ignored")
def never_seeded(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    p = dropout_param["p"]
    return x * np.random.default_rng().choice([0, 1 / p], size=x.shape, p=[1 - p, p]), None


@wrong("dropout_forward", "same_mask_for_all_examples")
def drops_features(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, None
    p = dropout_param["p"]
    return x * (generator(dropout_param).rand(*x.shape[1:]) < p) / p, None


@wrong("dropout_forward", "input_overwritten")
def zeroes_x_itself(x, dropout_param):
    if dropout_param["mode"] == "train":
        gone = generator(dropout_param).rand(*x.shape) >= dropout_param["p"]
        x[gone] = 0
        return x / dropout_param["p"], gone
    return x, None


@wrong("dropout_forward", "drops_at_test")
def never_looks_at_the_mode(x, dropout_param):
    keep = generator(dropout_param).rand(*x.shape) < dropout_param["p"]
    return x * keep / dropout_param["p"], keep


@wrong("dropout_backward", "mask_missing", "scaled_without_mask", dropout_forward=drop)
def gradient_goes_everywhere(dout, cache):
    keep, dropout_param = cache
    return dout.copy() if keep is None else dout / dropout_param["p"]


@wrong("dropout_backward", "scale_missing", dropout_forward=drop)
def mask_alone(dout, cache):
    return dout * (1 if cache[0] is None else cache[0])


@wrong("dropout_backward", "test_mode_forgotten", dropout_forward=drop)
def only_training(dout, cache):
    keep, dropout_param = cache
    return dout * keep / dropout_param["p"]


@wrong("sigmoid_forward", "overflow_to_nan")
def exp_over_exp(x):
    e = np.exp(x)
    return e / (e + 1), e / (e + 1)


@wrong("sigmoid_forward", "sign_of_exponent")
def falls_instead_of_rising(x):
    s = 1 / (1 + np.exp(x))
    return s, s


@wrong("sigmoid_forward")
def clipped_too_early(x):
    s = 1 / (1 + np.exp(-np.clip(x, -5, 5)))
    return s, s


def squash(x):
    s = np.where(x > 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))
    return s, (s, x)


@wrong("sigmoid_backward", "upstream_gradient_missing", sigmoid_forward=squash)
def local_slope_only(dout, cache):
    s, _ = cache
    return s - s**2


@wrong("sigmoid_backward", "slope_from_input", sigmoid_forward=squash)
def x_for_s(dout, cache):
    _, x = cache
    return dout * x * (1 - x)


@wrong("softmax_loss", "overflow")
def not_shifted(x, y):
    p = np.exp(x) / np.exp(x).sum(1)[:, None]
    n = len(y)
    d = p.copy()
    d[range(n), y] -= 1
    return -np.log(p[range(n), y]).mean(), d / n


@wrong("softmax_loss", "not_averaged")
def summed_up(x, y):
    z = x - x.max(1)[:, None]
    lse = np.log(np.exp(z).sum(1))
    d = np.exp(z - lse[:, None])
    d[np.arange(len(y)), y] -= 1
    return (lse - z[np.arange(len(y)), y]).sum(), d


@wrong("softmax_loss", "not_averaged")
def gradient_not_averaged(x, y):
    z = x - x.max(1)[:, None]
    lse = np.log(np.exp(z).sum(1))
    d = np.exp(z - lse[:, None])
    d[np.arange(len(y)), y] -= 1
    return (lse - z[np.arange(len(y)), y]).mean(), d


@wrong("softmax_loss", "one_missing_in_gradient")
def probabilities_as_gradient(x, y):
    z = x - x.max(1)[:, None]
    lse = np.log(np.exp(z).sum(1))
    return np.mean(lse - z[np.arange(len(y)), y]), np.exp(z - lse[:, None]) / len(y)


@wrong("softmax_loss", "one_missing_in_all_classes")
def columns_for_entries(x, y):
    z = x - x.max(1)[:, None]
    lse = np.log(np.exp(z).sum(1))
    d = np.exp(z - lse[:, None])
    d[:, y] -= 1
    return np.mean(lse - z[np.arange(len(y)), y]), d / len(y)


@wrong("rel_error", "zero_by_zero")
def nothing_added_below(x, y):
    return np.max(np.abs(x - y) / (np.abs(x) + np.abs(y)))


@wrong("rel_error", "one_ratio_for_the_array")
def norms_of_the_whole(x, y):
    return np.linalg.norm(x - y) / max(1e-8, np.linalg.norm(x) + np.linalg.norm(y))


@wrong("eval_numerical_gradient", "one_sided")
def forward_difference(f, x, h=1e-5):
    g, f0 = np.zeros_like(x), f(x)
    for k in np.ndindex(*x.shape):
        z = x.copy()
        z[k] += h
        g[k] = (f(z) - f0) / h
    return g


@wrong("eval_numerical_gradient", "restored_by_arithmetic")
def steps_back_and_forth(f, x, h=1e-5):
    g = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        k = it.multi_index
        x[k] += h
        up = f(x)
        x[k] -= 2 * h
        down = f(x)
        x[k] += h
        g[k] = (up - down) / (2 * h)
        it.iternext()
    return g


@wrong("eval_numerical_gradient", "all_entries_moved")
def moves_the_whole_array(f, x, h=1e-5):
    return np.full_like(x, (f(x + h) - f(x - h)) / (2 * h))


@wrong("eval_numerical_gradient_array", "result_not_copied")
def holds_on_to_a_view(f, x, df, h=1e-5):
    g = np.zeros_like(x)
    for k in np.ndindex(*x.shape):
        old = x[k]
        x[k] = old + h
        up = f(x)
        x[k] = old - h
        down = f(x)
        x[k] = old
        g[k] = ((up - down) * df).sum() / (2 * h)
    return g


@wrong("directional_error", "direction_not_unit")
def direction_of_any_length(f, x, dx, df, seed):
    u, h = np.random.RandomState(seed).randn(*x.shape), 1e-5
    a, b = ((f(x + h * u) - f(x - h * u)) * df).sum() / (2 * h), (dx * u).sum()
    return abs(a - b) / max(1e-8, abs(a) + abs(b))
