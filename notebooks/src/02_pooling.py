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
# # 02 Pooling
#
# A convolutional layer asks one question everywhere: *is my feature here?* Its answer is a map
# as large as the image. A pooling layer makes that map smaller. It says, for every small
# window: *how much of the feature is in this window?*, and forgets where in the window it was.
#
# In this notebook you write pooling, forward and backward, and then put to the test what
# people say about it:
#
# | often said | you measure it in |
# |---|---|
# | average pooling keeps the background, max pooling the texture | part 4 |
# | pooling makes a network indifferent to shifts | parts 7 and 8 |
# | a network cannot do without pooling | part 9 |
# | pooling saves computation and prevents overfitting | part 10 |
# | generative models should not pool | part 11 |
#
# Some of these are true, some are half true. Plan for two to three hours.
#
# ## How to use this notebook
#
# - Replace `raise NotImplementedError()` by your code. The docstring says exactly what is
#   wanted.
# - Run the cell below it. `check(...)` calls your function on small inputs and says what is
#   right, what is wrong, and, where it recognises the mistake, what to look at. It can be run
#   as often as you like.
# - `check(f, hint=2)` says more about what is wrong with `f`, `hint=3` gives you a small case to try
#   by hand, and `check.all()` checks everything that is written. Notebook 01 tells more.
# - **Experiments** need no code from you: they run *your* functions on real images. Read what
#   to look at first, and write your guess down before you run them. Change the numbers, run
#   them again.
# - Helper functions, further cells and imports of the standard library, NumPy or SciPy are
#   welcome.
# - To hand in: *Kernel, Restart Kernel and Run All Cells*, look once more at every check,
#   save, and hand in this file under its own name. Graded are your functions, on further
#   inputs of the same kind as in the checks, your answers to the questions, and the text that
#   you write in part 12. Experiments are not graded.

# %%
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from cs231n_utils import check

POOL_2X2 = {"pool_height": 2, "pool_width": 2, "stride": 2}  # what most networks use

# %% [markdown]
# ## 1 Windows on a grid
#
# A window of HH × WW pixels starts in the upper left corner of the map and moves on by S
# pixels, the *stride*, to the right and then down. Each position gives one number of the
# output. The drawing below shows a map of 7×7 pixels. Each frame is one position; the number
# in a pixel says in how many windows it lies.

# %% tags=["experiment"]
from cs231n_utils.plotting import show_windows

show_windows(7, 7, [(2, 2, 2), (3, 3, 2), (3, 3, 1)])
plt.show()

# %% [markdown]
# Look at three things.
#
# - **Left:** windows side by side. Three of them fit into 7 pixels, and the last row and
#   column (hatched) are in no window. They are simply left out: we round *down*. (CS231n and
#   PyTorch do so too; it has a price, which you will meet when you write the backward pass:
#   these pixels must still have a gradient, 0.)
# - **Middle:** the windows are wider than the stride, so they *overlap*. A pixel may lie in up
#   to four of them.
# - **Right:** stride 1. Nearly as many windows as pixels: the map hardly shrinks.
#
# Along one side: the first window starts at pixel 0, the next at S, 2S, 3S, … A window that
# starts at pixel kS ends before pixel kS + F, where F is its length, and this must not be more
# than H. So k goes from 0 to (H − F)/S, which makes
#
# $$H_{out} = \left\lfloor \frac{H - F}{S} \right\rfloor + 1$$
#
# positions. *By hand:* H = 7, F = 3, S = 2 gives (7 − 3)/2 + 1 = 3. With H = 8 it is
# (8 − 3)/2 = 2.5, rounded down 2, plus 1: again 3. Height and width are counted separately, so
# a window need not be square. Pooling is used without padding.

# %% nbgrader={"grade_id": "pool_output_size", "solution": true}
from solutions.pooling import pool_output_size

# %% nbgrader={"grade_id": "check_pool_output_size", "grade": true}
check(pool_output_size)

# %% [markdown]
# Two questions to be answered by a number: return it. (Work it out on paper first, then ask
# your function.)

# %% nbgrader={"grade_id": "two_by_two_pool_size", "solution": true}
from solutions.pooling import two_by_two_pool_size

# %% nbgrader={"grade_id": "check_two_by_two_pool_size", "grade": true}
check(two_by_two_pool_size)

# %% nbgrader={"grade_id": "overlapping_pool_size", "solution": true}
from solutions.pooling import overlapping_pool_size

# %% nbgrader={"grade_id": "check_overlapping_pool_size", "grade": true}
check(overlapping_pool_size)

# %% [markdown]
# Overlapping windows were made popular by AlexNet (Krizhevsky, Sutskever, Hinton 2012, section
# 3.4), which reports 0.4 percentage points less top-1 error with 3×3/2 than with 2×2/2.
# Scherer, Müller and Behnke (2010) compared both with care and found no significant gain. Most
# networks since have taken the simpler one.
#
# ## 2 Max pooling
#
# Max pooling keeps the largest number of every window. If the map says how sure a filter is of
# its feature, then the pooled map says how sure it is *anywhere in the window*.
#
# *By hand:* one map of 4×4 pixels, pooled by 2×2 windows with stride 2.
#
# ```
#   1 3 | 2 0
#   5 2 | 1 4          5 4
#   ----+----    →     6 7
#   0 1 | 7 2
#   2 6 | 3 3
# ```
#
# The input of a layer is not one map but a minibatch: N images of C channels (maps) of H × W
# pixels, an array of shape (N, C, H, W). Each channel of each image is pooled by itself. Your
# function must do for all of them what you see above, for any window and stride; it may be
# slow, part 6 makes it fast.

# %% nbgrader={"grade_id": "max_pool_forward_naive", "solution": true}
from solutions.pooling import max_pool_forward_naive

# %% nbgrader={"grade_id": "check_max_pool_forward_naive", "grade": true}
check(max_pool_forward_naive)

# %% [markdown]
# ### Backward
#
# Going back, the layer is given the *upstream gradient* `dout`: by how much the loss rises for
# a little more of each output. It must return `dx`: the same for each input. An output of max
# pooling listens to one pixel only, the maximum of its window. Raise that pixel a little and
# the output rises by as much; raise another one a little and nothing happens. So the maximum
# gets the whole gradient, and the other pixels get 0.
#
# *By hand*, with the map from above and an upstream gradient of 10, 20, 30, 40:
#
# ```
#   dout           dx
#                   0   0 |  0   0
#   10 20    →     10   0 |  0  20
#   30 40          --------+--------
#                   0   0 | 40   0
#                   0  30 |  0   0
# ```
#
# *Now 3×3 windows with stride 1:* there are four, and they overlap. The 7 lies in all of them
# and is the maximum of each, so it moves all four outputs at once. It collects 10 + 20 + 30 +
# 40 = 100, and everything else gets 0.
#
# And two pixels that *tie* for the maximum? There max has a kink and no derivative. You may
# give the gradient to one of them or share it out, as long as the sum stays. It is a mistake
# to give the full gradient to both.

# %% nbgrader={"grade_id": "max_pool_backward_naive", "solution": true}
from solutions.pooling import max_pool_backward_naive

# %% nbgrader={"grade_id": "check_max_pool_backward_naive", "grade": true}
check(max_pool_backward_naive)

# %% [markdown]
# Three questions about what you have just built. Return a number.

# %% nbgrader={"grade_id": "activations_discarded", "solution": true}
from solutions.pooling import activations_discarded

# %% nbgrader={"grade_id": "check_activations_discarded", "grade": true}
check(activations_discarded)

# %% nbgrader={"grade_id": "learnable_parameters", "solution": true}
from solutions.pooling import learnable_parameters

# %% nbgrader={"grade_id": "check_learnable_parameters", "grade": true}
check(learnable_parameters)

# %% nbgrader={"grade_id": "depth_after_pooling", "solution": true}
from solutions.pooling import depth_after_pooling

# %% nbgrader={"grade_id": "check_depth_after_pooling", "grade": true}
check(depth_after_pooling)

# %% [markdown]
# ## 3 Average pooling
#
# Average pooling keeps the mean of every window. *By hand*, the same map:
#
# ```
#   1 3 | 2 0
#   5 2 | 1 4          2.75 1.75        (1 + 3 + 5 + 2) / 4 = 2.75
#   ----+----    →     2.25 3.75
#   0 1 | 7 2
#   2 6 | 3 3
# ```
#
# Backward: each of the HH · WW pixels has the same say in the mean, so each gets the same
# share of the gradient, and a pixel in several windows collects from each. *By hand:* 3×3
# windows, stride 1, and an upstream gradient of 9 at each of the four outputs. Then a share is
# 9/9 = 1, and dx just counts the windows:
#
# ```
#   dout          dx
#                 1 2 2 1
#    9 9    →     2 4 4 2
#    9 9          2 4 4 2
#                 1 2 2 1
# ```

# %% nbgrader={"grade_id": "avg_pool_forward_naive", "solution": true}
from solutions.pooling import avg_pool_forward_naive

# %% nbgrader={"grade_id": "check_avg_pool_forward_naive", "grade": true}
check(avg_pool_forward_naive)

# %% nbgrader={"grade_id": "avg_pool_backward_naive", "solution": true}
from solutions.pooling import avg_pool_backward_naive

# %% nbgrader={"grade_id": "check_avg_pool_backward_naive", "grade": true}
check(avg_pool_backward_naive)

# %% [markdown]
# ## 4 Experiment: what is left of a photograph
#
# "Average pooling keeps the overall background, max pooling keeps the texture." Here is a
# photograph of a temple, pooled by your two functions, red, green and blue each by itself.
# **Before you run it:** what will happen to the smooth sky, and what to the leaves?

# %% tags=["experiment"]
from cs231n_utils.data import load_photographs
from cs231n_utils.plotting import show_images

photo = load_photographs()["temple"]  # (3, 427, 640); try "flower"


def pooled(pool_forward, image, F):
    out, _ = pool_forward(image[None], {"pool_height": F, "pool_width": F, "stride": F})
    return out[0]


dark = pooled(max_pool_forward_naive, 1 - photo, 8)
images = {
    "photograph, 427×640 pixels": photo,
    "average pooling 8×8": pooled(avg_pool_forward_naive, photo, 8),
    "max pooling 8×8": pooled(max_pool_forward_naive, photo, 8),
    "max pooling 8×8 of the negative, turned back": 1 - dark,
    "average pooling 16×16": pooled(avg_pool_forward_naive, photo, 16),
    "max pooling 16×16": pooled(max_pool_forward_naive, photo, 16),
}
show_images(list(images.values()), list(images), columns=2, size=(4.6, 3.5))
plt.show()

# %% [markdown]
# Look closely.
#
# - **Average:** the picture you get by stepping back from it. Every region keeps its
#   brightness and colour: sky, water, hedge, red columns. What is finer than a window is gone.
#   "Keeps the overall background" is a fair name for that.
# - **Max:** where the photograph is smooth (sky, water) both agree. Where it is rough, max
#   takes the brightest speck in each window: the leaves turn into light dots, the bright edges
#   of the roofs grow, and the dark temple is eaten by the sky around it. So max does answer to
#   texture, but it keeps the *bright* half of it only: thin dark things on bright ground
#   vanish.
# - **Max of the negative** (in the negative, dark is large): now the dark half of the texture
#   is kept, and the sky loses.
#
# So what max pooling keeps depends on what large numbers mean. In a network this is no
# accident: after a ReLU, large means *the feature is here* and 0 means *it is not*, and then
# keeping the large ones is what we want.
#
# A claim that one can see should be measured too. If max pooling answers to texture, then how
# far its output lies above the mean should follow how rough the window is, measured by the
# standard deviation of its pixels.

# %% tags=["experiment"]
from cs231n_utils.plotting import figure

F = 8
pool_param = {"pool_height": F, "pool_width": F, "stride": F}
grey = load_photographs()["temple"].mean(axis=0)[None, None]  # (1, 1, 427, 640)
average, _ = avg_pool_forward_naive(grey, pool_param)
average_of_squares, _ = avg_pool_forward_naive(grey**2, pool_param)
largest, _ = max_pool_forward_naive(grey, pool_param)
variance = np.maximum(average_of_squares - average**2, 0)[0, 0]
roughness = np.sqrt(variance)  # standard deviation inside each window
excess = (largest - average)[0, 0]

fig, axes = figure(1, 2, size=(4.6, 3.2))
for axis, values, title in [
    (axes[0, 0], roughness, "roughness: standard deviation\ninside each window"),
    (axes[0, 1], excess, "max pooling − average pooling"),
]:
    picture = axis.imshow(values, cmap="viridis")
    axis.set_title(title)
    axis.axis("off")
    fig.colorbar(picture, ax=axis, label="brightness (0 to 1)", shrink=0.7)
plt.show()
fig, axes = figure(1, 1, size=(6, 3.4))
axes[0, 0].plot(roughness.ravel(), excess.ravel(), ".", markersize=2, color="#0072B2")
axes[0, 0].set_xlabel("roughness (brightness, 0 to 1)")
axes[0, 0].set_ylabel("max − average")
correlation = np.corrcoef(roughness.ravel(), excess.ravel())[0, 1]
axes[0, 0].set_title(f"one dot per window, correlation {correlation:.2f}")
plt.show()
means = [
    f"{name} {maps.mean():.3f}"
    for name, maps in [("as it is", grey), ("average", average), ("max", largest)]
]
print("mean brightness:", ", ".join(means))

# %% [markdown]
# The two maps look alike, and the dots, one per window, say how much. The printed line is the other
# half of the claim: averaging leaves the mean brightness nearly as it was (why only nearly?
# think of the hatched pixels), max pooling lifts it.
#
# ## 5 Global pooling
#
# One window as large as the map: each channel becomes one number, (N, C, H, W) becomes (N, C).
# *By hand:* a channel with the pixels 1, 2, 4, 3 has the global average 2.5 and the global
# maximum 4. With an upstream gradient of 8, global average pooling gives 2 to each pixel, and
# global max pooling gives 8 to the pixel with the 4.
#
# Global average pooling was proposed to replace the large fully-connected layers at the end of
# a network (Lin, Chen, Yan, *Network in Network*, arXiv 1312.4400): it takes maps of any size.

# %% nbgrader={"grade_id": "global_avg_pool_forward", "solution": true}
from solutions.pooling import global_avg_pool_forward

# %% nbgrader={"grade_id": "check_global_avg_pool_forward", "grade": true}
check(global_avg_pool_forward)

# %% nbgrader={"grade_id": "global_avg_pool_backward", "solution": true}
from solutions.pooling import global_avg_pool_backward

# %% nbgrader={"grade_id": "check_global_avg_pool_backward", "grade": true}
check(global_avg_pool_backward)

# %% nbgrader={"grade_id": "global_max_pool_forward", "solution": true}
from solutions.pooling import global_max_pool_forward

# %% nbgrader={"grade_id": "check_global_max_pool_forward", "grade": true}
check(global_max_pool_forward)

# %% nbgrader={"grade_id": "global_max_pool_backward", "solution": true}
from solutions.pooling import global_max_pool_backward

# %% nbgrader={"grade_id": "check_global_max_pool_backward", "grade": true}
check(global_max_pool_backward)

# %% [markdown]
# ## 6 Fast
#
# A Python loop costs about as much for one window as NumPy needs for a thousand numbers. The
# networks below pool hundreds of thousands of windows, so now without a loop over images,
# channels or output pixels, and still for any window and stride.
#
# A picture that helps: a 2×2 window has four places. Take the pixel at *one* place of *all*
# windows at once: that is every S-th pixel of every S-th row, a slice with a step. Do the same
# for the other places. Now you hold four arrays of the shape of the output. What is left to do
# with them? And going back, how do you find out at which place the maximum was, and see to it
# that a tie is not paid out twice?
#
# The check asks for right results and for speed: in the same process, at least ten times as
# fast as calling `np.max` once for each window.
#
# (Parts 8 to 11 train networks with these two functions. If yours are not ready and you are
# curious, write `max_pool_forward_fast = max_pool_forward_naive`, and the same for backward,
# in a cell of its own, and delete it before you hand in: it works, but seconds become
# minutes.)

# %% nbgrader={"grade_id": "max_pool_forward_fast", "solution": true}
from solutions.pooling import max_pool_forward_fast

# %% nbgrader={"grade_id": "check_max_pool_forward_fast", "grade": true}
check(max_pool_forward_fast)

# %% nbgrader={"grade_id": "max_pool_backward_fast", "solution": true}
from solutions.pooling import max_pool_backward_fast

# %% nbgrader={"grade_id": "check_max_pool_backward_fast", "grade": true}
check(max_pool_backward_fast)

# %% [markdown]
# **Experiment.** How much faster? The bars show the best of three runs on a minibatch of 16
# images with 8 channels of 32×32 pixels. Compare each of your fast functions with its naive
# partner, and with the first bar: the check asks for a tenth of that. Mind the axis: it is
# logarithmic, and from one label to the next the time grows tenfold.

# %% tags=["experiment"]
import time

from cs231n_utils.plotting import figure, show_bars


def best_of_three(function):
    times = []
    for _ in range(3):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


rng = np.random.default_rng(0)
x = rng.standard_normal((16, 8, 32, 32))
out, cache = max_pool_forward_naive(x, POOL_2X2)
out_fast, cache_fast = max_pool_forward_fast(x, POOL_2X2)
dout = rng.standard_normal(out.shape)
print("largest difference, forward: ", np.abs(out - out_fast).max())
difference = max_pool_backward_naive(dout, cache) - max_pool_backward_fast(dout, cache_fast)
print("largest difference, backward:", np.abs(difference).max())

window = x[0, 0, :2, :2]
milliseconds = {
    f"np.max, {out.size} calls": best_of_three(
        lambda: [np.max(window) for _ in range(out.size)]
    ),
    "forward, naive": best_of_three(lambda: max_pool_forward_naive(x, POOL_2X2)),
    "forward, fast": best_of_three(lambda: max_pool_forward_fast(x, POOL_2X2)),
    "backward, naive": best_of_three(
        lambda: max_pool_backward_naive(dout, max_pool_forward_naive(x, POOL_2X2)[1])
    ),
    "backward, fast": best_of_three(
        lambda: max_pool_backward_fast(dout, max_pool_forward_fast(x, POOL_2X2)[1])
    ),
}
fig, axes = figure(1, 1, size=(8, 2.9))
show_bars(
    axes[0, 0],
    milliseconds,
    xlabel="time for one minibatch [ms], logarithmic (backward: with its forward pass)",
    log=True,
)
plt.show()

# %% [markdown]
# ## 7 Experiment: a small shift, a small turn, a small change of size
#
# "Pooling makes the network invariant to small shifts." Let us measure it. We look for edges
# in the photograph: four filters (left, right, upper and lower edges), then a ReLU, so four
# maps. Then we shift the photograph by a few pixels and compute the maps again. How different
# are they? The *relative change* of maps a that have become b is
#
# $$\frac{\lVert b - a \rVert}{\lVert a - \bar a \rVert},
# \qquad \bar a = \text{mean of each channel of } a .$$
#
# 0 means nothing has changed. Two maps that have nothing to do with one another come to about
# √2 ≈ 1.41. Five ways to sum the maps up are compared:
#
# - no pooling: the maps as they are;
# - every 4th pixel: as few numbers as 4×4 pooling, but without looking at the pixels in
#   between (a control: is it the *pooling* that helps, or only the smaller map?);
# - average pooling 4×4, max pooling 4×4, max pooling 8×8, each with a stride as large as the
#   window.
#
# The same for small rotations and scalings about the centre. **Your guess:** by how much does
# a shift of one pixel change the max-pooled maps? 0 %? 5 %? 40 %?

# %% tags=["experiment"]
from scipy import ndimage

from cs231n_utils.data import load_photographs
from cs231n_utils.layers import conv_forward, relu_forward
from cs231n_utils.plotting import figure, show_curves, table

grey = load_photographs()["temple"].mean(axis=0)  # try "flower"
edge = np.array([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]]) / 4
FILTERS = np.stack([edge, -edge, edge.T, -edge.T])[:, None]  # (4, 1, 3, 3)


def edge_maps(image):
    """Edges in the middle 192×192 pixels, away from the borders of the photograph."""
    i, j = image.shape[0] // 2 - 96, image.shape[1] // 2 - 96
    middle = image[None, None, i : i + 192, j : j + 192]
    edges, _ = conv_forward(middle, FILTERS, np.zeros(4), {"stride": 1, "pad": 1})
    return relu_forward(edges)[0]


def warped(image, degrees=0.0, scale=1.0):
    """The image, turned and scaled about its centre (cubic spline interpolation)."""
    turn = np.deg2rad(degrees)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) / scale
    centre = (np.array(image.shape) - 1) / 2
    return ndimage.affine_transform(
        image, matrix, offset=centre - matrix @ centre, order=3, mode="mirror"
    )


def square(F):
    return {"pool_height": F, "pool_width": F, "stride": F}


SUMMARIES = {
    "no pooling": lambda maps: maps,
    "every 4th pixel": lambda maps: maps[:, :, ::4, ::4],
    "average pooling 4×4": lambda maps: avg_pool_forward_naive(maps, square(4))[0],
    "max pooling 4×4": lambda maps: max_pool_forward_naive(maps, square(4))[0],
    "max pooling 8×8": lambda maps: max_pool_forward_naive(maps, square(8))[0],
}
CHANGES = {
    "shift to the right [pixels]": (
        [0, 1, 2, 3, 4, 6, 8],
        lambda image, s: np.roll(image, s, axis=1),
    ),
    "rotation [degrees]": ([0, 0.5, 1, 2, 4], lambda image, a: warped(image, degrees=a)),
    "enlargement [%]": ([0, 0.5, 1, 2, 4], lambda image, e: warped(image, scale=1 + e / 100)),
}


def relative_change(a, b):
    return np.linalg.norm(b - a) / np.linalg.norm(a - a.mean(axis=(2, 3), keepdims=True))


fig, axes = figure(1, 3, size=(3.6, 3.9), title="How much do edge maps change? (0: not at all)")
rows = []
for axis, (xlabel, (amounts, change)) in zip(axes[0], CHANGES.items(), strict=True):
    before = {name: summary(edge_maps(grey)) for name, summary in SUMMARIES.items()}
    after = [edge_maps(change(grey, amount)) for amount in amounts]
    curves = {
        name: [100 * relative_change(before[name], summary(maps)) for maps in after]
        for name, summary in SUMMARIES.items()
    }
    ylabel = "relative change [%]" if axis is axes[0, 0] else ""
    show_curves(axis, amounts, curves, xlabel=xlabel, ylabel=ylabel, legend=False)
    axis.set_ylim(0, 145)
    rows.append([f"{xlabel}: {amounts[1]}", *[f"{curve[1]:.0f}" for curve in curves.values()]])
fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
plt.show()
print("relative change [%] for the smallest step\n")
print(table(["change", *SUMMARIES], rows))

# %% [markdown]
# What is seen:
#
# - Without pooling, a shift by one pixel changes the edge maps by almost as much as there is
#   in them, and by two pixels more than that. An edge is one or two pixels wide, and now it
#   lies beside itself.
# - Taking every 4th pixel hardly changes that. So it is not the smaller map that helps: it is
#   looking at all pixels of the window.
# - Pooling cuts the change to between a half and a fifth at the smallest steps, for shifts,
#   rotations and enlargements alike. On the whole, a larger window helps more.
# - But the change is far from 0, even for one pixel, and with 4×4 windows more than half of the
#   benefit is gone when the shift is as long as the window. An edge that lay at the rim of its window
#   has moved to the next one.
#
# So **locally less sensitive** is true here, *invariant* is not. And less change is not good
# by itself: a layer that always puts out 0 is perfectly invariant. Pooling pays for it with
# knowledge of *where*.
#
# This is disputed ground, by the way. Zhang (arXiv 1904.11486) and Azulay and Weiss (arXiv
# 1805.12177) show that large trained networks, with much max pooling (VGG) or little (ResNet),
# change their minds when the image moves by a pixel; Zhang repairs much of it by blurring
# before each downsampling. Ruderman and others (arXiv 1804.04438) find that pooling is neither
# necessary nor sufficient for a network to be stable under small deformations: whether it
# becomes so is decided by training.
#
# *Try:* the other photograph; or no edges at all, by `return middle` in `edge_maps`. Is max
# pooling still better than nothing at 8 pixels?
#
# ## 8 Experiment: who finds the feature in another place?
#
# A network that was shown digits on the left only: will it know them on the right? One often
# reads that pooling takes care of this. Two suspects must be held apart:
#
# - **shared weights**: a convolution uses the *same* filter at every place. If the image
#   moves, the map moves along. This is called *equivariance*: first shift then convolve, or
#   first convolve then shift, is the same.
# - **pooling**.
#
# So we take them apart. `LocallyConnected` is a layer that does what a convolution does, but
# with filters *of its own at every place*. With it, there are four combinations: shared or
# unshared filters, with or without 2×2 max pooling after them. No training yet, the filters
# are random. A digit stands on a strip of 8×24 pixels, we move it by s pixels and ask: has the
# map moved along, or has it become another one?

# %% tags=["experiment"]
from cs231n_utils.data import load_digits, place_on_canvas
from cs231n_utils.nets import Conv, LocallyConnected, Network, Pool, Relu
from cs231n_utils.plotting import figure, show_curves, show_images

digits = load_digits()["X_test"][:50]


def at_column(left):
    return place_on_canvas(digits, 8, 24, top=0, left=left)


def mismatch(net, s, stride):
    """Relative difference of the map of the shifted digit from the shifted map of the digit.

    With a stride of 2, an odd shift would be one of half a pixel of the map: the better of its
    two neighbours counts.
    """
    there, here = net.loss(at_column(4 + s)), net.loss(at_column(4))
    candidates = {s // stride, -(-s // stride)}
    return min(
        np.linalg.norm(there - np.roll(here, k, axis=3)) / np.linalg.norm(here)
        for k in candidates
    )


shifts = list(range(9))
curves = {}
for name, kind in [("shared filters", Conv), ("unshared filters", LocallyConnected)]:
    plain = Network((1, 8, 24), [kind(8, 3), Relu()], seed=0)
    pooled = Network(
        (1, 8, 24),
        [kind(8, 3), Relu(), Pool(max_pool_forward_fast, max_pool_backward_fast, POOL_2X2)],
        seed=0,
    )
    curves[f"{name}, no pooling"] = [100 * mismatch(plain, s, 1) for s in shifts]
    curves[f"{name}, 2×2 max pooling"] = [100 * mismatch(pooled, s, 2) for s in shifts]

show_images(
    [at_column(4)[0, 0], at_column(12)[0, 0]],
    ["a digit at column 4", "the same, moved by 8 pixels"],
    size=(4.0, 1.7),
)
fig, axes = figure(1, 1, size=(9.5, 3.6))
show_curves(
    axes[0, 0],
    shifts,
    curves,
    xlabel="shift of the digit [pixels]",
    ylabel="difference from the moved map [%]",
    title="0 %: the map has moved along exactly",
    legend=False,
)
fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside right upper")
plt.show()

# %% [markdown]
# - Shared filters without pooling: 0 at every shift, to the last bit or nearly. That is not
#   learned, it is what a convolution *is*.
# - Unshared filters: the map is another one as soon as the digit moves, and pooling does not
#   mend that (it comes down a little, because the maxima of any two maps are more alike than
#   the maps).
# - Shared filters with 2×2 pooling: 0 at even shifts only. **Stride 2 costs equivariance**: a
#   shift of one pixel cannot come out as half a pixel.
#
# Now with training. The digits of the training set stand in columns 0 to 4 (their left edge).
# The test set stands anywhere, up to column 16. Six networks, equal but for two things: the
# filters are shared or not; the maps of the second layer are read without pooling, after 2×2
# max pooling, or after *global* max pooling. **Your guess:** which of the six read digits at
# column 12?

# %% tags=["experiment"]
from cs231n_utils.data import load_digits, place_on_canvas
from cs231n_utils.layers import affine_forward
from cs231n_utils.nets import Affine, Conv, LocallyConnected, Network, Pool, Relu
from cs231n_utils.plotting import figure, show_curves, table
from cs231n_utils.progress import progress_bar
from cs231n_utils.solver import Solver

digits = load_digits()
rng = np.random.default_rng(0)
on_the_left = {
    "X_train": place_on_canvas(
        digits["X_train"], 8, 24, top=0, left=rng.integers(0, 5, len(digits["X_train"]))
    ),
    "y_train": digits["y_train"],
}
POOLINGS = {
    "no pooling": [],
    "2×2 max pooling": [Pool(max_pool_forward_fast, max_pool_backward_fast, POOL_2X2)],
    "global max pooling": [Pool(global_max_pool_forward, global_max_pool_backward)],
}
FILTER_KINDS = {"shared": Conv, "unshared": LocallyConnected}

nets, accuracies = {}, {}
columns = list(range(0, 17, 2))
choices = [(filters, pooling) for filters in FILTER_KINDS for pooling in POOLINGS]
for filters, pooling in progress_bar(choices, "six networks", "net"):
    kind = FILTER_KINDS[filters]
    net = Network(
        (1, 8, 24),
        [kind(12, 3), Relu(), kind(24, 3), Relu(), *POOLINGS[pooling], Affine(10)],
        seed=0,
    )
    solver = Solver(
        net,
        on_the_left,
        optim_config={"learning_rate": 3e-3},
        num_epochs=10,
        seed=0,
        measure_every=10,
        progress=False,
    )
    solver.train()
    nets[filters, pooling] = net
    tests = [place_on_canvas(digits["X_test"], 8, 24, top=0, left=left) for left in columns]
    accuracies[f"{filters}, {pooling}"] = [
        100 * solver.accuracy(X, digits["y_test"]) for X in tests
    ]

fig, axes = figure(1, 1, size=(9, 4.2))
show_curves(
    axes[0, 0],
    columns,
    accuracies,
    xlabel="column at which the digit stands [pixels]",
    ylabel="test accuracy [%]",
    title="trained on columns 0 to 4 (shaded), tested everywhere",
    legend=False,
)
axes[0, 0].axvspan(0, 4, color="#dddddd", alpha=0.6, zorder=0)
axes[0, 0].axhline(10, color="#777777", linewidth=1)
axes[0, 0].text(0, 11, "guessing", ha="left", va="bottom", color="black")
axes[0, 0].set_ylim(0, 101)
fig.legend(loc="outside right upper", title="filters, then pooling")
plt.show()

# %% [markdown]
# Only one of the six knows digits in places where it never saw any, and it takes *both*:
# shared filters **and** global pooling. (It pays a price at home: on columns 0 to 4 it is the
# least accurate of those with shared filters. Where a stroke is helps to tell digits apart,
# and it has forgotten that. At column 16 the digit touches the end of the strip, where the
# filters cannot reach over its edge.) Now look at the five that fail, because they say who
# does what.
#
# - *Unshared filters, global max pooling* fails. Pooling as large as the map, and still
#   nothing: the filters on the right never saw a digit, so they never learned to find one.
#   **Pooling does not find anything.**
# - *Shared filters, 2×2 pooling* fails nearly as fast as *shared filters, no pooling*. Two
#   pixels bridge about two pixels.
# - *Shared filters, no pooling* fails too. Have its filters found the features on the right?
#   Equivariance says they must have. But the fully-connected layer that reads the map has
#   weights of its own at every place, and on the right these learned nothing. It looks in the
#   wrong place.
#
# That last claim can be tested, without any pooling at all: take the two networks without
# pooling, put the digit at column 12, and move *the reader* along: before the last layer reads
# the map, we slide it back by 8 pixels. No weight is changed.

# %% tags=["experiment"]
rows = []
for filters in FILTER_KINDS:
    net = nets[filters, "no pooling"]
    w, b = net.params["4_affine_w"], net.params["4_affine_b"]
    row = [f"{filters} filters, no pooling"]
    for left, back in [(4, 0), (12, 0), (12, 8)]:
        X = place_on_canvas(digits["X_test"], 8, 24, top=0, left=left)
        maps = net.activations(X)[3]  # after the second ReLU
        scores, _ = affine_forward(np.roll(maps, -back, axis=3), w, b)
        row.append(round(100 * np.mean(scores.argmax(axis=1) == digits["y_test"])))
    rows.append(row)
print("test accuracy [%]\n")
print(table(["network", "column 4", "column 12", "column 12, reader moved along"], rows))

# %% [markdown]
# With shared filters the accuracy of column 4 is back: everything had been found, it was only
# read in the wrong place. With unshared filters nothing is back, because nothing had been
# found.
#
# So, **finding a feature anywhere comes from shared weights**. What pooling does is to *forget
# where*. Forgetting a little (2×2) makes the network a little less sensitive. Forgetting all
# (global pooling) on top of shared filters makes it indifferent to the place. Forgetting on
# top of filters that have found nothing is of no use.
#
# ## 9 Experiment: without pooling
#
# Can a network do without? Springenberg and others (arXiv 1412.6806) say yes: let a
# convolution with stride 2 make the map smaller, one that *learns* how. They replace pooling
# in two ways, and take care to add a control:
#
# 1. **max pooling**: convolution, ReLU, 2×2 max pooling.
# 2. **stride in the convolution**: the convolution itself takes stride 2, the pooling is left
#    out. Same parameters, less work.
# 3. **pooling becomes a convolution**: in the place of pooling a further 3×3 convolution with
#    stride 2. More parameters.
# 4. **one more convolution, and pooling**: as 3, but the further convolution has stride 1, and
#    pooling follows. This is the control: if 3 beats 1, is it because of learned downsampling,
#    or only because there are more layers?
#
# And 5, **no downsampling** at all. All have two such stages, on the 8×8 digits, three seeds
# each. The last column of the table asks something that the training set never showed: test
# digits shifted by one pixel to the left or right.

# %% tags=["experiment"]
import textwrap

from cs231n_utils.data import load_digits
from cs231n_utils.nets import Affine, Conv, Network, Pool, Relu
from cs231n_utils.plotting import figure, show_bars, table
from cs231n_utils.progress import progress_bar
from cs231n_utils.solver import Solver

EPOCHS, SEEDS = 8, (0, 1, 2)
digits = load_digits()
pool = Pool(max_pool_forward_fast, max_pool_backward_fast, POOL_2X2)


def conv(filters, stride=1):
    return [Conv(filters, size=3, stride=stride, pad=1), Relu()]


NETS = {
    "1 max pooling": [*conv(12), pool, *conv(24), pool, Affine(10)],
    "2 stride in the convolution": [*conv(12, stride=2), *conv(24, stride=2), Affine(10)],
    "3 pooling becomes a convolution": [
        *conv(12),
        *conv(12, stride=2),
        *conv(24),
        *conv(24, stride=2),
        Affine(10),
    ],
    "4 one more convolution, and pooling": [
        *conv(12),
        *conv(12),
        pool,
        *conv(24),
        *conv(24),
        pool,
        Affine(10),
    ],
    "5 no downsampling": [*conv(12), *conv(24), Affine(10)],
}


def moved(X):
    """Every image twice: one pixel further to the right, and one pixel further to the left."""
    padded = np.pad(X, ((0, 0), (0, 0), (0, 0), (1, 1)))
    return np.concatenate([padded[..., :8], padded[..., 2:]])


def trained(name, data, seed):
    net = Network((1, 8, 8), NETS[name], seed=seed)
    config = {"learning_rate": 3e-3}
    solver = Solver(
        net,
        data,
        optim_config=config,
        num_epochs=EPOCHS,
        seed=seed,
        measure_every=EPOCHS,
        progress=False,
    )
    solver.train()
    as_they_are = 100 * solver.accuracy(digits["X_test"], digits["y_test"])
    shifted = 100 * solver.accuracy(moved(digits["X_test"]), np.tile(digits["y_test"], 2))
    return net, as_they_are, shifted, 1000 * solver.seconds / EPOCHS


accuracies, shifted_accuracies, times, rows = {}, {}, {}, []
for name in progress_bar(NETS, "training", "net"):
    runs = [trained(name, digits, seed) for seed in SEEDS]
    networks, accuracies[name], shifted_accuracies[name], seconds = zip(*runs, strict=True)
    times[name] = min(seconds)  # what else the computer did disturbs the fastest run least
    low, high = min(accuracies[name]), max(accuracies[name])
    rows.append(
        [
            name,
            networks[0].num_parameters,
            round(networks[0].multiply_adds / 1000),
            round(times[name]),
            f"{np.mean(accuracies[name]):.1f} ({low:.1f} to {high:.1f})",
            f"{np.mean(shifted_accuracies[name]):.1f}",
        ]
    )

headings = [
    "network",
    "parameters",
    "multiply-adds [1000]",
    "epoch [ms]",
    "accuracy [%]",
    "shifted [%]",
]
print(
    f"accuracies: means over {len(SEEDS)} seeds (smallest to largest), the last one on test\n"
    "digits shifted by 1 pixel; epoch: training time, of the fastest seed; multiply-adds: for\n"
    "one image, forward\n"
)
print(table(headings, rows))
fig, axes = figure(1, 3, size=(3.5, 3.4))
show_bars(axes[0, 0], accuracies, xlabel="test accuracy [%]", form="{:.1f}")
axes[0, 0].set_yticks(range(len(NETS)), [textwrap.fill(name, 18) for name in NETS])
axes[0, 0].set_xlim(80, 105)
show_bars(axes[0, 1], shifted_accuracies, xlabel="the same, shifted [%]", form="{:.0f}")
show_bars(axes[0, 2], times, xlabel="time per epoch [ms]", form="{:.0f}")
for axis in axes[0, 1:]:
    axis.set_yticks([])
plt.show()

both = {
    "X_train": np.concatenate([digits["X_train"], moved(digits["X_train"])]),
    "y_train": np.tile(digits["y_train"], 3),
}
print("trained on shifted digits as well (one seed):\n")
again = [trained(name, both, seed=0) for name in list(NETS)[:2]]
print(
    table(
        ["network", "accuracy [%]", "shifted by 1 pixel [%]"],
        [
            [name, f"{run[1]:.1f}", f"{run[2]:.1f}"]
            for name, run in zip(NETS, again, strict=False)
        ],
    )
)

# %% [markdown]
# Dots are single seeds: if the dots of two networks overlap, do not believe in the difference
# of their bars. (The first axis does not start at 0, to let you see them apart.)
#
# - On the digits as they are, **a network can do without pooling**: putting the stride into
#   the convolution (2) is as good as max pooling (1), with as many parameters and a fraction
#   of the work. Making pooling a convolution (3) is more accurate than (1), but not than its
#   control (4): it was the further layer that helped. Leaving the downsampling out (5) is as
#   accurate as any: images of 8×8 pixels need not be made smaller. It has by far the most
#   parameters.
# - On digits shifted by one pixel, the networks with max pooling (1 and 4) keep more than
#   their partners with strides (2 and 3). So the local tolerance of part 7 does arrive at the
#   output. But look at the level: all of them lose a lot.
# - The last lines show what helps more than any of these layers: *training* on shifted digits.
#   Then the network with strides reads them about as well as the one with pooling.
#
# These are tiny images. On CIFAR-10, Springenberg and others found kind 3 better than kind 1
# and about as good as its control 4, and kind 2 somewhat worse than kind 1. Many later
# networks, such as ResNet (arXiv 1512.03385), downsample mostly by strided convolutions and
# end in one global average pooling.
#
# ## 10 Experiment: parameters, computation, overfitting
#
# A smaller map means less work for all layers after it, and fewer weights for a
# fully-connected one. First the bookkeeping: a network for 32×32 colour images, once with 2×2
# pooling after each of its three convolutions, once without. Which layer saves most
# parameters, which most work?

# %% tags=["experiment"]
from cs231n_utils.nets import Affine, Conv, Network, Pool, Relu
from cs231n_utils.plotting import table

pool = Pool(max_pool_forward_fast, max_pool_backward_fast, POOL_2X2)
totals = {}
for name, downsample in [("with pooling", [pool]), ("without pooling", [])]:
    layers = []
    for filters in (16, 32, 64):
        layers += [Conv(filters, size=3, pad=1), Relu(), *downsample]
    net = Network((3, 32, 32), [*layers, Affine(10)])
    totals[name] = (net.num_parameters, net.multiply_adds)
    print(f"\n{name}\n")
    learned = [
        [kind, " × ".join(map(str, shape)), n, cost]
        for kind, shape, n, cost in net.rows
        if kind != "Relu"
    ]
    print(
        table(
            ["layer", "output", "parameters", "multiply-adds"],
            [*learned, ["all", "", *totals[name]]],
        )
    )
fewer = [
    without / pooled
    for without, pooled in zip(totals["without pooling"], totals["with pooling"], strict=True)
]
print(
    f"\npooling divides the parameters by {fewer[0]:.1f}, the multiply-adds by {fewer[1]:.1f}"
)

# %% [markdown]
# A convolution has the same parameters for a map of any size: pooling saves *work* there. The
# fully-connected layer is where it saves *parameters*.
#
# "Fewer parameters, less overfitting", people go on. Test it: train with 50 to 400 digits only
# and look at the gap between training and test. To make the task worth the trouble, the digits
# stand somewhere on a canvas of 12×12 pixels. Three networks: no downsampling; 2×2 max
# pooling; stride 2 in the convolution. The last two have *exactly the same number of
# parameters*. If parameters are what matters, they should do equally well.

# %% tags=["experiment"]
from cs231n_utils.data import load_digits, place_on_canvas, subsample
from cs231n_utils.nets import Affine, Conv, Network, Pool, Relu
from cs231n_utils.plotting import figure, show_curves
from cs231n_utils.progress import progress_bar
from cs231n_utils.solver import Solver

digits = load_digits()
rng = np.random.default_rng(0)
wandering = {}
for part in ("train", "test"):
    X = digits[f"X_{part}"]
    wandering[f"X_{part}"] = place_on_canvas(
        X, 12, 12, top=rng.integers(0, 5, len(X)), left=rng.integers(0, 5, len(X))
    )
    wandering[f"y_{part}"] = digits[f"y_{part}"]

pool = Pool(max_pool_forward_fast, max_pool_backward_fast, POOL_2X2)
NETS = {
    "no downsampling": [Conv(16, 3), Relu(), Conv(16, 3), Relu(), Affine(10)],
    "2×2 max pooling": [Conv(16, 3), Relu(), pool, Conv(16, 3), Relu(), Affine(10)],
    "stride 2": [Conv(16, 3, stride=2), Relu(), Conv(16, 3), Relu(), Affine(10)],
}
SIZES, SEEDS, STEPS, BATCH = (50, 100, 200, 400), (0, 1, 2), 200, 32

test, train = {}, {}
for name in progress_bar(NETS, "training", "net"):
    net = Network((1, 12, 12), NETS[name])
    label = f"{name} ({net.num_parameters} parameters)"
    test[label], train[label] = np.zeros((2, len(SEEDS), len(SIZES)))
    for row, column in np.ndindex(len(SEEDS), len(SIZES)):
        seed, size = SEEDS[row], SIZES[column]
        net = Network((1, 12, 12), NETS[name], seed=seed)
        few = subsample(wandering, size, seed)
        epochs = STEPS * BATCH // size  # as many updates for every size
        solver = Solver(
            net,
            few,
            optim_config={"learning_rate": 5e-3},
            num_epochs=epochs,
            batch_size=BATCH,
            seed=seed,
            measure_every=epochs,
            progress=False,
        )
        solver.train()
        train[label][row, column] = 100 * solver.train_acc_history[-1]
        test[label][row, column] = 100 * solver.accuracy(
            wandering["X_test"], wandering["y_test"]
        )

fig, axes = figure(1, 2, size=(5.2, 4))
for axis, curves, title in [
    (axes[0, 0], train, "on the training digits"),
    (axes[0, 1], test, "on new digits"),
]:
    show_curves(
        axis,
        SIZES,
        curves,
        xlabel="training digits",
        ylabel="accuracy [%]",
        title=title,
        legend=axis is axes[0, 0],
    )
    axis.set_xscale("log")
    axis.set_xticks(SIZES, SIZES)
    axis.minorticks_off()
    axis.set_ylim(0, 103)
plt.show()

# %% [markdown]
# Lines are means over three seeds, bands run from the smallest to the largest.
#
# - All of them overfit: nearly everything right on the training digits, a fraction of it on
#   new ones.
# - **Pooling overfits less**: its band lies above both others from 100 digits on.
# - But it is *not* the number of parameters: the network with stride 2 has as many as the one
#   with pooling, and does no better than the one without downsampling, which has three times
#   as many. What helps is what max pooling adds: not to mind small shifts. Here, where digits
#   wander, that is the right thing to believe in advance.
#
# A prior belief helps while there is little data and may be in the way when there is plenty.
# *Try:* `SIZES = (400, 1000)` (and more `STEPS`); and digits that do not wander,
# `place_on_canvas(X, 12, 12, top=2, left=2)`. Does pooling still help?
#
# ## 11 Experiment: why generative models avoid pooling
#
# A network that *makes* images (a variational autoencoder, VAE, or a generative adversarial
# network, GAN) must know where things are. The design rules of DCGAN (Radford, Metz, Chintala,
# arXiv 1511.06434, section 3) begin with: replace pooling by strided convolutions, so that the
# network learns its own downsampling. Two small measurements of why.
#
# **What is left to rebuild the image from?** Each 8×8 digit is summed up in 16 numbers, in
# five ways. Then the best linear map (least squares, fitted on the training digits) rebuilds
# the 64 pixels, for test digits. Two of the codes are *learned* together with a linear
# decoder: strided convolutions with one 2×2 filter, and with four 4×4 filters at stride 4 (2×2
# places × 4 channels = 16 numbers, too).

# %% tags=["experiment"]
from cs231n_utils.data import load_digits
from cs231n_utils.layers import conv_forward
from cs231n_utils.nets import Affine, Conv, Network, squared_loss
from cs231n_utils.optim import adam
from cs231n_utils.plotting import show_images
from cs231n_utils.solver import one_thread

digits = load_digits()
X_train, X_test = digits["X_train"], digits["X_test"]


@one_thread()
def learned_code(filters, size, epochs=60, seed=0):
    """Train convolution + linear decoder to reproduce the digit, and return the convolution."""
    net = Network(
        (1, 8, 8),
        [Conv(filters, size, stride=size), Affine(64)],
        seed=seed,
        loss_function=squared_loss,
    )
    rng = np.random.default_rng(seed)
    configs = {name: {"learning_rate": 5e-3} for name in net.params}
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(len(X_train)), 19):
            _, grads = net.loss(X_train[batch], X_train[batch])
            for name in net.params:
                net.params[name], configs[name] = adam(
                    net.params[name], grads[name], configs[name]
                )
    w, b = net.params["0_conv_w"], net.params["0_conv_b"]
    return lambda X: conv_forward(X, w, b, {"stride": size, "pad": 0})[0]


CODES = {
    "every 2nd pixel": lambda X: X[:, :, ::2, ::2],
    "max pooling 2×2": lambda X: max_pool_forward_fast(X, POOL_2X2)[0],
    "average pooling 2×2": lambda X: avg_pool_forward_naive(X, POOL_2X2)[0],
    "learned, one 2×2 filter, stride 2": learned_code(filters=1, size=2),
    "learned, four 4×4 filters, stride 4": learned_code(filters=4, size=4),
}

strips, titles = [X_test[:12, 0].swapaxes(0, 1).reshape(8, -1)], ["test digits"]
for name, code in CODES.items():
    features = [
        np.column_stack([code(X).reshape(len(X), 16), np.ones(len(X))])
        for X in (X_train, X_test)
    ]
    decoder, *_ = np.linalg.lstsq(features[0], X_train.reshape(len(X_train), 64))
    rebuilt = (features[1] @ decoder).reshape(-1, 8, 8)
    error = np.sqrt(np.mean((rebuilt - X_test[:, 0]) ** 2))
    strips.append(rebuilt[:12].swapaxes(0, 1).reshape(8, -1))
    titles.append(f"{name}: error {error:.3f}")
show_images(
    strips,
    titles,
    columns=2,
    size=(4.6, 1.0),
    title="Rebuilt from 16 numbers (error: root mean square, ink from 0 to 1)",
)
plt.show()

# %% [markdown]
# - Max pooling is no better a memory than simply taking every second pixel: it knows how much
#   ink, not where in the window.
# - Average pooling keeps more. And the learned single filter comes out about equal to it:
#   averaging *is* a strided convolution, with four equal weights, and with one filter there is
#   little better to be had.
# - The learned code with four filters keeps clearly more in the same 16 numbers. That is the
#   point of strided convolutions: not the stride, but that they may learn *several* filters
#   and keep what is needed.
#
# (The decoder here is linear. A deep one can make more of every code; but two images that have
# become the same 16 numbers, no decoder can tell apart.)
#
# **What comes back?** In a GAN the generator learns only from the gradient that the
# discriminator sends to its pixels. Your backward passes tell how many pixels get any.

# %% tags=["experiment"]
from cs231n_utils.layers import conv_backward, conv_forward
from cs231n_utils.plotting import show_images

rng = np.random.default_rng(0)
image = rng.standard_normal((1, 1, 16, 16))  # no two pixels tie
w = rng.standard_normal((1, 1, 2, 2))
out_max, cache_max = max_pool_forward_naive(image, POOL_2X2)
out_avg, cache_avg = avg_pool_forward_naive(image, POOL_2X2)
out_conv, cache_conv = conv_forward(image, w, np.zeros(1), {"stride": 2, "pad": 0})
dout = rng.standard_normal(out_max.shape)
gradients = {
    "max pooling 2×2": max_pool_backward_naive(dout, cache_max),
    "average pooling 2×2": avg_pool_backward_naive(dout, cache_avg),
    "2×2 convolution, stride 2": conv_backward(dout, cache_conv)[0],
}
titles = [
    f"{name}\n{100 * np.mean(dx != 0):.0f} % of the pixels get a gradient"
    for name, dx in gradients.items()
]
show_images([dx[0] for dx in gradients.values()], titles, signed=True, size=(3.4, 3.6))
plt.show()

# %% [markdown]
# (Red is positive, blue negative, white none.) A generator whose discriminator begins with max
# pooling hears nothing about most pixels of its image in this step. (In a real discriminator
# convolutions with overlapping filters come first and spread the gradient again; then it is
# most places of the *maps* that hear nothing.)
#
# These are reasons, not proofs, and not everybody avoids all pooling: the discriminator of
# *Progressive Growing of GANs* (arXiv 1710.10196) makes its maps smaller by *average* pooling.
# What is hard to find in generative models is *max* pooling.
#
# ## 12 In your own words
#
# A friend says: *"Our network has max pooling, so it does not matter where in the image the
# cat is."*
#
# What is right about that, and what is wrong? Hold apart what shared weights do, what 2×2
# pooling does and what global pooling does, and support each point by a number or a comparison
# that **you** measured in this notebook (say in which part). Five to eight sentences.

# %% [markdown] nbgrader={"grade_id": "explain_pooling_invariance", "grade": true, "solution": true, "points": 3}
# *Write here: five to eight sentences, with your own measurements.*

# %% [markdown]
# ## What to take away
#
# - Pooling sums a window up in one number, and divides the work of the layers after it.
# - Max pooling sends the gradient back to the maximum, average pooling to all. Where windows
#   overlap, gradients add up.
# - It makes the maps *less sensitive* to small shifts, not invariant. Finding things anywhere
#   is the merit of shared weights.
# - Strided convolutions can take its place. Max pooling still is a good belief to start from
#   when data are few and things wander.
#
# ## Sources
#
# - A. Krizhevsky, I. Sutskever, G. Hinton: *ImageNet Classification with Deep Convolutional
#   Neural Networks*, NIPS 2012, section 3.4 (overlapping pooling).
# - D. Scherer, A. Müller, S. Behnke: *Evaluation of Pooling Operations in Convolutional
#   Architectures for Object Recognition*, ICANN 2010.
# - M. Lin, Q. Chen, S. Yan: *Network in Network*, arXiv 1312.4400 (global average pooling).
# - K. He, X. Zhang, S. Ren, J. Sun: *Deep Residual Learning for Image Recognition*, arXiv
#   1512.03385.
# - J. T. Springenberg, A. Dosovitskiy, T. Brox, M. Riedmiller: *Striving for Simplicity: The
#   All Convolutional Net*, arXiv 1412.6806.
# - A. Radford, L. Metz, S. Chintala: *Unsupervised Representation Learning with Deep
#   Convolutional Generative Adversarial Networks*, arXiv 1511.06434.
# - T. Karras, T. Aila, S. Laine, J. Lehtinen: *Progressive Growing of GANs for Improved
#   Quality, Stability, and Variation*, arXiv 1710.10196.
# - A. Ruderman, N. Rabinowitz, A. Morcos, D. Zoran: *Pooling is neither necessary nor
#   sufficient for appropriate deformation stability in CNNs*, arXiv 1804.04438.
# - A. Azulay, Y. Weiss: *Why do deep convolutional networks generalize so poorly to small
#   image transformations?*, arXiv 1805.12177.
# - R. Zhang: *Making Convolutional Networks Shift-Invariant Again*, arXiv 1904.11486.
# - Stanford's CS231n, assignment 2, from which the names of the functions and the parameter
#   dictionaries are taken.
# - Photographs and digits: scikit-learn (the digits: E. Alpaydin, C. Kaynak, *Optical
#   Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998).
