"""Kubernetes objects from files, directories and stdin, and as text."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from drover.kube.gvr import Object

_SUFFIXES: Final = (".yaml", ".yml", ".json")


class NoManifest(Exception):
    """A file cannot be read, or holds something else; the message says which and what to do."""


def read(filenames: Iterable[str]) -> list[Object]:
    """All objects, those of Lists one by one. A directory stands for its YAML and JSON files, `-` for stdin."""
    return [obj for filename in filenames for name, text in _texts(filename) for obj in _parsed(name, text)]


def written(obj: Object) -> str:
    """An object as YAML."""
    apart = json.loads(json.dumps(obj, default=str))  # YAML writes parts that an object has twice as anchors
    return yaml.safe_dump(apart, sort_keys=False, width=10_000, allow_unicode=True)


def _texts(filename: str) -> Iterator[tuple[str, str]]:
    if filename == "-":
        yield "stdin", sys.stdin.read()
        return
    path = Path(filename)
    paths = sorted(each for each in path.iterdir() if each.suffix in _SUFFIXES) if path.is_dir() else [path]
    for each in paths:
        try:
            yield str(each), each.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise NoManifest(f"{each} cannot be read: {error}") from error


def _parsed(name: str, text: str) -> Iterator[Object]:
    try:
        documents = list(yaml.safe_load_all(text))
    except yaml.YAMLError as error:
        raise NoManifest(f"{name} is no YAML: {error}") from error
    for number, document in enumerate(documents, start=1):
        if document is not None:
            yield from _objects(f"document {number} of {name}", document)


def _objects(where: str, document: Any) -> Iterator[Object]:
    if not isinstance(document, dict):
        raise NoManifest(f"{where} is no Kubernetes object; take it out")
    if str(document.get("kind", "")).endswith("List") and isinstance(document.get("items"), list):
        for number, item in enumerate(document["items"], start=1):
            yield from _objects(f"item {number} in {where}", item)
        return
    metadata = document.get("metadata")
    named = isinstance(metadata, dict) and isinstance(metadata.get("name"), str)
    if not named or not isinstance(document.get("kind"), str) or not isinstance(document.get("apiVersion"), str):
        raise NoManifest(f"{where} has no apiVersion, kind or metadata.name; complete it or take it out")
    yield document
