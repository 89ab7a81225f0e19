"""What the code says of itself: the reasons and condition types that it can report."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "controllers/drover"

_REASON_AT = {
    "Terminal": 0,
    "Waiting": 0,
    "Problem": 0,
    "NoAccess": 0,
    "Notice": 0,
    "true": 1,
    "false": 1,
    "unknown": 1,
    "_Verdict": 1,
    "WorkloadStatus": 1,
    "Decision": 1,
}
"""Where the reason stands among the arguments of what makes a finding, a condition or an Event."""

_CAMEL = re.compile(r"[A-Z][A-Za-z]+")


def reasons() -> set[str]:
    """Every reason of a condition or Event that is written out in the code."""
    paths = [path for part in ("kinds", "members", "rules") for path in sorted((PACKAGE / part).rglob("*.py"))]
    modules = [ast.parse(path.read_text()) for path in paths]
    return {name for module in modules for name in _reasons(module) if _CAMEL.fullmatch(name)}


def condition_types(kind: str) -> set[str]:
    """The condition types that the report of a kind writes out; names that are put together are left out."""
    module = ast.parse((PACKAGE / "kinds" / kind / "report.py").read_text())
    constants = _constants(module)
    return {
        name
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and _called(node) in ("true", "false", "unknown") and len(node.args) > 1
        for name in _strings(node.args[0], constants)
    }


def _reasons(module: ast.Module) -> Iterator[str]:
    constants = _constants(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            place = _REASON_AT.get(_called(node))
            if place is not None and len(node.args) > place and not _is_active(node):
                yield from _strings(node.args[place], constants)
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and node.value.elts:
            yield from _strings(node.value.elts[0], constants)  # a reason with its message
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "reason":
            yield from _strings(node.value, constants)


def _is_active(node: ast.Call) -> bool:
    """A native object that is well: its reason is not shown."""
    return _called(node) == "_Verdict" and "active" in _strings(node.args[0], {})


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _constants(module: ast.Module) -> dict[str, ast.expr]:
    return {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _strings(node: ast.expr | None, constants: dict[str, ast.expr]) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _strings(body, constants)
            yield from _strings(other, constants)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _strings(value, constants)
        case ast.Name(id=name) if name in constants:
            yield from _strings(constants[name], {})
