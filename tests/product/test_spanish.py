"""Every page in Spanish, as everybody who may open it: no English of the catalogue is left on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from clinics.catalogue.keeping import read
from clinics.models import Clinic
from clinics.people.models import User
from clinics.people.roles import Role
from clinics.tenancy import inside
from tests.product.walk import CLINIC, routes

pytestmark = pytest.mark.django_db

ENGLISH_BY_DESIGN = {
    "people:styleguide",  # pictures of parts, for who builds pages
    "api_docs",  # for who writes programs, as the API itself
    "people:session",
}
READ_ALOUD = {"title", "aria-label", "placeholder", "alt", "data-busy", "data-what", "data-one", "data-many"}
VALUE = re.compile(r"%\(\w+\)s")
LONG = 3  # words from which on a text is looked for inside others, too


class Words(HTMLParser):
    """What a page says: its texts and what its attributes say, but for what is marked as another language."""

    SILENT = frozenset({"script", "style", "textarea", "kbd", "code"})
    ALONE = frozenset({"br", "hr", "img", "input", "link", "meta"})

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        silent = (
            tag in self.SILENT or (tag != "html" and given.get("lang") == "en") or "mono" in (given.get("class") or "")
        )
        if not self.quiet:
            self.said += [value for name, value in attrs if name in READ_ALOUD and value]
            self.said += [given["value"]] if tag == "input" and given.get("type") == "submit" and given["value"] else []
        if tag not in self.ALONE:
            self.open.append((tag, silent or self.quiet))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not self.quiet:
            self.said.append(" ".join(data.split()))

    @property
    def quiet(self) -> bool:
        return bool(self.open) and self.open[-1][1]


def words_of(page: str) -> list[str]:
    reader = Words()
    reader.feed(page)
    return reader.said


def _texts() -> Iterator[str]:
    for message in read("es"):
        forms = [message.id] if isinstance(message.id, str) else message.id
        strings = [message.string] if isinstance(message.string, str) else message.string
        yield from (re.sub(r"<[^>]+>", "", one).strip() for one in forms if one and one not in strings)


@cache
def english() -> tuple[frozenset[str], list[tuple[str, re.Pattern[str]]]]:
    """The short texts, which are a whole text of a page, and the long ones, which may be part of one.

    A long one is a pattern, beside what stands in it for certain: most are looked for no further than that.
    """
    texts = {one for one in _texts() if re.search("[A-Za-z]{2}", VALUE.sub("", one))}
    long = sorted(one for one in texts if len(VALUE.sub("", one).split()) >= LONG)
    return frozenset(texts - set(long)), [_looked_for(one.replace("%%", "%")) for one in long]


def _looked_for(text: str) -> tuple[str, re.Pattern[str]]:
    parts = VALUE.split(text)
    return max(parts, key=len), re.compile(r"(?<!\w)" + ".{1,80}?".join(map(re.escape, parts)) + r"(?!\w)")


def left_on(page: str) -> set[str]:
    short, long = english()
    said = words_of(page)
    whole = " ".join(said)
    found = (hit for certain, pattern in long if certain in whole for hit in pattern.findall(whole))
    return {one for one in said if one.rstrip(":.") in short or one in short} | set(found)


def test_the_search_finds_what_is_left() -> None:
    page = (
        '<p title="Close">Cola</p><p>Undo <b>is offered for 30 seconds. Reopen it instead.</b></p><p lang="en">Late</p>'
    )

    assert left_on(page) == {"Close", "Undo", "Undo is offered for 30 seconds. Reopen it instead."}


@pytest.mark.parametrize("role", [Role.STAFF, Role.DOCTOR, Role.ADMIN, Role.AUDITOR])
def test_no_page_of_a_spanish_speaker_holds_english(
    role: Role,
    north: Clinic,
    calls_at: Callable[[Clinic], dict[str, Any]],
    person_of: Callable[[Role], tuple[User, Client]],
) -> None:
    given = calls_at(north)
    user, client = person_of(role)
    with inside(north):
        User.objects.filter(pk=user.pk).update(language="es")
    faults, looked = {}, 0

    for route in routes(CLINIC):
        if route.name in ENGLISH_BY_DESIGN or route.name.startswith("api"):
            continue
        response = client.get(route.path(given))
        if not response.get("Content-Type", "").startswith("text/html") or response.status_code >= 500:
            continue
        looked += 1
        if found := left_on(response.content.decode()):
            faults[route.name] = sorted(found)

    assert looked > 20
    assert faults == {}
