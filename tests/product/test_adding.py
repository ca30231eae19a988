"""The boxes of docs/adding.md, run against the tables, the loader and the door that they are written for."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
import yaml
from django.conf import settings
from django.shortcuts import render
from django.test import Client
from django.urls import include, path
from django.views.decorators.http import require_safe

import cliniqai.urls
from calls.dialogue.safety.engine import RuleSet, judge
from calls.dialogue.safety.loading import Compiler, with_anchors
from calls.dialogue.safety.rule_file import LANGUAGES, read_file
from calls.dialogue.safety.spelling import spelling_of
from calls.speech import elevenlabs
from clinics.models import Clinic
from clinics.people.access import require
from clinics.people.doors import permission_of
from clinics.people.models import User
from clinics.people.roles import Permission
from clinics.providers.asking import ask
from clinics.providers.gate import Carries, passages
from clinics.providers.models import Capability
from notifications import kinds
from notifications.routing import plan
from tasks import policy
from tests.conftest import client_on
from tests.far_ends.days import Asked, FarEnd, open_to_all
from tests.far_ends.speech import sound_of
from tests.providers.conftest import Enter, enter  # noqa: F401  (a fixture)

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "adding.md").read_text()
BOXES = re.compile(r"```(yaml|python)\n(.*?)\n```", re.DOTALL)


def boxes(kind: str) -> list[str]:
    return [text for name, text in BOXES.findall(PAGE) if name == kind]


RULE, (KIND, REQUEST, VIEW, ADDRESS, ADAPTER) = boxes("yaml"), boxes("python")


def test_the_rule_compiles_at_the_end_of_its_file_and_does_what_it_says() -> None:
    (rule,) = yaml.load(RULE[0], Loader=yaml.BaseLoader)
    files = {lang: read_file(lang)[0] for lang in LANGUAGES}
    spelling = spelling_of(files.values())
    with_it = {**files["en"], "rules": [*files["en"]["rules"], rule]}
    rules = RuleSet("x", {"en": with_anchors(Compiler(with_it, spelling).compile("x", spelling))})

    def found(text: str) -> set[str]:
        return {one.rule for one in judge(rules, text, lang="en", confidence=None, earlier=(), asked="").findings}

    assert [text for text in rule["fires"] if rule["id"] not in found(text)] == []
    assert [text for text in rule["quiet"] if found(text)] == []


def test_the_announcement_fits_the_table_and_has_a_road() -> None:
    ((name, kind),) = eval("{" + KIND + "}", dict(vars(kinds))).items()

    assert name not in kinds.TABLE
    assert set(kind.title) == {"en", "es"}
    assert {one.channel for one in plan(kind, people=[uuid4()])} >= {"inbox"}


def test_the_request_fits_the_table_of_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "KINDS", dict(policy.KINDS))

    exec(REQUEST, vars(policy))

    assert policy.KINDS["example"].due_minutes == policy.ONE_WORKING_DAY


@pytest.fixture
def with_the_page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The clinic's addresses, and the page's among them."""
    named: dict[str, Any] = {
        "__name__": "tests_added_page",
        "require_safe": require_safe,
        "require": require,
        "Permission": Permission,
        "render": render,
    }
    exec(VIEW, named)
    added = ModuleType("tests_added_page")
    address = eval(ADDRESS, {"path": path, "example": named["example"]})
    added.urlpatterns = [path("", include("cliniqai.urls")), address]  # type: ignore[attr-defined]
    for name in ("handler400", "handler403", "handler404", "handler500"):
        setattr(added, name, getattr(cliniqai.urls, name))
    monkeypatch.setitem(sys.modules, added.__name__, added)
    monkeypatch.setattr(settings, "ROOT_URLCONF", added.__name__)
    return named["example"]


@pytest.mark.django_db
def test_the_page_lets_in_who_it_says(
    with_the_page: Callable[..., Any], north: Clinic, alice: User, client_of: Callable[[User], Client]
) -> None:
    assert permission_of(with_the_page) is not None
    assert client_of(alice).get("/examples/").status_code == 200
    assert client_on(north).get("/examples/").status_code == 302


class Speaker(FarEnd):
    """A provider with a protocol of its own."""

    def answer(self, asked: Asked) -> tuple[int, str, bytes]:
        return 200, "audio/mpeg", sound_of("hello", "its own")

    def refusal(self, status: int) -> tuple[str, bytes]:
        return "text/plain", b""


@pytest.mark.django_db(transaction=True)
def test_the_provider_is_asked_through_the_door_and_nowhere_else(north: Clinic, enter: Enter) -> None:  # noqa: F811
    named = {"door": elevenlabs.door, "checked": elevenlabs.checked}
    exec(ADAPTER, named)
    with open_to_all(Speaker()) as far:
        provider = enter("elevenlabs", far)
        (way,) = passages(north, Capability.SPEECH, Carries.FIXED)

        answer = ask(way, lambda: named["speak"](provider, "Hello", lang="en", voice="v-en"))

        assert answer.value == sound_of("hello", "its own"), answer.trouble
        assert [one.path for one in far.asked] == ["/say"]
        with pytest.raises(Exception, match="no passage to it is open"):
            named["speak"](provider, "Hello", lang="en", voice="v-en")
