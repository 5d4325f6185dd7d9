"""Formulas over named figures: + − × ÷ and brackets, 取大 and 取小; exact, and nothing else is ever run.

The text is read by Python's own parser and only the nodes listed here are taken from its tree.
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from rules.kinds.labels import FIGURE_LABELS
from rules.kinds.params import ParamError, text

LONGEST = 200
LARGEST = 10**12
# As people type them, and as the parser reads them.
_SIGNS = str.maketrans("＋－−–×＊÷／（），", "+---**//(),")
_OPERATORS: dict[type[ast.operator], tuple[str, Callable[[Fraction, Fraction], Fraction]]] = {
    ast.Add: ("＋", operator.add),
    ast.Sub: ("－", operator.sub),
    ast.Mult: ("×", operator.mul),
    ast.Div: ("÷", operator.truediv),
}
_CHOOSERS: dict[str, tuple[str, Callable[..., Fraction]]] = {"max": ("取大", max), "min": ("取小", min)}
_BINDS: dict[type[ast.operator], int] = {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.Div: 2}
HOW = "写数字、部门数字的名称、+ - * / 和括号，例如 promotion_cost * 10"


class FormulaFailure(Exception):
    """A formula has no value; the message (Chinese) says why. `missing` names figures that are not there."""

    def __init__(self, message: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.missing = missing


def formula(raw: Any, path: str, blanks: list[str]) -> str:
    """A formula as it was written; ParamError for anything but arithmetic over names."""
    written = text(raw, path, blanks).strip()
    try:
        _tree(written)
    except ParamError as error:
        raise ParamError(f"{path}：{error}") from None
    return written


def evaluated(written: str, figures: Callable[[str], Fraction | None]) -> Fraction:
    """The value, exact; FormulaFailure naming a figure that is not there, or what divides by zero."""
    tree = _tree(written)
    missing = tuple(code for code in dict.fromkeys(_names(tree)) if figures(code) is None)
    if missing:
        raise FormulaFailure(f"缺{'、'.join(map(_label, missing))}", missing)
    return _value(tree, figures)


def names_in(written: str) -> tuple[str, ...]:
    """The codes of the figures that a formula reads, in their order."""
    return tuple(dict.fromkeys(_names(_tree(written))))


def formula_in_words(written: str, figures: Mapping[str, str] | None = None) -> str:
    """`推广费×10`, with `figures` (code → as people read it) `推广费500×10`."""
    return _words(_tree(written), figures or {})


@lru_cache(maxsize=512)
def _tree(written: str) -> ast.expr:
    if len(written) > LONGEST:
        raise ParamError(f"公式超过{LONGEST}个字；请写短一些")
    try:
        tree = ast.parse(written.translate(_SIGNS), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ParamError(f"公式“{written}”读不懂；{HOW}") from None
    _check(tree, written)
    return tree


def _check(node: ast.expr, written: str) -> None:
    match node:
        case ast.BinOp() if type(node.op) in _OPERATORS:
            _check(node.left, written)
            _check(node.right, written)
        case ast.UnaryOp(op=ast.USub()):
            _check(node.operand, written)
        case ast.Call(func=ast.Name(id=name), args=[_, _, *_], keywords=[]) if name in _CHOOSERS:
            for each in node.args:
                _check(each, written)
        case ast.Name():
            pass
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            if abs(number) > LARGEST:
                raise ParamError(f"公式“{written}”里的数太大；请检查是否多写了几位")
        case _:
            raise ParamError(f"公式“{written}”里有不能用的写法；{HOW}")


def _names(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield _code(node.id)
    elif isinstance(node, ast.Call):
        for each in node.args:
            yield from _names(each)
    elif isinstance(node, ast.BinOp):
        yield from _names(node.left)
        yield from _names(node.right)
    elif isinstance(node, ast.UnaryOp):
        yield from _names(node.operand)


def _value(node: ast.expr, figures: Callable[[str], Fraction | None]) -> Fraction:
    match node:
        case ast.BinOp():
            left, right = _value(node.left, figures), _value(node.right, figures)
            if isinstance(node.op, ast.Div) and not right:
                raise FormulaFailure(f"除数“{_words(node.right, {})}”是0，不能除")
            return _OPERATORS[type(node.op)][1](left, right)
        case ast.UnaryOp():
            return -_value(node.operand, figures)
        case ast.Call(func=ast.Name(id=name)):
            return _CHOOSERS[name][1](*(_value(each, figures) for each in node.args))
        case ast.Name():
            found = figures(_code(node.id))
            assert found is not None
            return found
        case ast.Constant():
            return Fraction(str(node.value))  # a float's shortest text is what was written
    raise AssertionError(node)


def _words(node: ast.expr, figures: Mapping[str, str]) -> str:
    match node:
        case ast.BinOp():
            sign, binds = _OPERATORS[type(node.op)][0], _BINDS[type(node.op)]
            parts = [_words(each, figures) for each in (node.left, node.right)]
            for i, each in enumerate((node.left, node.right)):
                # To the right of － and ÷ the same strength needs its brackets too.
                if isinstance(each, ast.BinOp) and _BINDS[type(each.op)] < binds + i:
                    parts[i] = f"（{parts[i]}）"
            return f"{parts[0]}{sign}{parts[1]}"
        case ast.UnaryOp():
            inner = _words(node.operand, figures)
            return f"－（{inner}）" if isinstance(node.operand, ast.BinOp) else f"－{inner}"
        case ast.Call(func=ast.Name(id=name)):
            return f"{_CHOOSERS[name][0]}（{'，'.join(_words(each, figures) for each in node.args)}）"
        case ast.Name():
            code = _code(node.id)
            return f"{_label(code)}{figures.get(code, '')}"
        case ast.Constant():
            return str(node.value)
    raise AssertionError(node)


def _code(name: str) -> str:
    """The code of a figure that may be written in Chinese."""
    return _CODES.get(name, name)


def _label(code: str) -> str:
    return FIGURE_LABELS.get(code, code)


_CODES = {label: code for code, label in FIGURE_LABELS.items()}
