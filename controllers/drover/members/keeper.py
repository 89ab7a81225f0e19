"""What keeps objects of one sort in the namespaces of projects, such as copies of a project's secrets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from drover.kube.gvr import Object
from drover.members.desired import Part


class Keeper(ABC):
    """Writes objects of one sort into namespaces of one cluster. What is already so is not written.

    `topic` names the sort in `Seen.problems`.
    """

    topic: ClassVar[str]

    @abstractmethod
    async def give(self, part: Part, namespace: Object) -> str:
        """Makes a namespace of a project have exactly what the project gives it: also what another project gave it
        before goes. Why that was not possible; empty where it was."""

    @abstractmethod
    async def clear(self, namespace: str) -> None:
        """Deletes what a namespace had of a project, because it is in none any more, or the project ends."""

    def forget(self, namespace: str) -> None:  # noqa: B027 - most have nothing to forget
        """A namespace is gone."""
