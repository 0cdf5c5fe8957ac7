"""What the errors that NumPy and Python raise mean, in plain words: a table from messages to sentences.

A message comes from a student's process, so that it is untrusted text: patterns look at its first 400 characters and
have no room to run wild. They leave open what differs among versions of NumPy and Python.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest

__all__ = ["MEANINGS", "Meaning", "explain"]

_LONGEST = 400  # characters of a message that are looked at


@dataclass(frozen=True)
class Meaning:
    """What an error of one kind means, and what to look at.

    {0}, {1} ... stand for what the pattern caught; {a0}, {a1} ... for the same where it is a type, with its article.
    """

    kinds: frozenset[str]
    """Any of the error's own type and its bases."""
    pattern: str
    """A regular expression. It is compiled when it is needed: that would take longer than all the rest of an import."""
    title: str
    hint: str
    detail: Callable[..., str] | None = None
    """From what the pattern caught to a further sentence."""


def explain(bases: list[str], message: str) -> tuple[str, str] | None:
    """A title and a hint for an error, or None where there is nothing to add to its message.

    Args:
        bases: the names of the error's type and of the types it comes from.
        message: its message.

    >>> explain(["ZeroDivisionError", "ArithmeticError"], "division by zero")[0]
    'A number is divided by 0'
    """
    for meaning in MEANINGS:
        match = meaning.kinds.intersection(bases) and re.search(meaning.pattern, message[:_LONGEST])
        if match:
            caught = [_tidy(group or "") for group in match.groups()]
            things = {f"a{number}": _thing(text) for number, text in enumerate(caught)}
            detail = meaning.detail(*caught) if meaning.detail else ""
            title = meaning.title.format(*caught, **things)
            title = title[0].upper() + title[1:] if meaning.title.startswith("{a") else title
            return title, f"{meaning.hint.format(*caught)} {detail}".strip()
    return None


def _tidy(text: str) -> str:
    """A shape with a space behind every comma, as Python writes it; other text as it is."""
    return re.sub(r",(?=\d)", ", ", text)


def _thing(kind: str) -> str:
    """A type as a thing: an int, None, an array."""
    special = {"NoneType": "None", "numpy.ndarray": "an array", "numpy.float64": "a number of NumPy's"}
    return special.get(kind, f"an {kind}" if kind[:1] in tuple("aeiou") else f"a {kind}")


def _clash(*shapes: str) -> str:
    """Where two shapes do not fit: the first axis from the right with different lengths, neither of them 1."""
    one, other = ([int(side) for side in re.findall(r"\d{1,9}", shape)][::-1] for shape in shapes[:2])
    for place, (a, b) in enumerate(zip_longest(one, other, fillvalue=1), start=1):
        if a != b and 1 not in (a, b):
            return f"Here axis {-place} is {a} long in the one and {b} in the other."
    return ""


def _needs(size: str, shape: str) -> str:
    sides = [int(side) for side in re.findall(r"\d{1,9}", shape)]
    wanted = 1
    for side in sides:
        wanted *= side
    return f"{size} numbers are there, and {' × '.join(map(str, sides))} = {wanted}." if len(sides) > 1 else ""


_SHAPE = r"(\([\d, ]{0,80}\))"
_NAME = r"'?([\w.]{1,60})'?"
_VALUE, _TYPE, _INDEX = frozenset({"ValueError"}), frozenset({"TypeError"}), frozenset({"IndexError"})

# What a name of a type says about where the thing came from.
_LIKELY = {
    "NoneType": "None is what a function without a `return` gives, and what x.sort() or list.append gives.",
    "tuple": "A function that returns several things returns a tuple: unpack it first, out, cache = f(...).",
    "list": "A list is no array: np.array(...) makes one of it.",
    "numpy.ndarray": "Many functions of arrays are NumPy's and not the array's own: np.f(x), not x.f().",
    "numpy.float64": "It is a single number: perhaps an axis is missing in a sum, a mean or an index.",
    "float": "It is a single number: perhaps an axis is missing in a sum, a mean or an index.",
    "int": "It is a single number: perhaps an axis is missing in a sum, a mean or an index.",
    "function": "It is the function itself: call it, f(x), or look whether its name is used twice.",
    "builtin_function_or_method": "It is the function itself: call it with round brackets, np.zeros((2, 3)).",
}


def _likely(*types: str) -> str:
    return next((_LIKELY[kind] for kind in types if kind in _LIKELY), "")


_FITS = (
    "NumPy lines shapes up from the right: two lengths fit where they are equal or one of them is 1. Think which axis "
    "belongs to which; keepdims=True or x[:, None] puts in an axis of length 1."
)

MEANINGS: tuple[Meaning, ...] = (
    # --- shapes ---
    Meaning(
        _VALUE,
        r"remapped shapes \[original->remapped\]: \(\S* ?->|[Ss]ize of label",
        "In the einsum, one letter stands for two different lengths",
        "A letter means one length in all operands. Write the shape of each operand below its letters and compare.",
    ),
    Meaning(
        _VALUE,
        r"einstein sum",
        "The einsum's letters do not fit its arrays",
        "Each operand has one letter for each of its axes, operands are separated by commas, and the letters behind -> "
        "all occur before it, each once.",
    ),
    Meaning(
        _VALUE,
        rf"operands could not be broadcast together with shapes? {_SHAPE} {_SHAPE}",
        "Shapes {0} and {1} do not fit together",
        _FITS,
        _clash,
    ),
    Meaning(
        _VALUE,
        rf"cannot be broadcast to a single shape.{{1,40}}with shape {_SHAPE}.{{1,20}}with shape {_SHAPE}",
        "Shapes {0} and {1} do not fit together",
        _FITS,
        _clash,
    ),
    Meaning(
        _VALUE,
        rf"could not broadcast input array from shape {_SHAPE} into shape {_SHAPE}",
        "An array of shape {0} is written into a place of shape {1}",
        "The left side of the = is the place: look whether its slice is as long as you think, and whether the right "
        "side has the axes in this order.",
    ),
    Meaning(
        _VALUE | _INDEX,
        rf"value array of shape {_SHAPE} could not be broadcast to indexing result of shape {_SHAPE}",
        "An array of shape {0} is written into a place of shape {1}",
        "The index on the left side of the = picks out a place of another shape than what is written there.",
    ),
    Meaning(
        _VALUE,
        rf"non-broadcastable output operand with shape {_SHAPE} doesn't match the broadcast shape {_SHAPE}",
        "The result has shape {1}, and the array that it is written into has shape {0}",
        "x += y keeps x's shape. If the result is to be larger, write x = x + y; if not, y has an axis too many.",
    ),
    Meaning(
        _VALUE,
        r"matmul: .{0,120}\(size (\d{1,9}) is different from (\d{1,9})\)",
        "In the matrix product, the inner lengths differ: {1} and {0}",
        "A @ B needs A of shape (n, k) and B of shape (k, m). Perhaps one of them is to be transposed, A.T, or to be "
        "reshaped into rows first.",
    ),
    Meaning(
        _VALUE,
        rf"shapes {_SHAPE} and {_SHAPE} not aligned: (\d{{1,9}}) \(dim \d+\) != (\d{{1,9}})",
        "In the matrix product of {0} and {1}, the inner lengths differ: {2} and {3}",
        "A @ B needs A of shape (n, k) and B of shape (k, m). Perhaps one of them is to be transposed, A.T, or to be "
        "reshaped into rows first.",
    ),
    Meaning(
        _VALUE,
        r"matmul: Input operand (\d) does not have enough dimensions",
        "The matrix product got a single number",
        "A @ B takes arrays; a number is multiplied with *.",
    ),
    Meaning(
        _VALUE,
        r"cannot reshape array of size (\d{1,12}) into shape (\([\d, -]{0,80}\))",
        "{0} numbers do not fill the shape {1}",
        "reshape keeps every number: the product of the new shape's lengths must be the old one's.",
        _needs,
    ),
    Meaning(
        _VALUE,
        r"can only specify one unknown dimension",
        "reshape got -1 twice",
        "One -1 stands for 'whatever is left'; with two there is more than one way. Name the other lengths.",
    ),
    Meaning(
        _VALUE,
        r"concatenation axis must match exactly, but along dimension (\d+),.{1,40}has size (\d+).{1,40}has size (\d+)",
        "Arrays are joined whose axis {0} differs: {1} and {2}",
        "np.concatenate joins along one axis, and all other axes must be equally long. Look at axis=.",
    ),
    Meaning(
        _VALUE,
        r"all the input arrays must have same number of dimensions|all input arrays must have the same shape"
        r"|zero-dimensional arrays cannot be concatenated",
        "Arrays are joined whose shapes do not fit",
        "np.concatenate wants arrays with equally many axes, np.stack arrays of one shape. x[None] puts in an axis.",
    ),
    Meaning(
        _VALUE,
        r"axes don't match array|repeated axis in transpose",
        "The transpose does not name each axis once",
        "x.transpose(...) takes as many numbers as x has axes, 0, 1, 2 ..., each once.",
    ),
    Meaning(
        _VALUE,
        r"window shape cannot be larger|negative dimensions are not allowed",
        "A length comes out negative",
        "The output's height and width are (H - HH) // S + 1 and so on: look whether H and W, or the window and the "
        "image, are exchanged.",
    ),
    Meaning(
        _VALUE,
        r"zero-size array to reduction|attempt to get arg\w+ of an empty",
        "A maximum is taken of nothing: the array is empty",
        "A slice that starts behind its end, or outside of the array, is empty. Print the slice's borders.",
    ),
    # --- axes and indices ---
    Meaning(
        frozenset({"AxisError"}),
        r"axis (-?\d{1,9}) is out of bounds for array of dimension (\d{1,3})",
        "There is no axis {0}: the array has {1} axes",
        "Axes count from 0, or from the end: -1 is the last. An earlier sum, mean or index may have taken one away; "
        "keepdims=True keeps it.",
    ),
    Meaning(
        _VALUE,
        r"cannot select an axis to squeeze out",
        "squeeze is asked to take away an axis that is longer than 1",
        "squeeze only takes away axes of length 1. x[:, 0] picks one entry, x.sum(axis=1) adds them up.",
    ),
    Meaning(
        _INDEX,
        r"index (-?\d{1,12}) is out of bounds for axis (\d{1,3}) with size (\d{1,12})",
        "Index {0} is outside of axis {1}, which has {2} entries",
        "Indices run from 0 to the length minus 1. Look at the borders of the loop, at i * stride, and whether rows "
        "and columns are exchanged.",
    ),
    Meaning(
        _INDEX,
        r"(list|tuple) index out of range",
        "The {0} is shorter than the index says",
        "Indices run from 0 to the length minus 1; x.shape has one entry for each axis.",
    ),
    Meaning(
        _INDEX,
        r"too many indices for array: array is (\d{1,3})-dimensional, but (\d{1,3}) were indexed",
        "{1} indices for an array with {0} axes",
        "An earlier index, sum or mean has taken an axis away, or the array never had it. keepdims=True keeps it.",
    ),
    Meaning(
        _INDEX | _TYPE,
        r"only integers, slices|must be of integer \(or boolean\)|indices must be integers",
        "Something that is no whole number is used as an index",
        "/ gives a float even where it divides evenly: // gives an int. A name of a key goes with a dictionary only.",
    ),
    Meaning(
        _INDEX,
        rf"indexing arrays could not be broadcast together with shapes {_SHAPE} {_SHAPE}",
        "The index arrays {0} and {1} do not fit together",
        "Index arrays are paired entry by entry, x[[0, 1], [2, 3]] is x[0, 2] and x[1, 3]: they must be equally long.",
    ),
    Meaning(
        _INDEX,
        r"boolean index did not match.{0,60}size of axis is (\d{1,9}) but size of .{0,30} is (\d{1,9})",
        "A mask of {1} entries for an axis of {0}",
        "A mask picks entries of an array of its own shape. It was made from another array, or before a change of it.",
    ),
    # --- kinds of numbers ---
    Meaning(
        _VALUE,
        r"read-only",
        "The array cannot be written: it only looks at another one's numbers",
        "np.broadcast_to, sliding_window_view and the like give views. Write into a copy, x.copy(), or into "
        "np.zeros_like(x).",
    ),
    Meaning(
        _TYPE,
        r"Cannot cast ufunc '?(\w{1,30})'? output from dtype\('(\w{1,20})'\) to dtype\('(\w{1,20})'\)",
        "{1} numbers do not go into an array of {2}",
        "x += y keeps x's dtype. Make the array of floats: np.zeros(shape), x.astype(float), or write x = x + y.",
    ),
    Meaning(
        _VALUE,
        r"setting an array element with a sequence|inhomogeneous",
        "Several numbers are put where one belongs",
        "Either the right side of the = is an array where one number was meant (a sum or an index is missing), or an "
        "array is made of rows of different lengths.",
    ),
    Meaning(
        _TYPE,
        r"only integer scalar arrays|only (?:length-1|size-1|0-dimensional) arrays can be converted",
        "An array stands where one number is wanted",
        "range, an index of a list, int and float take one number. np.concatenate and np.stack take one list: "
        "np.concatenate([a, b]).",
    ),
    Meaning(
        _TYPE,
        r"'([\w.]{1,60})' object cannot be interpreted as an integer",
        "{a0} stands where a whole number is wanted",
        "Shapes, axes and range take ints. / gives a float even where it divides evenly: // gives an int. "
        "np.random.randn takes lengths one by one, randn(*shape).",
    ),
    Meaning(
        _TYPE,
        r"Cannot interpret '(.{1,40})' as a data type",
        "{0} was taken for a dtype",
        "The shape is one argument: np.zeros((2, 3)), with a bracket of its own.",
    ),
    Meaning(
        _VALUE,
        r"truth value of an array",
        "An array has no truth value of its own",
        "if, and, or, not and max() want one answer, and this has one for each entry. Use .any() or .all(), np.where, "
        "np.maximum, or & and | between brackets.",
    ),
    Meaning(
        _TYPE,
        r"numpy boolean (\w{1,20})",
        "Truth values cannot be subtracted or negated",
        "~mask turns a mask round; mask.astype(float) makes numbers of it.",
    ),
    Meaning(
        _VALUE,
        r"Integers to negative integer powers",
        "Whole numbers have no negative powers in NumPy",
        "Make them floats: x.astype(float), or 1.0 / x.",
    ),
    # --- names, calls, values ---
    Meaning(
        _TYPE,
        rf"{_NAME} object is not callable",
        "Round brackets stand behind {a0}, which is no function",
        "Either an index was meant, x[0], or a * is missing between two brackets, or the function's name was used for "
        "a variable.",
    ),
    Meaning(
        _TYPE | _INDEX,
        rf"{_NAME} object is not subscriptable|invalid index to scalar variable",
        "Square brackets behind something that has no entries",
        "Look what the variable really holds, and where it got its value.",
        _likely,
    ),
    Meaning(
        _TYPE,
        rf"{_NAME} object does not support item assignment",
        "Entries of {a0} cannot be set",
        "Look what the variable really holds, and where it got its value.",
        _likely,
    ),
    Meaning(
        _VALUE,
        r"not enough values to unpack \(expected (?:at least )?(\d{1,9}), got (\d{1,9})\)",
        "{0} names on the left of the =, and {1} values on the right",
        "N, C, H, W = x.shape needs an array with four axes. Print the right side.",
    ),
    Meaning(
        _VALUE,
        r"too many values to unpack \(expected (\d{1,9})",
        "{0} names on the left of the =, and more values on the right",
        "The array has more axes, or the function returns more, than there are names. Print the right side.",
    ),
    Meaning(
        _TYPE,
        rf"cannot unpack non-iterable {_NAME} object",
        "{a0} is to be unpacked into several names",
        "Look what the right side of the = gives.",
        _likely,
    ),
    Meaning(
        _TYPE,
        rf"{_NAME} object is not iterable|iteration over a 0-d array|len\(\) of unsized|of type {_NAME} has no len",
        "Something that has no entries is gone through or counted",
        "Look what the variable really holds; a loop over a number n is `for i in range(n)`.",
        _likely,
    ),
    Meaning(
        frozenset({"KeyError"}),
        r"(.{1,80})",
        "The dictionary has no key {0}",
        "Compare its spelling with the docstring; d.get(key, default) is for keys that may be missing.",
    ),
    Meaning(
        frozenset({"UnboundLocalError"}),
        r"variable '(\w{1,60})'",
        "{0} is used before it has a value",
        "It gets its value in a branch or a loop that was not run, or only further below.",
    ),
    Meaning(
        frozenset({"NameError"}),
        r"name '(\w{1,60})' is not defined",
        "There is no {0} here",
        "Look for a slip of the pen, for a cell that has not been run, or for a value that must first be taken out of "
        "the arguments or the cache.",
    ),
    Meaning(
        _TYPE,
        r"NoneType",
        "None stands in a formula",
        "A variable has no value: a function without a `return` gives None, and so does d.get(key) for a missing key.",
    ),
    Meaning(
        _TYPE,
        rf"unsupported operand type\(s\) for (\S{{1,3}}): {_NAME} and {_NAME}",
        "There is no {0} between {a1} and {a2}",
        "Look what both sides really hold.",
        lambda _, one, other: _likely(one, other),
    ),
    Meaning(
        _TYPE,
        r"did not contain a loop|not supported for the input|ufunc does not support|can't multiply sequence|can only "
        r"concatenate (?:str|list|tuple)",
        "Something in the formula is no number and no array",
        "Look what the variables of this line really hold: a list, a string or a dictionary does not calculate.",
    ),
    Meaning(
        frozenset({"AttributeError"}),
        r"module '(numpy[\w.]{0,40})' has no attribute '(\w{1,60})'",
        "NumPy has no {1}",
        "Look for a slip of the pen; np.float, np.int and np.bool are gone: write float, int and bool.",
    ),
    Meaning(
        frozenset({"AttributeError"}),
        rf"{_NAME} object has no attribute '(\w{{1,60}})'",
        "{a0} has no .{1}",
        "Look what the variable really holds, and where it got its value.",
        lambda kind, _: _likely(kind),
    ),
    Meaning(
        frozenset({"ZeroDivisionError"}),
        r"",
        "A number is divided by 0",
        "Look which length or count is 0 here, and whether it should be.",
    ),
    Meaning(
        _TYPE,
        r"([\w.<>]{1,80})\(\) (?:missing|takes|got)",
        "{0} is called with other arguments than it takes",
        "Compare the call with the line that starts with def: their number, their order, their names.",
    ),
    Meaning(
        frozenset({"RecursionError"}),
        r"",
        "The function calls itself without an end",
        "Perhaps it has the name of the helper that it means to call.",
    ),
)
"""From the particular to the general: the first that fits is given."""
