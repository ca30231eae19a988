"""The API described: OpenAPI 3 for programs, and a page for people that is drawn from the same description."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import IsAuthenticated

from clinics.people.access import require_sign_in


class TokenScheme(OpenApiAuthenticationExtension):
    """How the description names `Authorization: Token ...`."""

    target_class = "clinics.people.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token and a space before it"}


class Schema(SpectacularAPIView):
    """`/api/schema/`: for everyone who is signed in, whatever their role. JSON, or YAML for who asks for it."""

    permission_classes = (IsAuthenticated,)
    renderer_classes = (OpenApiJsonRenderer2, OpenApiYamlRenderer)


@require_safe
@require_sign_in
def page(request: HttpRequest) -> HttpResponse:
    """`/api/docs/`: every operation with what it takes and what it answers."""
    return render(request, "people/reference.html", {"operations": operations()})


@cache
def operations() -> list[dict[str, Any]]:
    """The description, flat: one entry per path and method."""
    described = SchemaGenerator().get_schema(request=None, public=True)
    shapes = described.get("components", {}).get("schemas", {})
    return [
        {
            "id": told["operationId"],
            "method": method.upper(),
            "path": path,
            "about": told.get("description", "").partition("\n")[0],
            "asks": [(one["name"], one["in"], _kind(one["schema"], shapes)) for one in told.get("parameters", [])],
            "answers": _fields(told["responses"]["200"]["content"]["application/json"]["schema"], shapes),
        }
        for path, methods in described["paths"].items()
        for method, told in methods.items()
    ]


def _fields(shape: dict[str, Any], shapes: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Every field of an answer by its place: results[].status."""
    shape = _resolved(shape, shapes)
    if shape.get("type") == "array":
        return _fields(shape["items"], shapes, f"{before}[].")
    found: list[tuple[str, str]] = []
    for name, inner in shape.get("properties", {}).items():
        found.append((f"{before}{name}", _kind(inner, shapes)))
        nested = _resolved(inner, shapes)
        if nested.get("type") == "array":
            found += _fields(nested["items"], shapes, f"{before}{name}[].")
        elif nested.get("properties"):
            found += _fields(nested, shapes, f"{before}{name}.")
    return found


def _kind(shape: dict[str, Any], shapes: dict[str, Any]) -> str:
    """A field's type in words: its choices where it has some."""
    plain = _resolved(shape, shapes)
    if plain.get("enum"):
        return " · ".join(str(value) for value in plain["enum"] if value not in ("", None))
    words = plain.get("format") or plain.get("type") or "any"
    return f"{words} or null" if plain.get("nullable") or shape.get("nullable") else words


def _resolved(shape: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    """A shape with its reference followed; of several, the first that says something."""
    for one in [shape, *shape.get("allOf", []), *shape.get("oneOf", [])]:
        if "$ref" in one:
            return shapes[one["$ref"].rpartition("/")[2]]
    return shape
