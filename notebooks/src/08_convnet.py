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
# # 08 A convolutional network
#
# All parts are on the table: convolutions, ReLUs, pooling, fully-connected layers, a loss. In
# this notebook you put them together to a network of your own that can be as deep and as wide
# as you ask for, make sure that it is right, and train it. Then you set the choices of this
# course side by side. At the end you build the layer that goes the other way, from a small
# coarse map to a large one.
#
# ```
# INPUT → [[CONV → RELU] · n → POOL?] · m → [FC → RELU] · k → FC → scores
#          ‾‾‾‾‾‾‾‾‾ block ‾‾‾‾‾‾‾‾‾        hidden layers
# ```
#
# n and *POOL?* may differ from block to block. Two to three hours. How checks and experiments
# work, what is graded, and how to hand in stands at the beginning of notebook 01. *Experiments*
# need no code from you: write down your guess before you run them.
#
# No answer of another notebook is needed. The layers that are imported below are given, and
# fast. Pooling is not; your network needs its own, for 2×2 windows with stride 2.

# %%
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from cs231n_utils import check
from cs231n_utils.layers import (
    affine_backward,
    affine_forward,
    conv_backward,
    conv_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
)
from cs231n_utils.solver import Solver

SHAPE = (1, 8, 8)  # of a digit: channels, height, width

# %% [markdown]
# ## 1 On paper first
#
# *By hand:* an image of 1×8×8, one block of 4 filters that pools, a hidden layer of 16, ten
# classes. Convolutions are 3×3, stride 1, with one pixel of padding, so they keep height and
# width: (8 + 2 − 3)/1 + 1 = 8.
#
# | layer | output | numbers learned |
# |---|---|---|
# | input | 1×8×8 = 64 | |
# | CONV, 4 filters | 4×8×8 = 256 | 4·(9·1) + 4 = 40 |
# | RELU | 4×8×8 = 256 | 0 |
# | POOL | 4×4×4 = 64 | 0 |
# | FC, 16 | 16 | 64·16 + 16 = 1040 |
# | RELU | 16 | 0 |
# | FC, 10 | 10 | 16·10 + 10 = 170 |
#
# A filter sees *all* channels of the layer before, so with C channels it has 9·C weights. And
# look where the numbers are: 40 in the convolution that does the seeing, 1040 in the one
# fully-connected layer after it.
#
# Now you. Return numbers.

# %% nbgrader={"grade_id": "small_vgg_parameters", "solution": true}
from solutions.convnet import small_vgg_parameters

# %% nbgrader={"grade_id": "check_small_vgg_parameters", "grade": true}
check(small_vgg_parameters)

# %% nbgrader={"grade_id": "side_after_three_pools", "solution": true}
from solutions.convnet import side_after_three_pools

# %% nbgrader={"grade_id": "check_side_after_three_pools", "grade": true}
check(side_after_three_pools)

# %% [markdown]
# Why several small filters and not one large one? A number after one 3×3 convolution has seen
# 3×3 pixels of the image. Behind a second one it has seen 5×5: its own window of 3, and one
# more pixel on each side. That is its *receptive field*. Two 3×3 layers on C channels have
# 2·9·C² weights, one 5×5 layer 25·C², and two have a ReLU in between (Simonyan and Zisserman,
# arXiv 1409.1556, section 2.3).

# %% nbgrader={"grade_id": "receptive_field_side", "solution": true}
from solutions.convnet import receptive_field_side

# %% nbgrader={"grade_id": "check_receptive_field_side", "grade": true}
check(receptive_field_side)

# %% [markdown]
# And a first test that costs nothing. Before training a network should know nothing: each of
# ten classes gets about the probability 1/10, and the loss is −log(1/10) = log(10) = 2.303. If
# your first loss is 0.1 or 25, something is wrong, and you know it before you have trained.

# %% nbgrader={"grade_id": "first_loss_of_100_classes", "solution": true}
from solutions.convnet import first_loss_of_100_classes

# %% nbgrader={"grade_id": "check_first_loss_of_100_classes", "grade": true}
check(first_loss_of_100_classes)

# %% [markdown]
# ## 2 The network
#
# A plan that works:
#
# 1. `__init__` walks through the architecture once, keeps track of the shape (C, H, W) on the
#    way, draws the weights, and writes down which layers there are, in order.
# 2. `loss` goes through the layers forward and keeps every cache. Without `y` it stops here and
#    returns the scores.
# 3. With `y` it asks `softmax_loss` for the loss and its gradient, and goes through the layers
#    *in reverse order*. Each backward pass takes the gradient from the layer after it and its
#    own cache, and hands on the gradient for the layer in front of it.
#
# For pooling you may paste your functions of notebook 02 into this cell, or write the 2×2 case
# again in a few lines: its four corners are four slices with stride 2.

# %% tags=["paste"]
from solutions.pooling import max_pool_backward_fast, max_pool_forward_fast

# %%
has_pooling = "max_pool_forward_fast" in globals()

# %% [markdown]
# Three pieces of advice.
#
# - **How large are the first weights?** If every layer makes its data ten times smaller, nothing
#   is left after five of them, and no gradient comes back. With weights of standard deviation
#   √(2/fan_in) a layer with a ReLU keeps the size of its data (He and others, arXiv 1502.01852);
#   fan_in is how many numbers one output is made of. The last layer may start smaller, for the
#   sake of the first loss.
# - **The Solver** replaces the arrays in `params` by new ones after each step. Look them up there
#   every time.
# - `check` puts its own weights into your network, which depend on nothing but the shape of an
#   array, so that all right networks give the same scores, whatever you call things. Then it
#   moves the parameters a little along a random direction and compares how the loss changes
#   with what your gradients say (notebook 01).
#
# Two methods are to be written. Add as many more as you like.

# %% nbgrader={"grade_id": "ConvNet", "solution": true}
from solutions.convnet import ConvNet

# %% nbgrader={"grade_id": "check_ConvNet", "grade": true}
check(ConvNet)

# %% [markdown]
# ## 3 Experiment: can it learn anything at all?
#
# The best test of a new network: train it on 50 examples only. It has many more numbers to set
# than that, so it must be able to learn them by heart. If it can't, don't look for better
# settings; look for a mistake. **Your guess:** where does the loss begin? How well will it read
# digits that it has not seen?

# %% tags=["experiment"]
from cs231n_utils.data import load_digits, subsample
from cs231n_utils.plotting import figure, show_curves

fifty = subsample(load_digits(), 50)
net = ConvNet((1, 8, 8), [(8, 1, True)], [32], 10)
solver = Solver(
    net,
    fifty,
    optim_config={"learning_rate": 3e-3},
    num_epochs=40,
    batch_size=10,
    progress=False,
)
solver.train()
fig, axes = figure(1, 2)
steps = np.arange(0, len(solver.loss_history), 5)
axis = axes[0, 0]
show_curves(
    axis,
    steps,
    {"loss of the minibatch": [solver.loss_history[k] for k in steps]},
    xlabel="step",
    ylabel="loss",
)
axis.axhline(np.log(10), color="black", linestyle=":", label="log(10)")
axis.legend()
show_curves(
    axes[0, 1],
    np.arange(1, 41, 3),
    {
        "the 50 digits": 100 * np.array(solver.train_acc_history[::3]),
        "300 other digits": 100 * np.array(solver.val_acc_history[::3]),
    },
    xlabel="epoch",
    ylabel="accuracy [%]",
)
plt.show()

# %% [markdown]
# The loss begins at the dotted line and falls to nearly nothing: the 50 digits are learned by
# heart, every one. The other curve stays behind: with five examples of each digit the network
# reads nearly nine in ten others right (chance: one in ten), and then gains no more. The gap
# between the curves is *overfitting*. More data close it; so may smaller networks, dropout, or a
# better architecture.
#
# ## 4 Experiment: the choices of this course in one table
#
# Now with 300 digits, and everything the same but for one choice at a time. If you have the
# notebooks at hand, paste your functions into the next two cells. Both may stay empty, and then
# some rows are left out.

# %% tags=["paste"]
from solutions.spatial_batchnorm import spatial_batchnorm_backward, spatial_batchnorm_forward

# %%
has_batchnorm = "spatial_batchnorm_forward" in globals()

# %% tags=["paste"]
from solutions.dropout import dropout_backward, dropout_forward

# %%
has_dropout = "dropout_forward" in globals()

# %% [markdown]
# **Your guess**, before you run it: which will be best? Which has the most parameters?

# %% tags=["experiment"]
from cs231n_utils.nets import Affine, Conv, Dropout, Network, Normalize, Pool, Relu
from cs231n_utils.plotting import show_bars, table

SEEDS = (0, 1, 2)
small = subsample(load_digits(), 300)


def convnet(blocks, hidden=(32,)):
    return lambda seed: ConvNet(SHAPE, blocks, hidden, 10, seed=seed)


def network(*layers):
    return lambda seed: Network(SHAPE, layers, seed=seed)


choices = {
    "no convolution": convnet([]),
    "max pooling": convnet([(8, 1, True), (16, 1, True)]),
    "one pooling less": convnet([(8, 1, False), (16, 1, True)]),
    "no pooling": convnet([(8, 1, False), (16, 1, False)]),
    "two convolutions per block": convnet([(8, 2, True), (16, 2, True)]),
    "no hidden layer": convnet([(8, 1, True), (16, 1, True)], hidden=()),
    "strides for pooling": network(
        Conv(8, 3, 2, 1), Relu(), Conv(16, 3, 2, 1), Relu(), Affine(32), Relu(), Affine(10)
    ),
}
if has_pooling:
    pool_2x2 = {"pool_height": 2, "pool_width": 2, "stride": 2}
    pool = Pool(max_pool_forward_fast, max_pool_backward_fast, pool_2x2)
    trunk = (Conv(8, 3, 1, 1), Relu(), pool, Conv(16, 3, 1, 1), Relu(), pool)
    if has_dropout:
        dropout = Dropout(dropout_forward, dropout_backward, p=0.7)
        choices["max pooling, dropout (p = 0.7)"] = network(
            *trunk, Affine(32), Relu(), dropout, Affine(10)
        )
    if has_batchnorm:
        norm = Normalize(spatial_batchnorm_forward, spatial_batchnorm_backward)
        choices["max pooling, batch norm"] = network(
            *trunk[:1], norm, *trunk[1:4], norm, *trunk[4:], Affine(32), Relu(), Affine(10)
        )
for name, pasted in {
    "pooling": has_pooling,
    "dropout": has_dropout,
    "batch norm": has_batchnorm,
}.items():
    if not pasted:
        print(f"No {name} was pasted: the rows that need it are left out.")

rows, accuracies = [], {}
for name, make in choices.items():
    known, learned, seconds = [], [], []
    for seed in SEEDS:
        net = make(seed)
        solver = Solver(
            net,
            small,
            optim_config={"learning_rate": 3e-3},
            num_epochs=10,
            batch_size=32,
            seed=seed,
            measure_every=10,
            progress=False,
        )
        solver.train()
        known.append(100 * solver.accuracy(small["X_test"], small["y_test"]))
        learned.append(100 * solver.train_acc_history[-1])
        seconds.append(solver.seconds)
    parameters = sum(value.size for value in net.params.values())
    rows.append((name, parameters, np.mean(learned), np.mean(known), np.median(seconds)))
    accuracies[name] = known
print(table(["network", "parameters", "training [%]", "test [%]", "time [s]"], rows))
fig, axes = figure(size=(7.6, 3.8))
show_bars(
    axes[0, 0],
    accuracies,
    xlabel="accuracy on 300 test digits [%], mean of three seeds (dots)",
    form="{:.1f}",
)
plt.show()

# %% [markdown]
# Read it with care: the dots are single runs, and they lie several percentage points apart.
# Where two bars differ by less than their dots are spread, three runs can't tell which choice is
# better.
#
# - **No pooling** has by far the most parameters, nearly all of them in the first
#   fully-connected layer, and is best nevertheless: digits of 8×8 pixels are so small that two
#   poolings leave 2×2 of them. *One pooling less* gets most of it for a third of the numbers.
#   What is right for 224×224 pixels need not be right for 8×8.
# - **No convolution** is fast, and no worse than two blocks that pool: these digits are all in
#   the middle of their image. Notebook 02, part 9 moves them, and then it is another story.
# - **Two convolutions per block** have twice the depth and take longer; with 300 digits nothing
#   much is gained.
# - **Batch norm** learns more of its training digits in the same ten epochs: it speeds training
#   up. **Dropout** slows it down, and its networks are not done yet: compare the training
#   column. With more epochs both bars change. Try `num_epochs=30`.
# - **Strides** in place of pooling are no worse here, and cost less time, as fewer places are
#   computed in the first place (arXiv 1412.6806).
#
# A table like this answers the question that was asked (300 digits, 10 epochs, one learning
# rate) and no other. To compare choices in earnest, each must be given the settings that are
# best for *it*.
#
# ## 5 Your own network
#
# Choose an architecture and settings, with all that you have seen. Write a function that gets
# 500 digits and returns a trained network. It is graded on digits that it has never seen, with
# other splits and seeds than here, so leave a margin: settings that reach the mark with one seed
# only will fail.

# %% nbgrader={"grade_id": "train_digits", "solution": true}
from solutions.convnet import train_digits

# %% nbgrader={"grade_id": "check_train_digits", "grade": true}
check(train_digits)

# %% [markdown]
# How large is your margin? Five splits of the data, each with a seed of its own. And which
# digits does it get wrong?

# %% tags=["experiment"]
from cs231n_utils.plotting import show_images

results, wrong = [], []
for seed in range(5):
    digits = load_digits(num_val=0, num_test=250, seed=100 + seed)
    net = train_digits(Solver, digits["X_train"][:500], digits["y_train"][:500], seed)
    guesses = np.argmax(net.loss(digits["X_test"]), axis=1)
    results.append(100 * np.mean(guesses == digits["y_test"]))
    for k in np.flatnonzero(guesses != digits["y_test"]):
        wrong.append((digits["X_test"][k], f"a {digits['y_test'][k]}, read as {guesses[k]}"))
print("accuracy on 250 other digits [%]:", ", ".join(f"{result:.1f}" for result in results))
print(f"worst {min(results):.1f} %, asked for 88 %")
images, titles = zip(*wrong[:10], strict=True) if wrong else ((), ())
show_images([1 - image for image in images], titles, columns=5, size=(1.9, 1.9))
plt.show()

# %% [markdown]
# Some of these nobody could read at 8×8 pixels; others are plain mistakes. The spread between
# seeds is the honest error bar of your result. One number without it says little.
#
# ## 6 The way back: transposed convolution
#
# Convolutions with strides, and pooling, make maps small and coarse. To say for every *pixel*
# what it belongs to (segmentation), or to paint an image (a generator), a network must make maps
# large again. The layer for it is the **transposed convolution**. It is also called
# "deconvolution", which is a misnomer: it does not undo a convolution. It does in its forward
# pass what a convolution does in its backward pass.
#
# Think of it as stamping. A convolution *gathers*: an output is a weighted sum of the window
# below it. The transposed convolution *scatters*: a number x lays the stamp x·w on an empty
# canvas; the next one lays its own S pixels further on; where stamps overlap they add up. At the
# end P pixels are cut off on all sides, as a convolution's padding is.
#
# *By hand:* one row, x = (1, 2, 3), w = (1, 10, 100).
#
# ```
#  stride 2                          stride 1
#  1·w    1  10 100                  1·w    1  10 100
#  2·w          2  20 200            2·w        2  20 200
#  3·w                3  30 300      3·w            3  30 300
#  sum    1  10 102 20 203 30 300    sum    1  12 123 230 300
# ```
#
# H numbers give (H − 1)·S + HH pixels: the last stamp starts at (H − 1)·S and is HH long. With
# P = 1 the first and the last one are cut off: (H − 1)·S − 2·P + HH.

# %% nbgrader={"grade_id": "transposed_side", "solution": true}
from solutions.convnet import transposed_side

# %% nbgrader={"grade_id": "check_transposed_side", "grade": true}
check(transposed_side)

# %% [markdown]
# `w` is the array of the convolution that goes the other way, (F, C, HH, WW): that one makes F
# maps of C channels, this one C channels of F maps.

# %% nbgrader={"grade_id": "conv_transpose_forward", "solution": true}
from solutions.convnet import conv_transpose_forward

# %% nbgrader={"grade_id": "check_conv_transpose_forward", "grade": true}
check(conv_transpose_forward)

# %% [markdown]
# Backward, it is the convolution's turn. A number x has its hand in all pixels of its stamp, so
# its gradient gathers them, weighted by w: dx *is* a convolution of dout with w. *By hand*, for
# stride 2 above and dout = (1, 0, 0, 1, 0, 0, 0): stamp 1 covers pixels 0 to 2, so dx[0] =
# 1·1 = 1; stamp 2 covers 2 to 4, dx[1] = 1·10 = 10; stamp 3 covers 4 to 6, dx[2] = 0. And w[0]
# was laid, times x, on the pixels 0, 2 and 4:
# dw = (1·1 + 2·0 + 3·0, 1·0 + 2·1 + 3·0, 1·0 + 2·0 + 3·0) = (1, 2, 0).

# %% nbgrader={"grade_id": "conv_transpose_backward", "solution": true}
from solutions.convnet import conv_transpose_backward

# %% nbgrader={"grade_id": "check_conv_transpose_backward", "grade": true}
check(conv_transpose_backward)

# %% [markdown]
# "The transpose": as matrices, if a convolution is y = A·x, then this layer is x = Aᵀ·y. For any
# u and v the number v·(A u) is the same as (Aᵀ v)·u. Test it with your layer and the given
# convolution:

# %% tags=["experiment"]
rng = np.random.default_rng(0)
w, conv_param = rng.standard_normal((5, 3, 4, 4)), {"stride": 2, "pad": 1}
u, v = rng.standard_normal((2, 3, 14, 10)), rng.standard_normal((2, 5, 7, 5))
Au, _ = conv_forward(u, w, np.zeros(5), conv_param)
Atv, _ = conv_transpose_forward(v, w, np.zeros(3), conv_param)
print(f"v · (A u) = {np.sum(v * Au):.10f}\n(Aᵀ v) · u = {np.sum(Atv * u):.10f}")

# %% [markdown]
# ## 7 Experiment: from a coarse map of detections back to the image
#
# A digit reader whose fully-connected layer is used as a convolution (notebook 07) gives, for a
# large scene, a map of scores: one for every 4th pixel. How sure is it of its digit, *where in
# the image*? Your transposed convolution brings the map to the scene's size, once with a stamp
# that is flat, once with one that falls off linearly to its rim (*bilinear interpolation*). As
# stamp and stride are those of the windows, each number lands where its window was.

# %% tags=["experiment"]
from cs231n_utils.data import scatter_on_canvas

digits = load_digits()
rng = np.random.default_rng(1)


def paper_and_pieces(count):
    """Windows at random places, hardly ever a whole digit: an eleventh class, 'nothing'."""
    canvas, _, _ = scatter_on_canvas(digits["X_train"], 200, 200, 60, gap=4, seed=1)
    rows, columns = rng.integers(0, 192, (2, count))
    return np.concatenate(
        [canvas[:, :, i : i + 8, j : j + 8] for i, j in zip(rows, columns, strict=True)]
    )


pieces = paper_and_pieces(600)
data = {
    "X_train": np.concatenate([digits["X_train"], pieces]),
    "y_train": np.concatenate([digits["y_train"], np.full(len(pieces), 10)]),
}
reader = Network(
    (1, 8, 8), [Conv(12, 3, 1, 1), Relu(), Conv(24, 4, 4), Relu(), Affine(11)], seed=0
)
solver = Solver(
    reader,
    data,
    optim_config={"learning_rate": 4e-3},
    lr_decay=0.8,
    num_epochs=8,
    progress=False,
)
solver.train()

scene, chosen, corners = scatter_on_canvas(digits["X_test"], 48, 72, 9, gap=3, seed=5)
w, b = reader.params["4_affine_w"], reader.params["4_affine_b"]
trunk = Network((1, 48, 72), reader.layers[:4])
trunk.params.update({name: reader.params[name] for name in trunk.params})
maps = trunk.loss(scene)  # (1, 24, 12, 18)
scores, _ = conv_forward(maps, w.T.reshape(11, 24, 2, 2), b, {"stride": 1, "pad": 0})
odds = np.exp(scores - scores.max(axis=1, keepdims=True))
found = (1 - odds[:, 10:] / odds.sum(axis=1, keepdims=True))[0, 0]  # probability of any digit

ramp = np.minimum(np.arange(8) + 0.5, 7.5 - np.arange(8)) / 4
stamps = {"flat stamp": np.ones((8, 8)) / 4, "bilinear stamp": np.outer(ramp, ramp)}
images = {
    "scene, 48×72 pixels": scene[0, 0],
    f"found, {found.shape[0]}×{found.shape[1]}": found,
}
for name, stamp in stamps.items():
    out, _ = conv_transpose_forward(
        found[None, None], stamp[None, None], np.zeros(1), {"stride": 4, "pad": 0}
    )
    images[f"{name}, {out.shape[2]}×{out.shape[3]}"] = out[0, 0]
fig, axes = figure(2, 2, size=(4.8, 3.3))
for axis, (name, image) in zip(axes.flat, images.items(), strict=True):
    first = axis is axes[0, 0]
    picture = axis.imshow(image, cmap="gray_r" if first else "viridis", vmin=0, vmax=1)
    axis.set_title(name)
    axis.axis("off")
    if not first:
        fig.colorbar(picture, ax=axis, label="probability of a digit", shrink=0.8)
    if "bilinear" in name:
        axis.contour(scene[0, 0], levels=[0.5], colors="white", linewidths=0.8)
plt.show()

# %% [markdown]
# Upper right: the map as it comes, one number for a window of 8×8 pixels, every 4 pixels. Below,
# at the scene's full size. The flat stamp spreads each number evenly over its window, and leaves
# blocks; the bilinear one gives hills that peak in the middle, and the ink of the scene (white
# lines) lies on them. So the map now says where the digits are, pixel by pixel, give or take two
# pixels or so. What the coarse map has missed does not come back: a digit that lies between the
# windows (the 0) may be found by none of them.
#
# A network that is trained for segmentation begins with such stamps and *learns* better ones
# (Long, Shelhamer and Darrell, arXiv 1411.4038, section 3.3).
#
# What happens if stamps do not overlap evenly? Lay equal numbers with a 3×3 stamp and stride 2:

# %% tags=["experiment"]
ones = np.ones((1, 1, 6, 6))
images = {}
for side, stride in ((3, 2), (4, 2), (5, 2), (2, 2)):
    stamp = np.ones((1, 1, side, side))
    out, _ = conv_transpose_forward(ones, stamp, np.zeros(1), {"stride": stride, "pad": 0})
    images[f"{side}×{side} stamps, stride {stride}"] = out[0, 0]
fig, axes = figure(1, 4, size=(2.45, 2.5))
for axis, (name, image) in zip(axes[0], images.items(), strict=True):
    picture = axis.imshow(image, cmap="viridis", vmin=1, vmax=9)
    axis.set_title(name.replace(", ", "\n"))
    axis.axis("off")
fig.colorbar(picture, ax=axes[0, 3], label="stamps on a pixel", shrink=0.85)
plt.show()

# %% [markdown]
# A chessboard: where the stamp's side is no multiple of the stride, some pixels are stamped twice
# or four times as often as their neighbours. Images painted by networks show such patterns (Odena,
# Dumoulin and Olah, *Deconvolution and Checkerboard Artifacts*, Distill 2016). Sides that are a
# multiple of the stride (4 and 2, 2 and 2) lay evenly, but for the rim.
#
# ## 8 For those who want more: CIFAR-10
#
# 32×32 pixels in colour, ten classes. Set `DOWNLOAD` to True to run it: it needs a network
# connection once, for 170 MB, about 500 MB on the disk and 1 GB of memory, and then some minutes
# for each epoch on 5000 images. A small network reaches 50 to 60 % with these few images; chance
# is 10 %.

# %% tags=["experiment"]
DOWNLOAD = False

if DOWNLOAD:
    from cs231n_utils.data import load_cifar10

    cifar = load_cifar10(num_train=5000)
    mean = cifar["X_train"].mean(axis=(0, 2, 3), keepdims=True)
    cifar |= {name: value - mean for name, value in cifar.items() if name.startswith("X")}
    net = ConvNet((3, 32, 32), [(16, 1, True), (32, 1, True), (64, 1, True)], [64], 10)
    solver = Solver(net, cifar, optim_config={"learning_rate": 2e-3}, num_epochs=5)
    solver.train()
    accuracy = solver.accuracy(cifar["X_test"], cifar["y_test"])
    print(f"accuracy on 1000 test photographs: {100 * accuracy:.1f} %")
else:
    print("CIFAR-10 was not asked for: set DOWNLOAD to True in this cell.")

# %% [markdown]
# ## Sources
#
# - K. Simonyan, A. Zisserman, *Very Deep Convolutional Networks for Large-Scale Image
#   Recognition*, arXiv 1409.1556: blocks of 3×3 convolutions.
# - K. He, X. Zhang, S. Ren, J. Sun, *Delving Deep into Rectifiers*, arXiv 1502.01852: the scale of
#   the first weights.
# - J. T. Springenberg and others, *Striving for Simplicity*, arXiv 1412.6806: strides for pooling.
# - V. Dumoulin, F. Visin, *A guide to convolution arithmetic for deep learning*, arXiv 1603.07285:
#   sizes, and transposed convolutions drawn.
# - J. Long, E. Shelhamer, T. Darrell, *Fully Convolutional Networks for Semantic Segmentation*,
#   arXiv 1411.4038: coarse maps brought back to full size.
# - A. Odena, V. Dumoulin, C. Olah, *Deconvolution and Checkerboard Artifacts*, Distill (2016).
# - D. P. Kingma, J. Ba, *Adam*, arXiv 1412.6980: the Solver's update rule.
# - A. Krizhevsky, *Learning Multiple Layers of Features from Tiny Images* (2009): CIFAR-10.
