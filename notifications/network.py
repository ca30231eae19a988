"""The telephone network's REST API, through the official SDK: short time limits, no retries, no redirects.

It leaves through the one gate and the one door of providers (`clinics.providers`): to the address of the settings and
no other, with patient data only where the clinic has an agreement. What rings or texts people of the clinic has none.

A POST is answered, or known not to have left, or not known. What is not known is told apart from what never left,
because it must not be sent again without asking.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from clinics.leaving import refuse_in_transaction, within
from clinics.models import Clinic
from clinics.providers import door, gate
from clinics.providers.gate import Carries, NotAllowed, Passage
from clinics.spans import span
from clinics.telephone import account_for
from notifications import outcomes
from notifications.policy import Outcome, Result

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
DEADLINE_SECONDS = 15.0  # of all of it; a lease is four times as long
VALID_SECONDS = 600  # a message that waits longer inside the network is dropped there
MEDIA_SECONDS, MOST_MEDIA = 120.0, 256 * 1024 * 1024  # of one file
LISTED = 50  # messages of one look-up
NO_AGREEMENT = "no_agreement"
GARBLED = (ValueError, TypeError, KeyError, AttributeError)  # what the SDK raises for an answer that is no answer


T = TypeVar("T")


class NotAsked(Exception):
    """The list could not be read; the message names a kind of failure."""


@dataclass(frozen=True)
class Listed:
    """A message as the network's list has it."""

    sid: str
    sender: str
    body: str
    created: datetime


def carries_of(channel: str) -> Carries:
    """What a text of a channel takes to the network: a patient's number, or that of somebody of the clinic."""
    return Carries.PATIENT if channel == "patient" else Carries.FIXED


# --- Requests --------------------------------------------------------------------------------------------------------
def post_message(
    clinic: Clinic, *, to: str, sender: dict[str, str], body: str, status_url: str, valid: int, carries: Carries
) -> Outcome:
    """Hand over one text message; returns what became of it. `valid`: seconds that it may wait inside the network.

    A patient's number is patient data, whatever the words are.
    """

    def create(client: Client) -> str:
        validity = max(1, min(valid, VALID_SECONDS))
        made = client.messages.create(to=to, body=body, status_callback=status_url, validity_period=validity, **sender)
        return made.sid or ""

    return _posted(clinic, create, carries=carries)


def post_call(clinic: Clinic, *, to: str, caller: str, url: str, status_url: str, ring_seconds: int) -> Outcome:
    """Ring one number; once answered, the network asks `url` what to say."""

    def create(client: Client) -> str:
        made = client.calls.create(
            to=to,
            from_=caller,
            url=url,
            method="POST",
            status_callback=status_url,
            status_callback_method="POST",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
            timeout=ring_seconds,
        )
        return made.sid or ""

    return _posted(clinic, create)


def redirect_call(clinic: Clinic, *, sid: str, url: str) -> Outcome:
    """Take a call that is going on to other instructions. Asked twice it is the same as once."""
    return _posted(clinic, lambda client: client.calls(sid).update(url=url, method="POST").sid or "")


def end_call(clinic: Clinic, *, sid: str) -> Outcome:
    """Hang up a call, whether it rings or is going on."""
    return _posted(clinic, lambda client: client.calls(sid).update(status="completed").sid or "")


def delete_recording(clinic: Clinic, *, sid: str) -> Outcome:
    """Delete a recording for good; what is gone already is answered with 404."""
    return _posted(clinic, lambda client: sid if client.recordings(sid).delete() else "")


def delete_transcript(clinic: Clinic, *, sid: str) -> Outcome:
    """Delete the words that the network wrote down of a recording."""
    return _posted(clinic, lambda client: sid if client.transcriptions(sid).delete() else "")


def delete_call(clinic: Clinic, *, sid: str) -> Outcome:
    """Delete the network's record of a call that is over."""
    return _posted(clinic, lambda client: sid if client.calls(sid).delete() else "")


def delete_message(clinic: Clinic, *, sid: str) -> Outcome:
    """Delete the network's copy of a text."""
    return _posted(clinic, lambda client: sid if client.messages(sid).delete() else "")


@contextmanager
def media(clinic: Clinic, path: str) -> Iterator[Iterator[bytes]]:
    """A file of the clinic's account in parts, such as "Recordings/RE....mp3". Raises `NotAsked`, in between too."""
    refuse_in_transaction()
    account, way = account_for(clinic), _way(clinic, Carries.FIXED)
    url = f"{way.provider.base_url}/2010-04-01/Accounts/{account.sid}/{path}"
    try:
        with door.session(way.provider, whole=False) as session:
            with door.through(way):
                answer = session.get(url, auth=(account.sid, account.token), allow_redirects=False)
            if answer.status_code != 200:
                raise NotAsked(f"http_{answer.status_code}")
            yield _parts(answer)
    except requests.RequestException as failure:
        raise NotAsked(type(failure).__name__) from failure


def _parts(answer: requests.Response) -> Iterator[bytes]:
    began, size = time.monotonic(), 0
    for part in answer.iter_content(64 * 1024):
        size += len(part)
        if size > MOST_MEDIA or time.monotonic() - began > MEDIA_SECONDS:
            raise NotAsked("too_large" if size > MOST_MEDIA else "too_slow")
        yield part


def messages_to(clinic: Clinic, *, to: str, since: datetime, carries: Carries) -> list[Listed]:
    """The texts that this account sent to a number since a moment, newest first. Raises `NotAsked`.

    The API filters by the day of sending, which a message that waits does not have; so the moment is compared here.
    """

    def read(client: Client) -> list[Any]:
        return client.messages.list(to=to, limit=LISTED, page_size=LISTED)

    try:
        way = _way(clinic, carries)
    except NotAllowed as refused:
        raise NotAsked(NO_AGREEMENT) from refused
    with _outside(clinic, way) as (client, _):
        try:
            found = within_deadline(_on(way, lambda: read(client)))
        except (requests.RequestException, TwilioException, TimeoutError, *GARBLED) as failure:
            raise NotAsked(type(failure).__name__) from failure
    return [
        Listed(one.sid, one.from_ or "", one.body or "", one.date_created)
        for one in found
        if isinstance(one.date_created, datetime)
        and one.date_created >= since - timedelta(seconds=1)  # the list has whole seconds
        and str(one.direction).startswith("outbound")
    ]


def _posted(clinic: Clinic, create: Callable[[Client], str], *, carries: Carries = Carries.FIXED) -> Outcome:
    try:
        way = _way(clinic, carries)
    except NotAllowed:
        return Outcome(Result.REFUSED, NO_AGREEMENT)
    with _outside(clinic, way) as (client, http), span("twilio"):
        try:
            sid = within_deadline(_on(way, lambda: create(client)))
        except (TwilioRestException, TwilioServiceException) as refused:
            code = str(refused.code or "")
            return outcomes.of_answer(int(refused.status or 0), code=code, retry_after=http.retry_after)
        except requests.RequestException as failure:
            return Outcome(Result.RETRY if never_left(failure) else Result.UNKNOWN, type(failure).__name__)
        except TimeoutError:
            return Outcome(Result.UNKNOWN, "deadline")
        except (TwilioException, *GARBLED) as garbled:
            # The SDK could not read the answer: the request was taken, its end is not known.
            return Outcome(Result.UNKNOWN, f"garbled_{type(garbled).__name__}", http_status=http.status)
        return outcomes.of_answer(http.status or 0, sid=sid)


def never_left(failure: requests.RequestException) -> bool:
    """Whether the connection was never made, so that not one byte of the request can have arrived."""
    cause: BaseException | None = failure.args[0] if failure.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def within_deadline(ask: Callable[[], T]) -> T:
    """The answer of one request, or `TimeoutError` after `DEADLINE_SECONDS`."""
    return within(DEADLINE_SECONDS, ask)


# --- The client ------------------------------------------------------------------------------------------------------
class Http(HttpClient):
    """One request over a connection of its own: a kept one may be dead, which is known only after sending."""

    def __init__(self, way: Passage) -> None:
        super().__init__(logger=_Silent(), is_async=False, timeout=None)
        self.way = way
        self.status: int | None = None
        self.retry_after = ""

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        with door.session(self.way.provider) as session:
            answer = session.request(
                method,
                url,
                params=params,
                data=data,
                headers={**(headers or {}), "Connection": "close"},
                auth=auth,
                allow_redirects=False,
            )
        self.status = answer.status_code
        self.retry_after = answer.headers.get("Retry-After", "")
        return Response(answer.status_code, answer.text, answer.headers)


class _Silent:
    """The SDK logs bodies at some levels; a body is a number and words."""

    def __getattr__(self, _: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


def _way(clinic: Clinic, carries: Carries) -> Passage:
    """The passage of one request, within our own limits. Raises `NotAllowed`."""
    network = replace(gate.telephone(), connect_seconds=CONNECT_SECONDS, answer_seconds=READ_SECONDS)
    return gate.passage(clinic, network, carries)


def _on(way: Passage, ask: Callable[[], T]) -> Callable[[], T]:
    """The same request on its passage, in whichever thread it is made."""

    def asked() -> T:
        with door.through(way):
            return ask()

    return asked


@contextmanager
def _outside(clinic: Clinic, way: Passage) -> Iterator[tuple[Client, Http]]:
    refuse_in_transaction()
    account = account_for(clinic)
    http = Http(way)
    client = Client(account.sid, account.token, http_client=http)
    client.region = client.edge = None  # the SDK would take them from the environment and go elsewhere
    client.api.base_url = way.provider.base_url
    yield client, http
