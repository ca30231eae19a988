"""One turn in the making: what came in, and what the handlers add to it until it is decided.

A scene is created and used up inside one call of `decide`, so the whole stays pure although handlers write to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from calls.dialogue import guard, wording
from calls.dialogue.house import House
from calls.dialogue.phrasing import in_own_words
from calls.dialogue.questions import listen_for, question
from calls.dialogue.reply import Decision, Escalate, Promised, Reply, Sentence, Then, WriteTask
from calls.dialogue.state import Request, State, Step
from calls.dialogue.types import Field, Finding, Heard, Lang, Meaning, Value, Verdict

ALARMING = frozenset({"emergency", "crisis"})


@dataclass(slots=True)
class Scene:
    """The turn being decided. `state` starts as the state before it and is replaced, never changed."""

    before: State
    heard: Heard
    meaning: Meaning
    verdict: Verdict
    house: House
    now: datetime
    state: State
    said: list[Sentence] = field(default_factory=list)
    escalations: list[Escalate] = field(default_factory=list)
    tasks: list[WriteTask] = field(default_factory=list)
    promises: list[Promised] = field(default_factory=list)
    then: Then = Then.LISTEN
    record: bool = False
    consent: str = ""
    patience: int = 0
    misunderstood: bool = False
    doubted: bool = False
    cut_short: bool = False
    corrected: bool = False

    @property
    def request(self) -> Request | None:
        return self.state.request

    @property
    def person_available(self) -> bool:
        """Whether connecting makes sense: people are there and have not just missed this call."""
        return self.house.is_open and not self.state.dial_failed

    def move(self, **changes: object) -> None:
        """Change these fields. A new step forgets what was paused: whoever goes on elsewhere never comes back to it."""
        if "step" in changes:
            changes.setdefault("paused", None)
        self.state = self.state.but(**changes)

    def say(self, key: str, *, lang: Lang | None = None, **values: str) -> None:
        """Speak a sentence, in the call's language unless told; public numbers and the clinic's name are filled in."""
        house = self.house
        self.said.append(
            wording.speak(
                key,
                lang or self.state.lang,
                clinic=house.name,
                emergency=wording.digit_by_digit(house.emergency_number),
                crisis=wording.digit_by_digit(house.crisis_number),
                **values,
            )
        )

    def hang_up(self, outcome: str) -> None:
        self.then = Then.HANG_UP
        self.move(step=Step.ENDED, outcome=outcome)

    def dial(self) -> None:
        """Connect a person: through the clinic's team where it is set up so, but an emergency by the straight line."""
        alarming = not ALARMING.isdisjoint(self.state.escalated)
        self.then = Then.HAND_OVER if self.house.team and not alarming else Then.DIAL
        self.move(step=Step.DIALLING)

    def escalate(self, reason: str, level: str, summary: str, finding: Finding | None = None) -> None:
        """Note that a person must look; the same reason twice in a call is told once and added to."""
        words = self.heard.words if finding else ""
        self.escalations.append(Escalate(reason, level, summary, finding.rule if finding else "", words))
        if reason not in self.state.escalated:
            self.move(escalated=(*self.state.escalated, reason))

    def write_task(self, request: Request, *, complete: bool) -> None:
        """Note that a request's task is to be written; what a turn says twice of one request is written once."""
        earlier = next((task for task in self.tasks if task.request.number == request.number), None)
        if earlier is not None:
            self.tasks.remove(earlier)
            request = replace(request, opened=earlier.request.opened)
        self.tasks.append(WriteTask(request, complete, self.state.caller))

    def promise(self, name: str, request: Request) -> datetime:
        """Note what is promised about a request, and return by when in the clinic's time."""
        due = self.house.due(name, self.now)
        self.promises.append(Promised(name, request.number, due))
        return due

    def new_request(self, request: Request) -> Request:
        """Give a request its number and remember what the call was first about."""
        number = self.state.numbered + 1
        intent = self.state.intent if self.state.numbered else request.intent
        self.move(numbered=number, intent=intent)
        return replace(request, number=number)

    def decision(self) -> Decision:
        """Close the scene: count idle turns, put the question that stands, and freeze everything."""
        words, before = self.heard.words, self.before
        self.move(
            n=before.n + 1,
            silences=before.silences + 1 if self.heard.silent else 0,
            unclear=before.unclear + 1 if self.misunderstood else before.unclear * self.heard.silent,
            misunderstood=before.misunderstood + self.misunderstood,
            doubted=before.doubted + self.doubted,
            cut_short=self.cut_short,
            corrected=before.corrected + self.corrected,
            idle=0 if self._moved() else before.idle + 1,
            earlier=(*before.earlier, words[:500])[-2:] if words else before.earlier,
        )
        listen = None
        if self.then is Then.LISTEN:
            self.said.extend(question(self.state, self.house))
            listen = listen_for(self.state, self.house, self.patience)
        reply = Reply(
            say=tuple(one for one in in_own_words(self.said, self.house) if guard.refusal(one, self.house) is None),
            then=self.then,
            lang=self.state.lang,
            listen=listen,
            dial=self.house.clinic_line if self.then is Then.DIAL else "",
            record=self.record,
        )
        return Decision(
            self.state,
            reply,
            tuple(self.escalations),
            tuple(self.tasks),
            tuple(self.promises),
            self._filled(),
            self.consent,
        )

    def _moved(self) -> bool:
        """Whether the turn brought the conversation anywhere, as the no-progress limit counts it."""
        before, after = self.before, self.state
        return (
            (before.request, before.queue, before.last) != (after.request, after.queue, after.last)
            or (before.requests_done, before.told) != (after.requests_done, after.told)
            or (before.step is not after.step and not self.heard.silent)
        )

    def _filled(self) -> dict[Field, Value]:
        before = self.before.request.slots if self.before.request else {}
        after = (self.state.request or self.state.last or Request(self.state.intent)).slots
        return {name: value for name, value in after.items() if before.get(name) != value}
