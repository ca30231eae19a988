"""Erasing a patient: everything of one telephone number, or of one name and date of birth, here and at the network,
with a report that names each.

The network's copies go first: once our rows are gone nobody knows any more what is to be deleted there. What could not
be deleted keeps its rows, so the same command finishes it later. A call on legal hold keeps all that hangs on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import QuerySet

from calls import context
from calls.models import Call, Turn
from calls.recordings import vault
from calls.recordings.models import Recording, State
from calls.searching import Found
from clinics import audit
from clinics.models import Clinic
from clinics.practice.retention import LegalHold
from clinics.practice.sensitive import SensitiveCall, SensitiveNumber
from clinics.tenancy import current_clinic
from escalations import alarms
from escalations.models import Escalation
from notifications import network
from notifications.models import Delivery
from notifications.numbers import digest
from notifications.policy import Outcome, Result
from notifications.reach import OptOut
from tasks.models import Decision, Note, Task, TaskQuerySet

GONE, FAILED, HELD, KEPT = "deleted", "not deleted", "kept: legal hold", "kept"
DOUBTED = "in doubt, kept"


@dataclass(frozen=True, slots=True)
class Line:
    """One sort of thing in one place: how many, and what became of them."""

    where: str
    what: str
    count: int
    became: str


@dataclass(slots=True)
class Report:
    """All that was found of a patient."""

    lines: list[Line] = field(default_factory=list)

    def add(self, where: str, what: str, count: int, became: str = GONE) -> None:
        if count:
            self.lines.append(Line(where, what, count, became))

    @property
    def complete(self) -> bool:
        return all(line.became != FAILED for line in self.lines)

    @property
    def doubtful(self) -> bool:
        """Whether something was found of which nobody has said whose it is."""
        return any(line.became == DOUBTED for line in self.lines)


def erase(*, number: str) -> Report:
    """Erase all that this clinic holds of a number (E.164). Safe to do twice; never inside a transaction."""
    clinic, report = current_clinic(), Report()
    calls = list(Call.objects.of_number(number))
    held = set(LegalHold.objects.standing().values_list("call_id", flat=True))
    for call in calls:
        if call.id in held:
            report.add("database", "calls", 1, HELD)
        elif _erase_at_network(clinic, call, report):
            _erase_call(call, report)
    _erase_rest(number, held, report)
    _erase_texts(clinic, Delivery.objects.filter(to_digest=digest(clinic, number)), report)
    stopped = OptOut.objects.filter(clinic=clinic, digest=digest(clinic, number)).count()
    report.add("database", "keyed digests of a number that said STOP", stopped, KEPT)
    return report


def erase_person(found: Found) -> Report:
    """Erase what was found of a patient and is surely theirs. Their number may be a family's: what hangs on it alone
    stays, and so does what is in doubt. Safe to do twice; never inside a transaction."""
    clinic, report = current_clinic(), Report()
    held = set(LegalHold.objects.standing().values_list("call_id", flat=True))
    about = found.calls | found.tasks | set(Task.objects.filter(call_id__in=found.calls).values_list("id", flat=True))
    _erase_texts(clinic, Delivery.objects.filter(channel="patient", event__about__in=about), report)
    waiting = set(held)
    for call in Call.objects.filter(pk__in=found.calls):
        if call.id in held:
            report.add("database", "calls", 1, HELD)
        elif _erase_at_network(clinic, call, report):
            _erase_call(call, report)
        else:
            waiting.add(call.id)
    with transaction.atomic():
        mine = Task.objects.filter(pk__in=found.tasks)
        report.add("database", "tasks", mine.filter(call_id__in=held).count(), HELD)
        _erase_tasks(mine.exclude(call_id__in=waiting), report)
        alone = Escalation.objects.filter(pk__in=found.escalations).exclude(call_id__in=waiting)
        _erase_escalations(alone, report)
    alarms.changed()
    for doubt in found.doubts:
        report.add("database", f"{doubt.what} {doubt.id}: {doubt.why}", 1, DOUBTED)
    return report


# --- At the network --------------------------------------------------------------------------------------------------
def _erase_at_network(clinic: Clinic, call: Call, report: Report) -> bool:
    """Whether the network holds nothing of a call any more."""
    there = Recording.objects.filter(call=call, state__in=[State.TOLD, State.STORED, State.UNWANTED])
    written = list(there.exclude(transcript_sid="").values_list("transcript_sid", flat=True))
    words = [_is_gone(network.delete_transcript(clinic, sid=sid)) for sid in written]
    report.add("network", "written messages", words.count(True))
    report.add("network", "written messages", words.count(False), FAILED)
    sids = list(there.values_list("sid", flat=True))
    gone = [_is_gone(network.delete_recording(clinic, sid=sid)) for sid in sids]
    report.add("network", "recordings", gone.count(True))
    report.add("network", "recordings", gone.count(False), FAILED)
    record_gone = call.test or _is_gone(network.delete_call(clinic, sid=call.sid))
    report.add("network", "records of calls", 1, GONE if record_gone else FAILED)
    return all(words) and all(gone) and record_gone


def _erase_texts(clinic: Clinic, sent: QuerySet[Delivery], report: Report) -> None:
    sids = list(sent.filter(clinic=clinic).exclude(provider_id="").values_list("provider_id", flat=True))
    gone = [_is_gone(network.delete_message(clinic, sid=sid)) for sid in sids]
    report.add("network", "texts", gone.count(True))
    report.add("network", "texts", gone.count(False), FAILED)


def _is_gone(outcome: Outcome) -> bool:
    return outcome.result is Result.SENT or outcome.http_status == 404


# --- Here ------------------------------------------------------------------------------------------------------------
def _erase_call(call: Call, report: Report) -> None:
    """A call with all that hangs on it. Rows first: a file without a row can be found and deleted, not the reverse."""
    files = [row.file for row in Recording.objects.filter(call=call) if row.file]
    with transaction.atomic():
        _erase_work([call.id], report)
        report.add("database", "turns with their words", Turn.objects.filter(call=call).count())
        report.add("database", "marks of sensitive calls", SensitiveCall.objects.filter(pk=call.id).count(), KEPT)
        audit.record_change(by=None, of=call, changes={"erased": ("no", "yes")}, why="erasure")
        _, counts = call.delete()
    report.add("database", "calls", 1)
    for label in sorted(set(counts) - {Call._meta.label, Turn._meta.label}):
        report.add("database", str(apps.get_model(label)._meta.verbose_name_plural), counts[label])
    for file in files:
        vault.delete(file)
    report.add("files", "recordings", len(files))
    context.forget(call.id)
    report.add("cache", "live states of calls", 1)


def _erase_rest(number: str, held: set[UUID], report: Report) -> None:
    """Requests that name the number though it did not call, and the mark that its calls are sensitive."""
    others = Task.objects.of_number(number).exclude(call_id__in=held)
    with transaction.atomic():
        _erase_tasks(others, report)
        marked, _ = SensitiveNumber.objects.filter(digest=digest(current_clinic(), number)).delete()
        report.add("database", "sensitive numbers", marked)
    report.add("database", "tasks", Task.objects.of_number(number).filter(call_id__in=held).count(), HELD)
    alarms.changed()


def _erase_work(calls: Iterable[UUID], report: Report) -> None:
    ids = list(calls)
    _erase_tasks(Task.objects.filter(call_id__in=ids), report)
    _erase_escalations(Escalation.objects.filter(call_id__in=ids), report)


def _erase_escalations(escalations: QuerySet[Escalation], report: Report) -> None:
    report.add("database", "escalations", escalations.count())
    escalations.delete()


def _erase_tasks(tasks: TaskQuerySet, report: Report) -> None:
    ids = list(tasks.values_list("id", flat=True))
    for rows, what in ((Note.objects, "notes"), (Decision.objects, "decisions")):
        report.add("database", what, rows.filter(task__in=ids).delete()[0])
    report.add("database", "tasks", len(ids))
    Task.objects.filter(pk__in=ids).delete()
