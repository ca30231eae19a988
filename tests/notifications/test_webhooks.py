"""A clinic's own systems are told by signed ids, at addresses of the public internet alone, and given up in the end."""

from __future__ import annotations

import hmac
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.test import Client

from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.sensitive import SensitiveCall
from clinics.tenancy import inside
from notifications import delivery, planning
from notifications.events import announce
from notifications.hooks import actions
from notifications.hooks.addresses import BadAddress, check_url, is_public, look_up
from notifications.hooks.models import MOST_FAILURES, Webhook
from notifications.models import Delivery, Event
from tests.far_ends.certificates import certificate

HOST = "hooks.example.org"
SignIn = Callable[[User], Client]


@dataclass
class System:
    """A clinic's own system: an HTTPS server that keeps what it was sent and answers as it is told."""

    port: int
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}/cliniqai"


@pytest.fixture
def system(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """It stands on this machine under the name of a host that the test's resolver knows."""
    settings.WEBHOOK_CA_FILE = str(certificate(tmp_path, HOST))
    settings.WEBHOOK_NETWORKS = (ipaddress.ip_network("127.0.0.0/8"),)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.heard.append((dict(self.headers), body))
            status = told.answers.pop(0) if told.answers else 200
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "https://169.254.169.254/latest/")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    told = System(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    resolves_to(monkeypatch, "127.0.0.1")
    yield told
    server.shutdown()
    server.server_close()


def resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Have the host's name lead to these addresses; returns what was asked for, as it is asked."""
    asked: list[str] = []
    true = socket.getaddrinfo

    def find(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host != HOST:
            return true(host, port, *args, **kwargs)
        asked.append(host)
        return [entry for address in addresses for entry in true(address, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", find)
    return asked


def registered(north: Clinic, carol: User, url: str) -> tuple[Webhook, str]:
    with inside(north):
        return actions.register(by=carol, url=url)


def tell(north: Clinic, kind: str = "task.opened", **more: Any) -> Any:
    about = uuid4()
    with inside(north), transaction.atomic():
        announce(kind=kind, about=about, path=f"/tasks/{about}/", key=f"{kind}:{about}", **more)
    return about


def deliver() -> None:
    delivery.drain(me="test", budget_seconds=20)


def due_again() -> None:
    Delivery.objects.filter(channel="webhook", state="pending").update(available_at=Now())


# --- What arrives ----------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_an_announcement_arrives_signed_with_ids_and_no_words(north: Clinic, carol: User, system: System) -> None:
    hook, secret = registered(north, carol, system.url)
    about = tell(north)
    deliver()

    [(headers, body)] = system.heard
    told = json.loads(body)
    assert (told["kind"], told["about"], told["path"]) == ("task.opened", str(about), f"/tasks/{about}/")
    assert set(told) == {"id", "kind", "about", "path", "test"}
    moment, digest = (part.partition("=")[2] for part in headers["CliniqAI-Signature"].split(","))
    assert abs(int(moment) - time.time()) < 300
    assert digest == hmac.new(secret.encode(), f"{moment}.".encode() + body, "sha256").hexdigest()
    assert headers["Host"] == f"{HOST}:{system.port}"
    hook.refresh_from_db()
    assert (hook.failures, hook.last_code) == (0, "")
    assert secret not in hook.secret_sealed


@pytest.mark.django_db(transaction=True)
def test_another_clinics_announcement_goes_to_nobody_here(
    north: Clinic, south: Clinic, carol: User, system: System
) -> None:
    registered(north, carol, system.url)
    tell(south)
    deliver()
    assert system.heard == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("marked", ["before it was planned", "before it was sent"])
def test_of_a_sensitive_call_only_an_emergency_goes_out(
    north: Clinic, carol: User, system: System, marked: str
) -> None:
    registered(north, carol, system.url)
    call = uuid4()

    def mark() -> None:
        with inside(north):
            SensitiveCall.objects.create(call_id=call, why="vip")

    if marked == "before it was planned":
        mark()
    for kind in ("task.opened", "call.ended", "escalation.attention", "escalation.raised"):
        tell(north, kind, call=call)
    if marked == "before it was sent":
        planning.plan_due()
        mark()
    deliver()

    assert [json.loads(body)["kind"] for _, body in system.heard] == ["escalation.raised"]


@pytest.mark.django_db(transaction=True)
def test_what_failed_is_sent_again_with_the_same_id(north: Clinic, carol: User, system: System) -> None:
    registered(north, carol, system.url)
    system.answers = [500, 503, 204]
    tell(north)
    for _ in range(3):
        due_again()
        deliver()

    assert len(system.heard) == 3
    assert len({json.loads(body)["id"] for _, body in system.heard}) == 1
    assert Delivery.objects.get(channel="webhook").state == "sent"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", [301, 302, 307, 410])
def test_a_redirect_is_not_followed_and_a_system_that_is_gone_is_given_up(
    north: Clinic, carol: User, system: System, status: int
) -> None:
    registered(north, carol, system.url)
    system.answers = [status]
    tell(north)
    deliver()

    assert len(system.heard) == 1
    found = Delivery.objects.get(channel="webhook")
    assert (found.state, found.last_error_code) == ("dead", f"http_{status}")


@pytest.mark.django_db(transaction=True)
def test_a_ping_goes_to_the_one_webhook_that_is_tested(north: Clinic, carol: User, system: System) -> None:
    hook, _ = registered(north, carol, system.url)
    registered(north, carol, f"{system.url}/other")
    with inside(north):
        actions.test(by=carol, hook_id=hook.pk)
    deliver()

    assert [json.loads(body)["kind"] for _, body in system.heard] == ["webhook.ping"]
    assert Delivery.objects.filter(channel="webhook").count() == 1


@pytest.mark.django_db(transaction=True)
def test_too_many_failures_switch_it_off_tell_the_admins_and_it_can_be_switched_on(
    north: Clinic, carol: User, system: System
) -> None:
    hook, _ = registered(north, carol, system.url)
    Webhook.objects.update(failures=MOST_FAILURES - 1)
    system.answers = [500]
    tell(north)
    deliver()

    hook.refresh_from_db()
    assert hook.disabled_at is not None
    assert (actions.tell_of_switched_off(), actions.tell_of_switched_off()) == (1, 0)
    assert Event.objects.filter(kind="webhook.disabled", clinic=north).count() == 1
    tell(north)
    deliver()
    assert len(system.heard) == 1
    with inside(north):
        actions.switch_on(by=carol, hook_id=hook.pk)
    tell(north)
    deliver()
    assert len(system.heard) == 2


# --- Where it may lead -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/", "https://169.254.169.254/", "https://127.0.0.1/", "https://[::1]/", "https://0/",
        "https://localhost/", "https://2130706433/", "https://0x7f.1/", "https://user:pass@hooks.example.org/",
        "https://hooks.example.org/?a=1", "https://hooks.example.org/#x", "https://hooks.example.org\\@evil.test/",
        "https://hooks.example.org:99999/", "ftp://hooks.example.org/", "//hooks.example.org/", "", "https://",
        "https://hooks.example.org/ x", "https://hooks.example.org/" + "a" * 300, "https://höoks.example.org/",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(BadAddress) as refused:
        check_url(url)
    assert str(refused.value).endswith((".", "#: an address is seen by many."))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "2001:db8::1", "fd00:ec2::254",
    ],
)  # fmt: skip
def test_what_is_not_the_public_internet_is_not_dialled(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_the_public_internet_is(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_one_bad_address_among_good_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves_to(monkeypatch, "93.184.216.34", "10.0.0.5")
    with pytest.raises(BadAddress):
        look_up(HOST, 443)


@pytest.mark.django_db(transaction=True)
def test_a_host_that_leads_inside_by_now_is_given_up_unasked(
    north: Clinic, carol: User, system: System, settings: Any
) -> None:
    registered(north, carol, system.url)
    settings.WEBHOOK_NETWORKS = ()
    tell(north)
    deliver()

    assert system.heard == []
    found = Delivery.objects.get(channel="webhook")
    assert (found.state, found.last_error_code) == ("dead", "webhook_address")


@pytest.mark.django_db(transaction=True)
def test_a_name_is_looked_up_once_so_that_it_cannot_lead_elsewhere_a_moment_later(
    north: Clinic, carol: User, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(north, carol, system.url)
    asked = resolves_to(monkeypatch, "127.0.0.1")
    tell(north)
    deliver()
    assert len(system.heard) == 1
    assert asked == [HOST]


@pytest.mark.django_db(transaction=True)
def test_a_certificate_of_nobody_known_is_no_receiver(
    north: Clinic, carol: User, system: System, settings: Any
) -> None:
    registered(north, carol, system.url)
    settings.WEBHOOK_CA_FILE = ""
    tell(north)
    deliver()
    assert system.heard == []
    assert Delivery.objects.get(channel="webhook").last_error_code == "webhook_certificate"


# --- The page --------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_an_admin_registers_sees_the_secret_once_and_removes(client_of: SignIn, carol: User, north: Clinic) -> None:
    client = client_of(carol)
    made = client.post("/settings/webhooks/new/", {"url": "https://hooks.example.org/in"})
    hook = Webhook.objects.get()

    assert hook.secret in made.text
    assert hook.secret not in client.get("/settings/webhooks/").text
    assert client.post(f"/settings/webhooks/{hook.pk}/remove/").status_code == 302
    assert "hooks.example.org" not in client.get("/settings/webhooks/").text


@pytest.mark.django_db
def test_nonsense_keeps_what_was_typed_and_says_why(client_of: SignIn, carol: User) -> None:
    answer = client_of(carol).post("/settings/webhooks/new/", {"url": "http://hooks.example.org/in"})
    assert answer.status_code == 422
    assert "The address begins with https://." in answer.text
    assert 'value="http://hooks.example.org/in"' in answer.text


@pytest.mark.django_db
def test_staff_and_another_clinic_find_no_webhooks(
    client_of: SignIn, alice: User, carol: User, north: Clinic, south: Clinic
) -> None:
    assert client_of(alice).get("/settings/webhooks/").status_code == 403
    theirs = Webhook.objects.create(clinic=south, url="https://s.example.org/", secret_sealed="x", made_by=uuid4())
    client = client_of(carol)
    assert "s.example.org" not in client.get("/settings/webhooks/").text
    for deed in ("test", "on", "remove"):
        assert client.post(f"/settings/webhooks/{theirs.pk}/{deed}/").status_code == 404
