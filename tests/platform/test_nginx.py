"""The documented nginx before the real web process: the file as it stands in docs/deploy, with this machine's ports."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connections
from django.test import Client

from calls.models import Call
from calls.simulator.far_end import FarEnd
from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from cliniqai.embedded.processes import wait_until
from notifications import stream
from tests.far_ends.certificates import certificate
from tests.notifications.machines import ROOT, Program, environment, own_valkey

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

HOST = "north.localhost"
AROUND = """
daemon off;
{user}
pid {folder}/pid;
error_log {folder}/main.log;
events {{}}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    port: int
    plain: int
    folder: Path
    redis: str

    def curl(self, path: str, *words: str) -> str:
        """What curl prints of a page of north's, over TLS."""
        command = ["curl", "-sk", "--max-time", "20", "--resolve", f"{HOST}:{self.port}:127.0.0.1", *words]
        return subprocess.run([*command, f"https://{HOST}:{self.port}{path}"], capture_output=True, text=True).stdout

    def status(self, path: str, *words: str) -> str:
        return self.curl(path, "-o", os.devnull, "-w", "%{http_code} %{http_version}", *words)

    def logged(self) -> str:
        return "".join(path.read_text() for path in self.folder.glob("*.log"))


def _nginx() -> str:
    found = os.environ.get("NGINX") or shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found:
        pytest.skip("There is no nginx here: apt-get install nginx, or name it in NGINX.")
    if not shutil.which("curl"):
        pytest.skip("There is no curl here, which speaks HTTP/2: apt-get install curl.")
    return found


def _site(folder: Path, *, web: int, port: int, plain: int, nginx: str) -> str:
    """The documented file, with nothing changed but what belongs to a machine."""
    text = (ROOT / "docs/deploy/nginx.conf").read_text()
    version = subprocess.run([nginx, "-v"], capture_output=True, text=True).stderr
    if tuple(map(int, re.findall(r"\d+", version)[:3])) < (1, 25, 1):  # as the comment in the file says
        text = re.sub(r"^ +http2 on;.*\n", "", text, flags=re.MULTILINE)
        text = text.replace("443 ssl;", "443 ssl http2;").replace(
            "443 ssl default_server;", "443 ssl http2 default_server;"
        )
    text = re.sub(r"^ +listen \[::\].*\n", "", text, flags=re.MULTILINE)  # not every machine has it
    for documented, here in (
        ("127.0.0.1:8000", f"127.0.0.1:{web}"),
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("example.org *.example.org", "localhost *.localhost"),
        ("/etc/ssl/example.org/fullchain.pem", str(folder / "cert.pem")),
        ("/etc/ssl/example.org/privkey.pem", str(folder / "key.pem")),
        ("/var/log/nginx/", f"{folder}/"),
    ):
        assert documented in text
        text = text.replace(documented, here)
    return text


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def proxy(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Proxy]:
    """nginx and the web line of the Procfile behind it."""
    nginx, web, port, plain = _nginx(), _free(), _free(), _free()
    certificate(tmp_path, HOST)
    (tmp_path / "site.conf").write_text(_site(tmp_path, web=web, port=port, plain=plain, nginx=nginx))
    user = "user root;" if os.getuid() == 0 else ""
    (tmp_path / "nginx.conf").write_text(AROUND.format(folder=tmp_path, user=user))
    tested = subprocess.run([nginx, "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True)
    assert "test is successful" in tested.stderr, tested.stderr
    assert "warn" not in tested.stderr, tested.stderr
    settings.PUBLIC_SCHEME, settings.PUBLIC_PORT = "https", ""
    with own_valkey() as valkey:
        settings.REDIS_URL = valkey.url
        env = environment(valkey, PUBLIC_SCHEME="https", PUBLIC_PORT="", CLINIQAI_PROCESS="web", PORT=str(web))
        line = dict(one.split(": ", 1) for one in (ROOT / "Procfile").read_text().splitlines())["web"]
        words = line.replace("$PORT", str(web)).replace("0.0.0.0", "127.0.0.1").split()[1:]
        serving = Program("-m", *words, env=env)
        server = subprocess.Popen([nginx, "-c", str(tmp_path / "nginx.conf")])
        try:
            assert wait_until(lambda: _listens(web) and _listens(port), seconds=90), serving.said()[-2000:]
            yield Proxy(port, plain, tmp_path, valkey.url)
        finally:
            server.terminate()
            server.wait(10)
            serving.kill()
            stream._client.cache_clear()
            connections.close_all()


def test_pages_bodies_and_logs(proxy: Proxy) -> None:
    assert proxy.status("/sign-in/?secret=Lisinopril") == "200 2"
    assert proxy.status("/metrics") == "404 2"
    (proxy.folder / "large").write_text("x" * 300_000)
    assert proxy.status("/sign-in/?token=Lisinopril", "--data-binary", f"@{proxy.folder / 'large'}") == "413 2"
    shown = proxy.curl("/sign-in/", "-D", "-", "-o", os.devnull)
    assert "strict-transport-security: max-age=31536000" in shown
    assert not re.search(r"(?im)^server: .*\d", shown)
    assert "Lisinopril" not in proxy.logged()
    assert '"GET /sign-in/" 200' in proxy.logged()


def test_plain_http_is_sent_on_and_a_strangers_name_gets_no_handshake(proxy: Proxy) -> None:
    command = ["curl", "-s", "-o", os.devnull, "-w", "%{http_code} %{redirect_url}", "-H", f"Host: {HOST}"]
    told = subprocess.run([*command, f"http://127.0.0.1:{proxy.plain}/tasks/"], capture_output=True, text=True).stdout
    assert told == f"301 https://{HOST}/tasks/"

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", proxy.port)) as raw, pytest.raises(ssl.SSLError):
        context.wrap_socket(raw, server_hostname="clinic.example.com")


def test_a_signed_call_goes_through_and_what_a_client_says_of_itself_is_not_believed(
    proxy: Proxy, north: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(proxy.folder / "cert.pem"))
    monkeypatch.setattr(socket, "getaddrinfo", _here(socket.getaddrinfo))
    line, heard = FarEnd(north, f"https://{HOST}:{proxy.port}").ring(
        caller="+12025550142", dialled="+12025550101", test=False
    )

    assert heard.faults == []
    with inside(north):
        assert Call.objects.filter(sid=line.sid).exists()
    lies = ("-H", "X-Forwarded-Proto: http", "-H", "X-Forwarded-For: 10.1.2.3", "-H", "Forwarded: proto=http")
    assert proxy.status("/sign-in/", *lies) == "200 2", "the lie about plain HTTP would have been redirected"


def _here(true: Any) -> Any:
    return lambda host, port, *more, **how: true("127.0.0.1" if host == HOST else host, port, *more, **how)


def test_the_stream_is_not_held_back(
    proxy: Proxy, north: Clinic, alice: User, client_of: Callable[[User], Client]
) -> None:
    cookie = f"{configured.SESSION_COOKIE_NAME}={client_of(alice).cookies[configured.SESSION_COOKIE_NAME].value}"
    command = ["curl", "-skN", "--http2", "--max-time", "30", "--resolve", f"{HOST}:{proxy.port}:127.0.0.1"]
    heard = proxy.folder / "heard"
    with heard.open("wb") as out:
        page = subprocess.Popen([*command, "-b", cookie, f"https://{HOST}:{proxy.port}/events/"], stdout=out)
    try:
        assert wait_until(lambda: b"event: " in heard.read_bytes(), seconds=20), "the stream has begun"
        stream.publish(schema=north.schema_name, kind="task.opened")
        began = time.monotonic()
        assert wait_until(lambda: b"task.opened" in heard.read_bytes(), seconds=5), heard.read_bytes()
        assert page.poll() is None, "and it is still open"
        assert time.monotonic() - began < 5
    finally:
        page.terminate()
        page.wait(10)
