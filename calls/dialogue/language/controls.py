"""Words to the machine itself: yes, repeat, wait, goodbye."""

from __future__ import annotations

from calls.dialogue.language.phrasebook import Phrasebook, Spans
from calls.dialogue.language.text import Text
from calls.dialogue.types import Control

_SHORT = 6
"""Up to this many words, "spanish" or "please hold" is all the caller says; in longer ones it may be in passing."""


def read_controls(text: Text, book: Phrasebook, spans: Spans) -> frozenset[Control]:
    """Return the control words of `text` with contradictions settled: "no, that's right" says yes and not no."""
    found = {Control(match.rule.name) for match in book.find("controls", text, spans)}
    if Control.YES in found and Control.NO in found:
        found.discard(Control.NO if _ends_well(text, book, spans) else Control.YES)
    if Control.NOTHING_ELSE in found and Control.YES in found and len(text) <= 3:
        found.discard(Control.NOTHING_ELSE if text.words[0] in ("thats", "eso", "asi") else Control.YES)
    if Control.WANT_ENGLISH in found and Control.WANT_SPANISH in found:
        found.discard(Control.WANT_ENGLISH if book.lang == "en" else Control.WANT_SPANISH)
    if {Control.WAIT, Control.CORRECTION} <= found and _corrects_at_once(text, book, spans):
        found.discard(Control.WAIT)
    if found & {Control.WAIT, Control.REPEAT, Control.DONT_KNOW} and Control.CORRECTION in found:
        found.discard(Control.CORRECTION)
    if Control.REPEAT in found and Control.DONT_KNOW in found and len(text) > _SHORT:
        found.discard(Control.REPEAT)
    return frozenset(found)


def _corrects_at_once(text: Text, book: Phrasebook, spans: Spans) -> bool:
    """Tell "wait, make it Tuesday" from "wait, I must look": the correction itself begins with the first word."""
    begins = (match for match in book.find("controls", text, spans) if match.start == 0)
    return any(match.rule.name == "correction" and match.end > 1 for match in begins)


def _ends_well(text: Text, book: Phrasebook, spans: Spans) -> bool:
    """Tell "no, that's right" from "no, that's wrong": what follows the first word decides."""
    last = [match for match in book.find("controls", text, spans) if match.rule.last and match.start >= 0]
    yes = max((match.start for match in last if match.rule.name == "yes" and match.start > 0), default=-1)
    denied = any(match.rule.name == "no" and match.start < yes < match.end for match in last)
    return yes > 0 and not denied
