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
# # 01 Gradient checking
#
# In this course you write layers of neural networks: forward passes, which compute, and
# backward passes, which compute *derivatives*. A wrong forward pass is soon noticed. A wrong
# backward pass often is not: the network still learns, only worse. So this first notebook is
# about a tool: how to find out whether a derivative is right without believing the person who
# derived it.
#
# The idea fits into one line. Move the input a little and see how the output moves:
#
# $$f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}$$
#
# The rest of the notebook is about what that line leaves open: how small is a little? When is the
# answer right *enough*? What about kinks? And how do you check a million derivatives at once?
#
# It takes about two hours. It is also the tour: how these notebooks work, what is graded, how to
# hand in.
#
# ## How these notebooks work
#
# - **Exercises.** A function with a docstring and `raise NotImplementedError()`. The docstring
#   says exactly what is wanted: purpose, formula, shapes, an example. Write the body. Helper
#   functions, further cells, and imports of the standard library, NumPy and SciPy are welcome;
#   loops are fine unless the text asks for speed.
# - **Checks.** Below it, `check(...)` calls your function on a few small inputs. Run it as often
#   as you like: it costs nothing, and nothing is sent anywhere.
# - **Questions** are functions, too: they take nothing, and return your answer.
# - **Experiments** need no code from you. They run *your* functions, on real images where there
#   are any. Read first, write your guess down, run, compare; then change the numbers. If a
#   function is still missing, the cell says which.
#
# **Graded** are your functions, on further inputs of the same kind as in the checks (new
# numbers, other shapes), and your answers to the questions. A few questions in the course are
# answered in words and read by a person. Experiments are not graded. Points are given
# for a whole function, all cases right; one that has parts, such as a training mode and a test
# mode, earns them part by part. A backward pass that is right for your own, wrong forward pass
# earns half of its points.
#
# **To hand in:** *Kernel, Restart Kernel and Run All Cells*; look at every check once more;
# save; hand this file in under its own name. Cells that you add are fine; leave the cells with
# the exercises and the checks where they are.

# %%
from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np

from cs231n_utils import check

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# **How a check reads.** Here is one of a wrong answer to the first exercise, made on purpose
# (and hidden inside another function, so that it does not get in the way of yours).

# %% tags=["experiment"]
from cs231n_utils.checking import CheckFailed


def somebody():
    def rel_error(x, y):
        return np.max(np.abs(x - y))

    return rel_error


try:
    check(somebody(), hint=2)
except CheckFailed as failed:
    print(failed)

# %% [markdown]
# From top to bottom: how many cases are wrong; for each wrong one what came and what was expected,
# on which input; and, where the answer is what a known mistake gives, which mistake. It does not
# know your code. It only says: this is what comes out when somebody does that. A check that fails
# ends in a red line. *Run All Cells* goes on all the same, so look at every check.
#
# **Take as little help as you need.** `check(rel_error)` says what is wrong, `check(rel_error,
# hint=2)` adds a hint, and `hint=3` a small case that fails, to be pasted into a cell of your own
# and tried by hand. `check.all()`, in a cell of your own, runs all checks of the notebook and shows
# what is done and what comes next.
#
# ## 1 How wrong is a number?
#
# Two gradients, yours and a measured one, never agree to the last digit. When do they agree
# *enough*? The difference alone does not say: 0.5 is nothing if both are about 1000, and
# everything if one is 0.5 and the other 0. So it is divided by the size of the numbers:
#
# $$\text{rel\_error}(x, y) = \max_i \frac{|x_i - y_i|}{\max(10^{-8},\; |x_i| + |y_i|)}$$
#
# *By hand:*
#
# ```
#     x       y      |x − y|   |x| + |y|    ratio
#   1000    1000.5     0.5      2000.5      0.00025    fine, perhaps
#    0.5     0         0.5         0.5      1          one of them vanishes
#      1    −1         2           2        1          the wrong sign
#      0     0         0           0        0          they agree (that is what 1e-8 is for)
# ```
#
# 0 is perfect and 1 is hopeless. It is the *largest* over all entries: one wrong number among a
# million makes a wrong gradient.

# %% nbgrader={"grade_id": "rel_error", "solution": true}
from solutions.gradient_checking import rel_error

# %% nbgrader={"grade_id": "check_rel_error", "grade": true}
check(rel_error)

# %% nbgrader={"grade_id": "error_of_factor_two", "solution": true}
from solutions.gradient_checking import error_of_factor_two

# %% nbgrader={"grade_id": "check_error_of_factor_two", "grade": true}
check(error_of_factor_two)

# %% [markdown]
# ## 2 A slope from two points
#
# The slope of a curve is the slope of its tangent. Two points of the curve give a *secant*.
# There are two ways to choose them, and the drawing shows why one is better.

# %% tags=["experiment"]
from cs231n_utils.plotting import COLOURS, figure

x = np.linspace(0.1, 1.9, 100)
h = 0.6
fig, axes = figure(1, 2, size=(4.8, 3.4))
for axis, left, title in [
    (axes[0, 0], 1.0, "one-sided: from x to x + h"),
    (axes[0, 1], 1 - h, "central: from x − h to x + h"),
]:
    right = 1 + h
    slope = (right**3 - left**3) / (right - left)
    axis.plot(x, x**3, color="black", linewidth=2, label="x³")
    axis.plot(x, 1 + 3 * (x - 1), color=COLOURS[0], label="tangent at 1, slope 3")
    axis.plot(
        x,
        left**3 + slope * (x - left),
        "--",
        color=COLOURS[4],
        label=f"secant, slope {slope:.2f}",
    )
    axis.plot([left, right], [left**3, right**3], "o", color=COLOURS[4])
    axis.set_title(title)
    axis.set_xlabel("x")
    axis.set_ylabel("x³")
    axis.set_ylim(-2, 7)
    axis.legend(loc="upper left")
plt.show()

# %% [markdown]
# *By hand*, with h = 0.1 instead: the slope of x³ at 1 is 3.
#
# ```
#   one-sided   (1.1³ − 1³)   / 0.1  =  (1.331 − 1)     / 0.1  =  3.31
#   central     (1.1³ − 0.9³) / 0.2  =  (1.331 − 0.729) / 0.2  =  3.01
# ```
#
# Taylor's formula says how it goes on:
#
# $$\frac{f(x+h) - f(x)}{h} = f'(x) + \frac{h}{2} f''(x) + \dots \qquad
#   \frac{f(x+h) - f(x-h)}{2h} = f'(x) + \frac{h^2}{6} f'''(x) + \dots$$
#
# (In the central difference the terms with h, h³, … cancel.) So the error falls with h in one
# case, with h² in the other. This is the *truncation* error: the formula was cut off there.
#
# A function of many numbers has a derivative with respect to each: move one entry, leave the
# others, put it back, go on to the next. Put it back *exactly*: in floating point x + h − h is
# not always x. (Try 0.1 + 0.3 − 0.3.)

# %% nbgrader={"grade_id": "eval_numerical_gradient", "solution": true}
from solutions.gradient_checking import eval_numerical_gradient

# %% nbgrader={"grade_id": "check_eval_numerical_gradient", "grade": true}
check(eval_numerical_gradient)

# %% nbgrader={"grade_id": "calls_of_f", "solution": true}
from solutions.gradient_checking import calls_of_f

# %% nbgrader={"grade_id": "check_calls_of_f", "grade": true}
check(calls_of_f)

# %% [markdown]
# ## 3 Experiment: how small is a little?
#
# "The smaller h, the better", says Taylor. The computer disagrees. A float64 number has about
# 16 digits, and f(x + h) − f(x − h) is the difference of two nearly equal numbers: their equal
# digits cancel, and what is left is divided by the tiny 2h. **Your guess:** which h is best?
#
# The test is a real one: a softmax classifier on 20 handwritten digits, and the gradient of its
# loss with respect to 640 weights, whose right value we know. Four ways to measure it:
#
# - *one-sided* and *central*, in float64; central is your function;
# - *central in float32*, which has 7 digits and is what graphics cards like;
# - the *complex step*, for those who know complex numbers: f(x + ih) has f'(x)·h as its
#   imaginary part (put ih for h in Taylor's formula). No difference is taken, so that nothing
#   cancels. It needs an f that can be computed with complex numbers; a ReLU or a max cannot.

# %% tags=["experiment"]
from cs231n_utils.data import load_digits
from cs231n_utils.plotting import COLOURS, MARKERS, figure

digits = load_digits()
X, y = digits["X_train"][:20].reshape(20, 64), digits["y_train"][:20]


def loss(w):
    """Softmax and cross-entropy of the scores X w; works for complex weights, too."""
    scores = X.astype(w.dtype) @ w
    return np.mean(np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(20), y])


def right_gradient(w):
    probabilities = np.exp(X @ w)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    probabilities[np.arange(20), y] -= 1
    return X.T @ probabilities / 20


def by_entry(w, slope):
    """slope(step) for each entry, where step is 1 there and 0 elsewhere."""
    steps = np.eye(w.size).reshape(w.size, *w.shape)
    return np.array([slope(step) for step in steps]).reshape(w.shape)


def one_sided(w, h):
    at_w = loss(w)
    return by_entry(w, lambda step: (loss(w + h * step) - at_w) / h)


def complex_step(w, h):
    return by_entry(w, lambda step: np.imag(loss(w + 1j * h * step)) / h)


def in_float32(w, h):
    return eval_numerical_gradient(loss, w.astype(np.float32), h=np.float32(h))


w = np.random.default_rng(0).standard_normal((64, 10)) / 4
exact = right_gradient(w)
WAYS = {
    "one-sided": one_sided,
    "central": lambda w, h: eval_numerical_gradient(loss, w, h=h),
    "central, float32": in_float32,
    "complex step": complex_step,
}
STEPS = 10.0 ** np.arange(-1, -14, -1)
errors = {}
for name, way in WAYS.items():
    errors[name] = [np.linalg.norm(way(w, h) - exact) / np.linalg.norm(exact) for h in STEPS]

fig, axes = figure(1, 1, size=(7.6, 4.4))
axis = axes[0, 0]
for (name, values), colour, marker in zip(errors.items(), COLOURS, MARKERS, strict=False):
    axis.plot(STEPS, np.maximum(values, 1e-17), marker=marker, color=colour, label=name)
axis.set_xscale("log")
axis.set_yscale("log")
axis.set_xlabel("step h")
axis.set_ylabel("error, relative to the whole gradient")
axis.grid(True, color="#dddddd", linewidth=0.7)
axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()
for name, values in errors.items():
    best = int(np.argmin(values))
    print(f"{name}: best with h = {STEPS[best]:.0e}, error {values[best]:.0e}")

# %% [markdown]
# Both axes are logarithmic, so that a straight line is a power of h. Read it from the right.
#
# - *Right arm:* truncation. The one-sided error falls by 10 for each step to the left, the
#   central one by 100.
# - *Left arm:* rounding. Each value of f is off by about 1e-16, and that is divided by h: ten
#   times smaller a step, ten times larger an error. At h = 1e-13 one digit is right, or none.
# - *The V:* the best step is where both are equal. For central differences in float64 it is
#   near 1e-5, and the error there about 1e-10. That is where the `h=1e-5` comes from, and why a
#   relative error of 1e-7 is nothing to worry about.
# - *float32:* rounding begins at 1e-7 already, so that the V is shifted to the upper right: the
#   best step is 1e-2, and three or four digits are all there is. With h = 1e-5 hardly one is right. **Check
#   gradients in float64**, even if you train in float32.
# - *Complex step:* no left arm at all; below h = 1e-8 it is right to the last digit. (On the right
#   it lies on top of the central difference: it has the same truncation.) If it is that good, why
#   not always? Because f must be written for complex numbers, and networks are full of max, abs
#   and comparisons.

# %% nbgrader={"grade_id": "error_of_smaller_step", "solution": true}
from solutions.gradient_checking import error_of_smaller_step

# %% nbgrader={"grade_id": "check_error_of_smaller_step", "grade": true}
check(error_of_smaller_step)

# %% [markdown]
# ## 4 Layers: from arrays to arrays
#
# A layer returns an array, not one number. Its backward pass is given the *upstream gradient*
# df (`dout` in the later notebooks), how much the loss rises for a little more of each output, and
# must return how much the loss rises for a little more of each input. That is the gradient of the
# one number
#
# $$\text{sum}\bigl(f(x) \cdot df\bigr),$$
#
# where df stays as it is. *By hand:* f(x) = x² for x = (1, 3), and df = (10, 100). Moving the 3
# by 0.1 either way changes f there by 3.1² − 2.9² = 1.2, times 100, divided by 0.2: the
# gradient is 600, which is 2 · 3 · 100.

# %% nbgrader={"grade_id": "eval_numerical_gradient_array", "solution": true}
from solutions.gradient_checking import eval_numerical_gradient_array

# %% nbgrader={"grade_id": "check_eval_numerical_gradient_array", "grade": true}
check(eval_numerical_gradient_array)

# %% [markdown]
# **Experiment: where is it wrong?** One number says *that* a gradient is wrong; a picture often
# says *why*. Here is a convolution of a piece of a photograph, its backward pass from the
# toolkit, and three backward passes with a mistake in them. The pictures show the relative
# error of each entry of dx. **Cover the text below and find the three mistakes.**

# %% tags=["experiment"]
from cs231n_utils.data import load_photographs
from cs231n_utils.layers import conv_backward, conv_forward
from cs231n_utils.plotting import figure

rng = np.random.default_rng(0)
x = load_photographs()["flower"].mean(axis=0)[200:212, 300:316][None, None]  # (1, 1, 12, 16)
w, b = rng.standard_normal((2, 1, 3, 3)), np.zeros(2)
conv_param = {"stride": 1, "pad": 1}
out, cache = conv_forward(x, w, b, conv_param)
dout = rng.standard_normal(out.shape)
numeric = eval_numerical_gradient_array(lambda x: conv_forward(x, w, b, conv_param)[0], x, dout)


def backward_with(w, dout):
    """The backward pass for other filters or another upstream gradient than the right ones."""
    _, cache = conv_forward(x, w, b, conv_param)
    return conv_backward(dout, cache)[0]


first_columns = dout.copy()
first_columns[..., 12:] = 0
GRADIENTS = {
    "the toolkit's": backward_with(w, dout),
    "mistake A": backward_with(w, first_columns),
    "mistake B": backward_with(w, np.round(dout)),
    "mistake C": backward_with(w, dout) * np.where(np.arange(12) == 5, 2, 1)[:, None],
}
fig, axes = figure(2, 2, size=(4.4, 3.0))
for axis, (name, dx) in zip(axes.flat, GRADIENTS.items(), strict=True):
    each = np.array(
        [[rel_error(dx[0, 0, i, j], numeric[0, 0, i, j]) for j in range(16)] for i in range(12)]
    )
    picture = axis.imshow(each, cmap="viridis", vmin=0, vmax=1)
    axis.set_title(f"{name}: largest error {rel_error(dx, numeric):.1e}")
    axis.set_xlabel("column")
    axis.set_ylabel("row")
    axis.set_yticks([0, 5, 10])
fig.colorbar(picture, ax=axes, label="relative error", shrink=0.7)
plt.show()

# %% [markdown]
# - *The toolkit's:* errors far below 1e-6 everywhere. Right.
# - *A:* wrong from one column on: a loop that ends too early. (Columns 11 and 12 are wrong only
#   in part: some of the windows that they lie in were still handled.)
# - *B:* wrong everywhere, a little here and a lot there: something was rounded (an array of
#   whole numbers, very often) or a formula is wrong.
# - *C:* one row is wrong, always by 1/3. You have computed which factor gives 1/3.
#
# What is small enough? With float64, h = 1e-5 and no kinks nearby, right gradients are below
# 1e-6, mostly far below it. Above 1e-2 something is wrong. In between look closer: often an
# entry of the gradient is nearly 0, or there is a kink.
#
# ## 5 Kinks
#
# ReLU, max(0, x), has no derivative at 0, and max pooling has none where two numbers tie. What
# does the central difference say there?

# %% nbgrader={"grade_id": "slope_at_the_kink", "solution": true}
from solutions.gradient_checking import slope_at_the_kink

# %% nbgrader={"grade_id": "check_slope_at_the_kink", "grade": true}
check(slope_at_the_kink)

# %% [markdown]
# **Experiment.** A number need not be *at* the kink: within h of it is enough, for then x + h
# and x − h lie on either side. We take the ReLU of 1000 random numbers, and the larger number of
# each of 1000 random pairs, and count how many entries of the numeric gradient are wrong.
# **Your guess:** how does that number depend on h?

# %% tags=["experiment"]
from cs231n_utils.layers import relu_backward, relu_forward
from cs231n_utils.plotting import figure, show_curves


def largest(x):
    """The larger of the two numbers in each row, and where it was."""
    return x.max(axis=1), x.argmax(axis=1)


rng = np.random.default_rng(0)
single, pairs = rng.standard_normal(1000), rng.standard_normal((1000, 2))
ones = np.ones(1000)
relu_right = relu_backward(ones, relu_forward(single)[1])
max_right = np.zeros(pairs.shape)
max_right[np.arange(1000), largest(pairs)[1]] = 1

steps = [0.1, 0.08, 0.06, 0.04, 0.02, 0.01, 0.001, 1e-5]
wrong = {"ReLU": [], "the larger of two": []}
for h in steps:
    numeric = eval_numerical_gradient_array(lambda x: relu_forward(x)[0], single, ones, h=h)
    wrong["ReLU"].append(np.mean(np.abs(numeric - relu_right) > 1e-3))
    numeric = eval_numerical_gradient_array(lambda x: largest(x)[0], pairs, ones, h=h)
    wrong["the larger of two"].append(np.mean(np.abs(numeric - max_right) > 1e-3))

fig, axes = figure(1, 1, size=(6.5, 3.5))
show_curves(
    axes[0, 0],
    steps,
    {name: 100 * np.array(values) for name, values in wrong.items()},
    xlabel="step h",
    ylabel="wrong entries [%]",
    title="normal random numbers",
)
plt.show()
for name, values in wrong.items():
    print(
        f"{name}: {100 * values[0]:.1f} % wrong with h = 0.1, {100 * values[-1]:.2f} % with h = 1e-5"
    )

# %% [markdown]
# - With h = 0.1 several percent are wrong, and their share falls in proportion to h, along a
#   straight line to 0: the kink must lie within h. Follow the line to h = 1e-5, and it is about one
#   number in 100,000. So here small steps help.
# - But a network has millions of ReLUs, so that some kink is always near. If a gradient check of
#   a ReLU network says 1e-4 at a few entries and 1e-9 at all others, look at those entries before
#   you doubt your formula. Smaller inputs, fewer of them, or a smooth function in place of the
#   ReLU while you check, tell one from the other.
#
# ## 6 A million derivatives at once
#
# The numeric gradient costs two calls of f for each entry: hopeless for a large network. But to
# find out *whether* a gradient is right, it need not be measured entry by entry. Along one
# random direction u the function changes by the *directional derivative*, and a right gradient
# knows it: sum(dx · u). Two calls of f, however many entries there are. The direction must be of
# length 1, or else the step h·u is not of length h.

# %% nbgrader={"grade_id": "directional_error", "solution": true}
from solutions.gradient_checking import directional_error

# %% nbgrader={"grade_id": "check_directional_error", "grade": true}
check(directional_error)

# %% [markdown]
# **Experiment: does one direction see everything?** A fully-connected layer with 64 × 100
# weights on 50 digits. Its right gradient, and three wrong ones: all entries 1 % too large;
# one row of the weights 50 % too large; *one single entry* 50 % too large. 200 random
# directions each. **Your guess:** which mistake escapes?

# %% tags=["experiment"]
import time

from cs231n_utils.layers import affine_backward, affine_forward
from cs231n_utils.plotting import COLOURS, figure
from cs231n_utils.solver import one_thread

rng = np.random.default_rng(0)
X = load_digits()["X_train"][:50]
w, b = rng.standard_normal((64, 100)) / 8, np.zeros(100)
out, cache = affine_forward(X, w, b)
dout = rng.standard_normal(out.shape)
_, dw, _ = affine_backward(dout, cache)


def layer(w):
    return affine_forward(X, w, b)[0]


one_row, one_entry = dw.copy(), dw.copy()
one_row[20] *= 1.5
one_entry[20, 30] *= 1.5
CASES = {
    "right": dw,
    "all entries 1 % too large": 1.01 * dw,
    "one row 50 % too large": one_row,
    "one entry 50 % too large": one_entry,
}
start = time.perf_counter()
with one_thread():
    seen = {
        name: [directional_error(layer, w, gradient, dout, seed) for seed in range(200)]
        for name, gradient in CASES.items()
    }
seconds = (time.perf_counter() - start) / (4 * 200)

fig, axes = figure(1, 1, size=(8, 3.4))
axis = axes[0, 0]
for row, (values, colour) in enumerate(zip(seen.values(), COLOURS, strict=False)):
    height = row + 0.5 * (np.random.default_rng(1).random(200) - 0.5)
    axis.plot(np.maximum(values, 1e-13), height, ".", color=colour, markersize=5)
axis.axvline(1e-6, color="black", linestyle="--", linewidth=1)
axis.annotate("1e-6", (1e-6, -0.75), (1.5e-6, -0.6))
axis.set_xscale("log")
axis.set_yticks(range(4), list(seen))
axis.set_ylim(3.6, -0.9)
axis.set_xlabel("error along one random direction (200 of them for each gradient)")
plt.show()
print(f"one direction takes {1000 * seconds:.1f} ms; two calls instead of {2 * w.size}")
for name, values in seen.items():
    print(
        f"{name}: {100 * np.mean(np.array(values) > 1e-6):.0f} % of the directions above 1e-6"
    )

# %% [markdown]
# None of them does, here. Dots to the right of the dashed line are found.
#
# - The *right* gradient stays below 1e-7 in every direction.
# - *1 % too large* is the easiest: every direction gives 0.01/2.01, whichever it is.
# - *One entry* of 6400 moves the error by little, since a random direction leans on each entry a
#   little only. But the threshold is 1e-6, and there is a lot of room between a little and
#   nothing. (Had we said "below 1e-2 is good enough", most directions would have missed it.)
#
# One direction may be unlucky; three hardly ever are. What they do not tell is *where* the mistake
# is. For that take a small input, and the picture of part 4.
#
# ## What to take away
#
# - Compare gradients by their *relative* error, entry by entry, and look at the largest.
# - Central differences, h = 1e-5, float64. Smaller steps are not better, and float32 is not
#   enough.
# - Near a kink the measured gradient is wrong, and yours may be right. Use few, random inputs,
#   and look at the entries that disagree.
# - One random direction checks a gradient of any size in two calls. It says *that* something is
#   wrong; entry by entry says *where*.
# - The other notebooks take these functions, ready made, from `cs231n_utils.gradient_check`, and
#   the checks of your backward passes are built on them.
#
# ## Sources
#
# - W. H. Press, S. A. Teukolsky, W. T. Vetterling, B. P. Flannery: *Numerical Recipes*, 3rd
#   edition (2007), section 5.7 (the best step).
# - W. Squire, G. Trapp: *Using Complex Variables to Estimate Derivatives of Real Functions*,
#   SIAM Review 40 (1998) (the complex step).
# - A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind: *Automatic Differentiation in
#   Machine Learning: a Survey*, arXiv 1502.05767 (what PyTorch does instead, and why it is
#   neither of the two).
# - D. Goldberg: *What Every Computer Scientist Should Know About Floating-Point Arithmetic*, ACM
#   Computing Surveys 23 (1991).
# - Stanford's CS231n, whose `gradient_check.py` the functions' names are taken from.
# - Digits and photographs: scikit-learn (the digits: E. Alpaydin, C. Kaynak, *Optical
#   Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998).
