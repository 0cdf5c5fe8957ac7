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
# # 06 Dropout and saturation
#
# Two troubles of deep networks, and what helps against them. *Saturation*: a unit whose curve
# has become flat hands no gradient on, and the layers below it stop learning. *Overfitting*: a
# network that has learned its training examples by heart knows little about new ones. Dropout
# is a remedy against the second one, and a strange one: while training, it switches off half
# of the units by the toss of a coin.
#
# | often said | you measure it in |
# |---|---|
# | sigmoids saturate, and gradients vanish through their layers | parts 2 and 3 |
# | softmax with the cross-entropy loss does not get stuck where it is badly wrong | part 4 |
# | dropout prevents overfitting | part 6 |
# | dropout and batch normalization do not get along | part 7 |
# | dropout belongs after the large layers near the end | part 8 |
# | dropout trains an ensemble of many networks at once | part 9 |
#
# Two to three hours. How checks and experiments work, what is graded, and how to hand in stands at
# the beginning of notebook 01. Part 10 asks for an answer in your own words, which is graded, too.
# *Experiments* need no code from you: write down your guess before you run them.

# %%
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from cs231n_utils import check

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## 1 The sigmoid
#
# The logistic sigmoid turns any number into one between 0 and 1:
#
# $$s(x) = \frac{1}{1 + e^{-x}}, \qquad s'(x) = s(x)\,(1 - s(x)).$$
#
# For half a century it was *the* model of a neuron: silent at the left, firing at full rate at
# the right. *By hand:*
#
# ```
#    x      s(x)      slope s (1 − s)
#   −4     0.0180     0.0177
#    0     0.5        0.25
#    2     0.8808     0.1050
#    8     0.9997     0.0003
# ```
#
# A unit at x = 8 is *saturated*: whatever happens to its input, its output stays where it is,
# and the gradient that comes back is multiplied by 0.0003.
#
# One more thing to watch. In floating point exp(1000) is infinite. That does no harm in
# 1/(1 + exp(−x)), which is then 1/∞ = 0 with a warning. Other ways to write the same function
# give ∞/∞, which is NaN, *not a number*, and spreads to everything it touches. Yours must not.

# %% nbgrader={"grade_id": "sigmoid_forward", "solution": true}
from solutions.dropout import sigmoid_forward

# %% nbgrader={"grade_id": "check_sigmoid_forward", "grade": true}
check(sigmoid_forward)

# %% nbgrader={"grade_id": "sigmoid_backward", "solution": true}
from solutions.dropout import sigmoid_backward

# %% nbgrader={"grade_id": "check_sigmoid_backward", "grade": true}
check(sigmoid_backward)

# %% [markdown]
# Your curve and your slope:

# %% tags=["experiment"]
from cs231n_utils.plotting import COLOURS, figure

x = np.linspace(-9, 9, 361)
s, cache = sigmoid_forward(x)
slope = sigmoid_backward(np.ones_like(x), cache)

fig, axes = figure(1, 1, size=(7, 3.2))
axis = axes[0, 0]
axis.plot(x, s, color=COLOURS[0], linewidth=2, label="sigmoid s(x)")
axis.plot(x, slope, color=COLOURS[4], linewidth=2, linestyle="--", label="slope s (1 − s)")
flat = np.abs(x) > 4
for side in (x < -4, x > 4):
    axis.axvspan(x[side].min(), x[side].max(), color="#dddddd", zorder=0)
axis.text(-6.5, 0.6, "saturated", ha="center")
axis.text(6.5, 0.6, "saturated", ha="center")
axis.set_xlabel("x, the input of the unit")
axis.set_ylabel("value")
axis.legend(loc="upper left", bbox_to_anchor=(0.3, 1.0))
plt.show()

# %% [markdown]
# We call a unit saturated here where |x| > 4: there the slope is below 0.018, less than a
# fourteenth of its best. Two questions.

# %% nbgrader={"grade_id": "largest_sigmoid_slope", "solution": true}
from solutions.dropout import largest_sigmoid_slope

# %% nbgrader={"grade_id": "check_largest_sigmoid_slope", "grade": true}
check(largest_sigmoid_slope)

# %% nbgrader={"grade_id": "layers_to_vanish", "solution": true}
from solutions.dropout import layers_to_vanish

# %% nbgrader={"grade_id": "check_layers_to_vanish", "grade": true}
check(layers_to_vanish)

# %% [markdown]
# **The fully-connected layer with sigmoid.** A layer of units is an affine map followed by the
# sigmoid, and its backward pass is the two backward passes in reverse order. The affine half is
# given. The cell puts them together and compares the gradient of the weights with a numeric
# one; a relative error below 1e-6 means that they agree.

# %% tags=["experiment"]
from cs231n_utils.gradient_check import eval_numerical_gradient_array, rel_error
from cs231n_utils.layers import affine_backward, affine_forward


def affine_sigmoid_forward(x, w, b):
    a, affine_cache = affine_forward(x, w, b)
    out, sigmoid_cache = sigmoid_forward(a)
    return out, (affine_cache, sigmoid_cache)


def affine_sigmoid_backward(dout, cache):
    affine_cache, sigmoid_cache = cache
    da = sigmoid_backward(dout, sigmoid_cache)
    return affine_backward(da, affine_cache)


rng = np.random.default_rng(0)
x, w, b = rng.standard_normal((4, 6)), rng.standard_normal((6, 3)), rng.standard_normal(3)
out, cache = affine_sigmoid_forward(x, w, b)
dout = rng.standard_normal(out.shape)
dx, dw, db = affine_sigmoid_backward(dout, cache)
for name, value, gradient in [("x", x, dx), ("w", w, dw), ("b", b, db)]:
    numeric = eval_numerical_gradient_array(
        lambda _: affine_sigmoid_forward(x, w, b)[0], value, dout
    )
    print(f"relative error of d{name}: {rel_error(gradient, numeric):.1e}")

# %% [markdown]
# ## 2 Experiment: saturated by the weights
#
# When is a unit saturated? When its weights are large. Here 100 sigmoid units look at
# handwritten digits of 8×8 pixels, with random weights of three sizes. **Your guess:** what
# does the histogram of the outputs look like for each of them, and where is the gradient
# largest?

# %% tags=["experiment"]
from cs231n_utils.data import load_digits
from cs231n_utils.layers import affine_forward
from cs231n_utils.plotting import COLOURS, figure

digits = load_digits()
X = digits["X_train"] - digits["X_train"].mean(axis=0)
rng = np.random.default_rng(0)
directions = rng.standard_normal((64, 100))

histograms = {}
for scale in (0.01, 0.5, 10.0):
    a, _ = affine_forward(X, scale * directions, np.zeros(100))
    out, cache = sigmoid_forward(a)
    slope = sigmoid_backward(np.ones_like(out), cache)
    saturated = 100 * np.mean(np.abs(a) > 4)
    title = (
        f"weights of size {scale:g}\n{saturated:.0f} % saturated\nmean slope {slope.mean():.3f}"
    )
    histograms[title] = out

fig, axes = figure(1, 3, size=(3.25, 3.2))
for axis, (title, out) in zip(axes[0], histograms.items(), strict=True):
    axis.hist(
        out.ravel(),
        bins=40,
        range=(0, 1),
        weights=np.full(out.size, 100 / out.size),
        color=COLOURS[0],
    )
    axis.set_xlabel("output of the unit")
    axis.set_title(title)
axes[0, 0].set_ylabel("share of all outputs [%]")
plt.show()

# %% [markdown]
# - *Small weights:* all outputs are near 1/2. Nothing is saturated and the slope is the best
#   there is; but the units hardly tell one digit from another.
# - *Middle:* the outputs use the whole range.
# - *Large:* every unit says 0 or 1 to nearly everything. It tells digits apart, but gradient
#   descent can hardly change its mind: most slopes are nearly 0.
#
# Weights need not begin large to get there. One hidden layer of 50 sigmoid units learns the same
# digits for three epochs, from the same small weights, with three learning rates. How many of its
# outputs are saturated afterwards, and what is left of their slope?

# %% tags=["experiment"]
from cs231n_utils.nets import Activation, Affine, Network
from cs231n_utils.plotting import table
from cs231n_utils.solver import Solver

rows = []
for learning_rate in (0.3, 1.0, 10.0):
    sigmoid = Activation(sigmoid_forward, sigmoid_backward)
    net = Network((1, 8, 8), [Affine(50), sigmoid, Affine(10)], seed=0)
    settings = {"update_rule": "sgd", "optim_config": {"learning_rate": learning_rate}}
    solver = Solver(net, digits, **settings, num_epochs=3, progress=False)
    solver.train()
    a, _ = affine_forward(digits["X_train"], net.params["0_affine_w"], net.params["0_affine_b"])
    out, cache = sigmoid_forward(a)
    slope = sigmoid_backward(np.ones_like(out), cache).mean()
    saturated = 100 * float(np.mean(np.abs(a) > 4))
    rows.append([learning_rate, saturated, slope, 100 * solver.train_acc_history[-1]])
print(table(["learning rate", "saturated [%]", "mean slope", "digits known [%]"], rows))

# %% [markdown]
# Steps that are too large carry the units onto their flat parts, and there is hardly a gradient to
# lead them back.
#
# ## 3 Experiment: vanishing through depth
#
# Even unsaturated sigmoids shrink the gradient, each by a factor of 4 or more, and the factors
# multiply. We compare nets of 50 units per layer, with *your* sigmoid and with the ReLU, whose
# slope is 1 wherever it is on. First the size of the gradient that reaches each layer's
# weights before any training; then twelve epochs of it (gradient descent with momentum).

# %% tags=["experiment"]
from cs231n_utils.data import load_digits
from cs231n_utils.nets import Activation, Affine, Network, Relu
from cs231n_utils.plotting import COLOURS, figure, show_curves
from cs231n_utils.solver import Solver

digits = load_digits()
ACTIVATIONS = {"sigmoid": Activation(sigmoid_forward, sigmoid_backward), "ReLU": Relu()}
DEPTHS = (1, 3, 6)  # hidden layers


def deep_net(activation, depth, seed=0):
    hidden = [layer for _ in range(depth) for layer in (Affine(50), ACTIVATIONS[activation])]
    return Network((1, 8, 8), [*hidden, Affine(10)], seed=seed)


gradient_sizes = {}
for activation in ACTIVATIONS:
    net = deep_net(activation, 6)
    _, grads = net.loss(digits["X_train"], digits["y_train"])
    weights = [name for name in net.params if name.endswith("_w")]
    gradient_sizes[activation] = [np.linalg.norm(grads[name]) for name in weights]

losses = {}
for activation in ACTIVATIONS:
    for depth in DEPTHS:
        net = deep_net(activation, depth)
        solver = Solver(
            net,
            digits,
            update_rule="sgd_momentum",
            optim_config={"learning_rate": 0.02},
            num_epochs=12,
            progress=False,
        )
        solver.train()
        epochs = np.array_split(solver.loss_history, 12)
        losses[f"{activation}, {depth} hidden"] = [np.mean(epoch) for epoch in epochs]

fig, axes = figure(1, 2, size=(5.4, 3.9))
show_curves(
    axes[0, 0],
    range(1, 8),
    gradient_sizes,
    xlabel="layer (1 sees the image, 7 makes the scores)",
    ylabel="norm of the weights' gradient",
    title="before training, 6 hidden layers",
)
axes[0, 0].set_yscale("log")
show_curves(
    axes[0, 1],
    range(1, 13),
    losses,
    xlabel="epoch",
    ylabel="training loss",
    title="training",
    legend=False,
)
axes[0, 1].axhline(np.log(10), color="#666666", linewidth=1)
axes[0, 1].annotate("log 10: knows nothing", (12, np.log(10)), (12, 2.45), ha="right")
axes[0, 1].set_ylim(0, 2.75)
axes[0, 1].legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()
for activation, norms in gradient_sizes.items():
    print(
        f"{activation}: layer 7 gets {norms[-1] / norms[0]:.3g} times the gradient of layer 1"
    )

# %% [markdown]
# Mind the left axis: it is logarithmic, so that a straight line means one factor per layer.
#
# - With sigmoids each layer gets about a third of the gradient of the layer above it. (The
#   slope alone would leave a quarter or less; the weights, which are drawn for ReLUs, make up
#   for some of it.) With ReLUs the gradient stays about as large as it is.
# - So the sigmoid nets with three and six hidden layers stay on the plateau at log 10, where all
#   digits are equally likely to them, for all of the twelve epochs; with one hidden layer it
#   learns, but slowly. With ReLUs depth does no harm here.
#
# It is not that sigmoid nets *cannot* be trained: better initialisation, adaptive steps and
# normalization all help. Try `update_rule="adam"` with a learning rate of 1e-3, and notebook
# 03 for what batch normalization does here. But for hidden layers the ReLU is simpler.
#
# ## 4 Softmax and the cross-entropy loss
#
# At the *end* of a classifier we want numbers between 0 and 1 as well: probabilities of the
# classes, which add up to 1. For scores x the *softmax* is
#
# $$P_c = \frac{e^{x_c}}{\sum_k e^{x_k}}, \qquad
#   \text{loss} = -\log P_y, \qquad
#   \frac{\partial\,\text{loss}}{\partial x_c} = P_c - [c = y],$$
#
# where y is the right class and [c = y] is 1 for it and 0 for the others. (For two classes it
# *is* the sigmoid, of the difference of the scores: divide by $e^{x_0}$ and see.)
#
# *By hand:* the scores 2, 1, 0.
#
# ```
#   scores x              2       1       0
#   exp(x)                7.389   2.718   1        sum 11.107
#   P                     0.665   0.245   0.090    sum 1
#   loss if class 0 is right:  −log 0.665 = 0.408     gradient  −0.335   0.245   0.090
#   loss if class 2 is right:  −log 0.090 = 2.408     gradient   0.665   0.245  −0.910
# ```
#
# The second gradient is larger: it was further off. The entries of a gradient add up to 0,
# because adding the same number to all scores changes nothing. And that gives the cure for
# scores like 1000: take the largest score of each example off first. Over a minibatch of N
# examples the loss is the mean, and so each gradient is divided by N.

# %% nbgrader={"grade_id": "softmax_loss", "solution": true}
from solutions.dropout import softmax_loss

# %% nbgrader={"grade_id": "check_softmax_loss", "grade": true}
check(softmax_loss)

# %% [markdown]
# A question that you will ask of every classifier you train: is the loss of the first step what
# it must be?

# %% nbgrader={"grade_id": "first_softmax_loss", "solution": true}
from solutions.dropout import first_softmax_loss

# %% nbgrader={"grade_id": "check_first_softmax_loss", "grade": true}
check(first_softmax_loss)

# %% [markdown]
# **Experiment: saturated, but not stuck.** A single output has to say 1. It starts at the
# score x and may be badly wrong: at x = −8 it says 0.0003. Two losses: the squared error
# (s(x) − 1)² of *your* sigmoid, and *your* softmax loss on the two scores x and 0 (the
# probabilities are the same as the sigmoid's). **Before you run it:** for which of them is the
# gradient large where the answer is most wrong?

# %% tags=["experiment"]
from cs231n_utils.plotting import COLOURS, figure


def squared_error(x):
    """(s(x) - 1)² and its derivative, for an array of scores."""
    out, cache = sigmoid_forward(x)
    return (out - 1) ** 2, sigmoid_backward(2 * (out - 1), cache)


def cross_entropy(x):
    """The softmax loss of the scores (x, 0), class 0 being right, and its derivative."""
    results = [softmax_loss(np.array([[score, 0.0]]), np.array([0])) for score in x]
    return np.array([loss for loss, _ in results]), np.array([dx[0, 0] for _, dx in results])


LOSSES = {"sigmoid, squared error": squared_error, "softmax, cross-entropy": cross_entropy}
scores = np.linspace(-9, 9, 181)
gradients, paths = {}, {}
for name, loss in LOSSES.items():
    gradients[name] = np.abs(loss(scores)[1])
    x, paths[name] = np.array([-8.0]), []
    for _ in range(200):  # gradient descent on the score itself, learning rate 1
        paths[name].append(sigmoid_forward(x)[0][0])
        x = x - loss(x)[1]

fig, axes = figure(1, 2, size=(5.0, 3.5))
for name, colour, line in zip(LOSSES, (COLOURS[4], COLOURS[0]), ("--", "-"), strict=True):
    style = {"color": colour, "linestyle": line, "linewidth": 2, "label": name}
    axes[0, 0].plot(scores, gradients[name], **style)
    axes[0, 1].plot(paths[name], **style)
axes[0, 0].set_xlabel("score x (should be large)")
axes[0, 0].set_ylabel("size of the gradient")
axes[0, 0].set_title("how much is there to learn from?")
axes[0, 1].set_xlabel("steps of gradient descent, from x = −8")
axes[0, 1].set_ylabel("output (should be 1)")
axes[0, 1].set_title("learning rate 1")
axes[0, 0].legend()
plt.show()

# %% [markdown]
# The squared error's gradient goes through the sigmoid's slope, and where the answer is most
# wrong that is flat: after 200 steps nothing has happened. The logarithm in the cross-entropy
# undoes the exponential: its gradient is P − 1, nearly −1 where the answer is most wrong. So
# saturation at the *output* is cured by the choice of the loss, and in the *hidden* layers by
# another activation.
#
# ## 5 Dropout
#
# In each training step, each activation is kept with probability p, and otherwise set to 0, by
# a toss of its own. *Inverted* dropout also divides what is kept by p. In test mode nothing
# happens. **p is the probability to keep**, as in CS231n; PyTorch's p is the probability to
# drop.
#
# *By hand*, with p = 0.5:
#
# ```
#   x                    2   4   6   8
#   kept?                1   0   0   1
#   out                  4   0   0  16        kept numbers are divided by 0.5
#   dout                10  20  30  40
#   dx                  20   0   0  80        the same mask, the same factor
# ```
#
# Why divide? The next layer adds up its inputs. With half of them missing the sum would be
# half as large in training as in test mode. Divided by p, each activation is right *on
# average*: x/p with probability p and 0 otherwise, which makes p · x/p = x. (The first papers
# left the activations alone in training and multiplied by p in test mode. That has the same
# mean; but the test code must then know about dropout.)
#
# A gradient check calls the forward pass again and again and needs the same mask each time.
# That is what 'seed' is for.

# %% nbgrader={"grade_id": "dropout_forward", "solution": true}
from solutions.dropout import dropout_forward

# %% nbgrader={"grade_id": "check_dropout_forward", "grade": true}
check(dropout_forward)

# %% nbgrader={"grade_id": "dropout_backward", "solution": true}
from solutions.dropout import dropout_backward

# %% nbgrader={"grade_id": "check_dropout_backward", "grade": true}
check(dropout_backward)

# %% nbgrader={"grade_id": "kept_activation", "solution": true}
from solutions.dropout import kept_activation

# %% nbgrader={"grade_id": "check_kept_activation", "grade": true}
check(kept_activation)

# %% [markdown]
# **Experiment: right on average.** A photograph under your dropout with p = 0.5, one draw, and
# the mean of 10 and of 100 draws. How fast does the noise go?

# %% tags=["experiment"]
from cs231n_utils.data import load_photographs
from cs231n_utils.plotting import figure

photo = load_photographs()["flower"].mean(axis=0)[100:300, 200:500]  # (200, 300)
p = 0.5  # try 0.9 and 0.1
draws = []
for seed in range(100):
    out, _ = dropout_forward(photo, {"p": p, "mode": "train", "seed": seed})
    draws.append(out)

fig, axes = figure(2, 2, size=(3.9, 3.0))
for axis, count in zip(axes.flat, (0, 1, 10, 100), strict=True):
    picture = np.mean(draws[:count], axis=0) if count else photo
    noise = np.sqrt(np.mean((picture - photo) ** 2))
    title = f"mean of {count} draw{'s' if count > 1 else ''}\nnoise {noise:.3f}"
    axis.imshow(picture, cmap="gray", vmin=0, vmax=1)
    axis.set_title(title if count else "photograph\n")
    axis.axis("off")
plt.show()
expected = np.sqrt((1 - p) / p * np.mean(photo**2))
print(f"noise of one draw (root mean square; black is 0, white is 1) expected: {expected:.3f}")

# %% [markdown]
# One draw is a speckled thing with white dots: what is kept is twice as bright (and cut off at
# white, in the drawing). The mean comes back, with a noise that falls like one over the root
# of the number of draws: a tenth of it is left after 100. The variance that dropout adds to an
# activation x is x² (1 − p)/p; the last line is computed from that.
#
# That noise is the point. A unit cannot rely on any other single unit being there, so it must
# be of some use by itself: *it prevents co-adaptation*, as the inventors put it.
#
# ## 6 Experiment: does it prevent overfitting?
#
# Let us give a network every occasion to overfit: 400 digits, **three in ten with a wrong
# label**, and two hidden layers of 100 units. Who reaches 100 % on these training labels has
# learned the wrong ones by heart. What counts is the accuracy on new digits, with right labels.

# %% tags=["experiment"]
from cs231n_utils.data import load_digits, subsample
from cs231n_utils.nets import Affine, Dropout, Network, Relu
from cs231n_utils.plotting import figure, show_curves
from cs231n_utils.progress import progress_bar
from cs231n_utils.solver import Solver

digits = load_digits()


def with_wrong_labels(size, share, seed):
    """So many digits, a share of them with a label that is not theirs."""
    few = dict(subsample(digits, size, seed))
    rng = np.random.default_rng(seed)
    wrong = rng.random(size) < share
    few["y_train"] = (few["y_train"] + wrong * rng.integers(1, 10, size)) % 10
    return few


def train(layers, data, seed, epochs=40):
    """(network, accuracy on its training labels [%], accuracy on new digits [%])"""
    net = Network((1, 8, 8), layers, seed=seed, loss_function=softmax_loss)
    solver = Solver(
        net,
        data,
        optim_config={"learning_rate": 3e-3},
        batch_size=50,
        num_epochs=epochs,
        seed=seed,
        measure_every=epochs,
        progress=False,
    )
    solver.train()
    new = 100 * solver.accuracy(digits["X_test"], digits["y_test"])
    return net, 100 * solver.train_acc_history[-1], new


def dropout(p, seed):
    return Dropout(dropout_forward, dropout_backward, p, seed)


KEPT, SEEDS = (1.0, 0.8, 0.6, 0.4, 0.2), (0, 1, 2)
accuracy = {
    "training labels (3 in 10 wrong)": np.zeros((len(SEEDS), len(KEPT))),
    "new digits": np.zeros((len(SEEDS), len(KEPT))),
}
for column in progress_bar(range(len(KEPT)), "training", "value of p"):
    for row, seed in enumerate(SEEDS):
        p = KEPT[column]
        layers = [Affine(100), Relu(), dropout(p, 1), Affine(100), Relu(), dropout(p, 2)]
        _, on_training, on_new = train(
            [*layers, Affine(10)], with_wrong_labels(400, 0.3, seed), seed
        )
        for curve, value in zip(accuracy.values(), (on_training, on_new), strict=True):
            curve[row, column] = value

fig, axes = figure(1, 1, size=(7, 3.8))
show_curves(
    axes[0, 0],
    KEPT,
    accuracy,
    xlabel="p, the probability to keep a hidden unit (1: no dropout)",
    ylabel="accuracy [%]",
    title="400 digits, 3 seeds (line: mean; band: smallest to largest)",
)
axes[0, 0].axhline(70, color="#666666", linewidth=1)
axes[0, 0].annotate("70 %: share of right training labels", (1, 70), (1, 65.5))
axes[0, 0].invert_xaxis()
axes[0, 0].set_ylim(20, 103)
plt.show()

# %% [markdown]
# Follow both curves from left to right, from no dropout to more of it.
#
# - Without dropout (p = 1) the net learns nearly all of its labels, the wrong ones included,
#   and pays for it: fewer than 80 % of the new digits are right.
# - With p from 0.6 to 0.4 it learns about 70 to 75 % of its labels, which is about as many as
#   are right, and gets close to 90 % of the new digits: 12 percentage points more, from the
#   same data and the same number of weights.
# - With p = 0.2 too little is left of each layer. The net learns neither wrong labels nor right
#   ones: it *underfits*.
#
# So yes: here. But wrong labels are a harsh case. In the next part you will see the same nets
# with right labels, and then there is next to nothing to gain.
#
# (Why is a curve for "new digits" above the one for "training labels"? Because the labels of
# the new ones are right.)
#
# ## 7 Experiment: dropout and batch normalization
#
# Batch normalization (notebook 03) brings noise of its own: an example's output depends on
# what else is in the minibatch. Its authors found that it can take the place of dropout. Paste
# your two functions from notebook 03 below. (Without them the experiment runs on what is left.)

# %% tags=["paste"]
from solutions.batchnorm import batchnorm_backward, batchnorm_forward

# %% tags=["experiment"]
pasted = "batchnorm_forward" in globals() and "batchnorm_backward" in globals()

from cs231n_utils.nets import Affine, Normalize, Relu
from cs231n_utils.plotting import figure, show_bars
from cs231n_utils.progress import progress_bar

KINDS = {"neither": (False, 1.0), "dropout, p = 0.5": (False, 0.5)}
if pasted:
    norm = Normalize(batchnorm_forward, batchnorm_backward)
    KINDS |= {"batch normalization": (True, 1.0), "both": (True, 0.5)}
else:
    print("No batch normalization was pasted above: two of the four kinds are left out.")

results = {kind: [] for kind in KINDS}
for kind in progress_bar(KINDS, "training", "kind"):
    normalized, p = KINDS[kind]
    for share, seed in [(0.0, 0), (0.0, 1), (0.0, 2), (0.3, 0), (0.3, 1), (0.3, 2)]:
        layers = []
        for number in (1, 2):
            layers += [Affine(100), *([norm] if normalized else []), Relu()]
            layers += [dropout(p, number)] if p < 1 else []
        data = with_wrong_labels(400, share, seed)
        results[kind].append(train([*layers, Affine(10)], data, seed)[1:])

fig, axes = figure(1, 2, size=(5.6, 2.9))
for axis, part, title in [
    (axes[0, 0], slice(0, 3), "all training labels right"),
    (axes[0, 1], slice(3, 6), "3 in 10 training labels wrong"),
]:
    bars = {kind: [new for _, new in values[part]] for kind, values in results.items()}
    show_bars(axis, bars, xlabel="accuracy on new digits [%]", title=title)
plt.show()
for kind, values in results.items():
    by_heart = np.mean([on_training for on_training, _ in values[3:]])
    print(f"{kind}: {by_heart:.0f} % of the labels of the right-hand picture learned")

# %% [markdown]
# - *Left, right labels:* all four are within about one percentage point, which is what the
#   seeds make too. Where there is hardly any overfitting, there is nothing to prevent.
# - *Right, wrong labels:* dropout gains about 12 points. Batch normalization does **not** take
#   its place: alone it makes learning by heart *easier* (100 % of the labels), and does worst.
#   It lets the net train faster, also towards what it should not learn, and its noise is too
#   weak to stand in the way.
# - Both together do about as well as dropout alone.
#
# This is disputed ground. Ioffe and Szegedy (arXiv 1502.03167, section 4.2.1) removed dropout
# from an ImageNet network with batch normalization and did *better*; with a million images and
# clean labels that is no contradiction to what you see here. It is a statement about their
# case, as this one is about ours.
#
# One reason for trouble with both was named by Li, Chen, Hu and Yang (arXiv 1801.05134):
# dropout changes the *variance* of what a layer gets, between training and test mode. If a
# batch normalization comes after it, its running variance was measured under dropout and is
# too large in test mode. Measured: the variance of the sums after an affine layer, in both
# modes.

# %% tags=["experiment"]
from cs231n_utils.layers import affine_forward, relu_forward
from cs231n_utils.plotting import table

rng = np.random.default_rng(0)
X = load_digits()["X_train"]
hidden, _ = relu_forward(
    affine_forward(X, rng.standard_normal((64, 100)) / 8, np.zeros(100))[0]
)
w = rng.standard_normal((100, 100)) / 10
rows = []
for p in (0.9, 0.7, 0.5, 0.3):
    variance = {}
    for mode in ("train", "test"):
        dropped, _ = dropout_forward(hidden, {"p": p, "mode": mode, "seed": 1})
        sums, _ = affine_forward(dropped, w, np.zeros(100))
        variance[mode] = sums.var(axis=0).mean()
    rows.append([p, variance["train"], variance["test"], variance["train"] / variance["test"]])
print(table(["p", "variance in training", "in test mode", "ratio"], rows))

# %% [markdown]
# With p = 0.5 the variance in training is more than four times that in test mode. (Why more
# than twice? Look at x² (1 − p)/p: the noise grows with the *square* of the activation, and
# activations after a ReLU have a mean that is not 0.) A batch normalization after this layer
# would divide by a standard deviation that is twice too large in test mode. In the experiment
# above the first dropout does stand in front of the second batch normalization, and "both" did
# not suffer visibly; in the deep networks of that paper it did. Its advice costs nothing: put
# dropout *after* the last batch normalization.
#
# ## 8 Experiment: where does it belong?
#
# The same net and the same wrong labels, and dropout with p = 0.5 in one place or another. In
# front of everything (pixels are dropped), after the first hidden layer, after the second,
# after both, and on the scores themselves. **Your guess:** which place is the worst?

# %% tags=["experiment"]
from cs231n_utils.nets import Affine, Relu
from cs231n_utils.plotting import figure, show_bars
from cs231n_utils.progress import progress_bar

PLACES = {
    "nowhere": (),
    "input": (0,),
    "hidden 1": (1,),
    "hidden 2": (2,),
    "hidden 1 and 2": (1, 2),
    "input, hidden 1 and 2": (0, 1, 2),
    "scores": (3,),
}
new, by_heart = {}, {}
for name in progress_bar(PLACES, "training", "place"):
    place = PLACES[name]
    runs = []
    for seed in (0, 1, 2):
        layers = [dropout(0.5, 10)] if 0 in place else []
        for number in (1, 2):
            layers += [Affine(100), Relu()]
            layers += [dropout(0.5, number)] if number in place else []
        layers += [Affine(10)] + ([dropout(0.5, 3)] if 3 in place else [])
        runs.append(train(layers, with_wrong_labels(400, 0.3, seed), seed)[1:])
    by_heart[name], new[name] = zip(*runs, strict=True)

fig, axes = figure(1, 2, size=(5.2, 3.6))
show_bars(axes[0, 0], new, xlabel="accuracy on new digits [%]", title="what counts")
show_bars(
    axes[0, 1],
    by_heart,
    xlabel="accuracy on the training labels [%]",
    title="3 in 10 of these are wrong",
)
plt.show()

# %% [markdown]
# - *Hidden 1 and 2* is the best here, *input* alone and *hidden 1* alone come close. Behind the
#   *second* hidden layer alone it helps less.
# - Everywhere at once is too much: it learns fewer labels than are right.
# - On the *scores* it hardly helps, and it makes no sense: a dropped score becomes 0, which is
#   a score like any other, and the kept ones are doubled.
#
# Does "after the large layers near the end" hold? It comes from convolutional networks such as
# AlexNet and VGG (arXiv 1409.1556), whose fully-connected layers near the end hold most of the
# weights (you count them in notebook 07). What you see here says it more generally. Dropout
# disturbs what the *next* layer reads: after hidden 1 these are 100 × 100 weights, at the input
# 64 × 100, after hidden 2 only 100 × 10, and the other weights can go on learning by heart. So it
# belongs in front of the layers that hold the weights; that is the same advice.
#
# Dropping half of the input is unusual otherwise (Srivastava and others kept 0.8 of it for
# images); digits with their many like pixels bear it. And mind the spread of three seeds:
# differences of one or two points mean nothing.
#
# ## 9 Experiment: an ensemble in one network
#
# Each mask makes a *thinned network* of the units that are kept. All of them share their
# weights, and each step trains another one. In test mode, so the view goes, the whole network
# answers in place of all thinned ones, as a committee of experts would.

# %% nbgrader={"grade_id": "thinned_networks", "solution": true}
from solutions.dropout import thinned_networks

# %% nbgrader={"grade_id": "check_thinned_networks", "grade": true}
check(thinned_networks)

# %% [markdown]
# For *one* softmax layer the view is exact, and small enough to try: 12 inputs, 3 classes, and
# all thinned networks there are, one after the other. With p = 0.5 all are equally likely. A
# committee can average the probabilities, or average their logarithms and make the result add
# up to 1 again (the normalized *geometric* mean).

# %% tags=["experiment"]
from cs231n_utils.plotting import table

rng = np.random.default_rng(1)
x, w = rng.standard_normal((1, 12)), rng.standard_normal((12, 3))


def probabilities(scores):
    """P, from the gradient of your softmax loss: P − 1 for the class that is right."""
    N = len(scores)
    return N * softmax_loss(scores, np.zeros(N, dtype=int))[1] + np.eye(scores.shape[1])[0]


masks = np.array([[(k >> unit) & 1 for unit in range(12)] for k in range(2**12)])
thinned = probabilities((x * masks / 0.5) @ w)  # (4096, 3)
geometric = np.exp(np.log(thinned).mean(axis=0))
whole = probabilities(dropout_forward(x, {"p": 0.5, "mode": "test"})[0] @ w)[0]
rows = [
    ["one thinned network", *map(float, thinned[1234])],
    [f"mean of all {len(masks)}", *map(float, thinned.mean(axis=0))],
    ["geometric mean of all, normalized", *map(float, geometric / geometric.sum())],
    ["the whole network, in test mode", *map(float, whole)],
]
print(table(["probability of", "class 0", "class 1", "class 2"], rows))

# %% [markdown]
# The last two lines agree to the last digit: the geometric mean averages the *scores*, and the
# mean score over all masks is the score without dropout. Behind a hidden layer with a ReLU
# this is no longer exact. Is it good enough? We train a net with dropout and let k thinned
# networks vote by the mean of their probabilities, against the one pass of test mode.

# %% tags=["experiment"]
from cs231n_utils.nets import Affine, Relu
from cs231n_utils.plotting import figure, show_curves

layers = [Affine(100), Relu(), dropout(0.5, 1), Affine(100), Relu(), dropout(0.5, 2)]
net, _, _ = train([*layers, Affine(10)], with_wrong_labels(400, 0.3, 0), 0)
X, y = digits["X_test"], digits["y_test"]

votes = np.array([probabilities(net.forward(X, "train")[0]) for _ in range(200)])
COUNTS = (1, 2, 5, 10, 20, 50, 100, 200)
committee = {"loss": [], "accuracy": []}
for count in COUNTS:
    groups = [votes[first : first + count] for first in range(0, 200, count)][:5]
    means = [group.mean(axis=0) for group in groups]
    committee["loss"].append(
        np.mean([-np.log(mean[np.arange(len(y)), y]).mean() for mean in means])
    )
    committee["accuracy"].append(
        np.mean([100 * np.mean(mean.argmax(axis=1) == y) for mean in means])
    )
whole = probabilities(net.forward(X, "test")[0])
test_mode = {
    "loss": -np.log(whole[np.arange(len(y)), y]).mean(),
    "accuracy": 100 * np.mean(whole.argmax(axis=1) == y),
}

fig, axes = figure(1, 2, size=(5, 3.5))
for axis, what, label in [
    (axes[0, 0], "accuracy", "accuracy on new digits [%]"),
    (axes[0, 1], "loss", "cross-entropy on new digits"),
]:
    curves = {
        "committee of thinned networks": committee[what],
        "whole network, test mode": [test_mode[what]] * len(COUNTS),
    }
    show_curves(axis, COUNTS, curves, xlabel="thinned networks in the committee", ylabel=label)
    axis.set_xscale("log")
    axis.set_xticks(COUNTS, COUNTS)
    axis.minorticks_off()
plt.show()

# %% [markdown]
# - One thinned network alone is much worse than the whole one. It is a poor member of a good
#   committee.
# - With more members the committee reaches the accuracy of test mode, at about 50 to 200 times
#   the cost. In that sense the one pass stands for the ensemble very well.
# - The loss is another matter: the committee's probabilities are more cautious (the mean of
#   many opinions is closer to "I don't know"), and with labels that were wrong in training the
#   net is cautious already. Its loss stays above that of the one pass.
#
# That caution can be used. Gal and Ghahramani (arXiv 1506.02142) leave dropout on *on purpose*
# in test mode and take the spread of the votes as a measure of how unsure the network is.
#
# ## 10 In your own words
#
# A friend writes: *"My network overfits, so I have put dropout with p = 0.5 everywhere: on the
# input, after every hidden layer in front of its batch normalization, and on the scores. I
# also leave it on when I test, so that training and test are the same."*
#
# What do you advise? Go through the friend's choices one by one, and support what you say by
# numbers that **you** measured in this notebook (say in which part). Six to ten sentences.

# %% [markdown] nbgrader={"grade_id": "advise_on_dropout", "grade": true, "solution": true, "points": 3}
# *Write here: six to ten sentences, with your own measurements.*

# %% [markdown]
# ## What to take away
#
# - A saturated unit hands no gradient on. Sigmoids divide the gradient by four at least, layer
#   for layer; ReLUs do not.
# - At the output, softmax with the cross-entropy loss has its largest gradient where the
#   answer is most wrong. Compute it from scores, with the largest taken off.
# - Dropout keeps each activation with probability p and divides it by p; backward uses the
#   same mask; in test mode it does nothing.
# - It is noise that makes learning by heart hard. It costs training time and, where there is
#   nothing to overfit, brings nothing.
#
# ## Sources
#
# - G. E. Hinton, N. Srivastava, A. Krizhevsky, I. Sutskever, R. Salakhutdinov: *Improving
#   neural networks by preventing co-adaptation of feature detectors*, arXiv 1207.0580.
# - N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov: *Dropout: A Simple
#   Way to Prevent Neural Networks from Overfitting*, Journal of Machine Learning Research 15
#   (2014).
# - X. Glorot, Y. Bengio: *Understanding the difficulty of training deep feedforward neural
#   networks*, AISTATS 2010 (saturation in deep sigmoid nets).
# - S. Ioffe, C. Szegedy: *Batch Normalization*, arXiv 1502.03167, section 3.4 and 4.2.1 (less
#   need for dropout).
# - X. Li, S. Chen, X. Hu, J. Yang: *Understanding the Disharmony between Dropout and Batch
#   Normalization by Variance Shift*, arXiv 1801.05134.
# - P. Baldi, P. Sadowski: *Understanding Dropout*, NIPS 2013 (the geometric mean).
# - Y. Gal, Z. Ghahramani: *Dropout as a Bayesian Approximation*, arXiv 1506.02142 (leaving it
#   on in test mode, on purpose, to see how unsure a network is).
# - C. Zhang, S. Bengio, M. Hardt, B. Recht, O. Vinyals: *Understanding deep learning requires
#   rethinking generalization*, arXiv 1611.03530 (networks learn wrong labels by heart).
# - K. Simonyan, A. Zisserman: *Very Deep Convolutional Networks for Large-Scale Image
#   Recognition*, arXiv 1409.1556 (VGG; dropout after its first two fully-connected layers).
# - Stanford's CS231n, assignment 2, from which names and parameter dictionaries are taken.
# - Digits and photographs: scikit-learn (the digits: E. Alpaydin, C. Kaynak, *Optical
#   Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998).
