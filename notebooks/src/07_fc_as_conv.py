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
# # 07 Fully-connected layers as convolutions
#
# A network that recognises digits takes an image of 8×8 pixels, no more and no less. Its last
# layers are *fully connected*: they have one weight for each number of the map in front of
# them, and a larger image has more numbers. Does that mean that such a network cannot look at a
# larger image, except through a hole of 8×8 pixels that you move about?
#
# No. A fully-connected layer *is* a convolution, one whose filters happen to be as large as the
# map. Nothing has to be trained again, no number changes: the weights only have to be written
# down in another form. Then the same network slides over an image of any size by itself.
#
# | often said | you measure it in |
# |---|---|
# | a network with fully-connected layers needs images of one size | parts 4 and 6 |
# | 1×1 convolutions save parameters | part 3 |
# | turning fully-connected layers into convolutions saves parameters | part 5 |
# | it saves computation | parts 6 and 7 |
# | the result equals that of all crops, exactly | part 6 |
#
# Some of these are true, some are half true, one is false. Two to three hours.
# How checks and experiments work, what is graded, and how to hand in stands at the beginning of
# notebook 01. *Experiments* need no code from you: write down your guess before you run them.

# %%
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from cs231n_utils import check

ONE_BY_ONE = {"stride": 1, "pad": 0}  # every place of the filter, nothing added around the map

# %% [markdown]
# ## 1 The fully-connected layer
#
# Every output is a weighted sum of *all* inputs, plus a bias. D inputs and M outputs make D · M
# weights, kept as a matrix w of shape (D, M): column m belongs to output m. For a minibatch of N
# examples, the rows of a matrix of shape (N, D), it is one matrix product. In CS231n this layer
# is called *affine*.
#
# *By hand:* one example x = (1, 2), two outputs.
#
# ```
#   w =  1  0       b = 0.5  0       out[0] = 1·1 + 2·3    + 0.5 =  7.5
#        3 −1                        out[1] = 1·0 + 2·(−1) + 0   = −2
# ```
#
# An example may also be a map of C × H × W numbers. Then it is first *flattened* into one row:
# the first channel, row by row, then the second, and so on. (This is called row-major order, and
# it is what NumPy's `reshape` does.) Remember this order. Most of what goes wrong in part 4 goes
# wrong there.
#
# ### Backward
#
# With an upstream gradient `dout` = (1, 10) in the example above:
#
# ```
#   dx = 1·1 + 10·0 ,  1·3 + 10·(−1)  =  1, −7      through each weight to its input
#   dw = 1·1   1·10  =  1  10                       input times upstream gradient
#        2·1   2·10     2  20
#   db = 1  10                                      summed over the examples (here one)
# ```

# %% nbgrader={"grade_id": "affine_forward", "solution": true}
from solutions.fc_as_conv import affine_forward

# %% nbgrader={"grade_id": "check_affine_forward", "grade": true}
check(affine_forward)

# %% nbgrader={"grade_id": "affine_backward", "solution": true}
from solutions.fc_as_conv import affine_backward

# %% nbgrader={"grade_id": "check_affine_backward", "grade": true}
check(affine_backward)

# %% [markdown]
# ## 2 The convolution
#
# A convolution is a weighted sum, too, but not of all inputs: a small *filter* (or *kernel*) is
# laid on one window of the image, each of its weights is multiplied by the pixel below it, and
# the sum plus the bias is one pixel of the output. Then the filter moves on by S pixels, the
# stride. The weights are the same at every place.
#
# *By hand:* an image of 3×3 pixels, a filter of 2×2, stride 1, bias 1.
#
# ```
#   x =  1 2 0       w =  1 0       out[0, 0] = 1·1 + 2·0 + 0·(−1) + 1·2 + 1 = 4
#        0 1 3           −1 2
#        2 1 0                      out =  4 8
#                                          1 1
# ```
#
# With C channels a filter has C · HH · WW weights and sums over all channels; F filters make F
# output channels. Often the image gets a border of P rows and columns of zeros first, the
# *padding*, so that windows may begin outside. In all there are
#
# $$H_{out} = \left\lfloor \frac{H + 2P - HH}{S} \right\rfloor + 1$$
#
# places from top to bottom.
#
# ### Backward
#
# *By hand*, with dout 1 in the upper left and 10 in the lower right, and 0 elsewhere. The upper
# left output has seen the window 1 2 / 0 1, the lower right one 1 3 / 1 0:
#
# ```
#   dout =  1  0       dx =  1   0  0       dw = 1·(1 2) + 10·(1 3)  =  11 32
#           0 10            −1  12  0               (0 1)      (1 0)    10  1
#                            0 −10 20       db = 11
# ```
#
# The pixel in the middle lies in both windows: 1·2 from the one and 10·1 from the other.

# %% nbgrader={"grade_id": "conv_forward_naive", "solution": true}
from solutions.fc_as_conv import conv_forward_naive

# %% nbgrader={"grade_id": "check_conv_forward_naive", "grade": true}
check(conv_forward_naive)

# %% nbgrader={"grade_id": "conv_backward_naive", "solution": true}
from solutions.fc_as_conv import conv_backward_naive

# %% nbgrader={"grade_id": "check_conv_backward_naive", "grade": true}
check(conv_backward_naive)

# %% [markdown]
# **Experiment.** Your convolution on a photograph: three filters, chosen by hand. The first
# takes the mean of nine pixels; the weights of the other two sum to 0. **Before you run it:** what
# will these two give on the smooth sky?
#
# From here on the larger experiments use `conv_forward` of `cs231n_utils.layers`, which computes
# the same as one large matrix product. The printed line says how much faster that is.

# %% tags=["experiment"]
import time

from cs231n_utils.data import load_photographs
from cs231n_utils.layers import conv_forward
from cs231n_utils.plotting import show_images

grey = load_photographs()["temple"][:, ::4, ::4].mean(axis=0)[None, None]  # (1, 1, 107, 160)
edge = np.array([[1.0, 2.0, 1.0], [0.0, 0.0, 0.0], [-1.0, -2.0, -1.0]]) / 4
filters = np.stack([np.full((3, 3), 1 / 9), edge, edge.T])[:, None]  # (3, 1, 3, 3)
same_size = {"stride": 1, "pad": 1}

start = time.perf_counter()
maps, _ = conv_forward_naive(grey, filters, np.zeros(3), same_size)
yours = time.perf_counter() - start
start = time.perf_counter()
fast, _ = conv_forward(grey, filters, np.zeros(3), same_size)
given = time.perf_counter() - start

show_images([grey[0], maps[0, 0]], ["photograph (grey)", "mean of 3×3 pixels"], size=(4.2, 3.0))
show_images(
    list(maps[0, 1:]),
    ["horizontal edges", "vertical edges"],
    size=(4.2, 3.0),
    signed=True,
    title="red: positive, blue: negative",
)
plt.show()
print(f"yours: {1000 * yours:.0f} ms, given: {1000 * given:.1f} ms")
print(f"largest difference: {np.abs(maps - fast).max():.1e}")

# %% [markdown]
# The sky vanishes: where nothing changes, weights that sum to 0 give 0. (Only at the very border
# there are strong lines. They come from the padding: next to the photograph lie zeros, and that
# is an edge, too. Keep them in mind for part 6.)
#
# ## 3 The 1×1 convolution
#
# A filter of 1×1 pixels sees one pixel, but all of its C channels. So it is a fully-connected
# layer from C inputs to F outputs, used at each pixel with the same weights. The pixels take the
# place of the examples: N · H · W of them.
#
# *By hand:* two channels of 1×2 pixels, one filter with the weights 2 and −1 and the bias 0.
#
# ```
#   channel 0:  1 2
#   channel 1:  3 5          out = 2·1 − 3 , 2·2 − 5  =  −1 −1
# ```
#
# No loop over pixels is needed. But beware: to use a matrix product the channels must be the
# last axis, and they are not. `reshape` alone does not move them.

# %% nbgrader={"grade_id": "conv1x1_forward", "solution": true}
from solutions.fc_as_conv import conv1x1_forward

# %% nbgrader={"grade_id": "check_conv1x1_forward", "grade": true}
check(conv1x1_forward)

# %% nbgrader={"grade_id": "conv1x1_backward", "solution": true}
from solutions.fc_as_conv import conv1x1_backward

# %% nbgrader={"grade_id": "check_conv1x1_backward", "grade": true}
check(conv1x1_backward)

# %% [markdown]
# **Experiment.** The three channels of a photograph are red, green and blue. A 1×1 convolution
# mixes them anew at every pixel, and cannot do anything else. **Your guess:** which of these
# could a 1×1 convolution do: turn a photograph grey, make it warmer, blur it, find edges,
# exchange red and blue?

# %% tags=["experiment"]
from cs231n_utils.data import load_photographs
from cs231n_utils.plotting import show_images

photo = load_photographs()["flower"][None, :, ::2, ::2]
MIXERS = {
    "as it is": (np.eye(3), np.zeros(3)),
    "grey": (np.full((3, 3), 1 / 3), np.zeros(3)),
    "red and blue exchanged": (np.eye(3)[[2, 1, 0]], np.zeros(3)),
    "negative": (-np.eye(3), np.ones(3)),
}
mixed = [conv1x1_forward(photo, w[:, :, None, None], b)[0][0] for w, b in MIXERS.values()]
show_images(mixed, list(MIXERS), columns=2, size=(3.6, 2.6))
plt.show()

# %% [markdown]
# Everything that looks at one pixel alone can be done; blurring and edges cannot, as they need
# the neighbours.
#
# So what is it good for inside of a network? To change the *number of channels*. A 3×3
# convolution from 256 channels to 256 is expensive. Cheaper: first *narrow* to 64 channels by a
# 1×1 convolution, then let the 3×3 convolution *work* on those, then *widen* to 256 by another
# 1×1 convolution. Such a bottleneck is the building block of ResNet-50 (arXiv 1512.03385, figure
# 5); GoogLeNet narrows in this way, too (arXiv 1409.4842, section 4).

# %% nbgrader={"grade_id": "bottleneck_parameters", "solution": true}
from solutions.fc_as_conv import bottleneck_parameters

# %% nbgrader={"grade_id": "check_bottleneck_parameters", "grade": true}
check(bottleneck_parameters)

# %% [markdown]
# **Experiment.** Both on a map of 256 channels and 28×28 pixels: parameters, multiply-adds, and
# the time of a forward pass, in which the 1×1 convolutions are yours.

# %% tags=["experiment"]
import time

from cs231n_utils.layers import conv_forward, relu_forward
from cs231n_utils.plotting import table
from cs231n_utils.solver import one_thread

rng = np.random.default_rng(0)
x = rng.standard_normal((1, 256, 28, 28))


def weights(F, C, size):
    return rng.standard_normal((F, C, size, size)) * np.sqrt(2 / (C * size**2)), np.zeros(F)


plain = weights(256, 256, 3)
narrow, work, widen = weights(64, 256, 1), weights(64, 64, 3), weights(256, 64, 1)
same_size = {"stride": 1, "pad": 1}


def run_plain():
    return conv_forward(x, *plain, same_size)[0]


def run_bottleneck():
    out = relu_forward(conv1x1_forward(x, *narrow)[0])[0]
    out = relu_forward(conv_forward(out, *work, same_size)[0])[0]
    return conv1x1_forward(out, *widen)[0]


def milliseconds(function, runs=3):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


rows = []
with one_thread():
    for name, layers, function in [
        ("3×3, 256 to 256", [plain], run_plain),
        ("narrow, work, widen", [narrow, work, widen], run_bottleneck),
    ]:
        parameters = sum(w.size + b.size for w, b in layers)
        multiply_adds = sum(w.size * 28 * 28 for w, b in layers)
        rows.append(
            [name, parameters, round(multiply_adds / 1e6), round(milliseconds(function))]
        )
print(table(["layers", "parameters", "multiply-adds [million]", "forward [ms]"], rows))
print(f"\nparameters saved: {100 * (1 - rows[1][1] / rows[0][1]):.0f} %")

# %% [markdown]
# That is true, then: **1×1 convolutions save parameters**, and as much computation, because the
# expensive convolution works on fewer channels. It is not for nothing: between the two 1×1
# convolutions there are only 64 numbers at a pixel, so the two blocks do not compute the same
# functions. Whether a network is as accurate must be measured. In the paper the 50 layers with
# bottlenecks were more accurate than 34 layers without (table 3), for about as much computation.
#
# ## 4 From fully-connected to convolution, and back
#
# Take a fully-connected layer that reads a map of C × H × W. Output m is
#
# $$out_m = b_m + \sum_{c,i,j} w_{(c,i,j),\,m} \; x_{c,i,j}$$
#
# and a convolution whose filters are as large as the map has one single place for them, where
# it computes
#
# $$out_m = b_m + \sum_{c,p,q} w_{m,c,p,q} \; x_{c,p,q} .$$
#
# These are the same sum! The weights of output m, column m of the matrix, only have to be folded
# up into a filter of shape (C, H, W), in the order in which the map was flattened.
#
# *By hand:* a map of one channel and 2×2 pixels, two outputs.
#
# ```
#   w =  1 10       filter 0 = 1 2       filter 1 = 10 20
#        2 20                  3 4                  30 40
#        3 30
#        4 40
# ```
#
# Now how do these eight numbers lie in memory? Row by row: 1 10 2 20 3 30 4 40. And `reshape`
# never moves a number. If you reshape this matrix to (2, 1, 2, 2) as it is, the first filter
# becomes 1 10 / 2 20, half of the one output mixed with half of the other. It has the right
# shape, raises no error, and is wrong.

# %% nbgrader={"grade_id": "fc_to_conv", "solution": true}
from solutions.fc_as_conv import fc_to_conv

# %% nbgrader={"grade_id": "check_fc_to_conv", "grade": true}
check(fc_to_conv)

# %% nbgrader={"grade_id": "conv_to_fc", "solution": true}
from solutions.fc_as_conv import conv_to_fc

# %% nbgrader={"grade_id": "check_conv_to_fc", "grade": true}
check(conv_to_fc)

# %% [markdown]
# **Experiment: see the weights.** We train the smallest classifier there is, one fully-connected
# layer from the 64 pixels of a digit to ten scores, with *your* `affine_forward` and
# `affine_backward`. Then we turn it into ten filters of 8×8 with your `fc_to_conv`, and look at
# them. Below, the same weights reshaped without the transpose. **Your guess:** what will a
# filter look like that has learned to say "this is a 0"?

# %% tags=["experiment"]
from cs231n_utils.data import load_digits
from cs231n_utils.layers import softmax_loss
from cs231n_utils.plotting import show_images
from cs231n_utils.solver import one_thread

digits = load_digits()
X_train, y_train = digits["X_train"], digits["y_train"]
X_test, y_test = digits["X_test"], digits["y_test"]
rng = np.random.default_rng(0)
w_fc, b_fc = np.zeros((64, 10)), np.zeros(10)
with one_thread():  # of NumPy's: more gain nothing here
    for _ in range(600):  # plain stochastic gradient descent with weight decay
        batch = rng.integers(len(X_train), size=100)
        scores, cache = affine_forward(X_train[batch], w_fc, b_fc)
        _, dscores = softmax_loss(scores, y_train[batch])
        _, dw, db = affine_backward(dscores, cache)
        w_fc, b_fc = w_fc - 0.3 * (dw + 0.003 * w_fc), b_fc - 0.3 * db

w_conv, b_conv = fc_to_conv(w_fc, b_fc, (1, 8, 8))
w_wrong = w_fc.reshape(10, 1, 8, 8)
names = [str(k) for k in range(10)]
show_images(
    list(w_conv),
    names,
    columns=10,
    size=(1.15, 1.35),
    signed=True,
    title="fc_to_conv: one filter for each digit (red: ink speaks for it, blue: against it)",
)
show_images(
    list(w_wrong),
    names,
    columns=10,
    size=(1.15, 1.35),
    signed=True,
    title="the same numbers, reshaped without the transpose",
)
plt.show()

scores_fc, _ = affine_forward(X_test, w_fc, b_fc)
scores_conv, _ = conv_forward_naive(X_test, w_conv, b_conv, ONE_BY_ONE)
scores_wrong, _ = conv_forward_naive(X_test, w_wrong, b_conv, ONE_BY_ONE)
print(f"fully connected: scores {scores_fc.shape}, as a convolution: {scores_conv.shape}")
print(f"largest difference: {np.abs(scores_conv[:, :, 0, 0] - scores_fc).max():.1e}\n")
for name, scores in [
    ("fully connected", scores_fc),
    ("as a convolution", scores_conv[:, :, 0, 0]),
    ("without the transpose", scores_wrong[:, :, 0, 0]),
]:
    accuracy = 100 * np.mean(scores.argmax(axis=1) == y_test)
    print(f"test accuracy, {name + ':':23}{accuracy:5.1f} %")
w_back, b_back = conv_to_fc(w_conv, b_conv)
same = np.array_equal(w_back, w_fc) and np.array_equal(b_back, b_fc)
print(f"\nconv_to_fc(fc_to_conv(...)) gives the very same weights: {same}")

# %% [markdown]
# - **Above:** templates. The filter of the 0 wants ink in a ring and none in the middle. So one
#   can *look* at a fully-connected layer that reads an image: its columns are images.
# - **Below:** horizontal stripes of noise, and the accuracy is that of guessing. Every number is
#   still there, but at a place where it means something else.
# - The difference between the layer and the convolution is one of rounding at most. They are the
#   same layer, with as many parameters.
#
# **Experiment: and backward?** If they are the same layer, their gradients must be the same, too,
# once they are folded in the same way. This uses all of your backward passes: the 8×8 filters
# against the fully-connected layer, and a 1×1 convolution against a fully-connected layer whose
# examples are the pixels.

# %% tags=["experiment"]
rng = np.random.default_rng(0)
x = X_test[:50]
scores_fc, cache_fc = affine_forward(x, w_fc, b_fc)
scores_conv, cache_conv = conv_forward_naive(x, w_conv, b_conv, ONE_BY_ONE)
dout = rng.standard_normal(scores_fc.shape)
gradients_fc = affine_backward(dout, cache_fc)
gradients_conv = conv_backward_naive(dout[:, :, None, None], cache_conv)
folded = fc_to_conv(gradients_fc[1], gradients_fc[2], (1, 8, 8))
print("8×8 filters against the fully-connected layer, largest differences")
for name, one, other in zip(
    ("dx", "dw", "db"), gradients_conv, (gradients_fc[0], *folded), strict=True
):
    print(f"    {name}, shape {one.shape}: {np.abs(one - other).max():.1e}")

# 4 images of 5×6 pixels make 120 examples of 3 numbers.
maps = rng.standard_normal((4, 3, 5, 6))
w_1x1, b_1x1 = rng.standard_normal((2, 3, 1, 1)), rng.standard_normal(2)
out, cache_1x1 = conv1x1_forward(maps, w_1x1, b_1x1)
dout = rng.standard_normal(out.shape)
pixels, dpixels = (np.moveaxis(a, 1, -1).reshape(-1, a.shape[1]) for a in (maps, dout))
_, cache_pixels = affine_forward(pixels, *conv_to_fc(w_1x1, b_1x1))
dw_pixels = fc_to_conv(*affine_backward(dpixels, cache_pixels)[1:], (3, 1, 1))[0]
dw_1x1 = conv1x1_backward(dout, cache_1x1)[1]
print("1×1 convolution against the fully-connected layer on pixels")
print(f"    dw, shape {dw_1x1.shape}: {np.abs(dw_1x1 - dw_pixels).max():.1e}")

# %% [markdown]
# So it makes no difference in which of the two forms a network is trained.
#
# ### On a larger map
#
# Here is what the new form is for. On a map larger than the filters there is more than one place
# for them, and the convolution simply gives the layer's outputs at all of them: a map of
# outputs, as if every window had been cut out and sent through the fully-connected layer.
#
# *By hand:* the filter 1 2 / 3 4 on a map of 3×3.
#
# ```
#   1 0 2
#   0 1 0       →    5  7        upper left window: 1·1 + 2·0 + 3·0 + 4·1 = 5
#   3 0 1           11  5
# ```
#
# ## 5 A whole head: VGG-16
#
# VGG-16 (Simonyan, Zisserman, arXiv 1409.1556) takes a colour image of 224×224 pixels. Its
# *trunk* consists of 13 convolutions of 3×3 with padding 1, which keep the size, and five
# poolings of 2×2 with stride 2, each of which halves it. What is left is a map of 512 channels.
# On it sits the *head*, three fully-connected layers with ReLUs between them:
#
# - fc6: from the whole map to 4096 numbers,
# - fc7: from those to 4096 numbers,
# - fc8: from those to 1000 scores, one for each class of ImageNet.
#
# First the counts. (Ask Python to multiply; the biases are parameters, too.)

# %% nbgrader={"grade_id": "fc6_kernel_side", "solution": true}
from solutions.fc_as_conv import fc6_kernel_side

# %% nbgrader={"grade_id": "check_fc6_kernel_side", "grade": true}
check(fc6_kernel_side)

# %% nbgrader={"grade_id": "fc6_parameters", "solution": true}
from solutions.fc_as_conv import fc6_parameters

# %% nbgrader={"grade_id": "check_fc6_parameters", "grade": true}
check(fc6_parameters)

# %% nbgrader={"grade_id": "fc7_parameters", "solution": true}
from solutions.fc_as_conv import fc7_parameters

# %% nbgrader={"grade_id": "check_fc7_parameters", "grade": true}
check(fc7_parameters)

# %% nbgrader={"grade_id": "fc8_parameters", "solution": true}
from solutions.fc_as_conv import fc8_parameters

# %% nbgrader={"grade_id": "check_fc8_parameters", "grade": true}
check(fc8_parameters)

# %% [markdown]
# **Experiment.** Where are VGG-16's parameters, and where is its work? **Your guess** for both:
# rather in the trunk, or in the head?

# %% tags=["experiment"]
from cs231n_utils.plotting import figure, show_bars

BLOCKS = [(64, 64), (128, 128), (256,) * 3, (512,) * 3, (512,) * 3]  # filters of 3×3, by block
parameters, work = {}, {}
C, side = 3, 224
for number, block in enumerate(BLOCKS, start=1):
    name = f"trunk, block {number} ({side}×{side})"
    parameters[name] = work[name] = 0
    for F in block:
        parameters[name] += 9 * C * F + F
        work[name] += 9 * C * F * side**2
        C = F
    side //= 2  # 2×2 max pooling
head = [
    ("fc6", fc6_parameters, 4096),
    ("fc7", fc7_parameters, 4096),
    ("fc8", fc8_parameters, 1000),
]
for name, count, outputs in head:
    parameters[f"head, {name}"] = count()
    work[f"head, {name}"] = count() - outputs  # each weight is used once, a bias only added

fig, axes = figure(1, 2, size=(5.4, 3.6))
for axis, counts, what in [
    (axes[0, 0], parameters, "parameters [million]"),
    (axes[0, 1], work, "multiply-adds for one image [million]"),
]:
    millions = {name: count / 1e6 for name, count in counts.items()}
    in_head = sum(value for name, value in millions.items() if name.startswith("head"))
    title = f"{sum(millions.values()):,.0f} million in all, {in_head / sum(millions.values()):.1%} in the head"
    show_bars(
        axis,
        millions,
        xlabel=what,
        title=title,
        form="{:,.2f}" if axis is axes[0, 0] else "{:,.0f}",
    )
axes[0, 1].set_yticks([])
plt.show()

# %% [markdown]
# **The parameters are in the head, the work is in the trunk.** A weight of fc6 is used once for
# an image; a weight of the first block is used at each of 224 · 224 pixels. Keep this in mind:
# it decides what is saved in part 6 and what is not.
#
# And turning the head into convolutions, does it save parameters? Each weight becomes exactly one
# weight. **No.** It is the same head, and costs the same on an image of 224×224.
#
# Now the whole head at once. fc6 becomes 4096 kernels as large as the map. What do fc7 and fc8
# become? Think of the map that each of them sees, when the image has the original size.

# %% nbgrader={"grade_id": "convify_head", "solution": true}
from solutions.fc_as_conv import convify_head

# %% nbgrader={"grade_id": "check_convify_head", "grade": true}
check(convify_head)

# %% [markdown]
# **Experiment: VGG's head at 1/16 of its width.** 32 channels for 512, 256 numbers for 4096, all
# 1000 classes; the weights are random, because to see whether two computations are the same it
# does not matter what they compute. (At full width fc6 alone has 400 MB in float32. The
# project's `benchmarks/vgg_head.py` runs it once, and prints equality, time and memory.)

# %% tags=["experiment"]
from cs231n_utils.layers import conv_forward, relu_forward
from cs231n_utils.plotting import table

rng = np.random.default_rng(0)


def random_layer(D, M):
    return rng.standard_normal((D, M)) * np.sqrt(2 / D), 0.1 * rng.standard_normal(M)


vgg_head = [random_layer(32 * 7 * 7, 256), random_layer(256, 256), random_layer(256, 1000)]
vgg_convs = convify_head(vgg_head, (32, 7, 7))


def run_fc(head, x):
    """The head as it is: affine layers with ReLUs between them; x of shape (N, C, H, W)."""
    for number, (w, b) in enumerate(head):
        x, _ = affine_forward(x if number == 0 else relu_forward(x)[0], w, b)
    return x


def run_conv(layers, x):
    """The head as convolutions with ReLUs between them."""
    for number, (w, b) in enumerate(layers):
        x = x if number == 0 else relu_forward(x)[0]
        x, _ = conv_forward(x, w, b, ONE_BY_ONE)
    return x


rows = []
for name, (w, b), (w_conv, _) in zip(("fc6", "fc7", "fc8"), vgg_head, vgg_convs, strict=True):
    shapes = [" × ".join(map(str, shape)) for shape in (w.shape, w_conv.shape)]
    rows.append([name, *shapes, w.size + b.size])
print(table(["layer", "affine (D × M)", "convolution (F × C × HH × WW)", "parameters"], rows))

x = rng.standard_normal((2, 32, 7, 7))
scores_fc, scores_conv = run_fc(vgg_head, x), run_conv(vgg_convs, x)
print(
    f"\na map of 7×7×32 becomes {' × '.join(map(str, scores_conv.shape[2:]))} × {scores_conv.shape[1]}"
)
print(f"largest difference: {np.abs(scores_conv[:, :, 0, 0] - scores_fc).max():.1e}")
larger = rng.standard_normal((1, 32, 9, 12))
shape = run_conv(vgg_convs, larger).shape
print(f"a map of 9×12×32 becomes {' × '.join(map(str, shape[2:]))} × {shape[1]}")

# %% [markdown]
# 7×7×512 becomes 1×1×1000 (here with 32 for 512): fc6's kernels fill the map, one pixel is left,
# and on one pixel a fully-connected layer is a 1×1 convolution. On a larger map fc6 leaves more
# pixels, and then the 1×1 kernels of fc7 and fc8 do at each of them what they did at the one. Had
# you made them 7×7 as well, they would have no place to stand.
#
# ## 6 Larger images
#
# An image of 384×384 pixels in place of 224×224. The trunk of convolutions and poolings takes it
# without a word, and halves it five times. Then comes the converted head. Three questions.

# %% nbgrader={"grade_id": "score_map_side", "solution": true}
from solutions.fc_as_conv import score_map_side

# %% nbgrader={"grade_id": "check_score_map_side", "grade": true}
check(score_map_side)

# %% nbgrader={"grade_id": "pixels_between_windows", "solution": true}
from solutions.fc_as_conv import pixels_between_windows

# %% nbgrader={"grade_id": "check_pixels_between_windows", "grade": true}
check(pixels_between_windows)

# %% nbgrader={"grade_id": "trunk_work_saved", "solution": true}
from solutions.fc_as_conv import trunk_work_saved

# %% nbgrader={"grade_id": "check_trunk_work_saved", "grade": true}
check(trunk_work_saved)

# %% [markdown]
# **Experiment: one pass against 36 crops.** A small network with the sizes of VGG: five halvings,
# each a 2×2 convolution with stride 2 *and no padding*, then the head of part 5 on a map of
# 7×7×32. The photograph, 384×384 pixels of it, goes through
#
# - in one pass, with the converted head;
# - as 36 crops of 224×224, one by one, with the fully-connected head.
#
# **Your guess:** are the scores the same? How many times faster is the one pass?

# %% tags=["experiment"]
import time
from itertools import pairwise

from cs231n_utils.data import load_photographs
from cs231n_utils.layers import conv_forward, relu_forward
from cs231n_utils.plotting import figure, show_bars
from cs231n_utils.solver import one_thread

rng = np.random.default_rng(1)
photo = load_photographs()["temple"][None, :, 20:404, 130:514] - 0.5  # (1, 3, 384, 384)
WIDTHS = (3, 8, 16, 24, 32, 32)
halvings = [
    (rng.standard_normal((F, C, 2, 2)) * np.sqrt(2 / (4 * C)), np.zeros(F))
    for C, F in pairwise(WIDTHS)
]
STEP = 32


def trunk(x):
    for w, b in halvings:
        x, _ = conv_forward(x, w, b, {"stride": 2, "pad": 0})
        x, _ = relu_forward(x)
    return x


def in_one_pass(trunk):
    return run_conv(vgg_convs, trunk(photo))


def by_crops(trunk):
    scores = np.empty((1, 1000, 6, 6))
    for i, j in np.ndindex(6, 6):
        crop = photo[:, :, i * STEP : i * STEP + 224, j * STEP : j * STEP + 224]
        scores[:, :, i, j] = run_fc(vgg_head, trunk(crop))
    return scores


def timed(function, *arguments, runs=5):
    """The result, and the seconds of the fastest of some runs."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        result = function(*arguments)
        seconds.append(time.perf_counter() - start)
    return result, min(seconds)


with one_thread():
    one_pass, seconds_one_pass = timed(in_one_pass, trunk)
    crops, seconds_crops = timed(by_crops, trunk, runs=2)
    features, seconds_trunk = timed(trunk, photo)

print(f"in front of the head: {features.shape[1:]}, scores: {one_pass.shape[1:]}")
print(f"largest score: {np.abs(crops).max():.3f}")
print(f"largest difference between one pass and 36 crops: {np.abs(one_pass - crops).max():.1e}")
fig, axes = figure(1, 1, size=(8, 2.2))
show_bars(
    axes[0, 0],
    {
        "36 crops, one by one": 1000 * seconds_crops,
        "one pass": 1000 * seconds_one_pass,
        "of that, the trunk": 1000 * seconds_trunk,
    },
    xlabel="time [ms]",
    title=f"one pass is {seconds_crops / seconds_one_pass:.0f} times faster",
    form="{:.0f}",
)
plt.show()

# %% [markdown]
# The very same scores, up to rounding. Where does the time go?
#
# - **In the trunk** neighbouring crops overlap: two of them, 32 pixels apart, share six sevenths
#   of their pixels, and each crop computes the same features again. The large image computes
#   them once. That is your answer to the last question: so many times fewer pixels.
# - **In the head** nothing is shared. 36 places are 36 times the work of one place, in whichever
#   form. (The one pass reads the weights from memory only once, though. At VGG's full width that
#   matters: 36 crops of the map, one by one, took the head five times as long in our benchmark, and
#   as one minibatch no longer than the one pass.)
#
# So "it saves computation" is true of images larger than the original, of windows that overlap,
# and of what is computed *before* the head. On an image of the original size nothing is saved.
#
# ### Exactly equal, always?
#
# The experiment was careful: its convolutions had no padding. VGG's have. At the edge of a crop
# the padding puts zeros where the large image has real pixels: a crop sees something else there.
# Again, with a 3×3 convolution of padding 1 in front of each halving.

# %% tags=["experiment"]
from cs231n_utils.layers import conv_forward, relu_forward
from cs231n_utils.plotting import figure

rng = np.random.default_rng(2)
same_size = [
    (rng.standard_normal((C, C, 3, 3)) * np.sqrt(2 / (9 * C)), np.zeros(C)) for C in WIDTHS[1:]
]


def padded_trunk(x):
    for (w, b), (w_same, b_same) in zip(halvings, same_size, strict=True):
        x, _ = conv_forward(x, w, b, {"stride": 2, "pad": 0})
        x, _ = relu_forward(x)
        x, _ = conv_forward(x, w_same, b_same, {"stride": 1, "pad": 1})
        x, _ = relu_forward(x)
    return x


one_pass, crops = in_one_pass(padded_trunk), by_crops(padded_trunk)
size = np.linalg.norm(crops, axis=1)[0]
difference = 100 * np.linalg.norm(one_pass - crops, axis=1)[0] / size
fig, axes = figure(1, 1, size=(5.4, 4.0))
picture = axes[0, 0].imshow(difference, cmap="viridis", vmin=0)
for i, j in np.ndindex(6, 6):
    dark = difference[i, j] < 0.6 * difference.max()
    axes[0, 0].text(
        j,
        i,
        f"{difference[i, j]:.0f}",
        ha="center",
        va="center",
        color="white" if dark else "black",
    )
axes[0, 0].set_xlabel("crop, from left to right")
axes[0, 0].set_ylabel("crop, from top to bottom")
axes[0, 0].set_title("scores of one pass against those of crops,\ntrunk with padding")
fig.colorbar(picture, ax=axes[0, 0], label="relative difference [%]")
plt.show()
print(f"the two differ by {difference.mean():.0f} % of the scores' size on average")

# %% [markdown]
# Now they differ everywhere, and not by rounding. The corners are among those that differ least: a
# crop in the corner shares two of its four sides with the image, and has the same zeros there. (Our
# weights are random. How much the rim matters to a trained network has to be measured on that one.)
#
# So the sentence "the result equals that of all crops, exactly" is **true of the head**, that is of
# crops of the *map* in front of it. It is true of crops of the *image* where the trunk has no
# padding and the step is the trunk's own. With padding it is only nearly true. Which of the two is
# better then? The one pass sees real pixels where a crop sees zeros. The authors of VGG tried both:
# crops, taken closer to one another, were slightly more accurate, and averaging the scores of both
# was more accurate than either (arXiv 1409.1556, sections 3.2 and 4.3).
#
# ## 7 A detector
#
# Now for something useful. A network that was trained on single digits is to find all digits on a
# large page. It is a fully-connected net, 64 → 100 → 50 → 11, and knows nothing of pages. Eleven
# classes? First without the eleventh, to see what it is for.

# %% tags=["experiment"]
from cs231n_utils.data import load_digits, scatter_on_canvas
from cs231n_utils.nets import Affine, Network, Relu
from cs231n_utils.plotting import show_images
from cs231n_utils.solver import Solver

digits = load_digits()
X_train, y_train = digits["X_train"], digits["y_train"]


def windows_beside_digits(pages=8, per_page=500):
    """Windows of training pages that hold no digit, or only a part of one: at least 2 pixels off."""
    found = []
    for seed in range(pages):
        page, _, corners = scatter_on_canvas(X_train, 64, 96, count=24, gap=2, seed=100 + seed)
        beside = np.ones((57, 89), dtype=bool)
        for i, j in corners:
            beside[max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2] = False
        places = np.argwhere(beside)
        drawn = np.random.default_rng(seed).permutation(len(places))[:per_page]
        found += [page[0, :, i : i + 8, j : j + 8] for i, j in places[drawn]]
    return np.stack(found)


nothing = windows_beside_digits()
TRAINING = {
    "ten classes": (X_train, y_train),
    "ten classes and 'no digit here'": (
        np.concatenate([X_train, nothing]),
        np.concatenate([y_train, np.full(len(nothing), 10)]),
    ),
}
heads = {}
for name, (X, y) in TRAINING.items():
    outputs = y.max() + 1
    net = Network((1, 8, 8), [Affine(100), Relu(), Affine(50), Relu(), Affine(outputs)], seed=0)
    solver = Solver(
        net,
        {"X_train": X, "y_train": y},
        optim_config={"learning_rate": 2e-3},
        lr_decay=0.95,
        num_epochs=20,
        seed=0,
        measure_every=20,
        progress=False,
    )
    solver.train()
    heads[name] = [
        (net.params[f"{k}_affine_w"], net.params[f"{k}_affine_b"]) for k in (0, 2, 4)
    ]
    accuracy = 100 * solver.accuracy(digits["X_test"], digits["y_test"])
    print(
        f"{name}: {accuracy:.1f} % of the single test digits, {solver.seconds:.1f} s of training"
    )

page, chosen, corners = scatter_on_canvas(digits["X_test"], 96, 160, count=55, gap=2, seed=5)
labels = digits["y_test"][chosen]


def probabilities(scores):
    """Softmax over axis 1."""
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


sure = {}
for name, head in heads.items():
    scores = run_conv(convify_head(head, (1, 8, 8)), page)
    sure[name] = probabilities(scores)[0, :10].max(axis=0)
print(f"a page of {page.shape[2]}×{page.shape[3]} pixels gives scores of shape {scores.shape}")
show_images(
    [1 - page[0, 0], *sure.values()],
    ["the page", *sure],
    size=(3.25, 2.5),
    title="how sure it is of a digit, at every place (white: probability 1, black: 0)",
)
plt.show()

# %% [markdown]
# One pass over the page gives a map with one set of scores for each place of an 8×8 window.
#
# - **Middle:** a network that has only ever seen digits sees digits wherever there is ink. Halves
#   of digits, pieces of two neighbours: it must say one of ten, and is often quite sure. Only
#   empty paper leaves it undecided.
# - **Right:** with an eleventh class, trained on windows *beside* digits, there is a small bright
#   spot for nearly every digit, and hardly anything else.
#
# What is left to do is to read the map: a place counts as a digit where its probability is the
# highest within four pixels, and above one half.

# %% tags=["experiment"]
from scipy import ndimage

from cs231n_utils.plotting import figure, show_detections

detector = convify_head(heads["ten classes and 'no digit here'"], (1, 8, 8))


def detect(page):
    """Rows, columns and digits found on the page (1, 1, H, W)."""
    chances = probabilities(run_conv(detector, page))[0]
    digit_here = 1 - chances[10]
    highest = ndimage.maximum_filter(digit_here, size=9)
    rows, columns = np.nonzero((digit_here == highest) & (digit_here > 0.5))
    return rows, columns, chances[:10, rows, columns].argmax(axis=0)


rows, columns, found = detect(page)
near = np.abs(corners[:, None] - np.stack([rows, columns], axis=1)).max(axis=2) <= 1
boxes = []
for k, (i, j, digit) in enumerate(zip(rows, columns, found, strict=True)):
    right = bool(near[:, k].any()) and labels[near[:, k].argmax()] == digit
    boxes.append((int(i), int(j), str(digit), bool(right)))
fig, axes = figure(1, 1, size=(10, 6.4))
show_detections(
    axes[0, 0],
    page[0, 0],
    boxes,
    side=8,
    title="found in one pass: blue where digit and place are right, orange and dashed where not",
)
plt.show()
right = sum(box[3] for box in boxes)
print(
    f"digits on the page: {len(labels)}; found: {near.any(axis=1).sum()}; read rightly: {right}"
)
print(f"frames where there is no digit: {np.sum(~near.any(axis=0))}")

# %% [markdown]
# None of these digits was in the training set, and no page was ever put into the network while it
# was trained. Look at the orange frames: some are digits taken for others. Some hold no digit at
# all, but the lower part of one and the upper part of another, which together may look like a
# third. An 8×8 window is all that the network sees at a time.
#
# **Experiment: time.** The same map of scores in three ways: every window cut out and sent
# through the fully-connected net by itself; all windows cut out first and sent through as one
# large minibatch; one pass of the convolutions. **Your guess:** part 6 said that a *head* shares
# nothing between places. And this network is all head.

# %% tags=["experiment"]
import time

from cs231n_utils.plotting import figure, show_bars
from cs231n_utils.solver import one_thread

fc_head = heads["ten classes and 'no digit here'"]
H_out, W_out = page.shape[2] - 7, page.shape[3] - 7


def one_by_one():
    scores = np.empty((1, 11, H_out, W_out))
    for place in np.ndindex(H_out, W_out):
        i, j = place
        scores[:, :, i, j] = run_fc(fc_head, page[:, :, i : i + 8, j : j + 8])
    return scores


def as_a_minibatch():
    windows = np.lib.stride_tricks.sliding_window_view(page[0, 0], (8, 8))
    scores = run_fc(fc_head, windows.reshape(-1, 1, 8, 8))
    return scores.reshape(1, H_out, W_out, 11).transpose(0, 3, 1, 2)


def as_convolutions():
    return run_conv(detector, page)


WAYS = {
    f"{H_out * W_out} crops, one by one": (one_by_one, 1),
    "all crops as one minibatch": (as_a_minibatch, 5),
    "convolutions, one pass": (as_convolutions, 5),
}
milliseconds, maps = {}, []
with one_thread():
    for name, (function, runs) in WAYS.items():
        times = []
        for _ in range(runs):
            start = time.perf_counter()
            scores = function()
            times.append(time.perf_counter() - start)
        maps.append(scores)
        milliseconds[name] = 1000 * min(times)
print(
    f"largest difference between the three: {max(np.abs(m - maps[0]).max() for m in maps):.1e}"
)
fig, axes = figure(1, 1, size=(8.4, 2.2))
show_bars(axes[0, 0], milliseconds, xlabel="time for one page [ms]", form="{:.0f}")
plt.show()

# %% [markdown]
# - Cutting out one by one is slow, but that is Python's fault, not the crops': as one minibatch
#   the same crops are about as fast as the convolutions.
# - No wonder, because both multiply the same numbers: the first layer looks at the raw pixels
#   through a window that is as large as the network's own, and there is nothing in front of it
#   that neighbouring windows could share. (Inside of `conv_forward`, too, all windows are copied
#   side by side, which is your second way in other words.)
# - Part 6 is the other case. With a trunk in front, cropping repeats the trunk, as a minibatch or
#   not, and the one pass does not.
#
# What the convolutions give you in any case: no cropping code, no window left out, one map whose
# pixels lie where the digits are, and any size of page.
#
# *Try:* a larger page (`scatter_on_canvas(..., 200, 300, count=200)`); digits closer to one
# another (`gap=0`); the smaller network without its hidden layers. Which digits are confused?
#
# *An old idea, by the way:* a network for handwritten digits was slid over ZIP codes in this way
# as early as 1991 (Matan, Burges, LeCun, Denker). Long, Shelhamer and Darrell (arXiv 1411.4038)
# took it up to say for *every* pixel of a photograph what it belongs to: they turned VGG's head
# into convolutions and trained the whole on, for coarse maps that a further layer enlarges. That
# layer waits for you in notebook 08.
#
# ## What to take away
#
# - A fully-connected layer on a map is a convolution with filters as large as the map. On what it
#   leaves, one pixel, the next one is a 1×1 convolution. Same weights, same number of them, same
#   results.
# - `reshape` keeps the order of the numbers. Know which axis runs fastest, or you get the right
#   shape with wrong contents.
# - In the new form the network takes any image that is at least as large as the original, and
#   gives a map of scores.
# - What is saved is the work of the trunk where windows overlap. Parameters are not saved.
# - 1×1 convolutions mix channels at each pixel. To narrow before the work and widen after it does
#   save parameters.
#
# ## Sources
#
# - O. Matan, C. Burges, Y. LeCun, J. Denker: *Multi-Digit Recognition Using a Space Displacement
#   Neural Network*, NIPS 1991.
# - P. Sermanet, D. Eigen, X. Zhang, M. Mathieu, R. Fergus, Y. LeCun: *OverFeat: Integrated
#   Recognition, Localization and Detection using Convolutional Networks*, arXiv 1312.6229 (the
#   sliding window in one pass, section 3.5).
# - M. Lin, Q. Chen, S. Yan: *Network in Network*, arXiv 1312.4400 (1×1 convolutions).
# - K. Simonyan, A. Zisserman: *Very Deep Convolutional Networks for Large-Scale Image
#   Recognition*, arXiv 1409.1556 (VGG).
# - C. Szegedy and others: *Going Deeper with Convolutions*, arXiv 1409.4842 (GoogLeNet).
# - J. Long, E. Shelhamer, T. Darrell: *Fully Convolutional Networks for Semantic Segmentation*,
#   arXiv 1411.4038.
# - K. He, X. Zhang, S. Ren, J. Sun: *Deep Residual Learning for Image Recognition*, arXiv
#   1512.03385 (bottlenecks).
# - Stanford's CS231n, assignment 2, from which the names of the functions and the parameter
#   dictionaries are taken.
# - Photographs and digits: scikit-learn (the digits: E. Alpaydin, C. Kaynak, *Optical
#   Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998).
