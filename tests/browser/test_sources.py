"""Rules over the sources of the pages: what the content security policy and the htmx subset forbid, and the budgets."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import django_htmx
import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static").glob("*.js"))
HTMX = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"

FORBIDDEN = {
    "an htmx handler in an attribute": r"\shx-on[:\s=-]",
    "an expression that htmx would evaluate": r"=[\"'](js|javascript):",
    "a trigger filter, which fires on any key when evaluation is off": r"hx-trigger=\"[^\"]*\[",
    "an inline style": r"\sstyle\s*=",
    "a script without a source": r"<script(?![^>]*\ssrc=)",
    "a style element": r"<style\b",
    "a handler in an attribute": r"\son(click|change|submit|load|key\w+|input|focus|blur|toggle)\s*=",
    "disabling the control that has the focus": r"hx-disabled-elt",
    "a modal dialog, which would cover the alarm": r"showModal\s*\(",
    "hx-boost": r"hx-boost",
    "a document written as HTML": r"\binsertAdjacentHTML\b|\bouterHTML\s*=[^=]|document\.write\b",
}


def test_the_pinned_htmx_is_the_one_that_is_shipped() -> None:
    assert 'version:"2.0.10"' in HTMX.read_text()


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_page_and_no_script_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])

    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in [*TEMPLATES, *SCRIPTS]
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if pattern.search(line)
    ]

    assert found == []


def test_the_test_phone_never_writes_what_it_got_as_html() -> None:
    phone = (ROOT / "static" / "phone.js").read_text()

    assert "innerHTML" not in phone
    assert "innerHTML" not in (ROOT / "static" / "alarm.js").read_text()


def test_every_focusable_thing_of_a_template_has_an_id_or_stands_in_the_frame() -> None:
    """After a swap htmx finds the focus again by id."""
    control = re.compile(r"<(?:button|input|select|textarea)\b(?![^>]*type=\"hidden\")[^>]*>")

    missing = [
        f"{path.relative_to(ROOT)}: {tag}"
        for path in TEMPLATES
        if path.parent.name not in {"styleguide", "admin"}  # pictures; pages without htmx
        for tag in control.findall(path.read_text())
        if " id=" not in tag and "data-shows" not in tag
    ]

    assert missing == []


def test_the_look_stays_below_12_kb_and_a_page_s_scripts_below_31() -> None:
    """Gzipped. htmx is 16.5 KB of the 31; our own scripts are read as they are written, comments included."""
    look = _zipped(ROOT / "static" / "portal.css")
    page = _zipped(HTMX) + sum(_zipped(path) for path in SCRIPTS if path.name != "phone.js")
    phone = _zipped(ROOT / "static" / "phone.js")

    assert look <= 12_000
    assert page <= 31_000
    assert phone <= 5_000


def test_the_static_files_of_a_real_host_can_be_collected(tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    real = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": real}}

    call_command("collectstatic", interactive=False, verbosity=0)

    named = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    assert {"portal.css", "portal.js", "alarm.js", "stream.js", "django_htmx/htmx-2.min.js"} <= named.keys()


def _zipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))
