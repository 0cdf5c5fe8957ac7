# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 03 Batch normalization
#
# We feed a network features of a sensible size: grey values from 0 to 1, say. But layer 7 does
# not see grey values. It sees what layer 6 makes of them, and nobody takes care that this is
# of a sensible size. Batch normalization does: between two layers it gives every feature a
# fixed mean and a fixed spread, measured over the minibatch, and lets gradient descent go
# *through* the measuring.
#
# Few inventions made as much of a difference, and about few has there been so much dispute
# *why*. In this notebook you write it, forward and backward, and put to the test what people
# say about it:
#
# | often said | you measure it in |
# |---|---|
# | it keeps activations and gradients alive in deep networks | parts 1 and 6 |
# | without it, the bottom layers hardly learn | part 7 |
# | it allows larger learning rates and forgives a bad start | part 8 |
# | it belongs in front of the activation | part 8 |
# | it needs batches of 16 and more | part 9 |
# | it regularizes, and makes dropout superfluous | part 9 |
# | it speeds up training; it makes networks more accurate | part 12 |
# | it works because it reduces "internal covariate shift" | part 13 |
#
# Plan for two to three hours.
#
# ## How to use this notebook
#
# - Replace `raise NotImplementedError()` by your code; the docstring says exactly what is
#   wanted. Then run the cell below it: `check(...)` says what is right, what is wrong, and,
#   where it recognises the mistake, what to look at.
# - `check(f, hint=2)` says more about what is wrong with `f`, `hint=3` gives you a small case to try
#   by hand, and `check.all()` checks everything that is written. Notebook 01 tells more.
# - **Experiments** need no code from you: they run *your* functions on real digits. Read what
#   to look at first, and write your guess down before you run them. Then change the numbers.
# - To hand in: *Kernel, Restart Kernel and Run All Cells*, look once more at every check,
#   save, and hand in this file under its own name. Graded are your functions, your answers to
#   the questions, and the text that you write in part 14. Experiments are not graded.

# %%
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from cs231n_utils import check

WIDTH = 64  # neurons in a hidden layer, in the experiments

# %% [markdown]
# ## 1 What goes wrong without it
#
# Nothing of yours is needed here yet. We send 256 handwritten digits through two networks of
# ten hidden layers with random weights, before any training, and look at what arrives: all
# activations of layer 1, 4, 7 and 10, as histograms.
#
# - Above: sigmoid units, 1/(1 + exp(−x)), with weights four times as large as the usual recipe
#   has them (normal, with variance 2/D for D inputs).
# - Below: ReLUs, with weights 0.6 times as large as in the recipe.
#
# **Your guess:** what will be left of the digits in layer 10?

# %% tags=["experiment"]
from cs231n_utils.data import load_digits
from cs231n_utils.nets import Affine, Network, Relu, Sigmoid
from cs231n_utils.plotting import show_histograms, table

digits = load_digits()
LAYERS = (1, 4, 7, 10)


def build(
    activation,
    depth,
    normalization=None,
    scale=1.0,
    seed=0,
    activation_first=False,
    width=WIDTH,
    more=None,
):
    """depth hidden layers, and an affine layer for the 10 scores; normalized if asked for."""
    norm = [] if normalization is None else [normalization]
    layers = []
    for k in range(depth):
        hidden = [activation, *norm] if activation_first else [*norm, activation]
        layers += [Affine(width), *hidden, *([more(k)] if more else [])]
    net = Network((1, 8, 8), [*layers, Affine(10)], seed=seed)
    for name in net.params:
        if name.endswith("_w"):
            net.params[name] = scale * net.params[name]
    return net


def hidden_activations(net, X):
    """What every Sigmoid or Relu puts out, in training mode."""
    outputs = zip(net.layers, net.activations(X, "train"), strict=True)
    return [out for layer, out in outputs if isinstance(layer, Sigmoid | Relu)]


X, y = digits["X_train"][:256], digits["y_train"][:256]
PLAIN = {"sigmoid": build(Sigmoid(), 10, scale=4), "ReLU": build(Relu(), 10, scale=0.6)}
titles = [f"layer {layer}" for layer in LAYERS]
for name, net in PLAIN.items():
    hidden = hidden_activations(net, X)
    show_histograms({name: [hidden[k - 1] for k in LAYERS]}, titles, xlabel="activation")
    plt.show()
rows = []
for name, net in PLAIN.items():
    spread = [out.std(axis=0).mean() for out in hidden_activations(net, X)]
    rows.append([name, *[f"{spread[k - 1]:.3f}" for k in LAYERS]])
print("how much a unit differs from digit to digit (standard deviation, mean over units)\n")
print(table(["net", *titles], rows))

# %% [markdown]
# - **Sigmoid:** in layer 1 there is still something in the middle. Further up, many units are
#   pressed against 0 or 1: they are *saturated*, the sigmoid is flat there, and next to no
#   gradient comes through. And the table tells the worse half: each unit has nearly the same
#   value for *every* digit. Layer 10 can hardly tell digits apart.
# - **ReLU:** the activations shrink from layer to layer until all are practically 0.
#
# The ReLU network could be saved by better initial weights: the recipe was made for that. But
# weights move in training, and with them the size of everything above. What if we simply *set* mean
# and spread, in every layer and every step?
#
# ## 2 One neuron, by hand
#
# A neuron has computed its x for a minibatch of five digits:
#
# $$x = 0.7,\quad 1.1,\quad 1.8,\quad 2.15,\quad 2.5$$
#
# 1. **Mean** of the minibatch: μ = (0.7 + 1.1 + 1.8 + 2.15 + 2.5)/5 = **1.65**.
# 2. **Variance**: the deviations are −0.95, −0.55, 0.15, 0.5, 0.85; their squares 0.9025,
#    0.3025, 0.0225, 0.25, 0.7225 have the mean σ² = **0.44**. (Divide by N = 5, not by 4: part
#    10 comes back to this.)
# 3. **Normalize**: x̂ = (x − μ)/√(σ² + ε), with ε = 1e-8 and the root 0.6633:
#
# $$\hat x = -1.432,\quad -0.829,\quad 0.226,\quad 0.754,\quad 1.281$$
#
# 4. **Scale and shift**: out = γ x̂ + β. With γ = 0.5 and β = 1: 0.284, 0.585, 1.113, 1.377,
#    1.641.
#
# x̂ has mean 0 and standard deviation 1, whatever x was. The small ε is there for a neuron that
# gives the same x to all digits: its σ² is 0, and one must not divide by 0.
#
# And what are γ and β for? Mean 0 and deviation 1 are a convention of ours, and not always what
# the next layer needs: between −1 and 1, for one, a sigmoid is nearly a straight line. So each
# feature gets two parameters which are *learned* like weights: γ sets the standard deviation,
# β the mean. With γ = √(σ² + ε) and β = μ the layer would do nothing at all. It can undo what
# it does; but now mean and spread hang on two numbers of their own, and no longer on all the
# weights below.

# %% nbgrader={"grade_id": "normalized_by_hand", "solution": true}
from solutions.batchnorm import normalized_by_hand

# %% nbgrader={"grade_id": "check_normalized_by_hand", "grade": true}
check(normalized_by_hand)

# %% [markdown]
# ## 3 Forward
#
# Now for all D features of N examples at once: x has shape (N, D), a row for each example.
# Every feature is normalized by itself, down its column.
#
# **At test time** there may be one digit only, and then there is no batch to measure. Nor
# should the answer for one digit depend on which others happen to come along. So we keep
# *running statistics* while training,
#
# $$\text{running} \leftarrow \text{momentum} \cdot \text{running} +
# (1 - \text{momentum}) \cdot \text{batch},$$
#
# where the momentum is 0.9, and use them in place of μ and σ² at test time. They live in
# `bn_param`, which your function gets again in the next call, and must write them to.
#
# *By hand*, momentum 0.9, both running statistics start from 0, and the minibatch is the one
# from above: the running mean becomes 0.9 · 0 + 0.1 · 1.65 = 0.165, the running variance 0.044.
# If the next batch has mean 2, then the running mean becomes 0.9 · 0.165 + 0.1 · 2 = 0.3485.

# %% nbgrader={"grade_id": "batchnorm_forward", "solution": true}
from solutions.batchnorm import batchnorm_forward

# %% nbgrader={"grade_id": "check_batchnorm_forward", "grade": true}
check(batchnorm_forward)

# %% [markdown]
# **Experiment: a whole layer.** 256 digits go through an affine layer of 64 neurons, and
# through your function. Left: one dot for each neuron, at its mean and its standard deviation
# over the digits. Right: one of the neurons, for three choices of γ and β. **Before you run
# it:** where will the dots be?

# %% tags=["experiment"]
from cs231n_utils.plotting import COLOURS, figure

ones, zeros = np.ones(WIDTH), np.zeros(WIDTH)
before = build(Relu(), 1).activations(X)[0]  # after the first affine layer
after, _ = batchnorm_forward(before, ones, zeros, {"mode": "train"})

fig, axes = figure(1, 2, size=(5.2, 3.8))
left, right = axes[0]
left.plot(before.mean(axis=0), before.std(axis=0), "o", color=COLOURS[4], label="before")
left.plot(after.mean(axis=0), after.std(axis=0), "*", color=COLOURS[0], label="after")
left.set_xlabel("mean over the digits")
left.set_ylabel("standard deviation over the digits")
left.set_title("64 neurons, γ = 1, β = 0")
left.legend()
for k, (gamma, beta) in enumerate([(1, 0), (3, 0), (0.5, 4)]):
    out, _ = batchnorm_forward(before, gamma * ones, beta + zeros, {"mode": "train"})
    label = f"γ = {gamma}, β = {beta}"
    right.hist(
        out[:, 0],
        bins=np.linspace(-8, 8, 65),
        histtype="step",
        linewidth=2,
        color=COLOURS[k],
        linestyle=("-", "--", "-.")[k],
        label=label,
    )
right.set_xlabel("output of neuron 0")
right.set_ylabel("digits (of 256)")
right.set_title("γ sets the spread, β the place")
right.legend()
plt.show()
deviations = after.std(axis=0)
print(f"means: at most {np.abs(after.mean(axis=0)).max():.0e} away from 0")
print(f"standard deviations: from {deviations.min():.6f} to {deviations.max():.6f}")

# %% [markdown]
# All 64 dots lie on one another, at mean 0 and standard deviation 1. (A hair less than 1: that is
# ε.) The *shape* of a histogram does not change: batch normalization moves and stretches,
# it does not make anything normal in the sense of the bell curve.
#
# Three questions.

# %% nbgrader={"grade_id": "output_mean", "solution": true}
from solutions.batchnorm import output_mean

# %% nbgrader={"grade_id": "check_output_mean", "grade": true}
check(output_mean)

# %% nbgrader={"grade_id": "output_standard_deviation", "solution": true}
from solutions.batchnorm import output_standard_deviation

# %% nbgrader={"grade_id": "check_output_standard_deviation", "grade": true}
check(output_standard_deviation)

# %% nbgrader={"grade_id": "batchnorm_parameters", "solution": true}
from solutions.batchnorm import batchnorm_parameters

# %% nbgrader={"grade_id": "check_batchnorm_parameters", "grade": true}
check(batchnorm_parameters)

# %% [markdown]
# And one about the running statistics. How slow are they? (A loop of three lines will tell.)

# %% nbgrader={"grade_id": "steps_to_ninety_percent", "solution": true}
from solutions.batchnorm import steps_to_ninety_percent

# %% nbgrader={"grade_id": "check_steps_to_ninety_percent", "grade": true}
check(steps_to_ninety_percent)

# %% [markdown]
# ## 4 Experiment: an example and its neighbours
#
# In training mode a digit's output depends on which others are in its minibatch. By how much?
# We take *one* digit, put it into 500 random minibatches of 4, 16 and 64, and look at what
# becomes of neuron 0. The black line is test mode, with statistics of all digits.

# %% tags=["experiment"]
rng = np.random.default_rng(0)
all_before = build(Relu(), 1).activations(digits["X_train"])[0]
everything = {"mode": "train", "momentum": 0.0}  # momentum 0: keep the statistics of this batch
batchnorm_forward(all_before, ones, zeros, everything)
tested, _ = batchnorm_forward(all_before[:1], ones, zeros, everything | {"mode": "test"})

SIZES = (4, 16, 64)
outputs = {}
for m in SIZES:
    outputs[m] = []
    for _ in range(500):
        others = rng.choice(np.arange(1, len(all_before)), m - 1, replace=False)
        batch = all_before[[0, *others]]
        outputs[m].append(batchnorm_forward(batch, ones, zeros, {"mode": "train"})[0][0, 0])

fig, axes = figure(1, 3, size=(3.4, 3))
for k, (axis, m) in enumerate(zip(axes[0], SIZES, strict=True)):
    axis.hist(outputs[m], bins=np.linspace(-2.5, 2.5, 51), color=COLOURS[k])
    axis.axvline(tested[0, 0], color="black", linewidth=2, label="test mode")
    axis.set_title(f"minibatches of {m}\nstandard deviation {np.std(outputs[m]):.2f}")
    axis.set_xlabel("output for the same digit")
axes[0, 0].set_ylabel("minibatches (of 500)")
axes[0, 0].legend()
plt.show()

# %% [markdown]
# The smaller the minibatch, the more *noise* the company of others brings to a digit. With m
# examples it goes as 1/√m: four times as many halve it. Keep this picture in mind: in part 9 the
# noise is a nuisance and, perhaps, a blessing. In test mode there is none, and the same digit
# always gives the same answer.
#
# ## 5 Backward
#
# Given `dout`, we need the gradients with respect to γ, β and x. γ and β are easy: each
# of them was used once for every example, so it collects from all of them. x is the
# interesting one. Draw the graph:
#
# ```
#   x ──────────────┬──► x − μ ──────┬──► x̂ = (x − μ)/σ ──► out = γ x̂ + β
#   │               │                │          ▲
#   └──► μ = mean ──┘                └──► σ² ───┘
# ```
#
# *Three paths* lead from an x to the outputs: directly; through μ, which moves all outputs of
# this feature; and through σ², which moves all of them, too. "Taking μ and σ² as constants"
# forgets two of the three. (Then gradient descent pushes x up in vain: the normalization takes
# the push out again. The inventors say so of their first attempts, in which a bias grew without
# end: arXiv 1502.03167, section 2.)
#
# *By hand:* x = 0, 0, 4, 4, with ε = 0, γ = 1, β = 0. Then μ = 2, σ = 2, x̂ = −1, −1, 1, 1. Let
# dout = 4, 0, 0, 0: only the first output matters to the loss.
#
# | | x₁ | x₂ | x₃ | x₄ |
# |---|---|---|---|---|
# | direct path, dout · γ/σ | 2 | 0 | 0 | 0 |
# | through μ: each gets −(mean of the row above) | −0.5 | −0.5 | −0.5 | −0.5 |
# | through σ²: in proportion to x̂ | −0.5 | −0.5 | 0.5 | 0.5 |
# | dx, the sum | **1** | **−1** | **0** | **0** |
#
# and dβ = 4, dγ = 4 · (−1) = −4. Look at dx: its sum is 0, because raising all x alike changes
# nothing. And its product with x̂ sums to 0 as well, because stretching all x alike changes
# nothing either. x₃ and x₄ get a zero, though each moves μ and σ²: here the two cancel.
#
# First, step by step through the graph. The cache is yours: keep in it what you need.

# %% nbgrader={"grade_id": "batchnorm_backward", "solution": true}
from solutions.batchnorm import batchnorm_backward

# %% nbgrader={"grade_id": "check_batchnorm_backward", "grade": true}
check(batchnorm_backward)

# %% [markdown]
# On paper the steps melt into one line. Write down dx as a sum of three terms, put in what
# dvar and dmean are, and look for the two sums that you have already: dγ and dβ. (The two zeros
# above tell you what the result must look like: dout, *less* its mean, *less* its part along
# x̂.)

# %% nbgrader={"grade_id": "batchnorm_backward_alt", "solution": true}
from solutions.batchnorm import batchnorm_backward_alt

# %% nbgrader={"grade_id": "check_batchnorm_backward_alt", "grade": true}
check(batchnorm_backward_alt)

# %% [markdown]
# ### A bias in front of it
#
# In out = BN(x w + b), what does b do? Try: the same x and w with three different b, and the
# gradient that b gets.

# %% tags=["experiment"]
from cs231n_utils.layers import affine_backward, affine_forward

rng = np.random.default_rng(0)
x, w = rng.standard_normal((8, 5)), rng.standard_normal((5, 3))
dout = rng.standard_normal((8, 3))
for b in (np.zeros(3), np.array([1.0, -2.0, 3.0]), np.full(3, 1000.0)):
    a, affine_cache = affine_forward(x, w, b)
    out, cache = batchnorm_forward(a, np.ones(3), np.zeros(3), {"mode": "train"})
    da, _, _ = batchnorm_backward_alt(dout, cache)
    _, _, db = affine_backward(da, affine_cache)
    largest = np.abs(db).max()
    print(f"b = {b}: out[0] = {out[0].round(6)}, largest entry of db: {largest:.1e}")

# %% nbgrader={"grade_id": "gradient_of_the_bias", "solution": true}
from solutions.batchnorm import gradient_of_the_bias

# %% nbgrader={"grade_id": "check_gradient_of_the_bias", "grade": true}
check(gradient_of_the_bias)

# %% [markdown]
# So in front of batch normalization a bias is redundant, and most people leave it out there: β
# does its work. (Not quite redundant in *test* mode! The running mean was measured with the b
# of the past, and part 11 must not forget it.)
#
# ## 6 Experiment: deep networks, with and without
#
# Back to the two networks of part 1, with **your** batch normalization in front of every
# activation: the same bad weights, the same digits. **Your guess:** what does layer 10 look
# like now?

# %% tags=["experiment"]
from cs231n_utils.nets import Normalize

BN = Normalize(batchnorm_forward, batchnorm_backward_alt)


def deep_networks():
    return {
        "sigmoid": PLAIN["sigmoid"],
        "sigmoid, BN": build(Sigmoid(), 10, BN, scale=4),
        "ReLU": PLAIN["ReLU"],
        "ReLU, BN": build(Relu(), 10, BN, scale=0.6),
    }


hidden = {name: hidden_activations(net, X) for name, net in deep_networks().items()}
show_histograms(
    {name: [hidden[name][k - 1] for k in LAYERS] for name in ("sigmoid", "sigmoid, BN")},
    titles,
    xlabel="activation",
    limits=(0, 1),
    title="sigmoid units, weights 4 times the usual",
)
plt.show()
show_histograms(
    {name: [hidden[name][k - 1] for k in LAYERS] for name in ("ReLU", "ReLU, BN")},
    titles,
    xlabel="activation",
    limits=(0, 3),
    title="ReLUs, weights 0.6 times the usual (activations of more than 3: in the last bin)",
)
plt.show()

# %% [markdown]
# With batch normalization, layer 10 looks like layer 1. No weights had to be chosen with care
# for that.
#
# Now the gradients, before any training, of the same four networks. Left: the share of
# saturated sigmoid units (output below 0.02 or above 0.98). Right: the norm of the loss's
# gradient with respect to the weights of each layer. Mind the logarithmic axis, and read it
# from the top layer down, as the gradient comes.

# %% tags=["experiment"]
from cs231n_utils.plotting import show_curves


def weight_gradients(net, X, y):
    """The norm of the gradient of every layer's weights, bottom to top."""
    _, grads = net.loss(X, y)
    return [np.linalg.norm(grads[name]) for name in net.params if name.endswith("_w")]


NETS = deep_networks()
number = np.arange(1, 12)  # ten hidden layers and the one that makes the scores
saturated = {
    name: [
        100 * np.mean((out < 0.02) | (out > 0.98)) for out in hidden_activations(NETS[name], X)
    ]
    for name in ("sigmoid", "sigmoid, BN")
}
fig, axes = figure(1, 2, size=(5.2, 3.8))
show_curves(
    axes[0, 0],
    number[:-1],
    saturated,
    xlabel="hidden layer (1 = bottom)",
    ylabel="saturated units [%]",
    title="sigmoid units",
)
axes[0, 0].set_ylim(-1, 45)
show_curves(
    axes[0, 1],
    number,
    {name: weight_gradients(net, X, y) for name, net in NETS.items()},
    xlabel="layer (1 = bottom, 11 = scores)",
    ylabel="norm of the weights' gradient",
    title="gradients at the start",
)
axes[0, 1].set_yscale("log")
plt.show()

# %% [markdown]
# - **Sigmoid:** from the top to the bottom the gradient loses a factor of about 60, and it
#   would be worse with smaller weights (*try* `scale=1` in part 1: then nothing is saturated,
#   and yet the factor is 100,000, because every sigmoid multiplies the gradient by its slope,
#   and that is ¼ at best).
# - **ReLU:** the gradient is small everywhere, hundreds of times smaller than with BN.
#   (Never zero: these networks could be saved by a larger learning rate, for a while.)
# - **With BN** all layers get gradients of a similar size. Not quite: in the ReLU network they
#   *grow* by about a fifth with every layer on the way down. In networks of a hundred layers
#   this becomes a problem of its own (Yang and others, arXiv 1902.08129). Batch normalization
#   keeps activations in order; the gradients it helps, but does not guarantee.
#
# ## 7 Experiment: the bottom learns slowly, the top keeps re-learning
#
# Six hidden layers of sigmoid units with the usual weights, 300 steps of plain gradient
# descent, with and without BN. Left: how far has each layer's weight matrix moved away from
# its start, in percent of its size? Right: how long was the *path* on which it went, compared
# with that distance? 1 would be a straight line; 100 means that 100 steps were made, to and
# fro, for each that led anywhere.


# %% tags=["experiment"]
from cs231n_utils.solver import one_thread


@one_thread()
def descend(
    net, steps, learning_rate, batch_size=64, seed=0, after_step=lambda step, loss: None
):
    """Plain stochastic gradient descent on random minibatches of the training digits."""
    rng = np.random.default_rng(seed)
    for step in range(steps):
        batch = rng.integers(0, len(digits["X_train"]), batch_size)
        loss, grads = net.loss(digits["X_train"][batch], digits["y_train"][batch])
        net.params = {name: w - learning_rate * grads[name] for name, w in net.params.items()}
        after_step(step, loss)


def moves(net, steps, learning_rate):
    """How far every layer's weights moved (in % of their size), and path / distance."""
    names = [name for name in net.params if name.endswith("_w")]
    start = {name: net.params[name] for name in names}
    last, path = dict(start), dict.fromkeys(names, 0.0)

    def measure(step, loss):
        for name in names:
            path[name] += np.linalg.norm(net.params[name] - last[name])
            last[name] = net.params[name]

    descend(net, steps, learning_rate, after_step=measure)
    distance = {name: np.linalg.norm(net.params[name] - start[name]) for name in names}
    return (
        [100 * distance[name] / np.linalg.norm(start[name]) for name in names],
        [path[name] / distance[name] for name in names],
    )


moved, wandering = {}, {}
for name, normalization in {"without BN": None, "with BN": BN}.items():
    net = build(Sigmoid(), 6, normalization)
    moved[name], wandering[name] = moves(net, 300, 0.3)
    right = np.mean(net.loss(digits["X_val"]).argmax(axis=1) == digits["y_val"])
    print(f"{name}: {100 * right:.0f} % of the validation digits are read right")

fig, axes = figure(1, 2, size=(5.2, 3.8))
for axis, curves, ylabel in [
    (axes[0, 0], moved, "moved from the start [% of its norm]"),
    (axes[0, 1], wandering, "length of the path / distance"),
]:
    show_curves(
        axis, range(1, 8), curves, xlabel="layer (1 = bottom, 7 = scores)", ylabel=ylabel
    )
    axis.set_yscale("log")
plt.show()

# %% [markdown]
# - **Without BN** the bottom layers stand nearly still: a third of a percent in 300 steps. The
#   top layer moves, but it goes to and fro: what it learns in one step it unlearns in the next,
#   as nothing that it gets from below tells the digits apart. The network reads no better than
#   a guess (10 %).
# - **With BN** all layers move, the hidden ones by similar amounts (14 to 22 %), the top one
#   most, and on the straightest path of the seven. (The bottom layer without BN went straighter
#   still, but it hardly went anywhere.)
#
# ## 8 Experiment: learning rates, initial weights, and the place
#
# Now short training runs, five epochs of plain gradient descent, four hidden layers. Left:
# ReLU networks, for learning rates over four powers of ten. Middle: the same with sigmoid
# units. Right: ReLU networks at the learning rate 0.03, whose initial weights are scaled by a
# factor between a hundredth and a hundred.
#
# The networks differ in the *place* of the normalization, which has been disputed from the
# start. The inventors put it in front of the activation; others measured that it does better
# after it (Mishkin and others, arXiv 1606.02228, on ImageNet). **Your guess?**

# %% tags=["experiment"]
from cs231n_utils.progress import progress_bar
from cs231n_utils.solver import Solver


def trained(net, learning_rate, epochs, batch_size=64, data=digits, seed=0, measure_every=1000):
    solver = Solver(
        net,
        data,
        update_rule="sgd",
        optim_config={"learning_rate": learning_rate},
        num_epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        measure_every=measure_every,
        progress=False,
    )
    with np.errstate(all="ignore"):  # some of these runs explode, which is the point
        solver.train()
    return solver


PLACES = {
    "without BN": {"normalization": None},
    "BN in front of the activation": {"normalization": BN},
    "BN after the activation": {"normalization": BN, "activation_first": True},
}
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
SCALES = (0.01, 0.1, 0.3, 1, 3, 10, 100)
by_rate = {kind: {name: [] for name in PLACES} for kind in ("ReLU", "sigmoid")}
by_scale = {name: [] for name in list(PLACES)[:2]}
for name, place in progress_bar(PLACES.items(), "training", "net"):
    for kind, activation in {"ReLU": Relu(), "sigmoid": Sigmoid()}.items():
        for rate in RATES:
            solver = trained(build(activation, 4, **place), rate, epochs=5)
            by_rate[kind][name].append(100 * solver.val_acc_history[-1])
    for scale in SCALES if name in by_scale else ():
        solver = trained(build(Relu(), 4, scale=scale, **place), 0.03, epochs=5)
        by_scale[name].append(100 * solver.val_acc_history[-1])

fig, axes = figure(1, 3, size=(3.6, 3.9))
panels = [
    (RATES, by_rate["ReLU"], "learning rate", "ReLU"),
    (RATES, by_rate["sigmoid"], "learning rate", "sigmoid"),
    (SCALES, by_scale, "initial weights / usual ones", "ReLU, learning rate 0.03"),
]
for axis, (values, curves, xlabel, title) in zip(axes[0], panels, strict=True):
    show_curves(
        axis,
        values,
        curves,
        xlabel=xlabel,
        ylabel="validation accuracy [%]" if axis is axes[0, 0] else "",
        title=title,
        legend=False,
    )
    axis.set_xscale("log")
    axis.set_ylim(0, 103)
fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
plt.show()

# %% [markdown]
# - **Learning rate:** without BN there is a narrow ridge of good values for the ReLU network,
#   and none for the sigmoid network. With BN the ridge becomes a plateau: ten times larger
#   rates still work. Larger steps are where most of the speed comes from.
# - **Initial weights:** without BN a factor of 3 in either direction spoils the run. With BN,
#   a hundred times too *small* still learns. Far too *large* learns slowly: BN makes the output
#   independent of the weights' size, but then the gradient goes as 1/size, while the weights
#   have further to go.
# - **The place:** in front of the activation or after it, both are far better than none. Here the
#   ReLU networks do not care much. The sigmoid networks learn *faster with BN after it*, at least
#   up to a rate of 0.3 (guess why: what mean do a sigmoid's outputs have?), and break earlier. So
#   there is no law. Networks with convolutions usually keep it in front.
#
# ## 9 Experiment: the size of the batch
#
# μ and σ² are measured on the minibatch. In part 4 you saw how noisy that is when it is small.
# How small is too small?
#
# Left: training with minibatches of 2 to 128, two hidden layers of ReLUs, 150 steps each. That
# is not quite a fair question: a small batch also means that fewer digits are seen and that the
# gradient is noisier. So on the right we separate the two. All runs there use minibatches of
# 64, with equal gradients; only for the *normalization* are they cut into groups of 2 to 64,
# each group normalized by its own statistics. (Hoffer and others, arXiv 1705.08741, call this
# *ghost batch normalization*.) It takes no more than calling your function on each group.


# %% tags=["experiment"]
def in_groups(m):
    """Batch normalization whose statistics are measured on m examples at a time."""

    def forward(x, gamma, beta, bn_param):
        if bn_param["mode"] == "test":
            return batchnorm_forward(x, gamma, beta, bn_param)
        groups = np.array_split(x, -(-len(x) // m))
        parts = [batchnorm_forward(group, gamma, beta, bn_param) for group in groups]
        return np.concatenate([out for out, _ in parts]), [cache for _, cache in parts]

    def backward(dout, caches):
        groups = np.array_split(dout, len(caches))
        parts = map(batchnorm_backward_alt, groups, caches)
        dx, dgamma, dbeta = zip(*parts, strict=True)
        return np.concatenate(dx), sum(dgamma), sum(dbeta)

    return Normalize(forward, backward)


def accuracy(net, part="test"):
    """In percent."""
    return 100 * np.mean(net.loss(digits[f"X_{part}"]).argmax(axis=1) == digits[f"y_{part}"])


SEEDS, SIZES = (0, 1, 2), (2, 4, 8, 16, 32, 64, 128)
by_batch = {"without BN": np.zeros((3, 7)), "with BN": np.zeros((3, 7))}
by_group = {"BN in groups": np.zeros((3, 6))}
for seed in progress_bar(SEEDS, "training", "seed"):
    for k, m in enumerate(SIZES):
        for name, normalization in {"without BN": None, "with BN": BN}.items():
            net = build(Relu(), 2, normalization, seed=seed)
            descend(net, 150, 0.1, batch_size=m, seed=seed)
            by_batch[name][seed, k] = accuracy(net)
        if m <= 64:
            net = build(Relu(), 2, in_groups(m), seed=seed)
            descend(net, 150, 0.1, batch_size=64, seed=seed)
            by_group["BN in groups"][seed, k] = accuracy(net)

without = by_batch["without BN"][:, SIZES.index(64)].mean()
fig, axes = figure(1, 2, size=(5.2, 3.9))
show_curves(
    axes[0, 0],
    SIZES,
    by_batch,
    xlabel="examples in a minibatch",
    ylabel="test accuracy after 150 steps [%]",
    title="smaller minibatches",
)
show_curves(
    axes[0, 1],
    SIZES[:-1],
    {"without BN, minibatches of 64": np.full(6, without)} | by_group,
    xlabel="examples that are normalized together",
    ylabel="test accuracy after 150 steps [%]",
    title="minibatches of 64, normalized in groups",
)
for axis in axes[0]:
    axis.set_xscale("log", base=2)
    axis.set_xticks(SIZES, SIZES)
    axis.set_ylim(25, 100)
plt.show()
print("test accuracy [%], mean over seeds\n")
print(
    table(
        ["examples", *map(str, SIZES)],
        [
            [
                name,
                *[f"{value:.1f}" for value in curve.mean(axis=0)],
                *[""] * (7 - curve.shape[1]),
            ]
            for name, curve in (by_batch | by_group).items()
        ],
    )
)

# %% [markdown]
# Lines are means over three seeds, bands run from the smallest to the largest.
#
# - **Left:** with BN the accuracy is about the same from 16 upwards, and below that it begins to
#   fall. With 4 it has lost nearly ten points, and with 2 it collapses, far below the network
#   without BN. That one loses too, as it sees fewer digits.
# - **Right:** now every step sees 64 digits, and what is lost is lost by the statistics alone.
#   It is little at 8, some points at 4, a third of all digits at 2. With two examples in a
#   group, x̂ is −1 and +1 for nearly every feature: of *how far* they differ nothing is left.
#   And at test time the running statistics describe a world that the network never trained in.
#
# "At least 16" is a fair rule of thumb for what you see here, not a law of nature. Notebook 05
# has normalizations that do not look at the batch at all.
#
# ### The noise: does it regularize?
#
# Noise in training can keep a network from learning by heart: dropout is made of nothing else.
# So one reads that BN *regularizes*, more so with smaller batches, and makes dropout
# superfluous. To see it, there must be something to learn by heart: 192 training digits only,
# wider layers (128), 40 epochs. How the noise is set: the size of the groups.
#
# Dropout is the subject of notebook 06. If you have been there, paste your two functions into
# the next cell; if not, leave it empty, and the experiment goes on without dropout.

# %% tags=["paste"]
from solutions.dropout import dropout_backward, dropout_forward

# %% tags=["experiment"]
KEEP, GROUPS = 0.6, (4, 8, 16, 32, 64)

from cs231n_utils.data import subsample
from cs231n_utils.layers import softmax_loss
from cs231n_utils.nets import Dropout

kinds = {"without dropout": None}
if "dropout_forward" in globals() and "dropout_backward" in globals():
    kinds[f"with dropout, {KEEP} kept"] = lambda k: Dropout(
        dropout_forward, dropout_backward, KEEP, seed=k
    )
else:
    print("No dropout was pasted above: going on without it.\n")

test_loss, test_accuracy, plain = {}, {}, {}
for name, more in progress_bar(kinds.items(), "training", "kind"):
    test_loss[name], test_accuracy[name] = np.zeros((2, len(SEEDS), len(GROUPS)))
    plain[name] = np.zeros((len(SEEDS), 2))
    for seed in SEEDS:
        few = subsample(digits, 192, seed)
        for k, m in enumerate((*GROUPS, None)):
            normalization = in_groups(m) if m else None
            net = build(Relu(), 2, normalization, seed=seed, width=128, more=more)
            trained(net, 0.1, epochs=40, data=few, seed=seed)
            loss, _ = softmax_loss(net.loss(digits["X_test"]), digits["y_test"])
            if m:
                test_loss[name][seed, k], test_accuracy[name][seed, k] = loss, accuracy(net)
            else:
                plain[name][seed] = loss, accuracy(net)

fig, axes = figure(1, 2, size=(5.2, 3.9))
for axis, curves, column, ylabel in [
    (axes[0, 0], test_loss, 0, "loss on test digits"),
    (axes[0, 1], test_accuracy, 1, "test accuracy [%]"),
]:
    show_curves(
        axis,
        GROUPS,
        {f"BN, {name}": curve for name, curve in curves.items()},
        xlabel="examples that are normalized together",
        ylabel=ylabel,
        legend=False,
    )
    for k, name in enumerate(kinds):
        level = plain[name][:, column].mean()
        label = f"no BN, {name}"
        axis.axhline(level, color=COLOURS[k], linestyle=":", linewidth=2.2, label=label)
    axis.set_xscale("log", base=2)
    axis.set_xticks(GROUPS, GROUPS)
fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
plt.show()

# %% [markdown]
# - **The noise does something, and not much.** Without dropout, the loss on new digits is
#   lowest with groups of 8: more noise than that hurts, and less noise lets the network learn
#   more by heart. In accuracy that is one point or so, and the bands (smallest to largest of
#   three seeds) are as wide as the effect.
# - **BN alone does not generalize better here** than no BN at all (dotted blue line). All of
#   these networks know their 192 digits by heart.
# - **Dropout is not superfluous:** best of all is BN with large groups *and* dropout. With
#   dropout, the noise of small groups only hurts: there is noise enough already. (Dropout
#   *without* BN, dotted orange, is the worst in the loss: it needs more steps than these.)
#
# So what one reads ("BN regularizes, dropout is no longer needed", arXiv 1502.03167 for
# ImageNet) depends on the task. Here it is half true at most. Luo and others (arXiv 1809.00846)
# work out what the noise amounts to in theory.
#
# ## 10 Statistics of the whole population
#
# A moving average is handy, but it forgets, and it starts from 0. The paper's own way to get
# the statistics for testing is another one: train, then *stop*, send a number of minibatches
# through, and average.
#
# - The mean: the average of the batch means.
# - The variance: the average of the batch variances, times m/(m − 1).
#
# Why that factor, and why only here? A batch's variance is measured around the batch's *own*
# mean, and that lies nearer to the batch's examples than the true mean does: it was made from
# them. So it comes out too small, on average by the factor (m − 1)/m. *By hand:* for a fair coin
# with the sides 0 and 2 the variance is 1. A batch of m = 2 gives 0 and 0, 0 and 2, 2 and 0, or
# 2 and 2, with the (biased) variances 0, 1, 1, 0: on average ½. Times 2/(2 − 1), and there it
# is.
#
# In *training* nobody estimates anything: x̂ is to have deviation 1 in this batch, and for this
# the batch's own variance, divided by N, is exactly the right number. *At test time* we ask
# for the variance of digits in general, and there the estimate should not be too small.
# (The running variance of part 3 keeps the biased one, as CS231n does. PyTorch corrects it
# there. With batches of 64 it makes a difference of 1.6 %.)

# %% nbgrader={"grade_id": "population_statistics", "solution": true}
from solutions.batchnorm import population_statistics

# %% nbgrader={"grade_id": "check_population_statistics", "grade": true}
check(population_statistics)

# %% [markdown]
# **Experiment: against the moving average.** A network of three normalized layers is trained.
# After 1, 2, 5, … steps we test it twice: with the running statistics that your forward pass
# has kept, and with population statistics from 18 minibatches. The weights are the same.
# **Your guess:** where will they differ? (You know after how many steps the running statistics
# have come 90 % of their way.)

# %% tags=["experiment"]
import copy


def with_population_statistics(net, batches):
    """A copy of the network that is tested with population statistics."""
    net = copy.deepcopy(net)
    inputs = [net.activations(batch, "train") for batch in batches]
    for number, layer in enumerate(net.layers):
        if isinstance(layer, Normalize):
            mean, var = population_statistics([outputs[number - 1] for outputs in inputs])
            net.memories[number] |= {"running_mean": mean, "running_var": var}
    return net


batches = np.split(digits["X_train"][:1152], 18)  # of 64
stops, tests = (1, 2, 5, 10, 20, 50, 100, 200), {"running": [], "population": []}
net = build(Relu(), 3, BN)


def test_now(step, loss):
    if step + 1 in stops:
        tests["running"].append(accuracy(net, "val"))
        tests["population"].append(accuracy(with_population_statistics(net, batches), "val"))


descend(net, max(stops), 0.05, after_step=test_now)
fig, axes = figure(1, 1, size=(6, 3.6))
show_curves(
    axes[0, 0],
    stops,
    {f"{name} statistics": values for name, values in tests.items()},
    xlabel="training steps",
    ylabel="validation accuracy [%]",
)
axes[0, 0].set_xscale("log")
axes[0, 0].set_xticks(stops, stops)
axes[0, 0].minorticks_off()
plt.show()

# %% [markdown]
# In the first ten steps the running statistics lag behind: they are still near their start,
# while the weights (and with them the true statistics) change quickly. After 20 steps they have
# come 88 % of their way, and hardly any difference is left. Remember this if you *test early*, or
# train in few large steps; and that the *momentum* decides how long it takes.
#
# ## 11 Nothing is left of it
#
# In test mode, batch normalization is a multiplication by fixed numbers and an addition of
# fixed numbers. So is the affine layer in front of it. Two such layers in a row are one:
#
# $$\gamma\,\frac{(x w + b) - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta \;=\; x w' + b'$$
#
# *By hand*, one neuron with two inputs: w = (4, 8), b = 1, γ = 3, β = 7, μ = 5, σ² = 4, ε = 0.
# The whole is multiplied by γ/σ = 1.5: w' = (6, 12). And for x = 0 the left side says
# 1.5 · (1 − 5) + 7 = 1 = b'.

# %% nbgrader={"grade_id": "fold_batchnorm", "solution": true}
from solutions.batchnorm import fold_batchnorm

# %% nbgrader={"grade_id": "check_fold_batchnorm", "grade": true}
check(fold_batchnorm)

# %% [markdown]
# **Experiment.** The network trained above, with three normalizations, and one that has none
# left. Are the scores of all test digits the same, and which is faster? (How much one gains
# depends on the computer and on the width of the layers.)

# %% tags=["experiment"]
import time


def folded(net):
    """The same network without normalization layers."""
    layers, params = [], []
    for number, layer in enumerate(net.layers):
        own = {
            name.split("_")[-1]: value
            for name, value in net.params.items()
            if name.startswith(f"{number}_")
        }
        if isinstance(layer, Normalize):
            memory = net.memories[number]
            params[-1] = fold_batchnorm(
                *params[-1],
                own["gamma"],
                own["beta"],
                memory["running_mean"],
                memory["running_var"],
                memory.get("eps", 1e-5),
            )
            continue
        layers.append(layer)
        if isinstance(layer, Affine):
            params.append((own["w"], own["b"]))
    plain = Network((1, 8, 8), layers)
    values = [value for pair in params for value in pair]
    plain.params = dict(zip(plain.params, values, strict=True))
    return plain


@one_thread()
def milliseconds(function, repeats=20):
    """The fastest of several runs: whatever else the computer does only makes a run slower."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(1000 * (time.perf_counter() - start))
    return min(times)


slim = folded(net)
difference = np.abs(net.loss(digits["X_test"]) - slim.loss(digits["X_test"])).max()
print(
    f"largest difference between the scores of {len(digits['X_test'])} digits: {difference:.1e}"
)
print(
    table(
        ["net", "layers", "accuracy [%]", "time for all digits [ms]"],
        [
            [
                name,
                len(n.layers),
                accuracy(n),
                milliseconds(lambda n=n: n.loss(digits["X_test"])),
            ]
            for name, n in {"with BN": net, "folded": slim}.items()
        ],
    )
)

# %% [markdown]
# Networks are folded like this before they are shipped, to telephones for example (Jacob and
# others, arXiv 1712.05877, section 3.2): batch normalization costs nothing at test time, because
# it is gone. In training it costs something:
#
# ## 12 Experiment: faster, at what price, and better?
#
# Four hidden layers of ReLUs, 30 epochs, each network at the learning rate that was best for it
# in part 8 (0.1 without BN, 0.3 with), five seeds. Left: accuracy on the validation digits
# after every epoch. Right, from above: the time of one training step; the time until 95 % of
# the validation digits were right; and in the end the accuracy on the test digits, which
# nobody has looked at before.

# %% tags=["experiment"]
from cs231n_utils.plotting import show_bars

SEEDS_5, BEST = range(5), {"without BN": (None, 0.1), "with BN": (BN, 0.3)}
curves, step_time, to_95, final = {}, {}, {}, {}
for name, (normalization, rate) in progress_bar(BEST.items(), "training", "net"):
    curves[name], step_time[name], to_95[name], final[name] = [], [], [], []
    for seed in SEEDS_5:
        net = build(Relu(), 4, normalization, seed=seed)
        solver = trained(net, rate, epochs=30, seed=seed, measure_every=1)
        accuracies = 100 * np.array(solver.val_acc_history)
        epochs_needed = 1 + int(np.argmax([*(accuracies[:-1] >= 95), True]))  # 30, if never
        curves[name].append(accuracies)
        step_time[name].append(1000 * solver.seconds / len(solver.loss_history))
        to_95[name].append(1000 * solver.seconds * epochs_needed / 30)
        final[name].append(accuracy(net))

fig = plt.figure(figsize=(10.4, 4), layout="constrained", facecolor="white")
left, right = fig.subfigures(1, 2)
axis = left.subplots()
show_curves(
    axis,
    range(1, 31),
    {f"{name}, learning rate {BEST[name][1]}": c for name, c in curves.items()},
    xlabel="epoch",
    ylabel="validation accuracy [%]",
)
axis.set_ylim(60, 101)
for axis, bars, xlabel, form in zip(
    right.subplots(3, 1),
    (step_time, to_95, final),
    ("time of a step [ms]", "time until 95 % are right [ms]", "final test accuracy [%]"),
    ("{:.2f}", "{:.0f}", "{:.1f}"),
    strict=True,
):
    show_bars(axis, bars, xlabel=xlabel, form=form)
    axis.spines[["top", "right"]].set_visible(False)
axis.set_xlim(90, 101)
plt.show()

# %% [markdown]
# - **A step costs more** with BN: about one and a half to two times as much in this small
#   network (in large convolutional ones it is less, as the convolutions take most of the time).
# - **But far fewer steps are needed.** 95 % are reached after two epochs instead of five to
#   eleven, and so in less than half of the time. That is the gain, and there is little doubt
#   about it.
# - **More accurate?** In the mean over five seeds BN is about one point ahead. But one point is
#   three of the 300 test digits, and the seeds of the two networks overlap. Nor is it a fair
#   fight: one learning rate each, no decay of the learning rate, 30 epochs. The network
#   without BN still rises at the end. What this figure shows is that BN gets there sooner, and
#   not that the other one could never get there.
#
# ## 13 Experiment: why does it work?
#
# **What the inventors said** (Ioffe and Szegedy, arXiv 1502.03167): while a layer learns, the
# layers below it learn as well, so that the distribution of its inputs keeps changing under
# its feet. They call this *internal covariate shift*, and batch normalization is to reduce it.
#
# **What was found later** (Santurkar, Tsipras, Ilyas, Madry, *How Does Batch Normalization Help
# Optimization?*, arXiv 1805.11604): bring the shift back, by adding noise *after* every batch
# normalization, noise whose mean and spread change at random in every step. If reducing the
# shift were what helps, this should undo the help.
#
# We repeat both, small. Three networks of four hidden layers: without BN, with BN, and with BN
# and noise. The first figure is what the inventors drew in their first figure: what one neuron
# of the top hidden layer gets as the input of its activation, over 150 validation digits, step
# by step. The line is the median; between the edges of the band lie 70 % of the digits.
#
# The second figure compares how much the inputs shift with how fast the networks learn, for
# ReLUs and for sigmoid units. The shift: by how much does a neuron's mean input move from one
# step to the next, in units of its own standard deviation?

# %% tags=["experiment"]
from dataclasses import dataclass


@dataclass(frozen=True)
class Noise:
    """Adds noise in training; in every step each unit's noise has another mean and spread."""

    seed: int
    mean: float = 1.0  # the mean is drawn between -1 and 1
    spread: float = 0.5  # and the standard deviation between 0 and 0.5

    def initial(self, in_shape, rng):
        return {}

    def forward_in(self, mode, x, params, memory):
        if mode == "test":
            return x, None
        memory["step"] = memory.get("step", 0) + 1
        rng = np.random.default_rng([self.seed, memory["step"]])
        mean = rng.uniform(-self.mean, self.mean, x.shape[1])
        spread = rng.uniform(0, self.spread, x.shape[1])
        return x + mean + spread * rng.standard_normal(x.shape), None

    def backward(self, dout, cache):
        return dout, {}

    def multiply_adds(self, in_shape, out_shape):
        return 0


def three_networks(activation):
    def network(between):
        layers = []
        for k in range(4):
            layers += [Affine(WIDTH), *between(k), activation]
        return Network((1, 8, 8), [*layers, Affine(10)])

    return {
        "without BN": network(lambda k: []),
        "BN": network(lambda k: [BN]),
        "BN and noise": network(lambda k: [BN, Noise(seed=k)]),
    }


def watch(net, steps, learning_rate, every=5):
    """Train, and record the inputs of the activations on the validation digits."""
    record = {"unit": [], "shift": [], "accuracy": []}
    last = []

    def look(step, loss):
        outputs = net.activations(digits["X_val"][:150], "train")
        inputs = [
            before
            for before, layer in zip(outputs, net.layers[1:], strict=False)
            if isinstance(layer, Sigmoid | Relu)
        ]
        now = [(x.mean(axis=0), x.std(axis=0)) for x in inputs]
        if last:
            record["shift"].append(
                [
                    np.mean(np.abs(m - m0) / (s0 + 1e-8))
                    for (m, _), (m0, s0) in zip(now, last, strict=True)
                ]
            )
        last[:] = now
        record["unit"].append(np.percentile(inputs[-1][:, 0], [15, 50, 85]))
        if step % every == every - 1:
            record["accuracy"].append(accuracy(net, "val"))

    descend(net, steps, learning_rate, after_step=look)
    return {name: np.array(values) for name, values in record.items()}


STEPS = 200
watched = {}
for kind, activation, rate in (("ReLU", Relu(), 0.1), ("sigmoid", Sigmoid(), 1.0)):
    watched[kind] = {
        name: watch(net, STEPS, rate) for name, net in three_networks(activation).items()
    }

fig, axes = figure(1, 3, size=(3.5, 3.1), title="Input of one neuron's ReLU in hidden layer 4")
for k, (axis, (name, record)) in enumerate(zip(axes[0], watched["ReLU"].items(), strict=True)):
    low, middle, high = record["unit"].T
    axis.fill_between(
        range(STEPS), low, high, color=COLOURS[k], alpha=0.3, label="70 % of digits"
    )
    axis.plot(middle, color=COLOURS[k], label="median")
    axis.set_title(name)
    axis.set_xlabel("step")
    axis.set_ylim(-4.5, 4.5)
axes[0, 0].set_ylabel("input of the activation")
axes[0, 0].legend(loc="upper right", ncols=2)
plt.show()


fig, axes = figure(2, 2, size=(5.2, 3.3))
for row, (kind, records) in zip(axes, watched.items(), strict=True):
    show_curves(
        row[0],
        range(1, 5),
        {name: record["shift"].mean(axis=0) for name, record in records.items()},
        xlabel="hidden layer",
        ylabel="shift per step\n[standard deviations]",
        title=f"{kind}: how much the inputs shift",
        legend=False,
    )
    row[0].set_yscale("log")
    row[0].set_xticks(range(1, 5))
    row[0].set_ylim(1e-4, 20)
    for k, (name, record) in enumerate(records.items()):
        row[1].plot(
            range(5, STEPS + 1, 5),
            record["accuracy"],
            ("-", "--", "-.")[k],
            color=COLOURS[k],
            linewidth=1.8,
            label=name,
        )
    row[1].set_xlabel("step")
    row[1].set_ylabel("validation accuracy [%]")
    row[1].set_title(f"{kind}: how fast they learn")
    row[1].set_ylim(0, 103)
axes[0, 1].legend(loc="lower right")
plt.show()

# %% [markdown]
# - **First figure:** without BN the neuron's input wanders and widens; with BN it stays
#   where it is; with the noise it is shaken, worse than without BN.
# - **BN does reduce the shift**, with ReLUs by a factor of 100 and more. The inventors were
#   right about that.
# - **With the noise the shift is back**: with ReLUs 2 to 10 times larger than without BN, in
#   every layer.
# - **And yet it trains like BN**: a little slower with ReLUs, with sigmoid units no slower at
#   all, where the network without BN does not learn anything. So a small shift cannot be what
#   the speed depends on. (With sigmoid units, by the way, the bottom layers of the network
#   without BN hardly shift at all. It does not help them.)
#
# Is the matter closed? No. Noise that is drawn afresh in every step is not the same as weights
# that drift: a layer can learn to live with the one and must follow the other. What the second paper offers instead
# is that BN makes the loss *smoother*: the gradient changes less along a step, so that larger
# steps can be trusted. That fits part 8. So does another observation, that with BN only the
# *direction* of a neuron's weights matters, and not their length. Nobody has the last word yet.
# What you can say with certainty is what you measured.
#
# ## 14 In your own words
#
# A friend says: *"Batch norm removes internal covariate shift. That is why networks with it
# train faster, and why they are more accurate in the end. So use it everywhere, with any batch
# size."*
#
# What is right about that, and what is wrong or not shown? Take the four claims one by one
# (shift as the reason; faster; more accurate; everywhere and with any batch size), and support
# each of your judgements by a number or a comparison that **you** measured in this notebook
# (say in which part). Six to nine sentences.

# %% [markdown] nbgrader={"grade_id": "explain_batchnorm", "grade": true, "solution": true, "points": 3}
# *Write here: six to nine sentences, with your own measurements.*

# %% [markdown]
# ## What to take away
#
# - Batch normalization gives every feature, in training, the mean β and the standard deviation
#   γ over the minibatch. At test time it uses statistics that were kept.
# - Backward there are three paths: direct, through the mean, through the variance. The gradient
#   that is left has no mean and nothing along x̂.
# - It makes training robust: larger learning rates, worse initial weights, deeper sigmoids. It
#   costs time in each step, and nothing at test time, when it is folded away.
# - It needs batches that are not too small, and two modes that are easily mixed up.
# - Whether it removes "internal covariate shift" is one question, whether *that* is why it
#   works another.
#
# ## Sources
#
# - S. Ioffe, C. Szegedy: *Batch Normalization: Accelerating Deep Network Training by Reducing
#   Internal Covariate Shift*, arXiv 1502.03167 (the method: algorithms 1 and 2).
# - S. Santurkar, D. Tsipras, A. Ilyas, A. Madry: *How Does Batch Normalization Help
#   Optimization?*, arXiv 1805.11604 (the noise; a smoother loss).
# - E. Hoffer, I. Hubara, D. Soudry: *Train longer, generalize better*, arXiv 1705.08741 (ghost
#   batch normalization).
# - G. Yang, J. Pennington, V. Rao, J. Sohl-Dickstein, S. Schoenholz: *A Mean Field Theory of
#   Batch Normalization*, arXiv 1902.08129 (gradients that grow).
# - P. Luo, X. Wang, W. Shao, Z. Peng: *Towards Understanding Regularization in Batch
#   Normalization*, arXiv 1809.00846.
# - D. Mishkin, N. Sergievskiy, J. Matas: *Systematic Evaluation of CNN Advances on the ImageNet*,
#   arXiv 1606.02228 (batch normalization in front of the activation and after it).
# - B. Jacob and others: *Quantization and Training of Neural Networks for Efficient
#   Integer-Arithmetic-Only Inference*, arXiv 1712.05877 (folding).
# - K. He, X. Zhang, S. Ren, J. Sun: *Delving Deep into Rectifiers*, arXiv 1502.01852, equation
#   10 (the usual initial weights).
# - Stanford's CS231n, assignment 2, from which the names of the functions and the parameter
#   dictionaries are taken.
# - Digits: scikit-learn (E. Alpaydin, C. Kaynak, *Optical Recognition of Handwritten Digits*,
#   UCI Machine Learning Repository, 1998).
