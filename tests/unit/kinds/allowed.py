"""Objects that a CRD's schema allows, for property tests. CEL rules and admission policies are left out, so there are
more of them than a kube-apiserver would take."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_TEXTS = [
    "",
    "a",
    "edge",
    "shop",
    "local",
    "shop-web",
    "10",
    "500m",
    "1Gi",
    "registry.example/a:1",
    "30 2 * * *",
    "x/y",
]
_ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(_TEXTS),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(_TEXTS), inner, max_size=2),
    max_leaves=4,
)
_MOST = 4
"""Optional fields of one object: each alone meets every other often enough, and examples stay small."""


def allowed(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a structural schema allows."""
    strategy = _of_type(schema)
    return st.none() | strategy if schema.get("nullable") else strategy


def _of_type(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("x-kubernetes-int-or-string"):
        return st.integers(-1, 100) | st.sampled_from(_TEXTS)
    match schema.get("type"):
        case "object":
            return _object(schema)
        case "array":
            least = schema.get("minItems", 0)
            return st.lists(allowed(schema["items"]), min_size=least, max_size=max(least, 2))
        case "string":
            return _text(schema)
        case "integer":
            low = schema.get("minimum", -5)
            return st.integers(low, min(schema.get("maximum", low + 100), low + 100))
        case "number":
            return st.floats(0, 10)
        case "boolean":
            return st.booleans()
        case _:
            return _ANYTHING


def _text(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    least, most = schema.get("minLength", 0), schema.get("maxLength", 300)
    if "pattern" in schema:
        return st.from_regex(schema["pattern"].replace("$", r"\Z")).filter(lambda text: least <= len(text) <= most)
    return st.sampled_from([text for text in _TEXTS if least <= len(text) <= most] or ["a" * least])


def _object(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    fields, needed = schema.get("properties", {}), schema.get("required", [])
    if not fields:
        values = schema.get("additionalProperties")
        return st.dictionaries(st.sampled_from(_TEXTS), allowed(values) if values else _ANYTHING, max_size=2)
    optional = sorted(set(fields) - set(needed))

    @st.composite
    def build(draw: st.DrawFn) -> dict[str, Any]:
        chosen = draw(st.lists(st.sampled_from(optional), unique=True, max_size=_MOST)) if optional else []
        return {name: draw(allowed(fields[name])) for name in (*needed, *chosen)}

    return build()
