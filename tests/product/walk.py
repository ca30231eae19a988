"""Every address of the product, from the URL configurations themselves: what is added is walked without being named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter
from django.urls.resolvers import RoutePattern

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
CLINIC, PUBLIC = "cliniqai.urls", "cliniqai.public_urls"
NOWHERE = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Route:
    """One pattern of a URL configuration: its template, such as /tasks/<task_id>/, and the kinds of its parts."""

    template: str
    name: str
    parts: tuple[tuple[str, str], ...] = ()

    def path(self, given: Mapping[str, object] | None = None) -> str:
        """The address with these values; what is not given is a value that fits and belongs to nobody."""
        stock = {"uuid": NOWHERE, "int": "1", "text": "1"}
        found = self.template
        for part, kind in self.parts:
            found = found.replace(f"<{part}>", str((given or {}).get(part, stock[kind])))
        return found

    @property
    def ids(self) -> set[str]:
        return {part for part, kind in self.parts if kind == "uuid"}


def routes(urlconf: str) -> list[Route]:
    return list(_walk(get_resolver(urlconf), "/", (), ()))


def _walk(
    resolver: URLResolver, before: str, parts: tuple[tuple[str, str], ...], spaces: tuple[str, ...]
) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        template, more = _read(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern, before + template, parts + more, inner)
        elif isinstance(pattern, URLPattern):
            space = ":".join([*spaces, *([resolver.app_name] if resolver.app_name and not spaces else [])])
            yield Route(before + template, ":".join(filter(None, [space, pattern.name])), parts + more)


def _read(pattern: Any) -> tuple[str, tuple[tuple[str, str], ...]]:
    kinds = {UUIDConverter: "uuid", IntConverter: "int"}
    parts = tuple((name, kinds.get(type(one), "text")) for name, one in pattern.converters.items())
    if isinstance(pattern, RoutePattern):
        return re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", str(pattern)), parts
    named = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")  # the admin's own regular expressions
    text = str(pattern).lstrip("^").rstrip("$")
    parts += tuple((name, "text") for name in named.findall(text))
    return named.sub(r"<\1>", text).replace(r"\Z", ""), parts
