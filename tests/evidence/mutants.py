"""Mutants: a function's source with one small edit, of the kinds that slips of the pen are made of.

A few lines over Python's own `ast`. cosmic-ray and mutmut were looked at: both are runners of a whole project's tests;
their operators can be had only through inner modules (which mutmut has moved from one 3.x to the next), turn arguments
into None and names into XXnamesXX, and know nothing of axes, slices, shapes and reductions, where arrays go wrong.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Mutant", "mutants"]


@dataclass(frozen=True, eq=False)
class Mutant:
    """An edit of one statement of a function."""

    function: str
    tree: ast.Module
    statement: ast.stmt
    edited: ast.stmt

    @property
    def before(self) -> str:
        """The statement as it was (of one that has others below it, the first line)."""
        return _text(self.statement).splitlines()[0]

    @property
    def after(self) -> str:
        """The statement as it is."""
        return _text(self.edited).splitlines()[0]

    def function_in(self, namespace: dict[str, Any]) -> Any:
        """The function with the edit in it; None where that is no Python."""
        planted = ast.fix_missing_locations(_replaced(self.tree, self.statement, self.edited))
        inside = dict(namespace)
        try:
            exec(compile(planted, f"<mutant of {self.function}>", "exec"), inside)
        except SyntaxError:
            return None
        return inside[self.function]


Edit = Callable[[ast.AST], Iterator[ast.AST]]
"""From a node to what might stand there instead."""

NAMES = (
    ("H", "W"),
    ("HH", "WW"),
    ("H_out", "W_out"),
    ("rows", "columns"),
    ("i", "j"),
    ("p", "q"),
    ("above", "below"),
    ("gamma", "beta"),
    ("dgamma", "dbeta"),
    ("mean", "var"),
    ("running_mean", "running_var"),
    ("shift", "stretch"),
    ("N", "C"),
    ("D", "M"),
    ("w", "b"),
    ("x", "dout"),
    ("x", "out"),
    ("x_hat", "dout"),
)
"""Names that are easily taken for one another, where a function has both."""

CALLS = (
    ("mean", "sum"),
    ("sum", "mean"),
    ("max", "min"),
    ("max", "mean"),
    ("argmax", "argmin"),
    ("maximum", "minimum"),
    ("var", "std"),
    ("zeros", "ones"),
    ("ones", "zeros"),
    ("sqrt", "square"),
    ("sqrt", "abs"),
    ("exp", "log"),
    ("log", "exp"),
    ("abs", "array"),
    ("standard_normal", "random"),
    ("random", "standard_normal"),
)
"""Functions and methods, and what is written in their place."""

ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.Sub),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult, ast.Add),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
}

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}


def mutants(source: str) -> list[Mutant]:
    """All mutants of a function's (or class's) source, each once, in the order of the text."""
    tree = ast.parse(source)
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef | ast.ClassDef)
    texts, own = _strings(function), {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    own |= {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    found: list[Mutant] = []
    for statement in _statements(function):
        seen = {_text(statement)}
        for edited in _edited(statement, texts, own):
            text = _text(edited)
            if text not in seen:
                seen.add(text)
                found.append(Mutant(function.name, tree, statement, edited))
    return found


def _statements(function: ast.FunctionDef | ast.ClassDef) -> list[ast.stmt]:
    """All statements, those inside of others too, without docstrings."""
    inner = [node for node in ast.walk(function) if isinstance(node, ast.stmt) and node is not function]
    return [node for node in inner if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]


def _edited(statement: ast.stmt, texts: set[str], own: set[str]) -> Iterator[ast.stmt]:
    """The statement with one edit, in all ways. What stands below another statement is that one's own business."""
    yield from _whole(statement)
    if isinstance(statement, ast.FunctionDef | ast.Raise):
        return
    others = [node for node in ast.walk(statement) if isinstance(node, ast.stmt | ast.JoinedStr)]
    others = [node for node in others if node is not statement]
    if isinstance(statement, ast.AnnAssign):
        others.append(statement.annotation)
    unordered = {id(node.value) for node in ast.walk(statement) if isinstance(node, ast.keyword) and node.arg == "axis"}
    skipped = {id(node) for other in others for node in ast.walk(other)} | {id(statement)}
    for node in ast.walk(statement):
        if id(node) in skipped:
            continue
        for edit in EDITS:
            for new in edit(node):
                if id(node) not in unordered or not _reordered(node, new):
                    yield _replaced(statement, node, new)
        for new in (*_other_text(node, texts), *_other_name(node, own)):
            yield _replaced(statement, node, new)


def _reordered(node: ast.AST, new: ast.AST) -> bool:
    both = isinstance(node, ast.Tuple) and isinstance(new, ast.Tuple)
    return both and sorted(map(ast.unparse, node.elts)) == sorted(map(ast.unparse, new.elts))


def _text(statement: ast.stmt) -> str:
    return ast.unparse(ast.fix_missing_locations(statement))


def _whole(statement: ast.stmt) -> Iterator[ast.stmt]:
    """Left out; = for += and the other way round; a condition that always or never holds."""
    if not isinstance(statement, ast.FunctionDef | ast.Return | ast.Pass):
        yield ast.Pass()
    if isinstance(statement, ast.AugAssign):
        yield ast.Assign([statement.target], statement.value)
        for other in ARITHMETIC.get(type(statement.op), ()):
            yield ast.AugAssign(statement.target, other(), statement.value)
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Subscript):
        yield ast.AugAssign(statement.targets[0], ast.Add(), statement.value)
    if isinstance(statement, ast.If):
        for value in (True, False):
            yield ast.If(ast.Constant(value), statement.body, statement.orelse)


def _operators(node: ast.AST) -> Iterator[ast.AST]:
    """Another operator, exchanged sides, one side left out."""
    if isinstance(node, ast.BinOp):
        for other in ARITHMETIC.get(type(node.op), ()):
            yield ast.BinOp(node.left, other(), node.right)
        if isinstance(node.op, ast.Sub | ast.Div | ast.FloorDiv | ast.MatMult | ast.Pow):
            yield ast.BinOp(node.right, node.op, node.left)
        yield node.left
        yield node.right
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for comparison in COMPARISONS.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [comparison()], node.comparators)
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        yield from node.values
    if isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse


def _constants(node: ast.AST) -> Iterator[ast.AST]:
    """One more, one less; half and double; the other truth."""
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, float):
        yield ast.Constant(2 * value if value else 1.0)
        yield ast.Constant(1 - value if 0 < value < 1 else value / 2)


def _slices(node: ast.AST) -> Iterator[ast.AST]:
    """A bound left out, or one further, or one less; an index left out."""
    if isinstance(node, ast.Slice):
        for field in ("lower", "upper", "step"):
            bound = getattr(node, field)
            if bound is None:
                continue
            yield _with(node, **{field: None})
            yield _with(node, **{field: ast.BinOp(bound, ast.Add(), ast.Constant(1))})
            if field != "step":
                yield _with(node, **{field: ast.BinOp(bound, ast.Sub(), ast.Constant(1))})
    if isinstance(node, ast.Subscript):
        if isinstance(node.ctx, ast.Load):
            yield node.value
        if isinstance(node.slice, ast.Tuple):
            for k, entry in enumerate(node.slice.elts):
                if not _is_whole_axis(entry):
                    elements = [*node.slice.elts[:k], ast.Slice(), *node.slice.elts[k + 1 :]]
                    yield _with(node, slice=_with(node.slice, elts=elements))


def _is_whole_axis(entry: ast.expr) -> bool:
    return isinstance(entry, ast.Slice) and entry.lower is entry.upper is entry.step is None


def _calls(node: ast.AST) -> Iterator[ast.AST]:
    """Arguments left out or exchanged, the call left out, another function; one less to count to."""
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        for name, other in CALLS:
            if node.attr == name:
                yield _with(node, attr=other)
        if node.attr == "T":
            yield node.value
    if not isinstance(node, ast.Call):
        return
    for k in range(len(node.keywords)):
        yield _with(node, keywords=[*node.keywords[:k], *node.keywords[k + 1 :]])
    for k in range(len(node.args)):
        yield _with(node, args=[*node.args[:k], *node.args[k + 1 :]])
    for k in range(len(node.args) - 1):
        args = [*node.args[:k], node.args[k + 1], node.args[k], *node.args[k + 2 :]]
        yield _with(node, args=args)
    if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
        yield node.func.value
    if node.args:
        yield node.args[0]
    if ast.unparse(node.func).split(".")[-1] in ("range", "ndindex"):
        for k, argument in enumerate(node.args):
            fewer = ast.BinOp(argument, ast.Sub(), ast.Constant(1))
            yield _with(node, args=[*node.args[:k], fewer, *node.args[k + 1 :]])
    if ast.unparse(node.func).endswith(".var"):
        yield _with(node, keywords=[*node.keywords, ast.keyword("ddof", ast.Constant(1))])
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("sum", "mean", "max", "var"):
        keeps = [keyword for keyword in node.keywords if keyword.arg == "keepdims"]
        if not keeps:
            yield _with(node, keywords=[*node.keywords, ast.keyword("keepdims", ast.Constant(True))])


def _is_module(node: ast.expr) -> bool:
    return ast.unparse(node).split(".")[0] == "np"


def _rounding(node: ast.AST) -> Iterator[ast.AST]:
    """Rounded up for down."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv):
        yield ast.UnaryOp(ast.USub(), ast.BinOp(ast.UnaryOp(ast.USub(), node.left), ast.FloorDiv(), node.right))


def _tuples(node: ast.AST) -> Iterator[ast.AST]:
    """Neighbours exchanged; one left out."""
    if isinstance(node, ast.Tuple | ast.List):
        for k in range(len(node.elts) - 1):
            elements = [*node.elts[:k], node.elts[k + 1], node.elts[k], *node.elts[k + 2 :]]
            yield _with(node, elts=elements)
        if isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
            for k in range(len(node.elts)):
                yield _with(node, elts=[*node.elts[:k], *node.elts[k + 1 :]])


def _other_name(node: ast.AST, own: set[str]) -> Iterator[ast.AST]:
    """Another of the function's own names, one that is easily taken for this."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        for pair in NAMES:
            if node.id in pair and own.issuperset(pair):
                yield ast.Name(pair[1 - pair.index(node.id)], ast.Load())


def _other_text(node: ast.AST, texts: set[str]) -> Iterator[ast.AST]:
    """Another of the function's own strings: the wrong key, the wrong mode. Axes exchanged in an einsum."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if node.value in texts:
            for text in sorted(texts - {node.value}):
                yield ast.Constant(text)
        if "->" in node.value:  # einsum
            factors, out = node.value.split("->")
            yield ast.Constant(f"{factors}->{out[:-2]}{out[:-3:-1]}")
            yield ast.Constant(f"{','.join(reversed(factors.split(',')))}->{out}")


EDITS: tuple[Edit, ...] = (_operators, _constants, _slices, _calls, _rounding, _tuples)


def _strings(function: ast.AST) -> set[str]:
    nodes = [node for node in ast.walk(function) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {node.value for node in nodes if len(node.value) < 20 and node.value.isidentifier()}


def _with(node: ast.AST, **fields: object) -> ast.AST:
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _replaced(tree: Any, old: ast.AST, new: ast.AST) -> Any:
    """The tree with one node exchanged; the tree itself is left as it was."""
    if tree is old:
        return new
    if isinstance(tree, list):
        return [_replaced(item, old, new) for item in tree]
    if not isinstance(tree, ast.AST):
        return tree
    return type(tree)(**{name: _replaced(value, old, new) for name, value in ast.iter_fields(tree)})
