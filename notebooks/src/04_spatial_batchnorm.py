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
# # 04 Spatial batch normalization
#
# After a fully-connected layer every activation is a feature of its own, and batch norm gives
# each its own mean, variance, γ and β. After a convolution that would be odd: all pixels of a
# map were made by *one* filter. They are one feature, measured in many places. Spatial batch
# norm takes this seriously, and in this notebook you see what it is good for:
#
# | often said | you measure it in |
# |---|---|
# | it needs a thousand times fewer parameters than batch norm per activation | part 3 |
# | per activation, batch norm would break what a convolution is good at | part 4 |
# | a convolutional network learns faster with it, and stands larger learning rates | part 5 |
# | batch norm belongs in front of the ReLU and the pooling | part 6 |
#
# It takes about two hours. How checks, experiments and handing in work is told at the beginning of
# notebook 01. *Experiments* need no code from you: write down your guess before you run them.

# %%
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from cs231n_utils import check

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## 1 A pixel is a sample
#
# Think of a minibatch of N images with C channels and pick one pixel. At that pixel stand C
# numbers, one per channel: a row of C features, just as a 1×1 convolution sees it, which treats
# every pixel by itself with the same small fully-connected layer. There are N·H·W such rows.
# Batch norm of the rows, channel by channel: that is all.
#
# *By hand:* two images, two channels, maps of 1×2 pixels; ε = 0.
#
# ```
#              channel 0     channel 1
#   image 0     1   1         10  30
#   image 1     3   3         30  10
#
#   as rows (one per pixel):   1  10
#                              1  30
#                              3  30
#                              3  10
#   mean                       2  20
#   variance                   1  100
#   normalized                −1  −1
#                             −1   1
#                              1   1
#                              1  −1
#
#   back in place   channel 0     channel 1
#   image 0        −1  −1         −1   1
#   image 1         1   1          1  −1
# ```
#
# (The variance is the *biased* one, and running statistics are kept for test time, as in notebook
# 03.)
#
# Before you write it, look at a trap. `x.reshape(-1, C)` has the right *shape*. In memory,
# though, one whole map lies after the other, and reshape only cuts that long row of numbers
# into new lines. Below, every number says to which channel it belongs: 0, 1 or 2.

# %% tags=["experiment"]
N, C, H, W = 1, 3, 2, 2
x = np.broadcast_to(np.arange(C).reshape(1, C, 1, 1), (N, C, H, W))
print("one image, its three maps one below the other:\n")
print(x[0].reshape(C * H, W))
print("\nx.reshape(-1, 3): a column should hold one channel, and holds several\n")
print(x.reshape(-1, C))

# %% [markdown]
# Two ways out: bring the channels to the last axis first (and back afterwards, in the right
# order), or take means over the other axes at once and never reshape at all.
#
# First count: how many numbers go into one mean?

# %% nbgrader={"grade_id": "samples_per_channel", "solution": true}
from solutions.spatial_batchnorm import samples_per_channel

# %% nbgrader={"grade_id": "check_samples_per_channel", "grade": true}
check(samples_per_channel)

# %% [markdown]
# ## 2 Forward and backward
#
# You may build on your batch norm of notebook 03. If you want to, paste its two functions into
# this cell; if you would rather start afresh, leave it empty.

# %% tags=["paste"]
from solutions.batchnorm import batchnorm_backward, batchnorm_forward

# %% nbgrader={"grade_id": "spatial_batchnorm_forward", "solution": true}
from solutions.spatial_batchnorm import spatial_batchnorm_forward

# %% nbgrader={"grade_id": "check_spatial_batchnorm_forward", "grade": true}
check(spatial_batchnorm_forward)

# %% [markdown]
# Backward: γ and β of a channel serve N·H·W samples, and collect their gradients from all of
# them. And every x of a channel moves the mean and the variance of all of these.
#
# *By hand:* one channel, two images of 1×2 pixels, x = 1, 1 and 5, 5, so μ = 3, σ = 2 and
# x̂ = −1, −1, 1, 1. γ = 1, ε = 0, and an upstream gradient of 8 at the first pixel only.
#
# ```
#   upstream gradient        8    0  |  0    0
#   directly:   8/2          4    0  |  0    0
#   through μ               −1   −1  | −1   −1      4 samples share the mean
#   through σ²              −1   −1  |  1    1
#   dx                       2   −2  |  0    0
# ```
#
# The mean is divided by N·H·W = 4 samples, not by N = 2 images.

# %% nbgrader={"grade_id": "spatial_batchnorm_backward", "solution": true}
from solutions.spatial_batchnorm import spatial_batchnorm_backward

# %% nbgrader={"grade_id": "check_spatial_batchnorm_backward", "grade": true}
check(spatial_batchnorm_backward)

# %% [markdown]
# **Experiment.** What does it do to the maps of two photographs? Four filters look for edges, for
# blobs and for brightness; they put out numbers of very different size and level. The histograms
# show each channel before and after your layer. Compare where they lie, how wide they are, and
# their shapes.

# %% tags=["experiment"]
from cs231n_utils.data import load_photographs
from cs231n_utils.layers import conv_forward
from cs231n_utils.plotting import COLOURS, figure, table

photos = np.stack([photo[:, ::4, ::4] for photo in load_photographs().values()])
grey = photos.mean(axis=1, keepdims=True)  # (2, 1, 107, 160): temple and flower
edge = np.array([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])
blob = np.array([[-1.0, -1.0, -1.0], [-1.0, 8.0, -1.0], [-1.0, -1.0, -1.0]])
FILTERS = {
    "vertical edges": edge,
    "horizontal edges": edge.T,
    "blobs": blob,
    "brightness": np.ones((3, 3)),
}
maps, _ = conv_forward(
    grey, np.stack(list(FILTERS.values()))[:, None], np.zeros(4), {"stride": 1, "pad": 0}
)
normalized, _ = spatial_batchnorm_forward(maps, np.ones(4), np.zeros(4), {"mode": "train"})

fig, axes = figure(1, 2, size=(5.2, 3.6))
for axis, values, title in [
    (axes[0, 0], maps, "before"),
    (axes[0, 1], normalized, "after spatial batch norm, γ = 1, β = 0"),
]:
    low, high = np.percentile(values, [0.2, 99.8])
    for c, name in enumerate(FILTERS):
        axis.hist(
            values[:, c].ravel(),
            bins=np.linspace(low, high, 60),
            density=True,
            histtype="step",
            linewidth=1.8,
            linestyle=["-", "--", "-.", ":"][c],
            color=COLOURS[c],
            label=name,
        )
    axis.set_title(title)
    axis.set_xlabel("activation")
    axis.set_ylabel("density (logarithmic)")
    axis.set_yscale("log")
fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
plt.show()
rows = []
for name, values in [("before", maps), ("after", normalized)]:
    for what, statistic in [("mean", np.mean), ("standard deviation", np.std)]:
        per_channel = statistic(values, axis=(0, 2, 3)).round(3) + 0.0  # no minus before a zero
        rows.append([f"{name}, {what}", *[f"{number:.3f}" for number in per_channel]])
print(table(["", *FILTERS], rows))

# %% [markdown]
# After the layer all channels have mean 0 and standard deviation 1, over both photographs and all
# pixels together. The *shapes* of the histograms have not changed: an edge filter still puts
# out many small numbers and few large ones. Batch norm shifts and scales, it does not make
# anything Gaussian.
#
# ## 3 Parameters
#
# Take 8 images and a convolution that makes 10 maps of 32×32. Per activation, each of the
# 10 · 32 · 32 activations would have a γ and a β. Per channel, all pixels of a map share them.
# Write the count down as a function, and then give two numbers.

# %% nbgrader={"grade_id": "batchnorm_parameter_count", "solution": true}
from solutions.spatial_batchnorm import batchnorm_parameter_count

# %% nbgrader={"grade_id": "check_batchnorm_parameter_count", "grade": true}
check(batchnorm_parameter_count)

# %% nbgrader={"grade_id": "parameters_per_activation", "solution": true}
from solutions.spatial_batchnorm import parameters_per_activation

# %% nbgrader={"grade_id": "check_parameters_per_activation", "grade": true}
check(parameters_per_activation)

# %% nbgrader={"grade_id": "parameters_per_channel", "solution": true}
from solutions.spatial_batchnorm import parameters_per_channel

# %% nbgrader={"grade_id": "check_parameters_per_channel", "grade": true}
check(parameters_per_channel)

# %% [markdown]
# For comparison: the convolution itself, ten 3×3 filters on an RGB image, has 280 parameters.
#
# ## 4 Experiment: what goes wrong per activation
#
# Too many parameters is the smaller harm. To see the larger one we need batch norm per
# activation, and your function can do it: call every activation a channel, (N, C, H, W) →
# (N, C·H·W, 1, 1), and back.
#
# First the *samples*. How exact are the means that the layer measures? A network is fed
# minibatches of digits, and we look at how much the measured means of its maps scatter from
# minibatch to minibatch, compared with the standard deviation of the activations themselves.

# %% tags=["experiment"]
from cs231n_utils.data import load_digits
from cs231n_utils.nets import Conv, Network
from cs231n_utils.plotting import figure, show_curves

digits = load_digits()
maps = Network((1, 8, 8), [Conv(8, 3, pad=1)], seed=0).loss(digits["X_train"])
rng = np.random.default_rng(0)
BATCHES = (2, 4, 8, 16, 32, 64, 128)
scatter = {"per activation": [], "per channel (spatial)": []}
for size in BATCHES:
    draws = [maps[rng.choice(len(maps), size, replace=False)] for _ in range(100)]
    per_activation = np.std([draw.mean(axis=0) for draw in draws], axis=0)
    per_channel = np.std([draw.mean(axis=(0, 2, 3)) for draw in draws], axis=0)
    alive = maps.std(axis=0) > 1e-6
    scatter["per activation"].append(
        100 * np.mean(per_activation[alive] / maps.std(axis=0)[alive])
    )
    scatter["per channel (spatial)"].append(
        100 * np.mean(per_channel / maps.std(axis=(0, 2, 3)))
    )

fig, axes = figure(1, 1, size=(7.5, 3.8))
show_curves(
    axes[0, 0],
    BATCHES,
    scatter,
    xlabel="images in a minibatch",
    ylabel="scatter of the measured mean\n[% of the standard deviation]",
    title="how noisy is a mean?",
)
axes[0, 0].set_xscale("log")
axes[0, 0].set_yscale("log")
axes[0, 0].set_xticks(BATCHES, BATCHES)
axes[0, 0].set_yticks([1, 3, 10, 30, 100], [1, 3, 10, 30, 100])
axes[0, 0].minorticks_off()
plt.show()

# %% [markdown]
# Both fall as 1/√N, as a mean over N independent images must. But a spatial mean takes in 64
# pixels of each image, and is about nine times less noisy: with 2 images it is as good as the
# other one with more than 128. (Why not exactly √64 = 8 times? The pixels of a digit are not
# independent. And a channel's deviation holds also what tells the places apart, such as the rim
# from the middle, which is the same in every minibatch and makes no noise.)
#
# Now what a convolution is good at: move the digit, and its map moves along (*equivariance*,
# notebook 02). Per channel, every pixel is treated alike, so it stays that way. Per activation,
# every place has its own mean and scale. We train three networks on digits in the left half of
# an 8×16 strip, with no normalization, batch norm per channel and per activation, and ask:
# does the normalized map of the *moved* digit equal the *moved* map? And in which columns can
# the network read? (The last layer adds the scores over all places, by weights that are shared
# as well, so that it can read everywhere if the maps can.)

# %% tags=["experiment"]
from cs231n_utils.data import load_digits, place_on_canvas
from cs231n_utils.nets import Conv, Network, Normalize, Pool, Relu
from cs231n_utils.plotting import figure, show_curves
from cs231n_utils.progress import progress_bar
from cs231n_utils.solver import Solver


def per_activation_forward(x, gamma, beta, bn_param):
    """Your layer, with every activation as a channel of its own: gamma and beta (C, H, W)."""
    flat = x.reshape(len(x), -1, 1, 1)
    out, cache = spatial_batchnorm_forward(flat, gamma.ravel(), beta.ravel(), bn_param)
    return out.reshape(x.shape), (cache, gamma.shape)


def per_activation_backward(dout, cache):
    cache, shape = cache
    flat = dout.reshape(len(dout), -1, 1, 1)
    dx, dgamma, dbeta = spatial_batchnorm_backward(flat, cache)
    return dx.reshape(dout.shape), dgamma.reshape(shape), dbeta.reshape(shape)


class NormalizeActivations(Normalize):
    """The same layer of a network, with a gamma and a beta for each activation."""

    def initial(self, in_shape, rng):
        return {"gamma": np.ones(in_shape), "beta": np.zeros(in_shape)}


def add_up(scores):
    """Scores (N, 10, H, W) at every place, added up to (N, 10)."""
    return scores.sum(axis=(2, 3)), scores.shape


def spread_out(dout, shape):
    return np.broadcast_to(dout[:, :, None, None], shape)


SPATIAL = Normalize(spatial_batchnorm_forward, spatial_batchnorm_backward)
NORMS = {
    "no normalization": [],
    "per channel (spatial)": [SPATIAL],
    "per activation": [NormalizeActivations(per_activation_forward, per_activation_backward)],
}
digits = load_digits()


def on_strip(part, left):
    return place_on_canvas(digits[f"X_{part}"], 8, 16, top=0, left=left)


rng = np.random.default_rng(0)
starts = rng.integers(0, 3, len(digits["y_train"]))
data = {"X_train": on_strip("train", starts), "y_train": digits["y_train"]}

columns = list(range(9))
mismatch, reading, sizes = {}, {}, {}
for name in progress_bar(NORMS, "training", "net"):
    layers = [Conv(12, 3), *NORMS[name], Relu(), Conv(24, 3), *NORMS[name], Relu()]
    net = Network((1, 8, 16), [*layers, Conv(10, 4), Pool(add_up, spread_out)], seed=0)
    solver = Solver(
        net,
        data,
        optim_config={"learning_rate": 3e-3},
        num_epochs=5,
        measure_every=5,
        progress=False,
    )
    solver.train()
    sizes[name] = sum(v.size for k, v in net.params.items() if "normalize" in k)
    number = (
        1 if NORMS[name] else 0
    )  # of the layer after which we look: the first normalization
    here = net.activations(on_strip("test", 1))[number]
    mismatch[name], reading[name] = [], []
    for left in columns:
        X = on_strip("test", left)
        there = net.activations(X)[number]
        a = np.roll(there, 1 - left, axis=3)[..., 1:7]  # only what lies inside of both
        b = here[..., 1:7]
        mismatch[name].append(100 * np.linalg.norm(a - b) / np.linalg.norm(b - b.mean()))
        reading[name].append(100 * solver.accuracy(X, digits["y_test"]))

fig, axes = figure(1, 2, size=(5.0, 4.0))
for axis, curves, ylabel, title in [
    (axes[0, 0], mismatch, "difference from the moved map [%]", "has the map moved along?"),
    (axes[0, 1], reading, "test accuracy [%]", "trained on columns 0 to 2 (shaded)"),
]:
    show_curves(
        axis,
        columns,
        curves,
        xlabel="column at which the digit stands [pixels]",
        ylabel=ylabel,
        title=title,
        legend=False,
    )
    axis.set_ylim(bottom=0)
axes[0, 0].set_yscale("symlog", linthresh=1)  # as logarithmic, and 0 can be shown
axes[0, 0].set_yticks([0, 1, 10, 100, 1000, 10_000], [0, 1, 10, 100, "1,000", "10,000"])
axes[0, 0].set_ylim(-0.2, 60_000)
axes[0, 1].axvspan(0, 2, color="#dddddd", alpha=0.6, zorder=0)
fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
plt.show()
print("gammas and betas:", sizes)

# %% [markdown]
# - **Has the map moved along?** Without normalization and with spatial batch norm: exactly (the
#   two curves lie on one another at 0). Per activation: not even in the columns of the training
#   digits, where the map differs by more than half of what is in it. (Column 1 is the one that
#   all others are compared with, so the difference is 0 there by definition.) Further to the right the
#   difference is a hundred times the map itself (mind the axis). There was never any ink there
#   in training, the running variance is 0, and the little that now arrives is divided by √ε.
# - **Who can read where?** Per activation, reading ends where the training digits ended. The
#   other two go on, with no difference between them. (That they fall too, towards the right,
#   has another reason: in training the digits stood at the left edge, and no filter ever saw
#   much empty paper to the *left* of a digit.)
# - The printed line: 72 against 4320 parameters, for worse results.
#
# So sharing μ, σ, γ and β over the pixels is not a trick to save parameters. It is the same
# belief that made the layer a convolution: what is worth knowing in one place is worth knowing
# in another.
#
# ## 5 Experiment: a small convolutional net with and without
#
# Two convolutions with stride 2 and a fully-connected layer, on digits, trained with plain
# gradient descent, for learning rates from small to huge. The left picture shows the accuracy
# after three epochs, the right one the loss on the way at one learning rate. **Your guess:** by
# what factor may the learning rate grow before training breaks?

# %% tags=["experiment"]
from cs231n_utils.nets import Affine, Conv, Network, Relu
from cs231n_utils.plotting import figure, show_curves
from cs231n_utils.progress import progress_bar
from cs231n_utils.solver import Solver

RATES, SEEDS, SHOWN = (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3), (0, 1), 0.1
STACKS = {"without batch norm": [], "with spatial batch norm": [SPATIAL]}
accuracy, losses = {}, {}
for name, norm in STACKS.items():
    rows = []
    for seed in progress_bar(SEEDS, name, "seed"):
        row = []
        for rate in RATES:
            stage_1 = [Conv(8, 3, stride=2, pad=1), *norm, Relu()]
            stage_2 = [Conv(16, 3, stride=2, pad=1), *norm, Relu()]
            net = Network((1, 8, 8), [*stage_1, *stage_2, Affine(10)], seed=seed)
            solver = Solver(
                net,
                digits,
                update_rule="sgd",
                optim_config={"learning_rate": rate},
                num_epochs=3,
                batch_size=32,
                seed=seed,
                measure_every=3,
                progress=False,
            )
            with np.errstate(all="ignore"):  # a diverging run overflows, which is the point
                solver.train()
                row.append(100 * solver.accuracy(digits["X_test"], digits["y_test"]))
            if rate == SHOWN and seed == 0:
                losses[name] = np.convolve(solver.loss_history, np.ones(5) / 5, "valid")
        rows.append(row)
    accuracy[name] = rows

fig, axes = figure(1, 2, size=(5.2, 3.8))
show_curves(
    axes[0, 0],
    RATES,
    accuracy,
    xlabel="learning rate (logarithmic)",
    ylabel="test accuracy after 3 epochs [%]",
    title="two seeds",
    legend=False,
)
axes[0, 0].set_xscale("log")
axes[0, 0].set_xticks(RATES, RATES)
axes[0, 0].minorticks_off()
axes[0, 0].set_ylim(0, 103)
for k, (name, values) in enumerate(losses.items()):
    axes[0, 1].plot(values, label=name, color=COLOURS[k], linestyle=["-", "--"][k])
axes[0, 1].set_xlabel("update")
axes[0, 1].set_ylabel("training loss (mean of 5 updates)")
axes[0, 1].set_title(f"learning rate {SHOWN}")
axes[0, 1].set_ylim(bottom=0)
fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
plt.show()

# %% [markdown]
# - **Faster: yes.** At small learning rates batch norm is far ahead after the same number of
#   updates, and the loss on the right falls about twice as fast. Its plateau of good learning
#   rates begins earlier.
# - **Larger learning rates: not here.** Both networks break between 1 and 3. In deep networks
#   the claim is well supported (notebook 03 tries depths at which training without batch norm
#   hardly begins); in one as shallow as this, with a good initialisation, there is little to
#   be rescued. Note also that the last layer, which has no batch norm after it, takes the same
#   learning rate.
# - At the best learning rate of each, the lead in accuracy is a few points.
#
# ## 6 Experiment: in front of pooling or after it?
#
# In which order should convolution, batch norm (BN), ReLU and max pooling stand? The paper that
# introduced batch norm puts it between convolution and ReLU. After the pooling it would have
# only a quarter of the numbers to normalize. For this experiment, paste your fast max pooling
# of notebook 02; without it the experiment says so and is left out.

# %% tags=["paste"]
from solutions.pooling import max_pool_backward_fast, max_pool_forward_fast

# %% [markdown]
# First think: max pooling keeps the largest number of a window, batch norm scales and shifts
# all numbers of a channel alike. If the scale γ/σ is positive, the largest number stays the
# largest. So *with the same statistics* it makes no difference which of the two comes first.
# With a negative γ it does. And in training the statistics are *not* the same: after the
# pooling they are those of maxima.

# %% tags=["experiment"]
POOL_2X2 = {"pool_height": 2, "pool_width": 2, "stride": 2}
if "max_pool_forward_fast" in globals():
    x = np.random.default_rng(0).standard_normal((8, 3, 6, 6))

    def pool(x):
        return max_pool_forward_fast(x, POOL_2X2)[0]

    def norm(x, gamma, **bn_param):
        return spatial_batchnorm_forward(x, gamma, np.zeros(3), bn_param)[0]

    given = {"mode": "test", "running_mean": np.full(3, 0.5), "running_var": np.full(3, 2.0)}
    for label, gamma, settings in [
        ("test mode, γ = 1", np.ones(3), given),
        ("test mode, γ = −1", -np.ones(3), given),
        ("training mode, γ = 1", np.ones(3), {"mode": "train"}),
    ]:
        difference = np.abs(pool(norm(x, gamma, **settings)) - norm(pool(x), gamma, **settings))
        print(f"{label}: largest difference of the two orders {difference.max():.3f}")
else:
    print("No max pooling was pasted: this experiment and the next are left out.")

# %% [markdown]
# Now train them: four orders, and no batch norm for comparison, three seeds each.

# %% tags=["experiment"]
import time

from cs231n_utils.nets import Affine, Conv, Network, Pool, Relu
from cs231n_utils.plotting import figure, show_bars
from cs231n_utils.progress import progress_bar
from cs231n_utils.solver import Solver

if "max_pool_forward_fast" in globals():
    POOLING = Pool(max_pool_forward_fast, max_pool_backward_fast, POOL_2X2)
    ORDERS = {
        "no BN: ReLU, pool": [Relu(), POOLING],
        "BN, ReLU, pool": [SPATIAL, Relu(), POOLING],
        "ReLU, BN, pool": [Relu(), SPATIAL, POOLING],
        "pool, BN, ReLU": [POOLING, SPATIAL, Relu()],
        "ReLU, pool, BN": [Relu(), POOLING, SPATIAL],
    }
    accuracy = {}
    for name in progress_bar(ORDERS, "training", "net"):
        accuracy[name] = []
        for seed in (0, 1, 2):
            stages = [Conv(8, 3, pad=1), *ORDERS[name], Conv(16, 3, pad=1), *ORDERS[name]]
            solver = Solver(
                Network((1, 8, 8), [*stages, Affine(10)], seed=seed),
                digits,
                update_rule="sgd",
                optim_config={"learning_rate": 0.1},
                num_epochs=3,
                seed=seed,
                measure_every=3,
                progress=False,
            )
            solver.train()
            accuracy[name].append(100 * solver.accuracy(digits["X_test"], digits["y_test"]))

    fig, axes = figure(1, 1, size=(8.5, 3.1))
    show_bars(
        axes[0, 0],
        accuracy,
        xlabel="test accuracy after 3 epochs [%] (the axis does not start at 0)",
        title="what follows each convolution",
        form="{:.1f}",
    )
    axes[0, 0].set_xlim(60, 102)

    def milliseconds(H):
        """The best of 50 runs, forward and backward, on 64 images of 8 maps of H×H."""
        x, best = np.random.default_rng(0).standard_normal((64, 8, H, H)), np.inf
        for _ in range(50):
            start = time.perf_counter()
            _, cache = spatial_batchnorm_forward(x, np.ones(8), np.zeros(8), {"mode": "train"})
            spatial_batchnorm_backward(x, cache)
            best = min(best, time.perf_counter() - start)
        return 1000 * best

    print(f"normalizing 8×8 maps: {milliseconds(8):.2f} ms, 4×4 maps: {milliseconds(4):.2f} ms")
    plt.show()
else:
    print("No max pooling was pasted: left out.")

# %% [markdown]
# - *Whether* there is batch norm makes the difference after three epochs, at this learning rate.
#   (Part 5 has shown that the network without it prefers a larger one, and then comes closer.)
#   *Where* it stands hardly does: the dots of the four orders overlap.
# - After the pooling it has a quarter of the numbers to normalize, and takes less time (the
#   printed line is the normalization alone; on maps this small, part of the time goes into
#   calling NumPy at all).
#
# The order is disputed, and this small experiment does not settle it. The first paper argues
# for convolution, batch norm, ReLU: what comes out of a linear layer is more symmetric, and
# what goes into the ReLU is then under control. Many networks do so. Others found batch norm after
# the ReLU better (Mishkin and others, arXiv 1606.02228), or, in deep residual networks, in front of
# ReLU and convolution (He and others, arXiv 1603.05027). Measure it on your own network.
#
# ## What to take away
#
# - One feature, one statistic: after a convolution the feature is the channel, and every pixel
#   of every image is a sample of it.
# - N·H·W samples per mean, C gammas and betas: here 20 parameters in place of 20480.
# - Treating all places alike keeps what the convolution is good at: a moved image gives moved
#   maps.
# - reshape never moves a number. Bring the axes into order before you flatten, and back before
#   you unflatten.
#
# ## Sources
#
# - S. Ioffe, C. Szegedy: *Batch Normalization: Accelerating Deep Network Training by Reducing
#   Internal Covariate Shift*, arXiv 1502.03167, section 3.2 (convolutional networks).
# - D. Mishkin, N. Sergievskiy, J. Matas: *Systematic Evaluation of CNN Advances on the ImageNet*,
#   arXiv 1606.02228 (batch norm in front of the ReLU and after it).
# - K. He, X. Zhang, S. Ren, J. Sun: *Identity Mappings in Deep Residual Networks*, arXiv
#   1603.05027 (orders of batch norm, ReLU and convolution compared).
# - Stanford's CS231n, assignment 2, from which the names of the functions and the parameter
#   dictionaries are taken.
# - Photographs and digits: scikit-learn (the digits: E. Alpaydin, C. Kaynak, *Optical
#   Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998).
