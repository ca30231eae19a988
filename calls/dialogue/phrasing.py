"""Which sentences of the table a clinic may word itself, and where its words are put in. Pure.

Questions and small talk alone. What commits somebody, names a boundary, or belongs to danger, recording, keys or the
truth that a machine answers, is said as it stands in the table: tests hold those sentences to what they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from calls.dialogue import wording
from calls.dialogue.house import House
from calls.dialogue.reply import Sentence
from clinics.practice.guard import why_not_published
from clinics.words import gettext

LONGEST = 240
_FIXED = frozenset(
    {
        "ask.menu", "ask.how_again", "sorry.person", "sorry.too_long", "sorry.skip",
        "ask.medication", "ask.question.medical_advice", "ask.callback_number", "wait.sure", "confirm.try_again",
        "sorry.line", "sorry.invalid_date", "mind.start_over", "ask.go_on",
    }
)  # fmt: skip
"""Those that name keys or say what follows, and those whose own words the guard of published texts would stop."""
_ADDRESS = re.compile(r"\d{4,}|www\.|https?:|@", re.IGNORECASE)
_GROUPS = ("ask.", "sorry.", "wait.", "mind.", "queue.", "confirm.corrected", "confirm.try_again")

MAY_REWORD: tuple[str, ...] = tuple(
    key
    for key, texts in wording.TABLE.items()
    if key.startswith(_GROUPS) and key not in _FIXED and not any("{" in text for text in texts)
)
"""Keys of the table, in its order."""


def why_not(key: str, lang: str, text: str) -> str:
    """Why a clinic's words for a sentence are refused, in a sentence for its admin; "" when they may be said."""
    if key not in MAY_REWORD:
        return gettext("This sentence is the same for every clinic.")
    if len(text) > LONGEST:
        return gettext("Keep it below %(longest)s characters: callers cannot read it again.") % {"longest": LONGEST}
    if standard(key, lang).endswith("?") and "?" not in text:
        return gettext("It has to stay a question: the telephone listens for its answer.")
    if _ADDRESS.search(text):
        return gettext("Numbers and addresses belong into the approved answers, where they are checked.")
    refusal = why_not_published(text, lang=lang)
    return refusal.sentence if refusal else ""


def standard(key: str, lang: str) -> str:
    """What the table says."""
    return wording.TABLE[key][wording.LANGS.index(lang)]


def in_own_words(said: Iterable[Sentence], house: House) -> tuple[Sentence, ...]:
    """The sentences as this clinic says them."""
    own = house.wording
    if not own:
        return tuple(said)
    return tuple(replace(one, text=own.get((one.key, one.lang), one.text)) for one in said)
