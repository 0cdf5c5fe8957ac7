"""Known mistakes of notebook 01, gradient checking: small edits of the references, with hints that teach."""

from autograder.exercises.exercise import KnownMistake, mistake

__all__ = ["MISTAKES"]

RATIOS = "np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))"
RATIO = f"np.max({RATIOS})"

DIVIDED_BY_ONE = (
    "divided_by_one_only",
    "Only one of the two numbers stands in the denominator",
    "Neither of the two is the true one. With both, the order does not matter, and the error is never above 1.",
)
WHOLE_ARRAY = (
    "one_ratio_for_the_array",
    "Numerator and denominator are taken over the array first",
    "A large error in a small entry would not be seen beside large entries. First the ratio, for each entry by itself.",
)

NOT_ONE_NUMBER = (
    "not_one_number",
    "An error comes back for each entry, not the largest of them",
    "One number is asked for. One wrong entry makes a wrong gradient, however many others are right: which error "
    "tells?",
)

REL_ERROR_MISTAKES = (
    mistake(NOT_ONE_NUMBER, (f"float({RATIO})", RATIOS)),
    mistake(NOT_ONE_NUMBER, (f"float({RATIO})", "np.abs(x - y) / (np.abs(x) + np.abs(y))")),
    mistake(
        (
            "smallest_denominator_added",
            "1e-8 is added to the denominator",
            "1e-8 is the least that the denominator may be. Added, it makes tiny numbers look too much alike.",
        ),
        (RATIO, "np.max(np.abs(x - y) / (np.abs(x) + np.abs(y) + 1e-8))"),
    ),
    mistake(
        (
            "absolute_error",
            "That is the absolute error",
            "0.5 is nothing to a gradient of 1000, and everything to one of 0.5. Divide by the numbers' size.",
        ),
        (RATIO, "np.max(np.abs(x - y))"),
    ),
    mistake(
        (
            "zero_by_zero",
            "0 divided by 0 where both gradients vanish",
            "Two gradients that are both 0 agree. Let the denominator never be smaller than 1e-8.",
        ),
        (RATIO, "np.max(np.abs(x - y) / (np.abs(x) + np.abs(y)))"),
    ),
    mistake(DIVIDED_BY_ONE, (RATIO, "np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x)))")),
    mistake(DIVIDED_BY_ONE, (RATIO, "np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(y)))")),
    mistake(
        (
            "larger_of_the_two",
            "The larger of the two stands in the denominator, not their sum",
            "Both are in use; this course takes |x| + |y|, as CS231n's code does.",
        ),
        (RATIO, "np.max(np.abs(x - y) / np.maximum(1e-8, np.maximum(np.abs(x), np.abs(y))))"),
    ),
    mistake(
        (
            "absolute_value_of_the_sum",
            "|x + y| stands where |x| + |y| should",
            "For opposite signs x + y can be 0, though nothing is small.",
        ),
        (RATIO, "np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x + y)))"),
    ),
    mistake(
        (
            "sign_kept",
            "The difference keeps its sign",
            "Where x is the smaller one, x - y is negative, and the largest of negative numbers measures no error.",
        ),
        (RATIO, "np.max((x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))"),
    ),
    mistake(
        (
            "mean_for_maximum",
            "The mean is taken, not the largest",
            "One wrong entry among a million is a wrong gradient. The mean would not show it.",
        ),
        (RATIO, RATIO.replace("np.max(", "np.mean(")),
    ),
    mistake(
        (
            "sum_for_maximum",
            "The errors are added up",
            "The largest is asked for: it does not grow with the size of the array.",
        ),
        (RATIO, RATIO.replace("np.max(", "np.sum(")),
    ),
    mistake(WHOLE_ARRAY, (RATIO, "np.max(np.abs(x - y)) / max(1e-8, np.max(np.abs(x) + np.abs(y)))")),
    mistake(WHOLE_ARRAY, (RATIO, "np.linalg.norm(x - y) / max(1e-8, np.linalg.norm(x) + np.linalg.norm(y))")),
    mistake(
        (
            "two_in_the_denominator",
            "Divided by the mean of the two",
            "The denominator is |x| + |y|, without a 1/2: then the error is never above 1.",
        ),
        (RATIO, "np.max(np.abs(x - y) / np.maximum(1e-8, (np.abs(x) + np.abs(y)) / 2))"),
    ),
)

ONE_SIDED = (
    "one_sided",
    "The difference is one-sided",
    "(f(x + h) - f(x)) / h errs by h times half the second derivative, the central difference by h² times a sixth of "
    "the third: with h = 1e-5, five digits against ten.",
)
TWO_MISSING = (
    "two_missing",
    "The difference is divided by h",
    "How far apart are x + h and x - h?",
)
NOT_RESTORED = (
    "x_not_restored",
    "x is not put back",
    "After the call x is another point than before, and each entry is measured at a point that has moved. Keep the "
    "number, and write it back.",
)
RESTORED_BY_ARITHMETIC = (
    "restored_by_arithmetic",
    "x is put back by adding and subtracting",
    "In floating point x + h - h need not be x. Keep the number itself, and write it back.",
)
INTEGERS = (
    "integers",
    "Whole numbers cannot take a small step",
    "3 + 1e-5 stored as a whole number is 3 again. Work on floats.",
)
GRADIENT_OF_INTEGERS = (
    "gradient_of_integers",
    "The gradient is stored as whole numbers",
    "What comes after the decimal point is cut off: make it an array of floats.",
)
SIGN = ("sign_of_difference", "The difference is taken the wrong way round", "Above minus below: f(x + h) - f(x - h).")
ROWS = (
    "whole_rows_moved",
    "Whole rows are moved at once",
    "x[i] is a row where x has two axes. Each entry is moved by itself: np.ndindex(x.shape) gives all their indices.",
)
H_IGNORED = (
    "h_ignored",
    "The argument h is not used",
    "There is a step of its own inside the function. Use the h that was handed over.",
)
TOO_LARGE = (
    "step_too_large",
    "The step is too large",
    "A central difference with h = 0.01 errs by 1e-4 times a sixth of the third derivative. Use the h that was handed "
    "over, 1e-5 where none was.",
)
ONLY_DIAGONAL = (
    "all_entries_moved",
    "All entries are moved at once",
    "That gives one number, the sum of all derivatives. Move one entry, and leave the others.",
)
FLAT = ("flat_gradient", "The gradient is flat", "It has the shape of x, so that it can be subtracted from x.")

BACK = "        x[index] = kept\n"


def _step_mistakes() -> tuple[KnownMistake, ...]:
    """What goes wrong in both numeric gradients."""
    return (
        mistake(ONE_SIDED, ("kept - h", "kept"), ("/ (2 * h)", "/ h")),
        mistake(ONE_SIDED, ("kept + h", "kept"), ("/ (2 * h)", "/ h")),
        mistake(TWO_MISSING, ("/ (2 * h)", "/ h")),
        mistake(
            (
                "half_of_the_difference",
                "The brackets around 2h are missing",
                "a / 2 * h is a · h / 2 for Python: from left to right.",
            ),
            ("/ (2 * h)", "/ 2 * h"),
        ),
        mistake(NOT_RESTORED, (BACK, "")),
        mistake(NOT_RESTORED, (BACK, "        x[index] = kept - h\n")),
        mistake(
            RESTORED_BY_ARITHMETIC,
            ("x[index] = kept + h", "x[index] += h"),
            ("x[index] = kept - h", "x[index] -= 2 * h"),
            (BACK, "        x[index] += h\n"),
        ),
        mistake(INTEGERS, ("    grad = np.zeros(x.shape)\n", "    x = x.astype(int)\n    grad = np.zeros(x.shape)\n")),
        mistake(GRADIENT_OF_INTEGERS, ("np.zeros(x.shape)", "np.zeros(x.shape, dtype=int)")),
        mistake(SIGN, ("(above - below)", "(below - above)")),
        mistake(
            ROWS, ("np.ndindex(x.shape)", "np.ndindex(x.shape[:1])"), ("kept = x[index]", "kept = x[index].copy()")
        ),
        mistake(TOO_LARGE, ("    # BEGIN SOLUTION\n", "    h = 0.01\n")),
        mistake(FLAT, ("return grad", "return grad.ravel()")),
        mistake(
            ONLY_DIAGONAL,
            ("kept = x[index]", "kept = x.copy()"),
            ("x[index] = kept + h", "x[...] = kept + h"),
            ("x[index] = kept - h", "x[...] = kept - h"),
            (BACK, "        x[...] = kept\n"),
        ),
    )


GRADIENT_MISTAKES = (
    *_step_mistakes(),
    mistake(H_IGNORED, ("    # BEGIN SOLUTION\n", "    h = 1e-5\n")),
)

SUM = "np.sum((above - below) * df)"

ARRAY_MISTAKES = (
    *_step_mistakes(),
    mistake(
        (
            "result_not_copied",
            "Both results are the same array",
            "f may return its own argument. Then what you kept of it changes when you write x - h into x. Copy it.",
        ),
        ("above = np.array(f(x))", "above = f(x)"),
        ("below = np.array(f(x))", "below = f(x)"),
    ),
    mistake(
        (
            "upstream_gradient_missing",
            "The upstream gradient is left out",
            "Each output counts as much as df says: multiply by it before you add up.",
        ),
        (SUM, "np.sum(above - below)"),
    ),
    mistake(
        (
            "mean_for_sum",
            "The mean over the outputs is taken",
            "A small change of x changes all outputs, and the changes of the loss add up.",
        ),
        (SUM, "np.mean((above - below) * df)"),
    ),
    mistake(
        (
            "sum_missing",
            "The outputs are not added up",
            "One entry of x moves many outputs, and its gradient is one number: changes, each times df, added up.",
        ),
        (SUM, "((above - below) * df)"),
    ),
    mistake(
        (
            "upstream_on_one_side",
            "Only one of the two values is multiplied by df",
            "In a - b * c the product comes first: brackets.",
        ),
        (SUM, "np.sum(above - below * df)"),
    ),
)

UNIT = "    u = u / np.linalg.norm(u)\n"
QUOTIENT = "abs(numeric - analytic) / max(1e-8, abs(numeric) + abs(analytic))"

SAME_DIRECTION = (
    "same_direction_for_every_seed",
    "Every seed gives the same direction",
    "Along one direction a wrong gradient may happen to look right: three seeds are to try three of them. "
    "Draw the direction, from the seed that was handed over.",
)

DIRECTIONAL_MISTAKES = (
    mistake(
        (
            "direction_not_unit",
            "The direction does not have length 1",
            "In many dimensions a random direction is long, and h u far longer than h. Divide u by its length.",
        ),
        (UNIT, ""),
    ),
    mistake(
        (
            "direction_not_unit",
            "The direction does not have length 1",
            "In many dimensions a random direction is long, and h u far longer than h. Divide u by its length.",
        ),
        (UNIT, "    u = u / np.max(np.abs(u))\n"),
    ),
    mistake(
        ONE_SIDED,
        ("np.asarray(f(x - h * u))", "np.asarray(f(x))"),
        ("/ (2 * h)", "/ h"),
    ),
    mistake(TWO_MISSING, ("/ (2 * h)", "/ h")),
    mistake(
        (
            "absolute_error",
            "That is the absolute error",
            "Divide by the size of the two numbers, as rel_error does.",
        ),
        (QUOTIENT, "abs(numeric - analytic)"),
    ),
    mistake(
        (
            "zero_by_zero",
            "0 divided by 0 where both gradients vanish",
            "Two derivatives that are both 0 agree. Let the denominator never be smaller than 1e-8.",
        ),
        (QUOTIENT, "np.float64(abs(numeric - analytic)) / (abs(numeric) + abs(analytic))"),
    ),
    mistake(
        SAME_DIRECTION,
        ("default_rng(seed)", "default_rng(231)"),
    ),
    mistake(
        SAME_DIRECTION,
        ("np.random.default_rng(seed).standard_normal(x.shape)", "np.ones(x.shape)"),
    ),
    mistake(
        (
            "upstream_gradient_missing",
            "The upstream gradient is left out",
            "dx is the gradient of sum(f(x) * df): multiply by df before you add up.",
        ),
        ("np.sum(difference * df)", "np.sum(difference)"),
    ),
    mistake(
        (
            "not_projected",
            "dx is added up without the direction",
            "How much does the sum change for a step along u? Each entry of dx counts as much as u moves it.",
        ),
        ("np.sum(dx * u)", "np.sum(dx)"),
    ),
    mistake(
        (
            "multiplied_by_length",
            "The norm of dx is compared",
            "The slope along u is the projection of the gradient on u, not its length.",
        ),
        ("np.sum(dx * u)", "np.linalg.norm(dx)"),
    ),
    mistake(
        (
            "divided_by_one_only",
            "Only one of the two derivatives stands in the denominator",
            "As in rel_error: the sum of both, so that the error is never above 1.",
        ),
        (QUOTIENT, "abs(numeric - analytic) / max(1e-8, abs(numeric))"),
    ),
    mistake(
        (
            "divided_by_one_only",
            "Only one of the two derivatives stands in the denominator",
            "As in rel_error: the sum of both, so that the error is never above 1.",
        ),
        (QUOTIENT, "abs(numeric - analytic) / max(1e-8, abs(analytic))"),
    ),
    mistake(
        ("sign_kept", "The difference keeps its sign", "An error has no sign: where is abs?"),
        (QUOTIENT, QUOTIENT.replace("abs(numeric - analytic)", "(analytic - numeric)")),
    ),
    mistake(
        ("sign_kept", "The difference keeps its sign", "An error has no sign: where is abs?"),
        (QUOTIENT, QUOTIENT.replace("abs(numeric - analytic)", "(numeric - analytic)")),
    ),
)


MISTAKES: dict[str, tuple[KnownMistake, ...]] = {
    "rel_error": REL_ERROR_MISTAKES,
    "eval_numerical_gradient": GRADIENT_MISTAKES,
    "eval_numerical_gradient_array": ARRAY_MISTAKES,
    "directional_error": DIRECTIONAL_MISTAKES,
}
"""By exercise. Those of the questions stand with the questions."""
