"""The catalogue is whole: every text of the sources has its Spanish, and what is compiled is what is written."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message
from django.utils import translation

from calls.dialogue.safety.find import shipped
from clinics.catalogue.finding import all_texts, by_key
from clinics.catalogue.keeping import as_mo, as_script, complete, place, read, renewed, script
from clinics.recorded import REASONS, said
from clinics.words import day_words, gettext, ngettext

PLACEHOLDER = re.compile(r"%\((\w+)\)s|(%%)")
TAG = re.compile(r"<[^>]+>")


@pytest.fixture(scope="module")
def spanish() -> Catalog:
    return read("es")


def texts(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def pairs(catalogue: Catalog) -> Iterator[tuple[str, str]]:
    """Each form of each text beside its translation."""
    for message in texts(catalogue):
        one, other = message.id, message.string
        yield from [(one, other)] if isinstance(one, str) else zip(one, other, strict=True)


def test_every_text_of_the_sources_is_in_it_and_nothing_else(spanish: Catalog) -> None:
    """`manage.py catalogue` brings it up to the sources."""
    kept = {
        (message.context or "", message.id if isinstance(message.id, str) else message.id[0])
        for message in texts(spanish)
    }

    assert kept == set(by_key(all_texts()))


def test_every_text_is_translated_and_none_is_a_guess(spanish: Catalog) -> None:
    assert [message.id for message in texts(spanish) if not complete(message)] == []


def test_what_is_put_into_a_text_and_its_tags_are_the_same_in_both(spanish: Catalog) -> None:
    """A missing name would be an error on the page, a missing tag would break it."""
    faults = [
        one
        for one, other in pairs(spanish)
        if sorted(set(PLACEHOLDER.findall(one))) != sorted(set(PLACEHOLDER.findall(other)))
        or sorted(TAG.findall(one)) != sorted(TAG.findall(other))
    ]

    assert faults == []


def test_the_signs_around_a_text_stay(spanish: Catalog) -> None:
    """A space at an end joins two texts; a dot, a colon and an ellipsis say how it goes on."""
    faults = [
        (one, other)
        for one, other in pairs(spanish)
        if (one[0] == " ", one[-1] == " ") != (other[0] == " ", other[-1] == " ")
        or any(one.endswith(sign) != other.endswith(sign) for sign in ("…", ":", ". "))
    ]

    assert faults == []


def test_people_are_addressed_formally(spanish: Catalog) -> None:
    informal = re.compile(r"\b(tú|tu|tus|te|ti|contigo|puedes|tienes|quieres)\b", re.IGNORECASE)

    assert [other for _, other in pairs(spanish) if informal.search(other)] == []


def test_what_django_and_the_scripts_read_is_what_the_catalogue_says(spanish: Catalog) -> None:
    now = renewed(spanish, all_texts())

    assert place("es", "mo").read_bytes() == as_mo(now)
    assert script("es").read_text() == as_script(now)


def test_every_reason_of_the_shipped_rules_can_be_said_to_staff() -> None:
    """An alarm in half a language is read twice."""
    found = {rule.reason for language in shipped().languages.values() for rule in language.rules}

    assert found - REASONS == set()
    with translation.override("es"):
        assert said("Possible emergency: chest pain") == "Posible emergencia: dolor de pecho"
        assert said("Medication request: Lisinopril; Open") == "Solicitud de medicamento: Lisinopril; Open"


def test_a_pure_module_says_its_words_in_the_language_of_the_page() -> None:
    from datetime import datetime

    at = datetime(2026, 11, 3, 9, 5)
    english = gettext("Emergency"), ngettext("%(count)s day", "%(count)s days", 2), day_words(at, "D j M H:i")
    with translation.override("es"):
        spanish = gettext("Emergency"), ngettext("%(count)s day", "%(count)s days", 2), day_words(at, "D j M H:i")

    assert english == ("Emergency", "%(count)s days", "Tue 3 Nov 09:05")
    assert spanish == ("Emergencia", "%(count)s días", "mar 3 Nov 09:05")
