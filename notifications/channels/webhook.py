"""One request to a clinic's own system: what happened and to which id, signed. Never a patient's word."""

from __future__ import annotations

import json
import ssl
import time
from urllib.parse import SplitResult

import urllib3
from django.conf import settings
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError
from urllib3.util import Timeout

from clinics.leaving import refuse_in_transaction
from clinics.practice.sensitive import people_named
from clinics.spans import span
from clinics.tenancy import inside
from notifications.claims import Started
from notifications.homes import home_of
from notifications.hooks.addresses import BadAddress, check_url, look_up
from notifications.hooks.models import Webhook
from notifications.hooks.signing import HEADER, signature
from notifications.kinds import TABLE
from notifications.models import Event
from notifications.network import CONNECT_SECONDS, READ_SECONDS, within_deadline
from notifications.policy import Outcome, Result

GONE = 410


def send(started: Started) -> Outcome:
    """Tell one system. Its answer is not read beyond the status; a redirect is not followed."""
    hook = Webhook.objects.working().filter(pk=started.person, clinic_id=started.clinic_id).first()
    if hook is None:
        return Outcome(Result.CANCELLED, "webhook_off")
    if _closed(started):
        return Outcome(Result.CANCELLED, "sensitive")
    refuse_in_transaction()
    outcome = _asked(hook, body_of(started))
    Webhook.objects.filter(pk=hook.pk).note_outcome(delivered=outcome.result is Result.SENT, code=outcome.code)
    return outcome


def _closed(started: Started) -> bool:
    """Whether its call was marked sensitive since it was planned."""
    call = Event.objects.filter(pk=started.event_id).values_list("call", flat=True).first()
    if call is None or TABLE[started.kind].urgent:
        return False
    with inside(home_of(started.schema)):
        return people_named(call) is not None


def body_of(started: Started) -> bytes:
    """Ids and kinds. `id` stays the same when it is sent again, so that a receiver does it once."""
    told = {
        "id": str(started.id),
        "kind": started.kind,
        "about": str(started.about),
        "path": started.path,
        "test": started.test,
    }
    return json.dumps(told, separators=(",", ":")).encode()


def _asked(hook: Webhook, body: bytes) -> Outcome:
    try:
        parts = check_url(hook.url)
        with span("webhook"):
            return within_deadline(lambda: _post(parts, hook, body))
    except BadAddress:
        return Outcome(Result.REFUSED, "webhook_address")
    except TimeoutError:
        return Outcome(Result.UNKNOWN, "deadline")


def _post(parts: SplitResult, hook: Webhook, body: bytes) -> Outcome:
    host, port = str(parts.hostname).removesuffix("."), parts.port or 443
    try:
        address = look_up(host, port, allowed=settings.WEBHOOK_NETWORKS)
    except OSError:
        return Outcome(Result.RETRY, "no_such_host")
    headers = {
        "Host": host if port == 443 else f"{host}:{port}",
        "Content-Type": "application/json",
        "User-Agent": "CliniqAI-Webhook",
        HEADER: signature(hook.secret, body, at=int(time.time())),
    }
    # Dialled by the address that was judged; the certificate is still the named host's.
    with urllib3.HTTPSConnectionPool(
        address, port, server_hostname=host, assert_hostname=host, ssl_context=_context(), maxsize=1,
        timeout=Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
    ) as pool:  # fmt: skip
        try:
            answer = pool.urlopen(
                "POST", parts.path or "/", body, headers, retries=False, redirect=False, preload_content=False
            )
        except (NewConnectionError, ConnectTimeoutError) as failure:
            return Outcome(Result.RETRY, type(failure).__name__)
        except SSLError:
            return Outcome(Result.RETRY, "webhook_certificate")
        except HTTPError as failure:
            return Outcome(Result.UNKNOWN, type(failure).__name__)
        answer.close()
        return _answered(answer.status)


def _answered(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome(Result.SENT, http_status=status)
    if status == GONE or 300 <= status < 400:
        return Outcome(Result.REFUSED, f"http_{status}", http_status=status)
    return Outcome(Result.RETRY, f"http_{status}", http_status=status)


def _context() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.WEBHOOK_CA_FILE or None)
