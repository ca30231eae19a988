"""The audit trail is chained: whatever a superuser does to it is named, and writers in parallel leave it whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from clinics import audit
from clinics.models import Clinic
from clinics.people.models import User
from clinics.practice.models import AuditSeal
from clinics.practice.trail import chain
from clinics.practice.trail.watching import look_at_trails
from clinics.tenancy import inside
from tests import baseline
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 12
WRITERS = 100


@pytest.fixture
def trail(north: Clinic, alice: User) -> Iterator[list[int]]:
    """Twelve rows, by the ids of their entries."""
    with inside(north):
        baseline.empty_trail()
        for _ in range(ROWS):
            audit.record_read(by=alice, what="calls.call", about=uuid4())
        yield list(AuditSeal.objects.values_list("entry_id", flat=True))


def run(sql: str, *values: object) -> None:
    with baseline.past_the_triggers(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def told(*args: str) -> str:
    out = StringIO()
    call_command("verify_audit", *args, stdout=out, stderr=out)
    return out.getvalue()


def test_every_row_is_sealed_in_order_and_the_chain_holds(trail: list[int]) -> None:
    assert AuditSeal.objects.count() == ROWS
    assert trail == sorted(trail)
    assert chain.verify().fault is None
    assert chain.verify().head == chain.head()


TAMPERINGS: dict[str, tuple[Callable[[list[int]], None], str, int]] = {
    "a person is another": (
        lambda ids: run("UPDATE auditlog_logentry SET actor_email = 'x@y.test' WHERE id = %s", ids[4]), "edited", 5,
    ),
    "a time is another": (
        lambda ids: run("UPDATE auditlog_logentry SET timestamp = timestamp - interval '1 s' WHERE id = %s", ids[0]),
        "edited", 1,
    ),
    "a note is another": (
        lambda ids: run("UPDATE auditlog_logentry SET additional_data = '{}' WHERE id = %s", ids[11]), "edited", 12,
    ),
    "an entry is gone": (lambda ids: run("DELETE FROM auditlog_logentry WHERE id = %s", ids[6]), "deleted", 7),
    "an entry and its seal are gone": (
        lambda ids: (
            run("DELETE FROM auditlog_logentry WHERE id = %s", ids[6]),
            run("DELETE FROM practice_auditseal WHERE entry_id = %s", ids[6]),
        ),
        "deleted from the chain", 7,
    ),
    "an entry went in unseen": (
        lambda ids: run(
            "INSERT INTO auditlog_logentry (content_type_id, object_pk, object_repr, action, changes_text, timestamp)"
            " SELECT content_type_id, object_pk, object_repr, action, changes_text, timestamp"
            " FROM auditlog_logentry WHERE id = %s", ids[3],
        ),
        "inserted without a seal", 13,
    ),
    "two entries are swapped": (
        lambda ids: (
            run("UPDATE practice_auditseal SET entry_id = -1 WHERE entry_id = %s", ids[2]),
            run("UPDATE practice_auditseal SET entry_id = %s WHERE entry_id = %s", ids[2], ids[8]),
            run("UPDATE practice_auditseal SET entry_id = %s WHERE entry_id = -1", ids[8]),
        ),
        "edited", 3,
    ),
    "the trail is emptied and its seals are not": (
        lambda ids: run("TRUNCATE auditlog_logentry"), "deleted", 1,
    ),
    "an edit is sealed anew": (
        lambda ids: (
            run("UPDATE auditlog_logentry SET actor_email = 'x@y.test' WHERE id = %s", ids[4]),
            run("UPDATE practice_auditseal SET hash = repeat('0', 64) WHERE entry_id = %s", ids[4]),
        ),
        "edited", 5,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERINGS)
def test_what_a_superuser_changes_is_named_by_its_first_row(name: str, trail: list[int]) -> None:
    tamper, what, row = TAMPERINGS[name]

    tamper(trail)

    fault = chain.verify().fault
    assert fault is not None
    assert (fault.seq, fault.what.partition(" (")[0]) == (row, what)


def test_a_cut_tail_is_found_by_an_exported_head_and_by_nothing_else(trail: list[int], tmp_path: Path) -> None:
    heads = tmp_path / "heads"
    heads.write_text(told("--export-head"))

    run("DELETE FROM auditlog_logentry WHERE id >= %s", trail[9])
    run("DELETE FROM practice_auditseal WHERE entry_id >= %s", trail[9])

    assert "north: 9 rows hold." in told("--clinic", "north")
    with pytest.raises(CommandError, match="1 of the audit chains"):
        told("--head", str(heads))
    assert "cut off: the chain ends at 9, the exported head is 12" in str(chain.verify(chain.Head(12, "x")).fault)


def test_a_chain_that_was_written_anew_from_its_first_row_is_found_by_the_head(trail: list[int], alice: User) -> None:
    known = chain.head()
    baseline.empty_trail()
    for _ in range(ROWS + 3):
        audit.record_read(by=alice, what="calls.call", about=uuid4())

    assert chain.verify().fault is None
    fault = chain.verify(known).fault
    assert fault is not None
    assert "another hash" in fault.what


def test_another_clinics_chain_cannot_stand_in(trail: list[int], south: Clinic) -> None:
    rows = list(AuditSeal.objects.values_list("seq", "entry_id", "previous", "hash"))
    with inside(south):
        baseline.empty_trail()
        run("INSERT INTO auditlog_logentry SELECT * FROM north.auditlog_logentry WHERE false")
        for row in rows:
            run("INSERT INTO practice_auditseal (seq, entry_id, previous, hash) VALUES (%s, %s, %s, %s)", *row)

        fault = chain.verify().fault

    assert fault is not None
    assert (fault.seq, fault.what) == (1, "does not follow the row before it")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE auditlog_logentry SET actor_email = ''",
        "DELETE FROM auditlog_logentry",
        "TRUNCATE auditlog_logentry",
        "UPDATE practice_auditseal SET hash = ''",
        "DELETE FROM practice_auditseal",
        "TRUNCATE practice_auditseal",
    ],
)
def test_the_application_itself_cannot_change_a_row(sql: str, trail: list[int]) -> None:
    with pytest.raises(DatabaseError, match="written and never changed"), transaction.atomic():
        connection.cursor().execute(sql)

    assert chain.verify().head.seq == ROWS


def test_a_hundred_writers_at_once_leave_the_chain_whole(trail: list[int], alice: User, north: Clinic) -> None:
    def write(_number: int) -> None:
        audit.record_read(by=alice, what="calls.call", about=uuid4())
        with transaction.atomic():
            audit.record_change(by=alice, of=alice, changes={"role": ("a", "b")})
            audit.record_change(by=alice, of=alice, changes={"role": ("b", "a")})

    assert together(WRITERS, north, write) == [None] * WRITERS

    assert chain.verify().fault is None
    assert chain.head().seq == ROWS + 3 * WRITERS
    assert LogEntry.objects.count() == ROWS + 3 * WRITERS


def test_what_is_rolled_back_leaves_no_gap(trail: list[int], alice: User) -> None:
    with transaction.atomic():
        audit.record_read(by=alice, what="calls.call", about=uuid4())
        transaction.set_rollback(True)
    audit.record_read(by=alice, what="calls.call", about=uuid4())

    assert (chain.head().seq, chain.verify().fault) == (ROWS + 1, None)


def test_the_heads_of_all_clinics_go_to_the_operators_log(
    trail: list[int], caplog: pytest.LogCaptureFixture, north: Clinic
) -> None:
    caplog.set_level("INFO")
    look_at_trails()
    assert f"audit head: north {ROWS} {chain.head().hash}" in caplog.text

    run("DELETE FROM auditlog_logentry WHERE id = %s", trail[1])
    look_at_trails()
    assert f"audit chain of north does not hold: row 2 (entry {trail[1]}): deleted" in caplog.text


@pytest.mark.parametrize("text", ["", "{}", "[1]", "nonsense", '{"clinic": "north", "seq": "x", "hash": ""}'])
def test_a_file_that_holds_no_heads_is_refused(text: str, trail: list[int], tmp_path: Path) -> None:
    heads = tmp_path / "heads"
    heads.write_text(text)

    if not text:
        assert "north: 12 rows hold." in told("--head", str(heads))
        return
    with pytest.raises(CommandError, match="no list of heads"):
        told("--head", str(heads))
    with pytest.raises(CommandError, match="cannot be read"):
        told("--head", str(tmp_path / "missing"))


def test_a_head_of_a_clinic_that_is_gone_is_noticed(trail: list[int], tmp_path: Path) -> None:
    heads = tmp_path / "heads"
    heads.write_text(json.dumps({"clinic": "west", "seq": 3, "hash": "0" * 64}))

    with pytest.raises(CommandError, match="no such clinic any more"):
        told("--head", str(heads))
