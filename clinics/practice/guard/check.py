"""What the telephone may say beside its own table of sentences, and the sentence that tells a person why not.

Two doors. `check` is for a sentence that somebody else worded, such as a model: everything is refused that is not made
of front-desk words, because a missed piece of advice harms a patient and a refused sentence costs one question.
`why_not_published` is for the words that a clinic's own people publish: names and places are free, and only what must
never be said is refused, with the words that are the reason.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from clinics.practice.guard.rules import Language, Rule, languages, written
from clinics.practice.guard.words import clauses, plain, segments, stem
from clinics.words import gettext, gettext_noop

LONGEST = 240
"""Characters that one sentence of somebody else's may have: about fifteen seconds of speech."""

CHECKED = 1000
"""Characters beyond which nothing is read: no field is longer, and no sentence is."""

WORDS_OF_A_STATEMENT = 5
"""Fewer words in what a clinic publishes may be a bare list of names ("Aetna, Cigna, Humana.")."""

_MARKUP = re.compile(r"[<>{}\[\]\\^~*_=#|`]|&\w+;")
_LINK = re.compile(
    r"https?:|www\.|@|\b[\w-]+\.(?:com|org|net|gov|edu|io|info|health|us|es|mx)\b|\b(?:dot|punto) com\b", re.I
)
_REASONS = {
    "advice": gettext_noop("it gives medical advice"),
    "reassurance": gettext_noop("it reassures, which only a clinician may do"),
    "diagnosis": gettext_noop("it says what an illness or a complaint may be"),
    "result": gettext_noop("it gives or hints at a test result"),
    "dose": gettext_noop("it gives a dose"),
    "medication": gettext_noop("it says what to do with a medicine"),
    "urgency": gettext_noop("it says that something is not urgent, or keeps a caller from help"),
    "promise": gettext_noop("it promises what somebody else decides"),
    "time": gettext_noop("it promises a time"),
    "privacy": gettext_noop("it speaks of another person's data"),
    "price": gettext_noop("it names a price"),
    "guarantee": gettext_noop("it says what an insurance covers"),
    "impostor": gettext_noop("it speaks about instructions, or as somebody who it is not"),
    "unasked": gettext_noop("it speaks of medicine or tests without passing a request on"),
    "markup": gettext_noop("it holds signs that are no speech"),
    "link": gettext_noop("it holds an address that is not approved"),
    "number": gettext_noop("it holds a number that is not approved"),
    "language": gettext_noop("it is not in the language it is filed under"),
    "length": gettext_noop("it is too long to be spoken"),
    "words": gettext_noop("it uses words that are not among the phone's own"),
    "subject": gettext_noop("it is not about anything that a front desk does"),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a sentence is not said: the kind, the rule that saw it, and the words that are the reason."""

    kind: str
    rule: str
    words: str

    @property
    def sentence(self) -> str:
        """The reason for a person who reads it."""
        about = f": “{self.words}”" if self.words else ""
        return gettext("The phone must not say this, because %(reason)s%(about)s.") % {
            "reason": gettext(_REASONS[self.kind]),
            "about": about,
        }


@dataclass(frozen=True, slots=True)
class Approved:
    """What a clinic has approved word for word, and the names, numbers and addresses that free sentences may use.

    `sentences` are compared by `words.plain`; `names` are folded words; `numbers` are figures without spaces;
    `links` are as they are written.
    """

    sentences: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()


NOTHING = Approved()


def check(sentence: str, *, lang: str, approved: Approved = NOTHING) -> Refusal | None:
    """Why a sentence that somebody else worded is not said; None when it may be said."""
    if plain(sentence) in approved.sentences:
        return None
    if len(sentence) > LONGEST or not sentence.strip():
        return Refusal("length", "form.length", "")
    language = languages()[lang]
    parts = segments(sentence)
    return (
        _bad_form(sentence)
        or _foreign(parts, lang)
        or _said(parts + clauses(sentence), language.rules, lang)
        or _unknown_link(sentence, approved)
        or _unknown_number(parts, language, approved)
        or _unknown_words(parts, language, lang, approved)
        or _without_subject(parts, language.subjects, lang)
    )


def why_not_published(text: str, *, lang: str) -> Refusal | None:
    """Why a clinic cannot publish these words for its phone to say; None when it can."""
    if len(text) > CHECKED:
        return Refusal("length", "form.length", "")
    if lang not in languages():
        return Refusal("language", "form.language", "")
    parts = segments(text)
    rules = tuple(rule for rule in languages()[lang].rules if rule.publish)
    about = languages()[lang].subjects | languages()[lang].us
    told = [part for part in parts if len(part) >= WORDS_OF_A_STATEMENT]
    return (
        _bad_form(text)
        or _foreign(parts, lang)
        or _said(parts + clauses(text), rules, lang)
        or _without_subject(told, about, lang)
    )


def _bad_form(text: str) -> Refusal | None:
    """Markup, control signs, and letters of other alphabets, in which any rule could be written around."""
    odd = next((sign for sign in text if unicodedata.category(sign)[0] == "C" and sign != "\n"), "")
    if odd or (not text.isprintable() and "\n" in text):
        return Refusal("markup", "form.control", "")
    if found := _MARKUP.search(text):
        return Refusal("markup", "form.markup", found.group())
    foreign = next((one for one in text if one.isalpha() and "LATIN" not in unicodedata.name(one, "")), "")
    return Refusal("language", "form.alphabet", foreign) if foreign else None


def _foreign(parts: list[list[str]], lang: str) -> Refusal | None:
    """Another of the phone's languages, by the small words that give it away."""
    words = [word for part in parts for word in part]
    own = sum(word in languages()[lang].marks for word in words)
    for other, language in languages().items():
        marks = [word for word in words if word in language.marks and word not in languages()[lang].marks]
        if other != lang and len(marks) > max(own, 1):
            return Refusal("language", f"form.{other}", " ".join(marks[:4]))
    return None


def _said(parts: list[list[str]], rules: tuple[Rule, ...], lang: str) -> Refusal | None:
    for part in parts:
        text = written(part, lang)
        for rule in rules:
            found = next((hit for pattern in rule.when if (hit := pattern.search(text))), None)
            if found and not any(pattern.search(text) for pattern in rule.unless):
                words = " ".join(piece.partition("/")[0] for piece in found.group().split())
                return Refusal(rule.kind, rule.id, words)
    return None


def _unknown_link(text: str, approved: Approved) -> Refusal | None:
    for link in approved.links:
        text = text.replace(link, " ")
    found = _LINK.search(text)
    return Refusal("link", "form.link", found.group()) if found else None


def _unknown_number(parts: list[list[str]], language: Language, approved: Approved) -> Refusal | None:
    """A run of three or more figures, in signs or in words, is a number to dial and must be known."""
    run = ""
    for word in [word for part in parts for word in [*part, ""]]:
        figure = word if word.isdecimal() else language.digits.get(word, "")
        run += figure
        if not figure and run:
            if len(run) >= 3 and not any(known.endswith(run) for known in approved.numbers):
                return Refusal("number", "form.number", run)
            run = ""
    return None


def _unknown_words(parts: list[list[str]], language: Language, lang: str, approved: Approved) -> Refusal | None:
    unknown = [
        word
        for part in parts
        for word in part
        if not (word[0].isdecimal() or word in approved.names or stem(word, lang) in language.vocabulary)
    ]
    return Refusal("words", "form.words", ", ".join(unknown[:4])) if unknown else None


def _without_subject(parts: list[list[str]], subjects: frozenset[str], lang: str) -> Refusal | None:
    """Small words alone can say anything ("one now and one at night"), so each sentence must name its business."""
    for part in parts:
        if not any(stem(word, lang) in subjects for word in part):
            return Refusal("subject", "form.subject", " ".join(part[:6]))
    return None
