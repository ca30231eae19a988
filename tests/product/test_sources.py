"""Rules over the sources of the whole product that no linter of ours knows (those over scripts: tests/browser)."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("cliniqai", "clinics", "notifications", "tasks", "escalations", "calls", "analytics")
KEPT = [ROOT / line for line in subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()]
TEMPLATES = [path for path in KEPT if path.suffix == ".html" and path.exists()]
MODULES = [
    path
    for path in KEPT
    if path.suffix == ".py"
    and path.relative_to(ROOT).parts[0] in APPS
    and "migrations" not in path.parts
    and path.exists()
]
STATIC = [path for path in KEPT if path.parent == ROOT / "static" and path.suffix != ".wav" and path.exists()]
PRODUCT = [*MODULES, *TEMPLATES, *STATIC]


def found(pattern: str, paths: list[Path], *, but: str = "(?!)") -> list[str]:
    """Where a pattern occurs: file and line. `but`: lines or paths that may."""
    return [
        f"{path.relative_to(ROOT)}:{number} {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(pattern, line) and not re.search(but, f"{path.relative_to(ROOT)}:{line}")
    ]


# --- Templates -------------------------------------------------------------------------------------------------------
def test_nothing_is_shown_unescaped() -> None:
    assert found(r"\|\s*safe\b|autoescape\s+off", TEMPLATES) == []
    assert found(r"\bmark_safe\b|\bSafeString\b|format_html_join\(", MODULES) == []


def test_every_form_that_posts_carries_its_token() -> None:
    forms = re.compile(r"<form\b[^>]*method=\"post\".*?</form>", re.DOTALL | re.IGNORECASE)

    bare = [
        f"{path.relative_to(ROOT)}: {form[:80]}"
        for path in TEMPLATES
        if path.parent.name != "styleguide"  # pictures of forms
        for form in forms.findall(path.read_text())
        if "csrf_token" not in form
    ]

    assert bare == []


def test_every_link_that_htmx_follows_works_without_it() -> None:
    links = re.compile(r"<a\b[^>]*\bhx-(?:get|post)=[^>]*>")

    assert [link for path in TEMPLATES for link in links.findall(path.read_text()) if " href=" not in link] == []
    assert found(r"<a\b[^>]*\bhx-post=", TEMPLATES) == [], "a link reads; what writes is a button in a form"


def test_nothing_is_loaded_from_another_host() -> None:
    assert found(r"(src|href|action|hx-\w+)=\"(https?:)?//", TEMPLATES) == []
    assert found(r"(fetch|import|EventSource|WebSocket)\(\s*[\"'`](https?:|wss?:)?//", PRODUCT) == []


def test_no_title_and_no_link_holds_a_patients_word() -> None:
    """A title is in the browser's history and on a shared screen; an address is in every log on the way."""
    words = r"(patient_name|date_of_birth|callback_number|from_number|\.summary|\.words|row\.title|\.caller)"

    assert found(rf"<title>.*{words}|block title %}}.*{words}", TEMPLATES) == []
    assert found(rf"(href|action|hx-get|hx-post|src)=\"[^\"]*{{{{[^}}]*{words}", TEMPLATES, but="tel:") == []


def test_every_template_is_shown_by_somebody() -> None:
    told = "\n".join(path.read_text() for path in [*MODULES, *TEMPLATES])
    names = {str(path.relative_to(ROOT / "templates")) for path in TEMPLATES if ROOT / "templates" in path.parents}

    assert {name for name in names if name not in told} - {"403.html", "404.html", "500.html"} == set()


# --- Python ----------------------------------------------------------------------------------------------------------
def test_only_what_twilio_calls_is_free_of_the_csrf_check() -> None:
    assert found(r"csrf_exempt", MODULES, but=r"^clinics/telephone\.py") == []


def test_nobody_builds_sql_from_words() -> None:
    """An f-string that is executed may hold names of tables of ours, never a value."""
    executed = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in MODULES
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", "") in {"execute", "raw", "extra", "executemany"}
        and call.args
        and isinstance(call.args[0], ast.JoinedStr)
    ]

    assert [place for place in executed if not place.startswith(("cliniqai/embedded", "clinics/"))] == []


def test_no_log_line_is_given_a_patients_word() -> None:
    words = {
        "words", "patient_name", "date_of_birth", "callback_number", "from_number", "summary", "details", "said",
        "caller", "twiml", "body", "POST", "twilio",
    }  # fmt: skip
    told = []
    for path in MODULES:
        for call in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            if getattr(call.func.value, "id", "") not in {"logger", "log", "logging"}:
                continue
            for node in ast.walk(call):
                name = getattr(node, "attr", None) or getattr(node, "id", None)
                if name in words and not _only_a_code(call, node):
                    told.append(f"{path.relative_to(ROOT)}:{call.lineno} {name}")

    assert told == []


def _only_a_code(call: ast.Call, node: ast.AST) -> bool:
    """`request.twilio.get("ErrorCode")`: one named field that is a code."""
    return any(
        isinstance(inner, ast.Call)
        and getattr(inner.func, "attr", "") == "get"
        and getattr(inner.func, "value", None) is node
        and getattr(inner.args[0], "value", "") == "ErrorCode"
        for inner in ast.walk(call)
    )


def test_no_file_is_a_drawer_for_everything() -> None:
    refused = {"utils", "helpers", "common", "core", "services", "manager", "managers", "misc", "signals"}
    named = [path for path in MODULES if path != ROOT / "cliniqai/embedded/services.py"]  # PostgreSQL and Valkey

    assert [str(path.relative_to(ROOT)) for path in named if refused & {path.stem, *path.parts}] == []
    assert [str(path.relative_to(ROOT)) for path in MODULES if path.name == "tasks.py"] == []


def test_files_fit_on_a_few_screens() -> None:
    assert {
        str(path.relative_to(ROOT)): lines for path in MODULES if (lines := len(path.read_text().splitlines())) > 320
    } == {}


def test_every_public_function_of_an_action_is_called_by_names_only() -> None:
    """`actions.py` holds deeds: keyword-only, so that a call reads as a sentence. Questions may not."""
    loose = [
        f"{path.relative_to(ROOT)}: {deed.name}"
        for path in MODULES
        if path.name == "actions.py"
        for deed in ast.parse(path.read_text()).body
        if isinstance(deed, ast.FunctionDef) and not deed.name.startswith(("_", "check_", "can_", "wrong_"))
        if deed.args.args or deed.args.posonlyargs
    ]

    assert loose == []


def test_no_path_of_one_machine_is_kept() -> None:
    texts = [
        path
        for path in KEPT
        if path.suffix in {".py", ".md", ".toml", ".yml", ".yaml", ".txt", ".html", ".js", ""} and path.is_file()
        if path != Path(__file__)
    ]

    assert found(r"(?<![\w.])/(home|root|Users|work)/\w", texts) == []


@pytest.mark.parametrize("model", ["Clinic", "Domain", "PhoneLine", "Agreement", "Event", "Delivery", "Notification"])
def test_a_shared_table_has_no_place_for_a_patients_words(model: str) -> None:
    from django.apps import apps
    from django.db import models

    found_model = next(one for one in apps.get_models() if one.__name__ == model)
    roomy = [
        field.name
        for field in found_model._meta.get_fields()
        if isinstance(field, models.TextField | models.JSONField | models.DateField)
        and not isinstance(field, models.DateTimeField)
    ]

    # `channels` are names of notifications/routing.py: announce() refuses every other word
    assert set(roomy) <= {"twilio_token_sealed", "audience", "channels", "signed_on", "ends_on"}
