"""Every deed that changes how a clinic works. Each is written down in the audit trail with its person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from clinics import audit
from clinics.fleet.models import ClinicPhase
from clinics.fleet.waves import inheritance
from clinics.models import Clinic, Warming
from clinics.people.models import User
from clinics.practice import hours, phases, policies
from clinics.practice.closures import LONGEST, Closure
from clinics.practice.hours import Span, Week
from clinics.practice.models import CallPolicy, Fact, Holiday, OpeningHours, OwnRule, Phase, RuleChange
from clinics.practice.own_rules import RuleInForce
from clinics.practice.voices import SpeechMode
from clinics.tenancy import current_clinic

NOT_CHANGED_BY_HAND = frozenset({"id", "version", "published_by", "published_by_id", "published_at", "own_rules"})

audit.register(CallPolicy, ["version", "phase", "recording", "clinic_line", "emergency_number", "crisis_number"])
audit.register(Holiday, ["opens", "closes"])
audit.register(Closure, ["until", "lifted_at"])
audit.register(Fact, ["topic", "language", "approved_by"])
audit.register(OwnRule, ["sort", "status", "language", "kind", "published_in", "retired_in"])
audit.register(RuleChange, ["change", "kind", "decision"])


def publish_policy(*, by: User | None, changes: Mapping[str, object]) -> CallPolicy:
    """The next version: the one in force with these changes. Raises `ValidationError` by field; nothing is edited.

    What the clinic's group has locked is refused, and what it has not is the clinic's own from now on. A limit of the
    version before that is laxer than a new phase allows gives way to the phase's; one that is asked for is refused. Two
    who publish at once: the second one's version is taken, and it is told so.
    """
    unknown = set(changes) & NOT_CHANGED_BY_HAND | set(changes) - {field.name for field in CallPolicy._meta.fields}
    if unknown:
        raise ValidationError({name: [gettext("This cannot be changed.")] for name in sorted(unknown)})
    return _publish(by=by, changes=changes)


def publish_for_all(*, changes: Mapping[str, object]) -> CallPolicy:
    """The next version with what all clinics, or those of a group, are to do the same. Nobody's own choice."""
    return _publish(by=None, changes=changes, for_all=True)


def set_language(*, by: User, language: str) -> None:
    """The language of the portal for who has chosen none; "": what their browser asks for."""
    clinic = Clinic.objects.get(pk=current_clinic().pk)
    with transaction.atomic():
        audit.record_change(by=by, of=clinic, changes={"portal_language": (clinic.language, language)})
        clinic.language = language
        clinic.save(update_fields=["language"])


def publish_rules(*, by: User, rules: Sequence[RuleInForce]) -> CallPolicy:
    """The next version, the same but for the clinic's own safety rules. Whoever calls has checked the rules."""
    return _publish(by=by, changes={"own_rules": [one.to_json() for one in rules]})


def _publish(*, by: User | None, changes: Mapping[str, object], for_all: bool = False) -> CallPolicy:
    before = CallPolicy.objects.order_by("-version").first()
    chosen = {name: value for name, value in changes.items() if not for_all and value != getattr(before, name, None)}
    inheritance.check_locks(current_clinic().pk, chosen)
    kept = {name: getattr(before, name) for name in policies.RULES} if before else {}
    phase = str(changes.get("phase", before.phase if before else Phase.PILOT))
    kept |= limits_to_keep(row=before, phase=phase) if before else {}
    row = CallPolicy(**(kept | dict(changes)), version=before.version + 1 if before else 1, published_by=by)
    row.full_clean(exclude=["published_by"])
    try:
        with transaction.atomic(), audit.acting(by):
            row.save(force_insert=True)
            inheritance.note_own(current_clinic().pk, chosen)
            ClinicPhase.objects.update_or_create(clinic_id=current_clinic().pk, defaults={"phase": row.phase})
            _want_voices(row)
    except IntegrityError as taken:
        raise ValidationError(
            gettext("Someone else has just published a version. Look at it and try again.")
        ) from taken
    _changed()
    return row


def _want_voices(policy: CallPolicy | None) -> None:
    """Ask for the fixed sentences to be spoken ahead, in the caller's transaction, where a provider speaks them."""
    if policy is not None and policy.speech != SpeechMode.NETWORK:
        Warming.objects.update_or_create(
            clinic=current_clinic(), defaults={"wanted_at": timezone.now(), "tried_at": None}
        )


def limits_to_keep(*, row: CallPolicy, phase: str) -> dict[str, object]:
    """A version's own limits without those that a phase does not allow; an unknown phase is refused elsewhere."""
    refused = phases.laxer(phase, row.limits) if phase in phases.PRESETS else {}
    return {name: value for name, value in row.limits.items() if name not in refused}


def set_hours(*, by: User | None, week: Week) -> None:
    """The regular week anew. Raises `ValidationError` when an interval is nonsense or two of a day overlap."""
    _check_week(week)
    rows = [OpeningHours(weekday=one.weekday, opens=one.opens, closes=one.closes) for one in week.intervals]
    with transaction.atomic():
        before = OpeningHours.objects.count()
        OpeningHours.objects.all().delete()
        OpeningHours.objects.bulk_create(rows)
        audit.record_change(by=by, of=(OpeningHours, "week"), changes={"intervals": (before, len(rows))})
    _changed()


def set_holiday(*, by: User | None, day: date, name: str, spans: Sequence[Span] = ()) -> Holiday:
    """A day with other hours: closed, or open in these intervals. Raises `ValidationError` when two overlap."""
    row = Holiday.objects.filter(day=day).first() or Holiday(day=day)
    before = len(row.spans)
    row.name, row.spans = name, spans
    row.full_clean()
    with transaction.atomic(), audit.acting(by):
        row.save()
        if before != len(spans):
            audit.record_change(by=by, of=row, changes={"intervals": (before, len(spans))})
    _changed()
    return row


def remove_holiday(*, by: User | None, day: date) -> None:
    """Back to the regular hours on a day."""
    with audit.acting(by):
        Holiday.objects.get(day=day).delete()
    _changed()


def close_now(*, by: User, until: datetime) -> Closure:
    """Close the clinic now, whatever its hours say, until a moment; raises `ValidationError` for one that is none."""
    now = timezone.now()
    if not now < until <= now + LONGEST:
        raise ValidationError(
            {"until": gettext("Choose a time within the next %(days)s days.") % {"days": LONGEST.days}}
        )
    with audit.acting(by):
        row = Closure.objects.create(until=until, made_by=by)
    _changed()
    return row


def open_again(*, by: User) -> int:
    """Back to the hours; returns how many closures that ended."""
    with transaction.atomic(), audit.acting(by):
        standing = list(Closure.objects.standing().select_for_update())
        for row in standing:
            row.lifted_at, row.lifted_by = timezone.now(), by
            row.save(update_fields=["lifted_at", "lifted_by"])
    _changed()
    return len(standing)


def set_fact(*, by: User | None, topic: str, language: str, text: str, expires_on: date | None = None) -> Fact:
    """One approved answer, in the words that the phone will say."""
    row = Fact.objects.filter(topic=topic, language=language).first() or Fact(topic=topic, language=language)
    row.text, row.expires_on, row.approved_by = " ".join(text.split()), expires_on, by
    row.full_clean()
    with transaction.atomic(), audit.acting(by):
        row.save()
        _want_voices(CallPolicy.objects.order_by("-version").first())
    _changed()
    return row


def remove_fact(*, by: User | None, topic: str, language: str) -> None:
    """Say something no longer."""
    with audit.acting(by):
        Fact.objects.get(topic=topic, language=language).delete()
    _changed()


def _check_week(week: Week) -> None:
    if not {one.weekday for one in week.intervals} <= set(range(7)):
        raise ValidationError("A week has the days 0 (Monday) to 6 (Sunday).")
    for weekday in range(7):
        if wrong := hours.complaint(week.on(weekday)):
            raise ValidationError(wrong)


def _changed() -> None:
    policies.forget()
    transaction.on_commit(policies.forget)
