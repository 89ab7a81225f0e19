"""The strings under the fields of a class, read from its source when schemas are generated (never in a server)."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from pathlib import Path


@cache
def field_docstrings(cls: type) -> dict[str, str]:
    """The description of each field that the class itself declares, with line breaks folded."""
    tree = _classes(inspect.getsourcefile(cls) or "").get(cls.__qualname__)
    if tree is None:
        return {}
    found = {}
    for declaration, following in zip(tree.body, tree.body[1:], strict=False):
        if (
            isinstance(declaration, ast.AnnAssign)
            and isinstance(declaration.target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
            and isinstance(following.value.value, str)
        ):
            found[declaration.target.id] = " ".join(inspect.cleandoc(following.value.value).split())
    return found


@cache
def _classes(path: str) -> dict[str, ast.ClassDef]:
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
