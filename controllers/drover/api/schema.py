"""A model as a structural OpenAPI v3 schema, the only kind that a CustomResourceDefinition takes."""

from __future__ import annotations

from typing import Any

from drover.api.resource import Model

Schema = dict[str, Any]

DEFAULT = "x-default"
"""In a field's `json_schema_extra`: the default that the apiserver fills in. Defaults of models stay in Python."""

_SAME = (
    "description", "type", "format", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems",
    "maxItems", "minProperties", "maxProperties",
)  # fmt: skip


def structural(model: type[Model]) -> Schema:
    """The schema of a model: references inlined, `null` and defaults dropped, every list with a list type.

    Properties keep the order of the fields. Raises ValueError for a union other than with None, which has no
    structural form.
    """
    document = model.model_json_schema(by_alias=True, ref_template="{model}")
    return _flat(document, document.get("$defs", {}))


def _flat(node: Schema, definitions: dict[str, Schema]) -> Schema:
    node = _resolved(node, definitions)
    result = {key: node[key] for key in _SAME if key in node}
    if DEFAULT in node:
        result["default"] = node[DEFAULT]
    if "const" in node:
        result["enum"] = [node["const"]]
    if "properties" in node:
        result["properties"] = {name: _flat(value, definitions) for name, value in node["properties"].items()}
    if required := [name for name in node.get("required", ()) if name in node["properties"]]:
        result["required"] = required
    match node.get("additionalProperties"):
        case True:
            result["x-kubernetes-preserve-unknown-fields"] = True
        case dict(values):
            result["additionalProperties"] = _flat(values, definitions)
    if node.get("type") == "array":
        result["items"] = _flat(node["items"], definitions)
        result["x-kubernetes-list-type"] = "atomic"
    result.update((key, value) for key, value in node.items() if key.startswith("x-kubernetes-"))
    return result


def _resolved(node: Schema, definitions: dict[str, Schema]) -> Schema:
    """The node without `$ref` and without a choice of null; what stands beside them wins, rules add up."""
    if "$ref" in node:
        inner = definitions[node["$ref"]]
    elif "anyOf" in node:
        choices = [choice for choice in node["anyOf"] if choice.get("type") != "null"]
        if len(choices) != 1:
            raise ValueError(f"a union of {len(choices)} types has no structural schema: {node}")
        inner = choices[0]
    else:
        return node
    inner = _resolved(inner, definitions)
    beside = {key: value for key, value in node.items() if key not in {"$ref", "anyOf"}}
    merged = {**inner, **beside}
    if rules := [*inner.get("x-kubernetes-validations", ()), *beside.get("x-kubernetes-validations", ())]:
        merged["x-kubernetes-validations"] = rules
    return merged
