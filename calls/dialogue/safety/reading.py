"""A rule in words that a nurse can read: what must be said, what takes the danger away, and what it rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from calls.dialogue.safety.find import Added, merge, shipped
from calls.dialogue.safety.loading import LanguageRules, listed
from calls.dialogue.safety.rule_file import read_file
from calls.dialogue.safety.rules import Lasting, Pattern, Rule, body_of
from calls.dialogue.safety.scope import Doubt
from clinics.words import gettext, gettext_noop

HEEDED = {
    Doubt.NEGATED: gettext_noop("denied (“no”, “I don't have”)"),
    Doubt.IMAGINED: gettext_noop("only imagined or asked about (“what if”)"),
    Doubt.GENERAL: gettext_noop("about people at large"),
    Doubt.TOLD: gettext_noop("told of a film, a book or another story"),
    Doubt.NOT_A_PERSON: gettext_noop("about an animal or a thing"),
    Doubt.ERRAND: gettext_noop("only named, beside a form, a lawsuit or another errand"),
    Doubt.PAST: gettext_noop("long ago"),
    Doubt.RECENT: gettext_noop("over since earlier today"),
    Doubt.CHRONIC: gettext_noop("on and off for long"),
    Doubt.WEEKS_AGO: gettext_noop("some days or weeks ago"),
}
LASTS = {
    Lasting.NOW: gettext_noop("Only while it happens: what was earlier today, or comes and goes, is urgent instead."),
    Lasting.TODAY: gettext_noop("All day: the danger stays after the event."),
    Lasting.ALWAYS: gettext_noop("Always: even long ago it is still urgent."),
}
NEXT = gettext_noop("then")
FAR = gettext_noop("then, within a few words,")
TOGETHER = gettext_noop("and near it")
ALONE = gettext_noop("with hardly anything else")
LAST = gettext_noop("as the last words")
_SOURCE = re.compile(r"(?P<page>.*) <(?P<url>https://[^>]+)>")


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that is said: the words for it, or the name of a list of words."""

    before: str
    words: str
    listed: bool = False


WEIGHED = (Piece("", "words that weigh, together, like those of our own labelled emergencies"),)


@dataclass(frozen=True, slots=True)
class Readable:
    """A rule, or a clarifying question, as its page shows it."""

    id: str
    lang: str
    kind: str
    reason: str
    version: str
    source: str
    url: str
    own: bool = False
    lines: tuple[tuple[Piece, ...], ...] = ()
    lists: tuple[tuple[str, str], ...] = ()
    unless: str = ""
    lasts: str = ""
    heeds: tuple[str, ...] = ()
    asks: str = ""
    fires: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()


def readable(rule: str, added: tuple[Added, ...] = ()) -> Readable | None:
    """The rule or question that a finding names; None when there is none of this id."""
    rules = merge(added) if added else shipped()
    for language in rules.languages.values():
        for one in language.rules:
            if one.id == rule:
                return _rule(one, language)
        question = _question(rule, language)
        if question:
            return question
    return None


def _rule(one: Rule, language: LanguageRules) -> Readable:
    file = read_file(language.lang)[0]
    written = _written(language.lang).get(one.id, {})
    lines = tuple(tuple(_pieces(pattern)) for pattern in one.patterns) or (WEIGHED,)
    names = dict.fromkeys(piece.words for line in lines for piece in line if piece.listed)
    source, url = _split(one.source)
    return Readable(
        id=one.id,
        lang=language.lang,
        kind=one.kind.value if one.kind else "",
        reason=one.reason,
        version=language.version,
        source=source,
        url=url,
        own=one.own,
        lines=lines,
        lists=tuple((name, _words_of(file, name.replace(" ", "_"))) for name in names),
        unless=", ".join(_plain(item) for one in ("unless", "unless_across") for item in listed(written.get(one))),
        lasts=gettext(LASTS[one.lasting]) if one.kind else "",
        heeds=tuple(gettext(text) for doubt, text in HEEDED.items() if doubt in one.heeds),
        asks=language.questions[one.ask].text if one.ask else "",
        fires=tuple(example.text for example in one.examples if example.fires),
        quiet=tuple(example.text for example in one.examples if not example.fires),
    )


def _question(rule: str, language: LanguageRules) -> Readable | None:
    """Findings of an answer are called "en.answered.breathing_now", or "answered.ask.breathing_now" without a no."""
    lang, _, asked = rule.partition(".answered.")
    if rule.startswith("answered."):
        lang, asked = "en", rule.removeprefix("answered.ask.")
    one = language.questions.get(f"ask.{asked}") if lang == language.lang else None
    if one is None:
        return None
    source, url = _split(one.source)
    return Readable(rule, language.lang, one.kind.value, one.reason, language.version, source, url, asks=one.text)


@cache
def _written(lang: str) -> Mapping[str, Mapping[str, Any]]:
    return {one["id"]: one for one in read_file(lang)[0]["rules"]}


def _pieces(pattern: Pattern) -> list[Piece]:
    """The items of a pattern in the order they are said; plain words that follow each other are one."""
    found: list[Piece] = []
    opening = ALONE if pattern.alone else LAST if pattern.unfinished else ""
    for number, part in enumerate(body_of(pattern.text).split("&")):
        before = TOGETHER if number else opening
        follows = False
        for item in part.split():
            if item == "..":
                before, follows = FAR, False
                continue
            plain = "<" not in item and "/" not in item
            if plain and follows:
                found[-1] = Piece(found[-1].before, f"{found[-1].words[:-1]} {_word(item)[1:]}")
            elif item.startswith("<") and "/" not in item:
                found.append(Piece(gettext(before) if before else "", item[1:-1].replace("_", " "), listed=True))
            else:
                found.append(Piece(gettext(before) if before else "", _plain(item)))
            before, follows = NEXT, plain
    return found


def _plain(item: str) -> str:
    """ "tooth/wisdom_tooth" as people read it."""
    return gettext(" or ").join(dict.fromkeys(_word(word) for word in item.split("/")))


def _word(word: str) -> str:
    if word.startswith("<"):
        return (
            gettext("any number")
            if word == "<number>"
            else gettext("any word for “%(words)s”") % {"words": word[1:-1].replace("_", " ")}
        )
    return f"“{word.lstrip('=').replace('_', ' ')}”"


def _words_of(file: Mapping[str, Any], name: str) -> str:
    text = file["concepts"].get(name) or file["cues"].get(name) or file["ranges"].get(name) or gettext("any number")
    return ", ".join(phrase.replace("=", "").replace("_", " ").replace("/", gettext(" or ")) for phrase in listed(text))


def _split(source: str) -> tuple[str, str]:
    found = _SOURCE.fullmatch(source)
    return (found["page"], found["url"]) if found else (source, "")
