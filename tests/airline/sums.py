"""A sum worked out: numbers, the four kinds of arithmetic and brackets, and nothing else."""

import ast
import operator
from collections.abc import Callable
from typing import Any

from tests.airline.bookings import Bookings, Refused

LETTERS = frozenset("0123456789+-*/(). ")
LONGEST = 1000
DOES: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


def calculate(bookings: Bookings, *, expression: str) -> str:
    """What an expression comes to, to two places."""
    if not LETTERS.issuperset(expression) or len(expression) > LONGEST:
        raise Refused("Error: invalid characters in expression")
    try:
        return str(round(float(_worked_out(ast.parse(expression.strip(), mode="eval").body)), 2))
    except (SyntaxError, ArithmeticError, RecursionError, ValueError) as wrong:
        raise Refused(f"Error: {wrong}") from wrong


def _worked_out(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in DOES:
        return float(DOES[type(node.op)](_worked_out(node.left), _worked_out(node.right)))
    if isinstance(node, ast.UnaryOp) and type(node.op) in DOES:
        return float(DOES[type(node.op)](_worked_out(node.operand)))
    raise ValueError("not a sum of numbers")
