"""How well callers are understood by the rules, by a model, and by both, on labelled words: for `triage_report`."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from calls.dialogue import language, waiting
from calls.dialogue.house import House
from calls.dialogue.state import State
from calls.dialogue.types import Heard, Lang, Meaning
from calls.reasoning import asking
from calls.reasoning.asking import first_report, understood
from calls.reasoning.helping import question
from calls.reasoning.proposals import with_proposal
from calls.understanding import find_danger
from clinics.models import Clinic

WAYS = ("rules", "model", "both")


class NobodySigned(Exception):
    """The clinic has signed with no provider of models that is turned on."""


@dataclass
class Asking:
    """Understands words with a model that this clinic signed with; `both` asks it only where a call would.

    `counts` says how many words were asked about, and how many of those got no report.
    """

    clinic: Clinic
    now: datetime
    both: bool
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.passages = asking.ways_out(self.clinic)
        if not self.passages:
            raise NobodySigned
        asking.libraries()

    def __call__(self, words: str, lang: str) -> Meaning:
        state, heard = State(lang=Lang(lang)), Heard(words)
        rules = language.understand(words, lang=lang, now=self.now) if self.both else Meaning()
        if self.both and not waiting.worth_asking(state, heard, rules, find_danger(state, heard)):
            return rules
        asked = question(state, heard, House(name="", clinic_line=""))
        found = understood(*first_report(self.passages, asked, until=time.monotonic() + asking.BUDGET_SECONDS))
        self.counts["asked"] += 1
        self.counts["unanswered"] += found is None
        if found is None:
            return rules
        return with_proposal(rules, found.proposal, words, topics=(), lang=lang, now=self.now)
