"""Words for what goes wrong in any normalization, whichever numbers share a mean: once for notebooks 03, 04 and 05."""

from autograder.exercises.exercise import Words

__all__ = [
    "ALONG_WIDTH",
    "ANOTHER_ERROR",
    "BETA_MISSING",
    "BOTH_MISSING",
    "CONSTANTS",
    "DGAMMA_HOLDS_GAMMA",
    "DGAMMA_WITHOUT_X_HAT",
    "DOUT_CHANGED",
    "EPS_DEFAULT",
    "EPS_HARD_CODED",
    "EPS_MISSING",
    "EPS_OUTSIDE",
    "EXCHANGED",
    "GAMMA_MISSING",
    "GRADIENTS_AVERAGED",
    "GRADIENTS_EXCHANGED",
    "MEAN_PATH",
    "MEAN_STAYS",
    "MULTIPLIED",
    "NO_GAMMA_IN_DX",
    "SHIFTED_FIRST",
    "STD_MISSING",
    "VARIANCE_AROUND_ZERO",
    "VARIANCE_FOR_STD",
    "VARIANCE_PATH",
    "VARIANCE_SIGN",
    "X_CHANGED",
]

# Forward.
EPS_MISSING: Words = (
    "eps_missing",
    "eps is left out",
    "What happens where all the numbers that share a mean are equal? eps keeps the division possible.",
)
EPS_OUTSIDE: Words = (
    "eps_outside_root",
    "eps is added after the square root",
    "eps is added to the variance, before the root is taken.",
)
EPS_HARD_CODED: Words = (
    "eps_hard_coded",
    "eps is a fixed number",
    "The caller may say in the parameter dictionary which eps to take.",
)
EPS_DEFAULT: Words = (
    "eps_default",
    "eps has another default value",
    "Where the parameter dictionary holds no eps, it is 1e-5.",
)
VARIANCE_FOR_STD: Words = (
    "divided_by_variance",
    "Divided by the variance, not by its root",
    "If x is in metres, the variance is in square metres. What must x be divided by to lose its unit?",
)
VARIANCE_AROUND_ZERO: Words = (
    "variance_around_zero",
    "The variance is taken around zero",
    "The variance is the mean of (x − μ)²: take the mean away first.",
)
MEAN_STAYS: Words = (
    "centring_missing",
    "The mean is not taken away",
    "First take away the mean, then divide: the normalized x has mean 0.",
)
STD_MISSING: Words = (
    "std_missing",
    "x is not divided by its standard deviation",
    "To take the mean away is one half. Which standard deviation has your normalized x, and which should it have?",
)
MULTIPLIED: Words = (
    "multiplied_by_std",
    "Multiplied by the standard deviation, not divided by it",
    "Numbers that are spread far are to come closer together: are they divided by their spread, or multiplied?",
)
GAMMA_MISSING: Words = ("gamma_missing", "gamma is left out", "The normalized x is scaled by gamma.")
BETA_MISSING: Words = ("beta_missing", "beta is left out", "At the end, beta is added.")
BOTH_MISSING: Words = (
    "gamma_and_beta_missing",
    "gamma and beta are left out",
    "The normalized x is scaled by gamma and shifted by beta, so that the layer can undo what it does.",
)
EXCHANGED: Words = ("gamma_beta_exchanged", "gamma and beta are exchanged", "gamma scales, beta shifts.")
SHIFTED_FIRST: Words = (
    "shifted_before_scaled",
    "beta is added before gamma multiplies",
    "What is the mean of gamma · (x̂ + beta), and what should it be?",
)
ALONG_WIDTH: Words = (
    "gamma_along_the_width",
    "gamma and beta run along the width, not along the channels",
    "NumPy lines shapes up from the last axis, and there W stands. gamma needs axes of length 1 behind its channels.",
)
X_CHANGED: Words = (
    "input_overwritten",
    "x itself is overwritten",
    "x -= ... changes the caller's array, which another layer may still need: write x - ... instead.",
)
ANOTHER_ERROR: Words = (
    "error_of_another_type",
    "Another type of error is raised than asked for",
    "A ValueError is asked for: the argument's type is right, its value is not.",
)

# Backward.
MEAN_PATH: Words = (
    "mean_path_missing",
    "The path through the mean is missing in dx",
    "Each x moves the mean that it is a part of, and so the output of every number that shares this mean. Draw the "
    "graph: how many arrows leave x?",
)
VARIANCE_PATH: Words = (
    "variance_path_missing",
    "The path through the variance is missing in dx",
    "Each x moves the variance that it is a part of, and so the output of every number that shares it. Draw the graph: "
    "how many arrows leave x?",
)
CONSTANTS: Words = (
    "statistics_taken_as_constants",
    "Mean and variance are taken as constants in dx",
    "They depend on x. The direct path alone gives dout · γ / σ; two more paths are missing.",
)
NO_GAMMA_IN_DX: Words = (
    "gamma_missing_in_dx",
    "dx is computed without gamma",
    "Between out and the normalized x stands a multiplication by gamma: go back through it, too.",
)
VARIANCE_SIGN: Words = (
    "variance_sign",
    "The sign of the variance's gradient is wrong",
    "A larger variance makes the normalized x smaller: the derivative of 1/√v with respect to v is negative.",
)
GRADIENTS_AVERAGED: Words = (
    "mean_for_sum",
    "dgamma and dbeta are means, not sums",
    "The chain rule adds up over all uses. If the loss is a mean over the batch, its 1/N is in dout already.",
)
GRADIENTS_EXCHANGED: Words = (
    "dgamma_dbeta_exchanged",
    "dgamma and dbeta are exchanged",
    "beta is added, so its gradient is dout summed up; the normalized x plays a part in gamma's only.",
)
DGAMMA_WITHOUT_X_HAT: Words = (
    "dgamma_without_normalized_x",
    "dgamma is computed without the normalized x",
    "By how much does gamma · x̂ + beta rise when gamma rises a little? And when beta does?",
)
DGAMMA_HOLDS_GAMMA: Words = (
    "dgamma_times_gamma",
    "gamma is a factor in dgamma",
    "The derivative of gamma · x̂ with respect to gamma is x̂.",
)
DOUT_CHANGED: Words = (
    "dout_overwritten",
    "dout itself is overwritten",
    "dout *= ... and dout -= ... change the caller's array, which may still be needed: give the result another name.",
)
