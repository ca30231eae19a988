"""What became of a call's matter: settled and not rung about again, or why that cannot be said.

It is contained when the call ended with the telephone, without a person being fetched; it is verified when all that
the call led to is done, and the same number (by its blind index, docs/adr/0032) has not rung about it from the call
until 72 hours after the last of it was done. "About it" is the same wish, or one that was not said or went to a person:
a doubt counts against us.
"""

from __future__ import annotations

from datetime import timedelta

from clinics.words import gettext_noop

AGAIN_WITHIN = timedelta(hours=72)

FATES = {
    "verified": gettext_noop("Done, and not rung about again"),
    "waiting": gettext_noop("Done less than 72 hours ago"),
    "open": gettext_noop("Not done yet"),
    "again": gettext_noop("Rang about it again"),
    "dropped": gettext_noop("Closed without being done"),
    "unknown": gettext_noop("Number withheld, or no longer kept"),
    "not_contained": gettext_noop("A person was needed, or the caller left"),
}
CONTAINED = frozenset(FATES) - {"not_contained"}
"""The telephone took it to the end by itself."""
DECIDED = frozenset({"verified", "again", "dropped", "not_contained"})
"""Nothing that may still happen changes whether it was settled."""

FATE = """(SELECT CASE
    WHEN calls_call.outcome NOT IN ('task', 'answered') THEN 'not_contained'
    WHEN length(calls_call.number_index) = 0 OR (calls_call.outcome = 'task' AND work.number = 0) THEN 'unknown'
    WHEN EXISTS (SELECT FROM calls_call later
        WHERE later.number_index = calls_call.number_index AND NOT later.test
        AND later.started_at > calls_call.started_at AND later.started_at <= work.closed + interval '72 hours'
        AND later.intent IN (calls_call.intent, '', 'unclear', 'human_request', 'callback')) THEN 'again'
    WHEN work.dropped > 0 THEN 'dropped'
    WHEN work.closed = 'infinity' THEN 'open'
    WHEN work.closed + interval '72 hours' > %(now)s THEN 'waiting'
    ELSE 'verified' END
FROM (SELECT count(*) AS number, count(*) FILTER (WHERE task.status = 'cancelled') AS dropped,
        CASE WHEN count(*) = 0 THEN calls_call.ended_at
             WHEN bool_and(task.status IN ('completed', 'cancelled'))
                 THEN max(coalesce(task.completed_at, task.updated_at))
             ELSE 'infinity' END AS closed
    FROM tasks_task task WHERE task.call_id = calls_call.id AND NOT task.test) AS work)"""
"""SQL over a row of `calls_call`; it takes the moment of the question as `now`."""
