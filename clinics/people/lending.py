"""What the apps above lend to people: the post that carries a letter, and the word that ends an open event stream.

They register their function when Django starts (`apps.py`); imports go down, so nobody here can ask by name.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import connection, transaction

Post = Callable[[str, UUID], None]
Farewell = Callable[[UUID, UUID], None]
Notice = Callable[[UUID], None]
Recheck = Callable[[str], None]

_post: list[Post] = []
_farewell: list[Farewell] = []
_notice: list[Notice] = []
_recheck: list[Recheck] = []


def lend_post(send: Post) -> None:
    """`send(kind, about)` announces a letter in the caller's transaction."""
    _post[:] = [send]


def lend_farewell(tell: Farewell) -> None:
    """`tell(person, link)` writes, in the caller's transaction, to the address that a used link replaced."""
    _farewell[:] = [tell]


def lend_notice(tell: Notice) -> None:
    """`tell(person)` lets somebody know, in the caller's transaction, that their way to sign in was changed."""
    _notice[:] = [tell]


def lend_recheck(recheck: Recheck) -> None:
    """`recheck(schema)` makes every open stream of a clinic ask again who listens."""
    _recheck[:] = [recheck]


def post(kind: str, about: UUID) -> None:
    for send in _post:
        send(kind, about)


def farewell(person: UUID, link: UUID) -> None:
    for tell in _farewell:
        tell(person, link)


def notice(person: UUID) -> None:
    for tell in _notice:
        tell(person)


def recheck_streams() -> None:
    """Once the current transaction is committed."""
    schema = connection.schema_name
    transaction.on_commit(lambda: [recheck(schema) for recheck in _recheck])
