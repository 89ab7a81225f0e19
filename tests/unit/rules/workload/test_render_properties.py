"""Whatever a Workload's fields hold, `render` gives an object or a refusal; and it is fast."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from drover.rules import workload

GOLDEN = Path(__file__).parents[3] / "golden" / "workload"
SPECS = [yaml.safe_load(path.read_text())["spec"] for path in sorted(GOLDEN.glob("*.in.yaml"))]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 70000) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def mutated(draw: st.DrawFn, value: Any) -> Any:
    """The value with some of its parts replaced by other JSON, left out, or doubled."""
    match draw(st.integers(0, 12)):
        case 0:
            return draw(JSON)
        case 1 if isinstance(value, list):
            return value * 2
        case _ if isinstance(value, dict):
            kept = {key: item for key, item in value.items() if draw(st.integers(0, 9))}
            return {key: draw(mutated(item)) for key, item in kept.items()}
        case _ if isinstance(value, list):
            return [draw(mutated(item)) for item in value]
        case _:
            return value


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """One or two golden specs laid over each other, and mutated field by field."""
    spec = {**draw(st.sampled_from(SPECS)), **draw(st.sampled_from([{}, *SPECS]))}
    return {key: draw(mutated(value)) for key, value in spec.items()}


def rendered_or_refused(spec: dict[str, Any]) -> dict[str, Any] | workload.InvalidWorkload:
    try:
        return workload.render(spec, name="web", namespace="shop")
    except workload.InvalidWorkload as refusal:
        return refusal


@settings(max_examples=400, deadline=None)
@given(specs())
def test_render_gives_an_object_or_a_refusal(spec: dict[str, Any]) -> None:
    before = copy.deepcopy(spec)
    result = rendered_or_refused(spec)
    if isinstance(result, workload.InvalidWorkload):
        assert result.path.startswith("spec")
        assert result.message
    else:
        assert result == rendered_or_refused(spec)
        assert result["kind"] == workload.kind(spec).kind
        assert json.loads(json.dumps(result)) == result
    assert spec == before


def test_the_order_of_fields_does_not_matter() -> None:
    for spec in SPECS:
        backwards = json.loads(json.dumps(dict(reversed(spec.items()))))
        assert workload.render(backwards, name="web", namespace="shop") == workload.render(
            spec, name="web", namespace="shop"
        )


def test_rendering_takes_less_than_a_third_of_a_millisecond() -> None:
    """The best of several rounds over all golden files, so that a busy machine does not matter."""
    rounds = []
    for _ in range(10):
        start = time.perf_counter()
        for spec in SPECS:
            workload.render(spec, name="web", namespace="shop")
        rounds.append((time.perf_counter() - start) / len(SPECS))
    assert min(rounds) < 0.0003, f"{min(rounds) * 1e6:.0f} µs a workload"
