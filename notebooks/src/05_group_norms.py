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
# # 05 Layer, instance and group normalization
#
# Batch normalization lets every example look at its neighbours in the minibatch. That is its
# strength, and the root of its troubles: what comes out for *your* image depends on which other
# images happen to be there. With few of them the statistics are noise, with one of them they
# are hardly statistics at all, and for the test one needs statistics from elsewhere.
#
# The three layers of this notebook use the same formula,
#
# $$\hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \qquad y = \gamma\, \hat x + \beta,$$
#
# but take μ and σ² from *one example only*. They differ in which of its numbers share a mean.
# Which is right depends on what you want to get rid of, and what you want to keep.
#
# | often said | you measure it in |
# |---|---|
# | an example comes out the same, whatever else is in the minibatch | part 6 |
# | instance norm takes contrast and tint off an image | part 4 |
# | these layers remove the differences between examples | part 7 |
# | batch norm needs large minibatches, the others do not | part 8 |
#
# Two to three hours. How checks and experiments work, what is graded, and how to hand in stands at
# the beginning of notebook 01. *Experiments* need no code from you: write down your guess before
# you run them.

# %%
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from cs231n_utils import check

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## 1 Who shares a mean with whom?
#
# A layer's maps are an array of shape (N, C, H, W). Below, each little square is one whole
# map: one channel of one image, with all its H × W pixels. Squares with the same number (and
# colour, inside one black frame) share a mean and a variance.

# %% tags=["experiment"]
from cs231n_utils.plotting import show_shared_means

N, C, G = 4, 6, 2
n, c = np.indices((N, C))
show_shared_means(
    N,
    C,
    {
        "batch norm (spatial)": c,
        "layer norm": n,
        "instance norm": n * C + c,
        f"group norm, G = {G}": n * G + c * G // C,
    },
    columns=2,
)
plt.show()

# %% [markdown]
# - **Batch norm** (notebook 04): down the columns. A channel is averaged over all images, so
#   the images see one another.
# - **Layer norm**: along the rows. All channels of an image together.
# - **Instance norm**: every map alone.
# - **Group norm**: between the two. The channels of an image in G groups of C/G neighbours.
#
# Whatever shares a mean also shares a *fate*: what all of them have in common is taken away,
# and what tells them apart is kept. Keep this sentence in mind; it explains every picture
# below.
#
# Count for yourself. A number is asked for; return it.

# %% nbgrader={"grade_id": "batchnorm_means", "solution": true}
from solutions.group_norms import batchnorm_means

# %% nbgrader={"grade_id": "check_batchnorm_means", "grade": true}
check(batchnorm_means)

# %% [markdown]
# ## 2 Layer normalization
#
# Begin with examples that are plain rows of D numbers, an array of shape (N, D). Each row gets
# a mean and a variance of its own; γ and β have one entry for every *feature*, as in batch
# norm.
#
# *By hand:* one example with four features, ε = 0.
#
# ```
#   x            1    1    5    5      μ = 12/4 = 3
#   x − μ       −2   −2    2    2      σ² = (4 + 4 + 4 + 4)/4 = 4,   σ = 2
#   x̂           −1   −1    1    1
#   γ            1    2    1    3
#   β            0    0   10    0
#   γ x̂ + β     −1   −2   11    3
# ```
#
# Now multiply the example by 10, or add 100 to it: μ and σ go along, and x̂ stays what it was.
# An example's own *level* and *scale* are gone. (With ε > 0 a little of the scale remains; and
# what would happen to an example of four equal numbers without ε?)
#
# Layer norm was made for recurrent networks (Ba, Kiros, Hinton, arXiv 1607.06450), where a
# minibatch may hold sequences of different lengths, and today it is in every transformer
# (Vaswani and others, arXiv 1706.03762).

# %% nbgrader={"grade_id": "layernorm_forward", "solution": true}
from solutions.group_norms import layernorm_forward

# %% nbgrader={"grade_id": "check_layernorm_forward", "grade": true}
check(layernorm_forward)

# %% [markdown]
# ### Backward
#
# Three ways lead from one x to the outputs of its example: directly, through μ, and through
# σ². Raise x₁ a little, and all four x̂ move.
#
# *By hand*, with the example from above, γ = 1 everywhere, and an upstream gradient of 8 at the
# first output only. The direct way divides by σ = 2. Through the mean: if x₁ rises by h, μ
# rises by h/4. Through the variance: what would only stretch the x̂ is taken out.
#
# ```
#   upstream gradient        8    0    0    0
#   directly:   8/2          4    0    0    0
#   through μ               −1   −1   −1   −1      − mean(8 0 0 0)/2
#   through σ²              −1   −1    1    1      − x̂ · mean(−8 0 0 0)/2
#   dx                       2   −2    0    0
# ```
#
# Two things can be checked in your head. The entries of dx add up to 0: raising all x of an
# example alike changes nothing, so the gradient must not ask for it. And the sum of dx · x̂ is
# 0, because stretching the example changes nothing either.
#
# If you bring the short formula of batch norm along, mind one thing. There all numbers that
# share a mean share γ too, and γ may stand in front of the bracket. Here every feature has
# another γ. Where must it come in?

# %% nbgrader={"grade_id": "layernorm_backward", "solution": true}
from solutions.group_norms import layernorm_backward

# %% nbgrader={"grade_id": "check_layernorm_backward", "grade": true}
check(layernorm_backward)

# %% nbgrader={"grade_id": "layernorm_stored_statistics", "solution": true}
from solutions.group_norms import layernorm_stored_statistics

# %% nbgrader={"grade_id": "check_layernorm_stored_statistics", "grade": true}
check(layernorm_stored_statistics)

# %% [markdown]
# ## 3 Instance normalization
#
# Now images, (N, C, H, W), and every map by itself: μ and σ² over its H × W pixels. γ and β
# have one entry per channel.
#
# *By hand:* one image with two maps of 2×2 pixels, ε = 0, γ = 1, and β = 0 and 7.
#
# ```
#   channel 0                      channel 1
#    1  1      μ = 3, σ = 2         30 10     μ = 20, σ = 10
#    5  5                           30 10
#
#   −1 −1                            1 −1             8  6
#    1  1                            1 −1    + 7  →   8  6
# ```
#
# The gradient is the one you know, over other axes. Here all numbers that share a mean do share
# their γ.

# %% nbgrader={"grade_id": "instancenorm_forward", "solution": true}
from solutions.group_norms import instancenorm_forward

# %% nbgrader={"grade_id": "check_instancenorm_forward", "grade": true}
check(instancenorm_forward)

# %% nbgrader={"grade_id": "instancenorm_backward", "solution": true}
from solutions.group_norms import instancenorm_backward

# %% nbgrader={"grade_id": "check_instancenorm_backward", "grade": true}
check(instancenorm_backward)

# %% [markdown]
# A question with a trap in it, which real networks have walked into: think of maps that have
# been pooled down to a single pixel.

# %% nbgrader={"grade_id": "instancenorm_of_one_pixel", "solution": true}
from solutions.group_norms import instancenorm_of_one_pixel

# %% nbgrader={"grade_id": "check_instancenorm_of_one_pixel", "grade": true}
check(instancenorm_of_one_pixel)

# %% [markdown]
# ## 4 Experiment: contrast and tint
#
# A photograph has three channels. Changing its *contrast* and *brightness* means x → a·x + b
# with the same a, b for all of it. A *tint* is another a and b for each channel. Below the
# photograph of the temple stands in three versions: as it is, flat (little contrast), and
# tinted. The second row shows what layer norm makes of them (one mean over all three
# channels), the third row instance norm, your function. γ = 0.2 and β = 0.5 bring the result
# back to what a screen can show.
#
# **Your guess:** which of the two takes off the flatness, which the tint?

# %% tags=["experiment"]
from cs231n_utils.data import load_photographs
from cs231n_utils.plotting import show_images

photo = load_photographs()["temple"][:, ::3, ::3]  # (3, 143, 214); try "flower"


def per_channel(*values):
    return np.array(values).reshape(3, 1, 1)


VERSIONS = {
    "as it is": photo,
    "flat": 0.25 * photo + 0.35,
    "tinted": per_channel(0.9, 0.6, 0.3) * photo + per_channel(0.05, 0.1, 0.1),
}
x = np.stack(list(VERSIONS.values()))
gamma, beta = np.full(3, 0.2), np.full(3, 0.5)
mean, std = x.mean(axis=(1, 2, 3), keepdims=True), x.std(axis=(1, 2, 3), keepdims=True)
over_all = 0.2 * (x - mean) / std + 0.5  # layer norm; yours for images comes in part 5
over_maps, _ = instancenorm_forward(x, gamma, beta, {})


def titles(name, out):
    """How far each version is from the first one after normalizing, root mean square."""
    apart = np.sqrt(np.mean((out - out[0]) ** 2, axis=(1, 2, 3)))
    return [f"{name}, {version}: {d:.3f}" for version, d in zip(VERSIONS, apart, strict=True)]


show_images(
    [*x, *over_all, *over_maps],
    [*titles("photo", x), *titles("layer norm", over_all), *titles("instance norm", over_maps)],
    columns=3,
    size=(3.6, 2.8),
    title="How far from the first of the row (root mean square, 0: equal)",
)
plt.show()

# %% [markdown]
# - **Layer norm** undoes the flatness: the first two pictures of its row are equal. The tint
#   stays, because it is a difference *between channels that share a mean*, and that is kept.
# - **Instance norm** undoes both: its three pictures are equal. What it loses as well is the
#   picture's own colouring: the first is not the photograph any more. Each channel now has
#   mean 0.5 and deviation 0.2, in the sky as in the temple. That colour was information, too.
#
# If each channel's mean and deviation are what is taken away, then γ and β can put *another*
# image's in their place. Let γ be the deviations and β the means of the flower's channels:

# %% tags=["experiment"]
from cs231n_utils.data import load_photographs
from cs231n_utils.plotting import show_images

photos = {name: image[:, ::3, ::3] for name, image in load_photographs().items()}


def with_colours_of(content, style):
    gamma, beta = photos[style].std(axis=(1, 2)), photos[style].mean(axis=(1, 2))
    out, _ = instancenorm_forward(photos[content][None], gamma, beta, {})
    return out[0]


show_images(
    [
        photos["temple"],
        photos["flower"],
        with_colours_of("temple", "flower"),
        with_colours_of("flower", "temple"),
    ],
    ["temple", "flower", "temple, γ and β from the flower", "flower, γ and β from the temple"],
    columns=2,
    size=(3.9, 2.9),
)
plt.show()

# %% [markdown]
# The colours change hands (what becomes darker than black or brighter than white is cut off).
# On the red, green and blue of a photograph that is a crude trick; on
# the maps inside a trained network, whose channels stand for textures and strokes, the same
# exchange of γ and β carries over a painter's *style* (Huang and Belongie, arXiv 1703.06868;
# Dumoulin and others, arXiv 1610.07629). Style transfer is what instance norm was made for
# (Ulyanov, Vedaldi, Lempitsky, arXiv 1607.08022): the contrast of the content image should not
# matter to the result.
#
# ## 5 Group normalization
#
# Layer norm over (C, H, W) throws all channels of an image into one pot. Instance norm leaves
# every channel alone, and so forgets how strong a channel is *compared with the others*. Group
# norm (Wu and He, arXiv 1803.08494) takes the middle way: G groups of C/G neighbouring
# channels, one mean for each.
#
# *By hand:* one image, four channels of 1×2 pixels, G = 2, ε = 0, γ = 1, β = 0.
#
# ```
#                 x         group norm, G = 2            instance norm
#   channel 0    3  3       μ = 5, σ = 2    −1 −1         0  0
#   channel 1    7  7                        1  1         0  0
#   ---------
#   channel 2   40 20       μ = 30, σ = 10   1 −1         1 −1
#   channel 3   40 20                        1 −1         1 −1
# ```
#
# Look at channels 0 and 1. In their group the 7 is still more than the 3. By itself each of
# them is flat, and instance norm leaves nothing of it.
#
# γ and β have the shape (1, C, 1, 1) in this exercise, and so have their gradients: one entry
# per *channel*, not per group. Where G does not divide C there is no answer: raise a
# ValueError.

# %% nbgrader={"grade_id": "spatial_groupnorm_forward", "solution": true}
from solutions.group_norms import spatial_groupnorm_forward

# %% nbgrader={"grade_id": "check_spatial_groupnorm_forward", "grade": true}
check(spatial_groupnorm_forward)

# %% nbgrader={"grade_id": "spatial_groupnorm_backward", "solution": true}
from solutions.group_norms import spatial_groupnorm_backward

# %% nbgrader={"grade_id": "check_spatial_groupnorm_backward", "grade": true}
check(spatial_groupnorm_backward)

# %% nbgrader={"grade_id": "groupnorm_means", "solution": true}
from solutions.group_norms import groupnorm_means

# %% nbgrader={"grade_id": "check_groupnorm_means", "grade": true}
check(groupnorm_means)

# %% nbgrader={"grade_id": "groups_of_instance_norm", "solution": true}
from solutions.group_norms import groups_of_instance_norm

# %% nbgrader={"grade_id": "check_groups_of_instance_norm", "grade": true}
check(groups_of_instance_norm)

# %% nbgrader={"grade_id": "groups_of_layer_norm", "solution": true}
from solutions.group_norms import groups_of_layer_norm

# %% nbgrader={"grade_id": "check_groups_of_layer_norm", "grade": true}
check(groups_of_layer_norm)

# %% [markdown]
# From here on, experiments set your batch norm beside the new layers. If you have notebook 04
# at hand, paste its two functions below (and, if they call it, your batch norm of notebook 03).
# The cell may stay empty: the experiments then say so and go on without it.

# %% tags=["paste"]
from solutions.spatial_batchnorm import spatial_batchnorm_backward, spatial_batchnorm_forward

# %% [markdown]
# So group norm holds the other two. Test it with your own functions. At G = C it must equal
# your instance norm, forward and backward. At G = 1 it must equal your layer norm of the
# flattened image, when each channel's γ and β are repeated for all of its pixels.

# %% tags=["experiment"]
rng = np.random.default_rng(0)
N, C, H, W = 3, 6, 4, 5
x, dout = rng.standard_normal((2, N, C, H, W))
gamma, beta = rng.standard_normal((2, C))
shape = (1, C, 1, 1)


def group_norm_both_ways(G):
    out, cache = spatial_groupnorm_forward(x, gamma.reshape(shape), beta.reshape(shape), G, {})
    return out, spatial_groupnorm_backward(dout, cache)[0]


instance_out, cache = instancenorm_forward(x, gamma, beta, {})
instance_dx = instancenorm_backward(dout, cache)[0]
layer_out, cache = layernorm_forward(
    x.reshape(N, -1), np.repeat(gamma, H * W), np.repeat(beta, H * W), {}
)
layer_dx = layernorm_backward(dout.reshape(N, -1), cache)[0]

for name, G, other_out, other_dx in [
    ("instance norm", C, instance_out, instance_dx),
    ("layer norm", 1, layer_out.reshape(x.shape), layer_dx.reshape(x.shape)),
]:
    out, dx = group_norm_both_ways(G)
    print(
        f"G = {G}, largest difference from {name}:",
        f"forward {np.abs(out - other_out).max():.1e}, backward {np.abs(dx - other_dx).max():.1e}",
    )

# %% [markdown]
# Differences near 1e-16 are rounding.
#
# ## 6 Experiment: touch one number
#
# The drawing of part 1 is a claim about functions, so ask the functions. Take random maps,
# 4 images of 6 channels of 4×4 pixels. Raise *one* number, in image 1, channel 2, and see which
# outputs move. **Your guess** for group norm with G = 2?

# %% tags=["experiment"]
from matplotlib.colors import ListedColormap

from cs231n_utils.plotting import COLOURS, figure

N, C, H, W = 4, 6, 4, 4
x = np.random.default_rng(0).standard_normal((N, C, H, W))
touched = x.copy()
touched[1, 2, 1, 2] += 1.0
ones, zeros = np.ones(C), np.zeros(C)


def group_norm(x, G):
    gamma, beta = ones.reshape(1, C, 1, 1), zeros.reshape(1, C, 1, 1)
    return spatial_groupnorm_forward(x, gamma, beta, G, {})[0]


LAYERS = {
    "layer norm (G = 1)": lambda x: group_norm(x, 1),
    "instance norm": lambda x: instancenorm_forward(x, ones, zeros, {})[0],
    "group norm, G = 2": lambda x: group_norm(x, 2),
}
if "spatial_batchnorm_forward" in globals():
    LAYERS = {
        "batch norm (spatial)": lambda x: spatial_batchnorm_forward(
            x, ones, zeros, {"mode": "train"}
        )[0],
        **LAYERS,
    }
else:
    print("No batch norm was pasted: going on with the other three.")

outputs_that_move = {
    name: (np.abs(layer(touched) - layer(x)) > 1e-12).astype(int)
    for name, layer in LAYERS.items()
}
fig, axes = figure(2, 2, size=(3.9, 2.7))
for axis in axes.flat[len(LAYERS) :]:
    axis.remove()
for axis, (name, moved) in zip(axes.flat, outputs_that_move.items(), strict=False):
    print(f"{name}: {moved.sum()} of {moved.size} outputs move")
    moved[1, 2, 1, 2] = 2
    picture = moved.transpose(0, 2, 1, 3).reshape(N * H, C * W)
    axis.imshow(picture, cmap=ListedColormap(["white", COLOURS[5], COLOURS[4]]), vmin=0, vmax=2)
    axis.set_xticks(np.arange(C) * W + W / 2 - 0.5, range(C))
    axis.set_yticks(np.arange(N) * H + H / 2 - 0.5, range(N))
    axis.tick_params(length=0)
    axis.hlines(np.arange(1, N) * H - 0.5, -0.5, C * W - 0.5, color="black", linewidth=1)
    axis.vlines(np.arange(1, C) * W - 0.5, -0.5, N * H - 0.5, color="black", linewidth=1)
    axis.set_title(name)
    axis.set_xlabel("channel")
    axis.set_ylabel("image")
plt.show()

# %% [markdown]
# Orange: the number that was raised. Blue: outputs that move. White: outputs that stay.
#
# - Layer, instance and group norm leave all other images alone. So there is no *mode*, and
#   nothing to be remembered for the test: training and test are the same computation.
# - Batch norm moves the channel in *all* images. In a test that must not be, which is what its
#   running statistics are for.
#
# ## 7 Experiment: which differences between examples survive?
#
# "What shares a mean loses what it has in common." In layer, instance and group norm that is
# the level and the scale of *one* example. Whether this is good depends on what they mean.
#
# First a case where they mean **nothing**. Five small networks learn to read digits (two
# convolutions, each followed by a normalization and a ReLU). Then they are shown test digits
# with less or more contrast (x → a·x), and digits on grey paper (x → x + b), neither of which
# they ever saw in training. **Your guess:** which network is the most sensitive, which the
# least?

# %% tags=["experiment"]
from cs231n_utils.data import load_digits
from cs231n_utils.nets import Affine, Conv, Network, Normalize, Relu
from cs231n_utils.plotting import figure, show_curves
from cs231n_utils.progress import progress_bar
from cs231n_utils.solver import Solver


def group_norm_layer(G):
    """Your group norm as a layer of a network, which keeps gamma and beta as (C,)."""

    def forward(x, gamma, beta, param):
        shape = (1, len(gamma), 1, 1)
        return spatial_groupnorm_forward(x, gamma.reshape(shape), beta.reshape(shape), G, param)

    def backward(dout, cache):
        dx, dgamma, dbeta = spatial_groupnorm_backward(dout, cache)
        return dx, dgamma.ravel(), dbeta.ravel()

    return Normalize(forward, backward)


NORMS = {
    "no normalization": [],
    "layer norm (G = 1)": [group_norm_layer(1)],
    "group norm, G = 4": [group_norm_layer(4)],
    "instance norm": [Normalize(instancenorm_forward, instancenorm_backward)],
}
if "spatial_batchnorm_forward" in globals():
    NORMS["batch norm"] = [Normalize(spatial_batchnorm_forward, spatial_batchnorm_backward)]
else:
    print("No batch norm was pasted: going on without it.")


def trained(norm, data, classes, seed=0):
    layers = [Conv(8, 3), *NORMS[norm], Relu(), Conv(16, 3), *NORMS[norm], Relu()]
    net = Network((1, 8, 8), [*layers, Affine(classes)], seed=seed)
    solver = Solver(
        net,
        data,
        optim_config={"learning_rate": 3e-3},
        num_epochs=6,
        seed=seed,
        measure_every=6,
        progress=False,
    )
    solver.train()
    return solver


digits = load_digits()
X, y = digits["X_test"], digits["y_test"]
CONTRASTS, OFFSETS = (0.1, 0.25, 0.5, 1, 2, 4), (-1, -0.5, 0, 0.5, 1, 2)
SEEDS = (0, 1)
contrast, offset = {}, {}
for norm in progress_bar(NORMS, "training", "net"):
    solvers = [trained(norm, digits, 10, seed) for seed in SEEDS]
    contrast[norm] = [[100 * s.accuracy(a * X, y) for a in CONTRASTS] for s in solvers]
    offset[norm] = [[100 * s.accuracy(X + b, y) for b in OFFSETS] for s in solvers]

fig, axes = figure(1, 2, size=(5.2, 4.2))
show_curves(
    axes[0, 0],
    CONTRASTS,
    contrast,
    xlabel="contrast a (1: as in training)",
    ylabel="test accuracy [%]",
    title="digits a·x",
    legend=False,
)
axes[0, 0].set_xscale("log")
axes[0, 0].set_xticks(CONTRASTS, CONTRASTS)
axes[0, 0].minorticks_off()
show_curves(
    axes[0, 1],
    OFFSETS,
    offset,
    xlabel="brightness b added to every pixel (ink: 1)",
    ylabel="test accuracy [%]",
    title="digits x + b",
    legend=False,
)
for axis in axes[0]:
    axis.set_ylim(0, 103)
fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
plt.show()

# %% [markdown]
# (Lines: means over two seeds. Bands: from the smaller to the larger.)
#
# - **Instance norm** does not notice. Contrast and brightness change mean and deviation of
#   every map of the first convolution, and exactly these are taken out.
# - **Group norm** helps against a change of brightness, **layer norm** less, and only on brighter
#   paper (b > 0); neither helps against low contrast. How can that be, if they take off the mean
#   and divide by the deviation? Behind a convolution with a bias the maps are
#   a·(w ∗ x) + bias: the bias does not shrink with the image. Instance norm subtracts it with
#   the mean of its map. But channels that share a mean keep their *differences*, and so the
#   differences of their biases. When a is small, these are all that is left. The same goes for
#   b: each channel answers to grey paper in its own way.
# - **Batch norm** (if you pasted it) is on the whole the most sensitive, more than no
#   normalization. At the test it subtracts and divides by what it remembers of the *training*
#   digits. It keeps the differences between examples, which may be right, and then it is at
#   their mercy.
#
# Now a case where level and scale mean **everything**: the network is to tell faint digits
# (0.2 to 0.5 times the ink) from strong ones (0.6 to 0.9 times), whichever digit it is.

# %% tags=["experiment"]
from cs231n_utils.plotting import figure, show_bars

rng = np.random.default_rng(0)
faint_or_strong = {}
for part in ("train", "test"):
    X = digits[f"X_{part}"]
    strong = rng.integers(0, 2, len(X))
    ink = np.where(strong, rng.uniform(0.6, 0.9, len(X)), rng.uniform(0.2, 0.5, len(X)))
    faint_or_strong[f"X_{part}"] = ink[:, None, None, None] * X
    faint_or_strong[f"y_{part}"] = strong

accuracies = {}
for norm in progress_bar(NORMS, "training", "net"):
    solvers = [trained(norm, faint_or_strong, 2, seed) for seed in SEEDS]
    X, y = faint_or_strong["X_test"], faint_or_strong["y_test"]
    accuracies[norm] = [100 * solver.accuracy(X, y) for solver in solvers]

fig, axes = figure(1, 1, size=(8, 2.9))
show_bars(
    axes[0, 0],
    accuracies,
    xlabel="test accuracy [%] (dashed: guessing)",
    title="faint or strong?",
    form="{:.0f}",
)
axes[0, 0].axvline(50, color="black", linestyle="--", linewidth=1)
plt.show()

# %% [markdown]
# - **Instance norm guesses.** The answer was in the scale of the maps, the first layer took it
#   away, and no later layer can bring it back.
# - **Layer and group norm manage**, by the way that was their weakness above: the biases serve
#   as a yardstick beside which a faint digit is small. Without a bias in the first convolution
#   they would be as blind: a times the image would give a times all of its maps, and they divide
#   by a again.
# - Batch norm and no normalization have no difficulty.
#
# So none of them is *the better one*. A normalization is a statement about which differences
# between your examples do not matter.
#
# ## 8 Experiment: the size of the minibatch
#
# Wu and He made group norm for images so large that only one or two fit into the memory, and
# there batch norm suffers. On ImageNet they report 10.6 percentage points less error than
# batch norm with 2 images per device, and about the same as batch norm with 32.
#
# Small, on 8×8 digits: networks with two convolutions of stride 2, so that the second
# normalization sees maps of 2×2 pixels. Batch norm with one image has just four numbers per
# mean there. Everyone sees as many images (5 epochs of 240 digits), so a larger minibatch
# means fewer updates; the learning rate grows with the minibatch to make up for it, as is
# usual. So compare curves with one another *at one size*, and not the ends of one curve.
# **Your guess:** where does batch norm begin to suffer?

# %% tags=["experiment"]
from cs231n_utils.data import subsample
from cs231n_utils.plotting import figure, show_curves, table

few = subsample(digits, 240)
X, y = digits["X_test"], digits["y_test"]
BATCHES, SEEDS, EPOCHS = (1, 2, 4, 16, 64), (0, 1, 2), 5


def trained_in_batches(norm, batch_size, seed):
    stage_1 = [Conv(8, 3, stride=2, pad=1), *NORMS[norm], Relu()]
    stage_2 = [Conv(16, 3, stride=2, pad=1), *NORMS[norm], Relu()]
    solver = Solver(
        Network((1, 8, 8), [*stage_1, *stage_2, Affine(10)], seed=seed),
        few,
        update_rule="sgd_momentum",
        optim_config={"learning_rate": 0.02 * batch_size / 16},
        num_epochs=EPOCHS,
        batch_size=batch_size,
        seed=seed,
        measure_every=EPOCHS,
        progress=False,
    )
    solver.train()
    return solver


accuracies = {}
for norm in progress_bar(NORMS, "training", "net"):
    accuracies[norm] = [
        [100 * trained_in_batches(norm, size, seed).accuracy(X, y) for size in BATCHES]
        for seed in SEEDS
    ]

fig, axes = figure(1, 1, size=(9, 4.2))
show_curves(
    axes[0, 0],
    BATCHES,
    accuracies,
    xlabel="images in a minibatch",
    ylabel="test accuracy [%]",
    title=f"{EPOCHS} epochs of {len(few['X_train'])} digits, {len(SEEDS)} seeds",
    legend=False,
)
axes[0, 0].set_xscale("log")
axes[0, 0].set_xticks(BATCHES, BATCHES)
axes[0, 0].minorticks_off()
fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside right upper")
plt.show()
rows = [
    [norm, *(f"{mean:.1f}" for mean in np.mean(runs, axis=0))]
    for norm, runs in accuracies.items()
]
print("test accuracy [%], mean over the seeds, for minibatches of\n")
print(table(["network", *map(str, BATCHES)], rows))

# %% [markdown]
# - **With one image** batch norm is the last, several points behind group norm. With two it
#   has caught up with the middle, and from 4 on it is as good as any, with 16 and 64 on average
#   the best. Here it needs few images, because every pixel is a sample: with 16 images, 64
#   numbers still share a mean in the second layer. (In a fully-connected layer one image is one
#   sample: x − μ is 0, and batch norm with one image puts out β, whatever the image is.)
# - **The others** do not see the minibatch, and between 1 and 4 images their curves are flat
#   within the noise. That everything sinks to the right is the price of few updates: 20 with 64
#   images, and growing the learning rate does not make up for it.
# - **No normalization** keeps up in a network as shallow as this one while updates are many,
#   and falls behind when they are few.
#
# *Try:* running statistics that remember longer,
# `Normalize(spatial_batchnorm_forward, spatial_batchnorm_backward, {"momentum": 0.99})`. Is it
# the noise in training that hurts with one image, or the noise in what is remembered for the
# test?
#
# **How many groups?** The number is chosen, not learned. On ImageNet, Wu and He found 32 groups
# the best by little, 2 to 64 not far from it, and the two ends, layer norm and above all
# instance norm, behind. Here, with 8 channels in the first layer, minibatches of 4:

# %% tags=["experiment"]
from cs231n_utils.plotting import figure, show_bars

accuracies = {}
for G in progress_bar((1, 2, 4, 8), "training", "net"):
    NORMS[f"G = {G}"] = [group_norm_layer(G)]
    accuracies[f"G = {G}"] = [
        100 * trained_in_batches(f"G = {G}", 4, seed).accuracy(X, y) for seed in SEEDS
    ]
    del NORMS[f"G = {G}"]

fig, axes = figure(1, 1, size=(8, 2.6))
show_bars(
    axes[0, 0],
    accuracies,
    xlabel="test accuracy [%] (the axis does not start at 0)",
    title="group norm, minibatches of 4",
    form="{:.1f}",
)
axes[0, 0].set_xlim(75, 97)
plt.show()

# %% [markdown]
# The dots of all four overlap: with three seeds and so small a network, no difference between
# them is to be believed. What can be said is that G is not a number to lose sleep over.
#
# ## What to take away
#
# - One formula; the four layers differ in *who shares a mean*. Draw that, and axes, shapes and
#   gradients follow.
# - Layer, instance and group norm treat each example by itself: no mode, no running
#   statistics, no trouble with small minibatches.
# - What shares a mean loses its common level and scale. Instance norm takes them from each map
#   (contrast, tint), layer norm from the whole image, batch norm from no single example at
#   all.
# - γ has one entry per feature or channel. Where numbers with different γ share a mean, γ has
#   to be multiplied before the means of the backward pass are taken.
# - Which one to take is a statement about your data: which differences do not matter?
#
# ## Sources
#
# - J. L. Ba, J. R. Kiros, G. E. Hinton: *Layer Normalization*, arXiv 1607.06450.
# - D. Ulyanov, A. Vedaldi, V. Lempitsky: *Instance Normalization: The Missing Ingredient for
#   Fast Stylization*, arXiv 1607.08022.
# - Y. Wu, K. He: *Group Normalization*, arXiv 1803.08494.
# - S. Ioffe, C. Szegedy: *Batch Normalization: Accelerating Deep Network Training by Reducing
#   Internal Covariate Shift*, arXiv 1502.03167.
# - X. Huang, S. Belongie: *Arbitrary Style Transfer in Real-time with Adaptive Instance
#   Normalization*, arXiv 1703.06868.
# - V. Dumoulin, J. Shlens, M. Kudlur: *A Learned Representation For Artistic Style*, arXiv
#   1610.07629.
# - A. Vaswani and others: *Attention Is All You Need*, arXiv 1706.03762.
# - Stanford's CS231n, assignment 2, from which the names of the functions and the parameter
#   dictionaries are taken.
# - Photographs and digits: scikit-learn (the digits: E. Alpaydin, C. Kaynak, *Optical
#   Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998).
