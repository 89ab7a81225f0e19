"""What `drover who-can` prints: for people, and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from drover.rules.rbac.model import Request
from drover.rules.rbac.policy import qualified
from drover.rules.rbac.why import Reason, binding_text, roles_text, rule_text, subject_text, to_json

_ROLES = 5


@dataclass(frozen=True, slots=True)
class Question:
    """`project` is that of the namespace as `<cluster>:<project>`, empty for none. `about` is the user and the groups
    that it is about, empty for everybody."""

    request: Request
    cluster: str
    project: str = ""
    about: str = ""

    def __str__(self) -> str:
        request = self.request
        resource = f"{request.resource}/{request.subresource}" if request.subresource else request.resource
        what = request.url or qualified(request.group, resource)
        name = f" {request.name}" if request.name else ""
        inside = f" in namespace {request.namespace}" if request.namespace else ""
        of = f" (Project {self.project})" if self.project else ""
        return f"{request.verb} {what}{name}{inside}{of} in cluster {self.cluster}"


def as_table(question: Question, found: Sequence[Reason], would: Sequence[str] = ()) -> str:
    """The answer for people: a line for each reason, with the way from the binding to the rule. `would` are roles that
    would allow it, for the case that there is none."""
    if not found:
        return _printable(_nobody(question, would)) + "\n"
    rows = [
        ("WHO", "BY", "ROLES", "RULE (+ how much more it says)"),
        *(_row(reason, question.request) for reason in found),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("   ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "".join(f"{_printable(line)}\n" for line in (f"Who can {question}:", *lines))


def _nobody(question: Question, would: Sequence[str]) -> str:
    told = f"{question.about or 'Nobody'} {'cannot' if question.about else 'can'} {question} by roles and bindings."
    if not would:
        return told
    more = f" +{len(would) - _ROLES} more" if len(would) > _ROLES else ""
    return f"{told} RoleTemplates that allow it: {', '.join(would[:_ROLES])}{more}."


def _row(reason: Reason, request: Request) -> tuple[str, str, str, str]:
    chain = reason.chain
    return subject_text(reason), binding_text(chain.binding), roles_text(chain), rule_text(chain, request)


def as_json(question: Question, found: Iterable[Reason]) -> str:
    """The answer for programs."""
    request = {key: value for key, value in asdict(question.request).items() if value}
    asked = {"cluster": question.cluster, **({"project": question.project} if question.project else {}), **request}
    return json.dumps({"request": asked, "reasons": [to_json(each) for each in found]}, indent=2) + "\n"


def _printable(line: str) -> str:
    """Names of groups come from users: no control character may reach the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in line)
