"""The figures of a stretch of days, counted out of the rows: a few statements, each over one range of an index.

Each statement yields (day of the clinic's clock, figure, key, how many). Test calls and drills are in none, and no
statement reads what is sealed. `rolling` keeps what they say of days that are over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from types import MappingProxyType

from django.db import connection

from analytics.fate import FATE
from analytics.tallies import Tally
from calls.handover.policy import AGAIN, HELD_SECONDS
from clinics.practice.retention import Artefact
from clinics.tenancy import current_clinic
from notifications.routing import OUTSIDE

_BUCKET = (
    "CASE WHEN {0} < 100 THEN {0} WHEN {0} < 1000 THEN ({0} + 2) / 5 * 5 WHEN {0} < 10000 THEN ({0} + 25) / 50 * 50"
    " WHEN {0} < 100000 THEN ({0} + 250) / 500 * 500 ELSE ({0} + 2500) / 5000 * 5000 END"
)
"""Milliseconds are kept as they are below 100, above to the nearest 5, 50, 500, 5000: 2.5 % at most, but for hours."""


def _with_buckets(sql: str) -> str:
    """A statement with each `bucket(column)`, of whole milliseconds, written out."""
    return re.sub(r"bucket\((\w+)\)", lambda found: f"({_BUCKET.format(found[1])})", sql)


_CALLS = """
WITH c AS MATERIALIZED (
    SELECT started_at AT TIME ZONE %(zone)s AS local, started_at, status, intent, outcome, language, level, reprompts,
           duration_sec, coalesce(ended_at, started_at) AS over,
           level IN ('keypad', 'record') OR (level = 'rules' AND coalesce(p.model_helps, false)) AS degraded
    FROM calls_call LEFT JOIN practice_callpolicy p ON p.version = policy_version
    WHERE NOT test AND started_at >= %(since)s AND started_at < %(until)s),
stretch AS (
    SELECT local::date AS day, max(over) - min(started_at) AS long FROM (
        SELECT *, count(*) FILTER (WHERE NOT degraded) OVER (PARTITION BY local::date ORDER BY started_at) AS nth
        FROM c) AS marked
    WHERE degraded GROUP BY local::date, nth)
SELECT local::date, 'calls', status, count(*) FROM c GROUP BY 1, 3
UNION ALL SELECT local::date, 'half_hour',
    (date_part('hour', local) * 2 + (date_part('minute', local) >= 30)::int)::text, count(*) FROM c GROUP BY 1, 3
UNION ALL SELECT local::date, 'seconds', duration_sec::text, count(*) FROM c
    WHERE duration_sec IS NOT NULL GROUP BY 1, 3
UNION ALL SELECT local::date, 'intent', intent, count(*) FROM c GROUP BY 1, 3
UNION ALL SELECT local::date, 'outcome', outcome, count(*) FROM c GROUP BY 1, 3
UNION ALL SELECT local::date, 'language', language, count(*) FROM c GROUP BY 1, 3
UNION ALL SELECT local::date, 'level', level, count(*) FROM c GROUP BY 1, 3
UNION ALL SELECT local::date, 'reprompts', reprompts::text, count(*) FROM c WHERE status = 'completed' GROUP BY 1, 3
UNION ALL SELECT local::date, 'degraded', 'calls', count(*) FROM c WHERE degraded GROUP BY 1
UNION ALL SELECT day, 'degraded', 'seconds', ceil(date_part('epoch', sum(long))) FROM stretch GROUP BY 1"""

_WAITS = _with_buckets("""
WITH c AS MATERIALIZED (
    SELECT id, (started_at AT TIME ZONE %(zone)s)::date AS day FROM calls_call
    WHERE NOT test AND started_at >= %(since)s AND started_at < %(until)s),
t AS MATERIALIZED (
    SELECT c.day, t.took_ms, (t.stages ->> 'webhook')::int AS webhook, (t.stages ->> 'model')::int AS model,
           (t.stages ->> 'speech')::int AS speech, (t.stages ->> 'recogniser')::int + (t.stages ->> 'transport')::int
           + (t.stages ->> 'start')::int AS elsewhere
    FROM c CROSS JOIN LATERAL (SELECT took_ms, stages FROM calls_turn WHERE call_id = c.id AND n > 0 OFFSET 0) AS t),
h AS (SELECT day, webhook + model + speech + elsewhere AS heard FROM t)
SELECT day, 'turn_ms', bucket(took_ms), count(*) FROM t GROUP BY 1, 3
UNION ALL SELECT day, 'heard_ms', bucket(heard), count(*) FROM h WHERE heard > 0 GROUP BY 1, 3
UNION ALL SELECT day, 'stage_ms webhook', bucket(webhook), count(*) FROM t WHERE webhook > 0 GROUP BY 1, 3
UNION ALL SELECT day, 'stage_ms model', bucket(model), count(*) FROM t WHERE model > 0 GROUP BY 1, 3
UNION ALL SELECT day, 'stage_ms speech', bucket(speech), count(*) FROM t WHERE speech > 0 GROUP BY 1, 3""")
"""OFFSET 0 keeps the planner from reading all turns because a day of them is many."""

_ASKED = _with_buckets("""
WITH a AS MATERIALIZED (
    SELECT (a.at AT TIME ZONE %(zone)s)::date AS day, a.capability, a.trouble, a.took_ms
    FROM calls_providercall a WHERE a.at >= %(since)s AND a.at < %(until)s
    AND (a.call_id IS NULL OR a.call_id NOT IN (SELECT id FROM calls_call WHERE test
         AND started_at >= %(since)s - interval '1 day' AND started_at < %(until)s)))
SELECT day, 'asked', capability, count(*) FROM a GROUP BY 1, 3
UNION ALL SELECT day, 'trouble ' || capability, trouble, count(*) FROM a WHERE trouble <> '' GROUP BY 1, 2, 3
UNION ALL SELECT day, 'asked_ms ' || capability, bucket(took_ms)::text, count(*) FROM a WHERE trouble = ''
    GROUP BY 1, 2, 3""")

_DUE = """
WITH w AS MATERIALIZED (
    SELECT (due_at AT TIME ZONE %(zone)s)::date AS day, kind,
           CASE WHEN status = 'completed' AND completed_at <= due_at THEN 'in_time'
                WHEN status = 'completed' THEN 'late' ELSE 'open_late' END AS became
    FROM tasks_task WHERE NOT test AND status <> 'cancelled'
    AND due_at >= %(since)s AND due_at < least(%(until)s, %(now)s)),
p AS MATERIALIZED (
    SELECT (due_at AT TIME ZONE %(zone)s)::date AS day, name,
           CASE WHEN kept_at <= due_at THEN 'kept' WHEN kept_at IS NOT NULL THEN 'late' ELSE 'broken' END AS became
    FROM tasks_promise WHERE NOT test AND (withdrawn_at IS NULL OR kept_at IS NOT NULL)
    AND due_at >= %(since)s AND due_at < least(%(until)s, %(now)s))
SELECT day, 'due ' || became, kind, count(*) FROM w GROUP BY 1, 2, 3
UNION ALL SELECT day, 'promise ' || became, name, count(*) FROM p GROUP BY 1, 2, 3"""

_REQUESTS = """
WITH r AS MATERIALIZED (
    SELECT (created_at AT TIME ZONE %(zone)s)::date AS day, kind, complete_intake, unread
    FROM tasks_task WHERE NOT test AND call_id IS NOT NULL AND created_at >= %(since)s AND created_at < %(until)s)
SELECT day, 'requests', kind, count(*) FROM r GROUP BY 1, 3
UNION ALL SELECT day, 'unfinished', kind, count(*) FROM r WHERE NOT complete_intake GROUP BY 1, 3
UNION ALL SELECT day, 'with_unread', kind, count(*) FROM r WHERE unread <> '{}' GROUP BY 1, 3
UNION ALL SELECT day, 'unread', field, count(*) FROM r, unnest(unread) AS field GROUP BY 1, 3"""

_ALARMS = """
WITH e AS MATERIALIZED (
    SELECT (raised_at AT TIME ZONE %(zone)s)::date AS day, reason, seconds_to_acknowledge AS seconds
    FROM escalations_escalation WHERE NOT test AND status IN ('open', 'acknowledged', 'resolved')
    AND raised_at >= %(since)s AND raised_at < %(until)s)
SELECT day, 'raised', reason, count(*) FROM e GROUP BY 1, 3
UNION ALL SELECT day, 'unanswered', reason, count(*) FROM e WHERE seconds IS NULL GROUP BY 1, 3
UNION ALL SELECT day, 'had_after ' || reason, seconds::text, count(*) FROM e
    WHERE seconds IS NOT NULL GROUP BY 1, 2, 3"""

_HANDOVERS = """
WITH h AS MATERIALIZED (
    SELECT (c.started_at AT TIME ZONE %(zone)s)::date AS day, h.bridged_at, h.talk_seconds, h.ended_at, c.number_index
    FROM calls_call c JOIN calls_handover h ON h.call_id = c.id
    WHERE NOT c.test AND NOT h.test AND h.state IN ('returned', 'ended')
    AND c.started_at >= %(since)s AND c.started_at < %(until)s)
SELECT day, 'handover', what, count(*) FROM h CROSS JOIN LATERAL (VALUES
    ('over', true), ('answered', bridged_at IS NOT NULL), ('held', coalesce(talk_seconds, 0) >= %(held)s),
    ('again', bridged_at IS NOT NULL AND length(number_index) > 0 AND EXISTS (
        SELECT FROM calls_call later WHERE later.number_index = h.number_index
        AND later.started_at > h.ended_at AND later.started_at <= h.ended_at + %(again)s))) AS said (what, true_of_it)
WHERE true_of_it GROUP BY 1, 3"""

_OUTBOX = """
WITH m AS MATERIALIZED (
    SELECT (e.created_at AT TIME ZONE %(zone)s)::date AS day, d.id, d.channel, d.state, d.attempts,
           (1000 * date_part('epoch', d.done_at - e.created_at))::int AS lag
    FROM public.notifications_event e CROSS JOIN LATERAL (
        SELECT * FROM public.notifications_delivery WHERE event_id = e.id OFFSET 0) AS d
    WHERE e.clinic_id = %(clinic)s AND NOT e.test AND e.created_at >= %(since)s AND e.created_at < %(until)s)"""

_MESSAGES = _OUTBOX + _with_buckets("""
SELECT day, 'message ' || state, channel, count(*) FROM m GROUP BY 1, 2, 3
UNION ALL SELECT day, 'lag_ms', bucket(lag)::text, count(*) FROM m WHERE state = 'sent' GROUP BY 1, 3
UNION ALL SELECT day, 'tries ' || channel, attempts::text, count(*) FROM m WHERE state IN ('sent', 'dead')
    GROUP BY 1, 2, 3""")
"""The outbox is the platform's: of it a clinic's own events, by the day on which they happened."""

_CHANNELS = _OUTBOX + _with_buckets(""",
a AS MATERIALIZED (
    SELECT m.day, m.channel, a.outcome IN ('sent', 'found') AS arrived, coalesce(nullif(a.error_code, ''), a.outcome)
           AS code, (1000 * date_part('epoch', a.finished_at - a.started_at))::int AS took
    FROM m CROSS JOIN LATERAL (SELECT * FROM public.notifications_attempt WHERE delivery_id = m.id OFFSET 0) AS a
    WHERE m.channel = ANY(%(outside)s) AND a.outcome <> '')
SELECT day, 'lag_ms ' || channel, bucket(lag)::text, count(*) FROM m WHERE state = 'sent' GROUP BY 1, 2, 3
UNION ALL SELECT day, 'sent_ms ' || channel, bucket(took)::text, count(*) FROM a WHERE arrived GROUP BY 1, 2, 3
UNION ALL SELECT day, 'unsent ' || channel, code, count(*) FROM a WHERE NOT arrived GROUP BY 1, 2, 3""")
"""The same channel by channel, and how long providers took."""

_FATES = """
SELECT (started_at AT TIME ZONE %(zone)s)::date, 'fate', FATE AS fate, count(*) FROM calls_call
WHERE NOT test AND status = 'completed' AND outcome <> 'nothing'
AND started_at >= %(since)s AND started_at < %(until)s
GROUP BY 1, 3""".replace("FATE", FATE)


@dataclass(frozen=True, slots=True)
class Part:
    """One statement, and what a clinic's retention takes away from under it ("": nothing)."""

    sql: str
    made_of: str = ""
    settles: bool = False
    """Whether it says for good what it says of a day the day after the next."""


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "calls": Part(_CALLS, Artefact.CALLS),
        "waits": Part(_WAITS, Artefact.WORDS, settles=True),
        "asked": Part(_ASKED),
        "due": Part(_DUE, Artefact.TASKS),
        "requests": Part(_REQUESTS, Artefact.TASKS),
        "alarms": Part(_ALARMS, Artefact.ESCALATIONS),
        "handovers": Part(_HANDOVERS, Artefact.CALLS),
        "messages": Part(_MESSAGES),
        "channels": Part(_CHANNELS),
        "fates": Part(_FATES, Artefact.TASKS),
    }
)


def arguments(*, since: datetime, until: datetime, now: datetime, zone: tzinfo) -> dict[str, object]:
    """What the statements ask with, in the current clinic."""
    return {
        "since": since,
        "until": until,
        "now": now,
        "zone": str(zone),
        "held": HELD_SECONDS,
        "again": AGAIN,
        "clinic": current_clinic().pk,
        "outside": list(OUTSIDE),
    }


def count(part: str, *, since: datetime, until: datetime, now: datetime, zone: tzinfo) -> dict[date, Tally]:
    """What one part says of the days between two midnights of the clinic's clock; one without anything is not in it."""
    found: dict[date, Tally] = {}
    with connection.cursor() as cursor:
        cursor.execute(PARTS[part].sql, arguments(since=since, until=until, now=now, zone=zone))
        for day, figure, key, number in cursor.fetchall():
            found.setdefault(day, {}).setdefault(figure, {})[str(key)] = int(number)
    return found
