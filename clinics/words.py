"""Words that staff read, for modules that know no framework: `gettext` and its kin as Django has them.

A pure module marks its sentences here and gets them in the language of the page at hand. Django's catalogue is brought
by `clinics.apps`; without Django, as in a script, the words are the English ones that stand in the source.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple


class Catalogue(NamedTuple):
    """How a text, a text with its plural, and a day or moment is said."""

    one: Callable[[str], str]
    many: Callable[[str, str, int], str]
    day: Callable[[date, str], str]


_LETTERS = {"D": "%a", "l": "%A", "M": "%b", "F": "%B", "Y": "%Y", "H": "%H", "i": "%M"}


def _english_day(at: date, form: str) -> str:
    return "".join(str(at.day) if letter == "j" else at.strftime(_LETTERS.get(letter, letter)) for letter in form)


ENGLISH = Catalogue(
    one=lambda text: text, many=lambda one, many, number: one if number == 1 else many, day=_english_day
)
_catalogue = ENGLISH


def bring(catalogue: Catalogue) -> None:
    """Have texts looked up there from now on."""
    global _catalogue  # noqa: PLW0603  (set once, when Django has loaded its apps)
    _catalogue = catalogue


def gettext(text: str) -> str:
    """The text in the language of the page at hand."""
    return _catalogue.one(text)


def ngettext(one: str, many: str, number: int) -> str:
    """The form that goes with the number, in the language of the page at hand."""
    return _catalogue.many(one, many, number)


def gettext_noop(text: str) -> str:
    """The text as it is, marked for the catalogue: who shows it looks it up."""
    return text


def day_words(at: date, form: str) -> str:
    """A day or a moment in Django's letters for dates: "j M" is "3 Nov", and "3 nov" on a Spanish page."""
    return _catalogue.day(at, form)
