"""A production as the documents describe it is safe, says so itself, and is started as the Procfile says."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.checks import run_checks

from cliniqai.embedded.places import ROOT

PRODUCTION = {
    "DEBUG": "0",
    "BASE_DOMAIN": "example.org",
    "PUBLIC_SCHEME": "https",
    "PUBLIC_PORT": "",
    "REQUIRE_MFA": "1",
    "TWILIO_ACCOUNT_SID": "AC" + "b" * 32,
    "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
    "SECRET_KEY": secrets.token_urlsafe(64),
    "FIELD_KEYS": "prod:" + base64.b64encode(secrets.token_bytes(32)).decode(),
    "BACKUP_DIR": "/mnt/backups",
    "DJANGO_SETTINGS_MODULE": "cliniqai.settings",
}


@pytest.fixture(scope="module")
def production(django_db_setup: None) -> dict[str, Any]:
    """In a process of its own: settings are read once."""
    env = {**os.environ, **PRODUCTION, "PYTHONPATH": str(ROOT)}
    env.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # of the browser tests
    done = subprocess.run(
        [sys.executable, "-m", "tests.platform.production"], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_a_production_as_documented_has_nothing_to_say(production: dict[str, Any]) -> None:
    assert production["checks"] == []


@pytest.mark.slow
def test_a_page_in_production_carries_every_header(production: dict[str, Any]) -> None:
    headers = production["headers"]

    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]
    assert not {"Server", "X-Powered-By"} & set(headers)
    assert all(cookie["secure"] for cookie in production["cookies"].values())


@pytest.mark.slow
def test_plain_http_leads_to_https_and_a_monitor_inside_is_let_through(production: dict[str, Any]) -> None:
    assert production["plain"] == [301, "https://example.org/sign-in/"]
    assert production["inside"] != 301  # what it is told depends on tables, which this process has none of


@pytest.mark.slow
def test_without_an_address_nobody_traces_and_nothing_is_loaded(production: dict[str, Any]) -> None:
    assert production["loaded"] == []
    assert production["wrapped"] == "WSGIHandler"


def test_each_unsafe_value_is_named(settings: Any) -> None:
    database = {**configured.DATABASES["default"], "HOST": "db.example.org", "OPTIONS": {"sslmode": "prefer"}}
    settings.DATABASES = {"default": database}
    settings.REDIS_URL, settings.CACHE_URL = "redis://redis.example.org/0", "rediss://cache.example.org/0"
    settings.REQUIRE_MFA = False
    names = {one.id for one in run_checks(tags=["security"], include_deployment_checks=True)}

    assert {"clinics.W002", "clinics.W003", "clinics.W004"} <= names

    database["OPTIONS"] = {"sslmode": "verify-full"}
    settings.REDIS_URL, settings.REQUIRE_MFA = "unix:///run/redis.sock", True
    names = {one.id for one in run_checks(tags=["security"], include_deployment_checks=True)}
    assert not {"clinics.W002", "clinics.W003", "clinics.W004"} & names


# --- How it is started ----
def procfile() -> dict[str, tuple[str, str]]:
    """Each line's command and which process it says it is."""
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    lines.pop("release")
    found = {name: re.fullmatch(r"CLINIQAI_PROCESS=(\w+) (.*)", line) for name, line in lines.items()}
    return {name: (match[2], match[1]) for name, match in found.items()}  # type: ignore[index]


def test_the_units_start_what_the_procfile_says() -> None:
    units = {}
    for path in (ROOT / "docs/deploy/systemd").glob("cliniqai-*.service"):
        text = path.read_text()
        command = re.search(r"^ExecStart=/bin/sh -c 'exec (.*)'$", text, re.MULTILINE)[1]
        process = re.search(r"CLINIQAI_PROCESS=(\w+)", text)[1]
        units[path.stem.removeprefix("cliniqai-").replace("-", "_")] = (command, process)
        assert "NoNewPrivileges=yes" in text
        assert "User=cliniqai" in text

    assert units == procfile()


def test_systemd_itself_has_nothing_to_say_of_the_units(tmp_path: Path) -> None:
    """On copies, so that nothing of this machine is asked for but what a unit names."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("There is no systemd-analyze here: apt-get install systemd.")
    units = [shutil.copy(path, tmp_path) for path in sorted((ROOT / "docs/deploy/systemd").glob("*.service"))]

    said = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)

    assert len(units) == len(procfile())
    assert (said.stdout, said.stderr, said.returncode) == ("", "", 0)


def test_the_image_runs_the_web_line_as_nobody_and_is_asked_whether_it_lives() -> None:
    text = (ROOT / "docs/deploy/Containerfile").read_text()

    assert f'CMD ["sh", "-c", "exec {procfile()["web"][0]}"]' in text
    assert re.search(r"^USER 10001$", text, re.MULTILINE)
    assert "/healthz" in text
    assert "--require-hashes" in text


def test_the_proxy_passes_the_host_on_and_buffers_no_stream() -> None:
    text = (ROOT / "docs/deploy/nginx.conf").read_text()
    stream = re.search(r"location = /events/ \{.*?\n    \}", text, re.DOTALL)[0]

    assert "proxy_buffering off;" in stream
    assert "proxy_set_header Host $http_host;" in text
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert "http2 on;" in text
    assert "proxy_next_upstream off;" in text
