"""Rules over the sources of the pages: what the content security policy and the htmx subset forbid, and the budgets."""

from __future__ import annotations

import json
import re
from pathlib import Path

import django_htmx
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import expect

from tests.browser.conftest import Desk

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


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static files as a real host serves them."""
    root = tmp_path_factory.mktemp("static")
    _collect(root)
    return root


def _collect(root: Path) -> None:
    small = {**settings.STORAGES, "staticfiles": {"BACKEND": "cliniqai.statics.SmallFiles"}}
    with override_settings(STATIC_ROOT=root, STORAGES=small):
        call_command("collectstatic", interactive=False, verbosity=0)


def test_the_static_files_of_a_real_host_can_be_collected(collected: Path) -> None:
    named = json.loads((collected / "staticfiles.json").read_text())["paths"]
    assert {"portal.css", "frame.js", "queue.js", "django_htmx/htmx-2.min.js"} <= named.keys()


PAGES_WITH_SCRIPTS = [path for path in TEMPLATES if "{% block scripts %}" in path.read_text()]
KB = 1024


BEFORE_SIGNING_IN = {"sign_in", "code", "set_up"}
"""Pages of people whom no alarm reaches yet: they get two scripts of the frame and not all of it."""

SELDOM = {"phone": 29, "add_passkey": 26, "again": 26}
"""Pages that may weigh more than 25 KB: nobody works on them, docs/adr/0035."""


@pytest.mark.parametrize("page", PAGES_WITH_SCRIPTS, ids=lambda path: path.stem)
def test_the_scripts_of_a_page_stay_below_25_kb(page: Path, collected: Path) -> None:  # I4
    own = re.findall(r"{% static '([\w.-]+\.js)' %}", page.read_text())
    frame = settings.FRAME_SOURCES[:2] if page.stem in BEFORE_SIGNING_IN else [settings.FRAME]
    loaded = [*frame, *(name for name in own if not name.startswith("words."))]

    assert sum(_served(collected, name) for name in loaded) <= SELDOM.get(page.stem, 25) * KB, loaded


def test_the_words_of_another_language_add_less_than_3_kb(collected: Path) -> None:
    assert _served(collected, "words.es.js") <= 3 * KB


def test_the_styles_of_a_page_stay_below_12_kb(collected: Path) -> None:  # I4
    own = {name for path in TEMPLATES for name in re.findall(r"{% static '([\w.-]+\.css)' %}", path.read_text())}

    assert sum(_served(collected, name) for name in own) <= 12 * KB


def test_small_scripts_still_do_what_the_sources_say(collected: Path) -> None:
    """The names that pages and the server use are no local variables, so no minifier may shorten them."""
    frame = (collected / "frame.js").read_text()

    for name in ("stream:resync", "htmx:afterSettle", "data-refresh", "portal-stream", "alarms:shown"):
        assert name in frame, name


def test_a_second_release_into_the_same_folder_serves_the_same_files(tmp_path: Path) -> None:
    _collect(tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.glob("*.*s")}
    _collect(tmp_path)

    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.*s")} == first


@pytest.mark.parametrize("release", ["the first", "the second into the same folder"])
def test_a_page_runs_on_the_one_file_of_a_real_host(release: str, desk: Desk, tmp_path: Path) -> None:
    for _ in range(1 if release == "the first" else 2):
        _collect(tmp_path)
    frame = (tmp_path / "frame.js").read_text()
    context = desk.browser_of("Alice")
    first, *others = settings.FRAME_SOURCES
    context.route(f"**/{first}", lambda route: route.fulfill(body=frame, content_type="text/javascript"))
    for name in others:
        context.route(f"**/{name}", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page = context.new_page()
    page.goto(desk.url("/tasks/"))
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live")

    desk.emergency()

    expect(page.locator("#alarm-list .alarm")).to_be_visible()


def _served(collected: Path, name: str) -> int:
    """The bytes of a file as a browser gets it: what is too small to become smaller is not compressed."""
    named = collected / json.loads((collected / "staticfiles.json").read_text())["paths"][name]
    small = named.with_name(f"{named.name}.gz")
    return (small if small.exists() else named).stat().st_size
