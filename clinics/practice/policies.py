"""The clinic's policy as the telephone uses it: one frozen value, read once and kept for a few seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from clinics.practice import hours, phases
from clinics.practice.closures import Closure
from clinics.practice.models import CallPolicy, Fact, Holiday, OpeningHours
from clinics.practice.own_rules import RuleInForce, in_force
from clinics.remembered import Remembered
from clinics.tenancy import current_clinic

RULES = [
    "phase",
    "clinic_line",
    "emergency_number",
    "crisis_number",
    "recording",
    "answers",
    "handover",
    "live_words",
    "streaming",
    "spanish",
    "model_helps",
    "greeting_en",
    "greeting_es",
    "ladder",
    "pilot_reviews",
    "review_percent",
    "review_least",
    "review_most",
    "own_rules",
    "promise_minutes",
    "wording",
    "speech",
    "voice_en",
    "voice_es",
]
"""What a published version says beside its limits; the rest of `Policy` is the clinic's state of today."""

SECONDS = 5.0
"""How long hours, facts and the newest version are believed; a version itself never changes."""


class NoPolicy(Exception):
    """The clinic has not published any policy, or not this version."""


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """One version of the call policy with the hours and facts that are in force now; equal to itself alone.

    `limits` are the version's own where they are stricter than those of its phase.
    """

    version: int
    phase: str
    clinic_name: str
    zone: ZoneInfo
    region: str
    clinic_line: str
    emergency_number: str
    crisis_number: str
    recording: str
    answers: str
    handover: str
    live_words: bool
    streaming: bool
    spanish: bool
    model_helps: bool
    limits: phases.Limits
    greeting_en: str
    greeting_es: str
    pilot_reviews: int
    review_percent: int
    review_least: int
    review_most: int
    own_rules: tuple[RuleInForce, ...]
    promise_minutes: Mapping[str, int]
    speech: str
    voice_en: str
    voice_es: str
    week: hours.Week
    holidays: hours.Holidays
    facts: Mapping[tuple[str, str], str]
    ladder: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    closed_until: datetime | None = None
    wording: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def local(self, moment: datetime) -> datetime:
        """The moment as the clinic's wall clock shows it."""
        return moment.astimezone(self.zone)

    def is_open(self, now: datetime) -> bool:
        """Whether people are there; `now` is on the clinic's clock."""
        return hours.is_open(self.week, self.holidays, now, closed_until=self.closed_until)

    def opens_next(self, now: datetime, lang: str) -> str:
        """When people are there again, as it is spoken."""
        return hours.opens_next(self.week, self.holidays, now, lang, closed_until=self.closed_until)

    def due_by(self, now: datetime, open_minutes: int) -> datetime:
        """When so many open minutes have passed."""
        return hours.due_by(
            self.week, self.holidays, asked_at=now, open_minutes=open_minutes, closed_until=self.closed_until
        )

    def promised_by(self, now: datetime, open_minutes: int) -> datetime:
        """The same, on a quarter of an hour that can be spoken."""
        return hours.promised_by(
            self.week, self.holidays, asked_at=now, open_minutes=open_minutes, closed_until=self.closed_until
        )


_kept: Remembered[tuple[str, int | None, str], Policy] = Remembered(seconds=SECONDS, limit=4096)


def policy_in_force(*, zone: str = "") -> Policy:
    """The newest version. Raises `NoPolicy` when none was ever published.

    `zone` names the clock of one of the clinic's sites, whose hours and holidays then hold; "" is the clinic's own.
    """
    return _kept.get((connection.schema_name, None, zone), lambda: _read(None, zone))


def policy(version: int, *, zone: str = "") -> Policy:
    """One version, with today's hours and facts: a call keeps the rules it was answered under."""
    return _kept.get((connection.schema_name, version, zone), lambda: _read(version, zone))


def forget() -> None:
    """Ask the database again: something of a policy was just written in this process."""
    _kept.forget()


def _read(version: int | None, named: str) -> Policy:
    published = CallPolicy.objects.order_by("-version").annotate(closed_until=Closure.objects.until_now())
    row = (published if version is None else published.filter(version=version)).first()
    if row is None:
        raise NoPolicy("Publish a call policy first: who is called, and what is said in an emergency.")
    clinic = current_clinic()
    zone = ZoneInfo(named or clinic.timezone)
    week = read_week()
    return Policy(
        version=row.version,
        **{name: getattr(row, name) for name in RULES} | {"own_rules": in_force(row.own_rules)},
        limits=phases.in_force(row.phase, row.limits),
        clinic_name=clinic.name,
        zone=zone,
        region=clinic.region,
        week=week,
        holidays=read_holidays(),
        closed_until=row.closed_until,
        facts=read_facts(week, today=timezone.now().astimezone(zone).date()),
    )


def read_week() -> hours.Week:
    """The regular week of this clinic."""
    return hours.Week(tuple(hours.Interval(row.weekday, row.opens, row.closes) for row in OpeningHours.objects.all()))


def read_holidays() -> hours.Holidays:
    """The days with other hours."""
    return {row.day: row.spans for row in Holiday.objects.all()}


def read_facts(week: hours.Week, *, today: date) -> Mapping[tuple[str, str], str]:
    """The approved facts that have not expired. Opening hours are said from the hours themselves, never typed twice."""
    told = {("hours", lang): text for lang in ("en", "es") if (text := hours.sentence(week, lang))}
    written = {(topic, language): text for topic, language, text in Fact.objects.told_on(today)}
    return MappingProxyType(written | told)
