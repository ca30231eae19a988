"""The one door through which a request leaves for a provider.

Whoever asks a provider gets `session` (or `httpx_client`) and asks inside `through(passage)`. A request without an open
passage, to another address than the provider's own, inside a transaction, or too long for whoever waits, does not
leave or does not count. Nothing is retried here, no redirect leads elsewhere, and no proxy of the environment is used.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpx
import requests
from requests.adapters import HTTPAdapter

from clinics.leaving import refuse_in_transaction
from clinics.providers.addresses import origin
from clinics.providers.gate import NotAllowed, Outside, Passage

MOST_BYTES = 4 * 1024 * 1024
"""Of one answer: a spoken sentence is 50 kB, a model's choice 2 kB. What is longer is garbage."""

_PIECE = 64 * 1024

_open: ContextVar[Passage | None] = ContextVar("passage", default=None)


class TooLong(requests.RequestException):
    """An answer of too many bytes, or one that did not end in its time."""


@contextmanager
def through(passage: Passage) -> Iterator[None]:
    """Let this thread's requests out on this passage."""
    before = _open.set(passage)
    try:
        yield
    finally:
        _open.reset(before)


def check(provider: Outside, url: str) -> None:
    """Raise `NotAllowed` unless a passage to this provider is open and the address is the provider's own."""
    refuse_in_transaction()
    passage = _open.get()
    if passage is None or passage.provider.key != provider.key:
        raise NotAllowed(f"{provider.key}: no passage to it is open.")
    try:
        same = origin(url) == origin(provider.base_url)
    except ValueError:
        same = False
    if not same:
        raise NotAllowed(f"{provider.key}: the address is not the one in the table of providers.")


class Door(HTTPAdapter):
    """For clients that speak through requests. Connections are kept; an answer is bounded in bytes and in time.

    One that is not `whole` is left to be read in parts by whoever asked, who bounds it.
    """

    def __init__(self, provider: Outside, *, whole: bool = True) -> None:
        self.provider, self.whole = provider, whole
        super().__init__(pool_connections=1, pool_maxsize=16, max_retries=0)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        check(self.provider, request.url or "")
        until = time.monotonic() + self.provider.answer_seconds
        kwargs |= {"stream": True, "timeout": (self.provider.connect_seconds, self.provider.answer_seconds)}
        kwargs |= {"proxies": None}
        answer = super().send(request, **kwargs)
        if not self.whole:
            return answer
        answer._content = _read(answer, until)  # as `stream=False` would: whoever asked finds it read
        answer._content_consumed = True  # type: ignore[attr-defined]
        return answer


def session(provider: Outside, *, whole: bool = True) -> requests.Session:
    """A session that can reach this provider and nothing else; `whole` as of `Door`."""
    made = requests.Session()
    fit(made, provider, whole=whole)
    return made


def fit(made: requests.Session, provider: Outside, *, whole: bool = True) -> None:
    """Put the door into a session that a library made; every other way out of it is closed."""
    made.trust_env = False
    made.max_redirects = 0
    made.adapters.clear()
    door = Door(provider, whole=whole)
    for scheme in ("https://", "http://"):
        made.mount(scheme, door)


def _read(answer: requests.Response, until: float) -> bytes:
    pieces, length = [], 0
    while piece := answer.raw.read1(_PIECE, decode_content=True):
        length += len(piece)
        if length > MOST_BYTES or time.monotonic() > until:
            answer.close()
            raise TooLong("The answer did not end in its bounds.")
        pieces.append(piece)
    return b"".join(pieces)


class HttpxDoor(httpx.BaseTransport):
    """The same for clients that speak through httpx."""

    def __init__(self, provider: Outside) -> None:
        self.provider = provider
        self.inner = httpx.HTTPTransport(retries=0, trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        check(self.provider, str(request.url))
        return self.inner.handle_request(request)

    def close(self) -> None:
        self.inner.close()


def httpx_client(provider: Outside) -> httpx.Client:
    """A client that can reach this provider and nothing else; whoever reads its answer bounds the bytes."""
    limit = httpx.Timeout(provider.answer_seconds, connect=provider.connect_seconds)
    return httpx.Client(transport=HttpxDoor(provider), timeout=limit, follow_redirects=False, trust_env=False)
