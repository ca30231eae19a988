"""Which language a page speaks, and who decides it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import translation

from clinics.models import Clinic
from clinics.people.models import User
from clinics.tenancy import inside
from tests.conftest import client_on

pytestmark = pytest.mark.django_db

SPANISH = {"HTTP_ACCEPT_LANGUAGE": "es-US,es;q=0.9,en;q=0.5"}


def language_of(client: Client, path: str, **asked: str) -> str:
    response = client.get(path, **asked)
    found = re.search(r'<html lang="([\w-]+)">', response.content.decode())
    assert found
    assert response["Content-Language"] == found[1]
    assert "Accept-Language" in response["Vary"]
    return found[1]


def speaks(user: User, language: str, clinic: Clinic) -> None:
    with inside(clinic):
        User.objects.filter(pk=user.pk).update(language=language)


@pytest.mark.parametrize(
    ("person", "clinic", "browser", "spoken"),
    [
        ("", "", "", "en"),
        ("", "", "es", "es"),
        ("", "en", "es", "en"),
        ("", "es", "", "es"),
        ("es", "en", "en", "es"),
        ("en", "es", "es", "en"),
        ("", "", "de", "en"),
    ],
)
def test_the_person_decides_then_the_clinic_then_the_browser(
    person: str, clinic: str, browser: str, spoken: str, north: Clinic, alice: User, client_of: Callable[[User], Client]
) -> None:
    north.language = clinic
    north.save()
    speaks(alice, person, north)

    assert language_of(client_of(alice), "/tasks/", HTTP_ACCEPT_LANGUAGE=browser) == spoken
    if not person:
        assert language_of(client_on(north), "/sign-in/", HTTP_ACCEPT_LANGUAGE=browser) == spoken


def test_a_person_chooses_on_the_profile_and_reads_it_at_once(
    north: Clinic, alice: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(alice)

    chosen = client.post("/profile/language/", {"language": "es"}, follow=True)
    refused = client.post("/profile/language/", {"language": "tlh"})

    assert "Guardado." in chosen.content.decode()
    assert "Su perfil" in chosen.content.decode()
    assert refused.status_code == 400
    assert language_of(client, "/tasks/") == "es"


def test_an_admin_chooses_for_everybody_who_has_not(
    north: Clinic, alice: User, carol: User, client_of: Callable[[User], Client]
) -> None:
    client_of(carol).post("/settings/language/", {"language": "es"})

    assert language_of(client_of(alice), "/tasks/") == "es"
    assert client_of(alice).post("/settings/language/", {"language": "en"}).status_code == 403
    assert client_of(carol).post("/settings/language/", {"language": "tlh"}).status_code == 400


def test_programs_read_english_whoever_asks(north: Clinic, alice: User, client_of: Callable[[User], Client]) -> None:
    speaks(alice, "es", north)

    response = client_of(alice).get("/api/tasks/?page_size=0", **SPANISH)

    assert response.json()["error"]["fields"]["page_size"] == ["Write a whole number from 1 to 200."]


def test_the_language_of_a_page_ends_with_it(north: Clinic, alice: User, client_of: Callable[[User], Client]) -> None:
    """The same thread answers callers and works for other people next."""
    speaks(alice, "es", north)
    before = translation.get_language()

    client_of(alice).get("/tasks/")

    assert translation.get_language() == before


def test_a_download_speaks_the_language_of_who_asked(
    north: Clinic, carol: User, client_of: Callable[[User], Client]
) -> None:
    speaks(carol, "es", north)

    lines = client_of(carol).get("/analytics/hourly.csv").getvalue().decode()

    assert lines.splitlines()[0].lstrip("\ufeff") == "Hora,Llamadas,Antes"


def test_spanish_writes_numbers_as_the_labels_of_medicines_do() -> None:
    from django.utils.formats import number_format

    with translation.override("es"):
        assert number_format(1234.5, decimal_pos=1, use_l10n=True, force_grouping=True) == "1,234.5"
