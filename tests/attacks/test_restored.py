"""Attack 65: a clinic that is put back as it was yesterday revives no message, and its trail says so."""

from __future__ import annotations

from uuid import uuid4

from django.db import connection

from clinics import audit
from clinics.practice.trail import chain
from clinics.tenancy import inside
from tests import baseline
from tests.notifications.conftest import far, no_nudge, outbox, transactional_db
from tests.notifications.test_patients import deliver, request_of, signed, wanted

__all__ = ["far", "no_nudge", "outbox", "request_of", "signed", "transactional_db", "wanted"]


def rows_of(schema: str) -> str:
    """A digest of every row of a schema."""
    digests = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM {schema}."{table}" t')
            digests.append(str(cursor.fetchone()[0]))
    return " ".join(digests)


def test_nobody_is_texted_again_the_other_clinic_is_untouched_and_the_cut_is_named(
    outbox, far, no_nudge, wanted, request_of
):
    request_of()
    deliver(outbox)
    sent = len(far.posts)
    waiting = request_of(number="+12025550143")  # its text has not left yet when the clinic is restored
    with inside(outbox.north):
        audit.record_read(by=outbox.person("alice"), what="tasks.task", about=uuid4())
        head = chain.head()
    theirs = rows_of("south")

    baseline.restore("north")
    for _ in range(3):
        deliver(outbox)
    outbox.ask()

    assert (sent, len(far.posts)) == (1, 1)
    assert outbox.delivery(waiting.id, "patient").last_error_code == "withdrawn"
    assert rows_of("south") == theirs
    with inside(outbox.north):
        assert "cut off" in str(chain.verify(head).fault)
