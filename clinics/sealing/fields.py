"""Model fields whose values are sealed at rest and opened when they are looked at.

A value is bound to its clinic, table, field and row, and everything is sealed, None and "" too: what was altered,
moved, emptied or written in plain text raises `Unreadable` and never comes back as text. A field object holds no state.

The database knows nothing of what is inside. `filter()` can ask whether a value is blank (`words__blank=True`), and an
index of `indexes.py` finds rows by it. `update()` takes what `written()` makes: a value belongs to its row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NoReturn

from django.apps import apps
from django.db import connection, models
from django.db.models.query_utils import DeferredAttribute

from clinics.sealing import keys
from clinics.sealing.cipher import NONCE, TAG, Ring, UnknownKey

OVERHEAD = 8 + 1 + NONCE + TAG
"""Bytes that sealing adds: the id of a data key, a colon, nonce and tag."""
BLANK = OVERHEAD + 2
"""Bytes of a sealed "", {} or []."""


ASKABLE = frozenset({"exact", "isnull", "blank", "under"})
"""What a query may ask of a sealed value; `exact` is there to say in an error what to do instead."""
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class Unreadable(Exception):
    """A sealed value does not open as what it stands for: altered, moved here, or never sealed by this clinic."""


class Sealed:
    """A value as the database holds it, and the clinic in which it was read. It is never shown or compared as text."""

    __slots__ = ("held", "schema")

    def __init__(self, held: bytes | None, schema: str) -> None:
        self.held = held
        self.schema = schema

    def __repr__(self) -> str:
        return "<sealed>"

    def __str__(self) -> NoReturn:
        raise TypeError("A sealed value has no text: read it from its row's field.")


class Opening(DeferredAttribute):
    """The attribute of a sealed field: opens the value when it is first asked for."""

    field: SealedField

    def __get__(self, row: models.Model | None, cls: type | None = None) -> Any:
        if row is None:
            return self
        value = super().__get__(row, cls)
        if type(value) is Sealed:
            value = row.__dict__[self.field.attname] = self.field.opened(value, row)
        return value

    def __set__(self, row: models.Model, value: Any) -> None:
        row.__dict__[self.field.attname] = value


class SealedField(models.Field):
    """What the three kinds share; `checked` refuses a value of another kind."""

    descriptor_class = Opening

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, held: object, expression: object, connection: Any) -> Sealed:
        return Sealed(None if held is None else bytes(held), connection.schema_name)  # type: ignore[call-overload]

    def pre_save(self, row: models.Model, add: bool) -> Sealed:
        return self.sealed(getattr(row, self.attname), row)

    def get_prep_value(self, value: object) -> bytes | None:
        if value is None:
            return None  # which only `isnull` and a migration ask for: no row keeps NULL
        if isinstance(value, Sealed) and value.held is not None:
            return value.held
        place = f"{self.model.__name__}.{self.name}"
        raise TypeError(f"{place} is sealed: save its row, or give update() what written() makes.")

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name in ASKABLE else None

    def sealed(self, value: Any, row: models.Model) -> Sealed:
        """A value of this row's field as the database holds it."""
        schema = connection.schema_name
        return Sealed(self.sealed_as(value, schema, identity(row), keys.keys_of(schema).ring), schema)

    def sealed_as(self, value: Any, schema: str, row: str, ring: Ring) -> bytes:
        """The same for a row that is written by hand: by the clinic's schema, what names the row, and its keys."""
        plain = encoded(self.checked(value))
        about = bound_to(schema, self.model._meta.db_table, self.name, row)
        return ring.seal(plain, about=about)

    def opened(self, value: Sealed, row: models.Model) -> Any:
        """What a row's field holds. Raises `Unreadable`."""
        place = f"{row._meta.db_table}.{self.name}"
        if value.held is None:
            raise Unreadable(f"{place} of a row was emptied.")
        about = bound_to(value.schema, row._meta.db_table, self.name, identity(row))
        try:
            return self.to_python(json.loads(_unsealed(value.held, value.schema, about)))
        except ValueError as failure:
            raise Unreadable(f"{place} of a row does not open: {failure}.") from None

    def checked(self, value: Any) -> Any:
        return value

    def formfield(self, **kwargs: Any) -> None:
        """None: a sealed value enters through an action, not through a form made of its model."""


class SealedText(SealedField):
    """Text; a longer one than `max_length` is refused, as PostgreSQL would."""

    def checked(self, value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError(f"{self.name} takes text, not {type(value).__name__}.")
        if self.max_length is not None and len(value) > self.max_length:
            raise ValueError(f"{self.name} takes {self.max_length} characters at most.")
        return value


class SealedJSON(SealedField):
    """Anything that JSON can say."""


class SealedDate(SealedField):
    """A date or None."""

    def checked(self, value: Any) -> str | None:
        if value is None:
            return None
        if type(value) is not date:
            raise TypeError(f"{self.name} takes a date or None, not {type(value).__name__}.")
        return value.isoformat()

    def to_python(self, value: Any) -> date | None:
        return value if value is None or isinstance(value, date) else date.fromisoformat(value)


@SealedField.register_lookup
class Blank(models.Lookup):
    """Whether a value is "", {} or []: its length tells, which the length of what is sealed gives away anyhow."""

    lookup_name = "blank"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"octet_length({column}) {'=' if self.rhs else '<>'} {BLANK}", list(params)


@SealedField.register_lookup
class Under(models.Lookup):
    """Whether a value was sealed with the data key of this id."""

    lookup_name = "under"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"substring({column} FROM 1 FOR 9) = convert_to(%s, 'UTF8')", [*params, f"{self.rhs}:"]


def encoded(value: Any) -> bytes:
    """A value as JSON. Raises `ValueError` for what PostgreSQL would refuse as text, too: NUL and lone surrogates."""
    text = _as_json(value)
    if "\\u0000" in text and _NUL.search(text):
        raise ValueError("A sealed value cannot hold the character NUL.")
    return text.encode()


def bound_to(schema: str, table: str, field: str, row: str) -> str:
    """What a value is bound to."""
    return f"{schema}\n{table}\n{field}\n{row}"


def identity(row: models.Model) -> str:
    """What names a row for ever, and is known before it is written: its `sealed_as`, else its UUID."""
    named = getattr(row, "sealed_as", None) or row.pk
    if named is None or isinstance(named, int):
        raise TypeError(f"A {type(row).__name__} has no UUID and no sealed_as to seal its fields under.")
    return str(named)


def written(row: models.Model, *names: str) -> dict[str, Any]:
    """The named fields of a row, and the indexes made of them, as `update()` takes them."""
    wanted = set(names)
    return {
        one.name: one.pre_save(row, add=False)
        for one in row._meta.concrete_fields
        if one.name in wanted or wanted & set(getattr(one, "made_of", ()))
    }


def parameters(row: models.Model, *names: str) -> dict[str, bytes | None]:
    """The named sealed fields of a row as the parameters of a statement written by hand."""
    fields = (row._meta.get_field(name) for name in names)
    return {one.name: one.get_prep_value(one.pre_save(row, add=True)) for one in fields}


def sealed_models() -> Iterator[tuple[type[models.Model], list[SealedField]]]:
    """Every model with sealed fields, and these."""
    for model in apps.get_models():
        fields = [one for one in model._meta.concrete_fields if isinstance(one, SealedField)]
        if fields:
            yield model, fields


def _unsealed(held: bytes, schema: str, about: str) -> bytes:
    """Open with the clinic's keys; with those of this moment when the value names one that was not known before."""
    try:
        return keys.keys_of(schema).ring.unseal(held, about=about)
    except UnknownKey:
        keys.forget(schema)
        return keys.keys_of(schema).ring.unseal(held, about=about)
