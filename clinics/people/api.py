"""What all of the API shares: one shape of error, and pages that neither skip nor repeat a row."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError as ModelValidationError
from django.db.models import Q, QuerySet
from django.http import JsonResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "refused",
    429: "too_many_requests",
    500: "server_error",
    503: "unavailable",
}


# --- Errors --------------------------------------------------------------------------------------------------------
def error_body(status: int, message: str, *, code: str = "", fields: dict[str, list[str]] | None = None) -> dict:
    """The one shape: {"error": {"code", "message", "fields"}}."""
    return {"error": {"code": code or CODES.get(status, "error"), "message": message, "fields": fields or {}}}


def error_page(status: int, message: str) -> JsonResponse:
    """The same shape for what never reached a view: an unknown address, a crash, a failed CSRF check."""
    return JsonResponse(error_body(status, message), status=status)


def error_response(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error of every view in one shape; None lets a real crash be a 500."""
    exc = _as_api_exception(exc)
    response = exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, exceptions.ValidationError):
        fields = _fields(response.data)
        general = fields.pop("non_field_errors", [])
        message = general[0] if general else "Some values are not right."
        response.data = error_body(400, message, code="invalid", fields=fields)
    else:
        message = str(response.data.get("detail", exc)) if isinstance(response.data, dict) else str(exc)
        response.data = error_body(response.status_code, message)
    return response


class Refusal(exceptions.APIException):
    """A rule says no; the message is the sentence of the rule."""

    status_code = 422


class Conflict(exceptions.APIException):
    """It has changed since the caller saw it. Read it again and decide anew."""

    status_code = 409


class Moment(serializers.DateTimeField):
    """A moment that a query asks for. One at the ends of the calendar is refused as any other that is none."""

    def to_internal_value(self, value: Any) -> Any:
        try:
            return super().to_internal_value(value)
        except OverflowError:
            self.fail("overflow")


class ErrorOut(serializers.Serializer):
    """The one shape of every error, for the description of the API."""

    class Inner(serializers.Serializer):
        code = serializers.CharField()
        message = serializers.CharField()
        fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]

    error = Inner()


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="A repeat with the same key within a day gets the first answer again and does nothing",
)
ERRORS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 429), ErrorOut)
"""What every read may answer besides."""
DEED_ERRORS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 409, 415, 422, 429), ErrorOut)
"""What every deed may answer besides."""


def _as_api_exception(exc: Exception) -> Exception:
    if isinstance(exc, ModelValidationError):
        return exceptions.ValidationError(getattr(exc, "message_dict", None) or exc.messages)
    if isinstance(exc, RecursionError):
        return exceptions.ParseError("This JSON is nested too deeply.")
    return exc


def _fields(detail: Any, path: str = "") -> dict[str, list[str]]:
    """DRF's nested error details as one flat dict: {"address.street": ["..."]}."""
    if isinstance(detail, dict):
        flat: dict[str, list[str]] = {}
        for name, inner in detail.items():
            flat |= _fields(inner, f"{path}.{name}" if path else str(name))
        return flat
    if isinstance(detail, list) and any(isinstance(item, dict) for item in detail):
        flat = {}
        for number, inner in enumerate(detail):
            flat |= _fields(inner, f"{path}.{number}" if path else str(number))
        return flat
    return {path or "non_field_errors": [str(item) for item in (detail if isinstance(detail, list) else [detail])]}


# --- Pages ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Cursor:
    """A place between two rows: the ordering values of the row beside it, and the side to read on."""

    values: tuple[Any, ...]
    backwards: bool = False

    def packed(self) -> str:
        text = json.dumps([self.backwards, *self.values], separators=(",", ":"), default=str)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def unpacked(cls, text: str, *, width: int) -> Cursor:
        """Raise `ValueError` for anything that `packed` did not write."""
        try:
            found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (binascii.Error, UnicodeError, RecursionError) as unreadable:
            raise ValueError("not a cursor") from unreadable
        if not isinstance(found, list) or len(found) != width + 1 or not isinstance(found[0], bool):
            raise ValueError("not a cursor")
        if not all(isinstance(value, str | int) for value in found[1:]):
            raise ValueError("not a cursor")
        return cls(tuple(found[1:]), backwards=found[0])


class Pages(BasePagination):
    """Cursor pages by the view's `ordering`, whose fields are never null and hold no patient data.

    The cursor holds the last row's own ordering values, so rows that come and go in between neither repeat nor
    hide a row. `id` is added as the last tie-break when the view does not name it.
    """

    size = 50
    most = 200

    def paginate_queryset(self, queryset: QuerySet, request: Request, view: APIView | None = None) -> list[Any]:
        self.request = request
        self.ordering = _complete(getattr(view, "ordering", ("id",)))
        size = self._size()
        cursor = self._cursor()
        backwards = cursor is not None and cursor.backwards
        ordering = [_turned(field) for field in self.ordering] if backwards else list(self.ordering)
        try:
            rows = list(
                (queryset.filter(_after(ordering, cursor.values)) if cursor else queryset).order_by(*ordering)[
                    : size + 1
                ]
            )
        except (ModelValidationError, ValueError, TypeError, OverflowError) as foreign:
            raise exceptions.ValidationError({"cursor": ["This cursor is not valid."]}) from foreign
        more = len(rows) > size
        rows = rows[:size]
        if backwards:
            rows.reverse()
        self.has_next = more if not backwards else True
        self.has_previous = more if backwards else cursor is not None
        self.rows = rows
        return rows

    def _size(self) -> int:
        asked = self.request.query_params.get("page_size", "")
        if not asked:
            return self.size
        if not (asked.isascii() and asked.isdigit() and int(asked[:9])):
            raise exceptions.ValidationError({"page_size": ["Write a whole number from 1 to 200."]})
        return min(int(asked[:9]), self.most)

    def _cursor(self) -> Cursor | None:
        text = self.request.query_params.get("cursor", "")
        if not text:
            return None
        try:
            return Cursor.unpacked(text[:500], width=len(self.ordering))
        except ValueError as foreign:
            raise exceptions.ValidationError({"cursor": ["This cursor is not valid."]}) from foreign

    def get_paginated_response(self, data: list[Any]) -> Response:
        return Response(
            {
                "next": self._link(self.rows[-1], backwards=False) if self.rows and self.has_next else None,
                "previous": self._link(self.rows[0], backwards=True) if self.rows and self.has_previous else None,
                "results": data,
            }
        )

    def _link(self, row: Any, *, backwards: bool) -> str:
        values = tuple(_plain(row, field.lstrip("-")) for field in self.ordering)
        query = {name: value for name, value in self.request.query_params.lists() if name != "cursor"}
        query["cursor"] = [Cursor(values, backwards=backwards).packed()]
        return self.request.build_absolute_uri(f"{self.request.path}?{urlencode(query, doseq=True)}")

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        properties = {"next": link, "previous": link, "results": schema}
        return {"type": "object", "required": list(properties), "properties": properties}

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        text, number = {"type": "string"}, {"type": "integer", "minimum": 1, "maximum": self.most}
        return [
            {"name": "cursor", "in": "query", "required": False, "schema": text},
            {"name": "page_size", "in": "query", "required": False, "schema": number},
        ]


def _complete(ordering: str | Sequence[str]) -> tuple[str, ...]:
    fields = (ordering,) if isinstance(ordering, str) else tuple(ordering)
    return fields if fields[-1].lstrip("-") in {"id", "pk"} else (*fields, "id")


def _turned(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def _after(ordering: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows beyond these values: a > x, or a = x and b > y, or ... with < for fields that run down."""
    steps = []
    for depth, field in enumerate(ordering):
        equal = {name.lstrip("-"): value for name, value in zip(ordering[:depth], values[:depth], strict=True)}
        beyond = "lt" if field.startswith("-") else "gt"
        steps.append(Q(**equal, **{f"{field.lstrip('-')}__{beyond}": values[depth]}))
    return reduce(or_, steps)


def _plain(row: Any, field: str) -> str | int:
    value: Any = row
    for name in field.split("__"):
        value = value[name] if isinstance(value, dict) else getattr(value, name)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value if isinstance(value, int) and not isinstance(value, bool) else str(value)
