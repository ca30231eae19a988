"""The figures of the benchmark and their table."""

from __future__ import annotations

import contextlib
import os
import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from django.conf import settings

from clinics.models import Clinic
from notifications.models import Event
from tests.bench import cost, fleet, messages, numbers, places, plain_job, queue, search, streams, voices, words
from tests.bench.callers import Times, bare_requests, one_call, play
from tests.bench.disk import new_segment, syncs
from tests.bench.screen import open_screen
from tests.bench.stages import stages
from tests.bench.table import Row, keep, last_run, print_table
from tests.far_ends.twilio_rest import twilio_rest
from tests.notifications.latency import event_to_row, event_to_stream

RATE_EVENTS, RATE_ROUNDS = 300, 3
EMERGENCIES = 100


def show(names: Sequence[str] = ()) -> int:
    """Measure the named parts, or all; print, and write the file when it was all. 1 when a goal was missed."""
    clinic = places.open_clinics()
    target = Path(os.environ["DATA_DIR"]).parent / "bench.json"
    rows: list[Row] = []
    try:
        for name in PARTS:
            if not names or name in names:
                rows += _measured(name, clinic)
    finally:  # a part that fails takes the figures of the others not with it
        print_table(rows, last_run(target))
    if not names:
        keep(rows, target)
        print(f"\nWritten to {target.name} in DATA_DIR.")
    return 0 if all(row.met is not False for row in rows) else 1


def _measured(part: str, clinic: Clinic) -> list[Row]:
    """The figures of one part. What the parts before it announced, to nobody, is not its work to deliver."""
    Event.objects.all().delete()
    return PARTS[part](clinic)


def _fleet(clinic: Clinic) -> list[Row]:
    """What many clinics cost together, and one of them alone."""
    deployed = fleet.nothing_to_do(clinic)
    back = fleet.one_of_twenty(places.open_clinic("twenty", "+12025550133"))  # the first has 100,000 tasks by now
    return [
        Row(f"deploy with nothing to do, {deployed.clinics} clinics", deployed.seconds, "s", None, "under 60 s",
            deployed.seconds < 60),
        Row("one of 20 clinics brought back", back.seconds, "s"),
        Row("of the 19 others changed", back.changed, "", None, "none", back.changed == 0),
    ]  # fmt: skip


def _words(clinic: Clinic) -> list[Row]:
    """How fast and how well words are understood; the quality is that of the sentences that ship with the rules."""
    found = words.measure_words()
    median, late, longest = found.one.median, found.one.percentile(0.99), found.long.percentile(0.99)
    rows = [
        Row("triage of 10,000 lines", found.triage_seconds, "s", None, "under 20 s", found.triage_seconds < 20),
        Row("danger in one utterance, median", median, "ms", None, "under 1 ms", median < 1),
        Row("danger in one utterance, p99", late, "ms", None, "under 5 ms", late < 5),
        Row("danger in 1,000 characters, p99", longest, "ms", None, "under 5 ms", longest < 5),
    ]
    for lang, one in found.danger.items():
        caught, false, hard = (100 * share.rate for share in (one.recall, one.false_alarms, one.hard_negatives))
        right = found.understood[lang]
        rows += [
            Row(f"emergencies caught of the shipped sentences, {lang}", caught, "%", None, "at least 98", caught >= 98),
            Row(f"false alarms on the shipped sentences, {lang}", false, "%", None, "at most 1", false <= 1),
            Row(f"false alarms on the shipped hard ones, {lang}", hard, "%", None, "at most 8", hard <= 8),
            Row(f"requests understood of our own sentences, {lang}", right, "%", None, "at least 95", right >= 95),
        ]
    return rows


def _turns(clinic: Clinic) -> list[Row]:
    """A full turn against a bare view, alternating, so that a slow minute of the machine slows both."""
    alone, bare_alone, busy, bare_busy, crowd, bare_crowd, flood = (Times() for _ in range(7))
    with (
        places.serving("cliniqai.asgi:application") as port,
        places.serving("tests.bench.bare:application", "tests.bench.bare_settings") as bare_port,
    ):
        play(one_call, clinic, port, callers=20, rounds=2, pause=0.1)
        play(bare_requests, clinic, bare_port, callers=20, rounds=2, pause=0.1)
        for _ in range(3):
            _add(alone, play(one_call, clinic, port, callers=1, rounds=8, pause=0.05))
            _add(bare_alone, play(bare_requests, clinic, bare_port, callers=1, rounds=8, pause=0.05))
            _add(busy, play(one_call, clinic, port, callers=1, rounds=8))
            _add(bare_busy, play(bare_requests, clinic, bare_port, callers=1, rounds=8))
            _add(crowd, play(one_call, clinic, port, callers=20, rounds=2, pause=0.4))
            _add(bare_crowd, play(bare_requests, clinic, bare_port, callers=20, rounds=2, pause=0.4))
        _add(flood, play(one_call, clinic, port, callers=20, rounds=6))
    failed = alone.failed + busy.failed + crowd.failed + flood.failed
    ratio, ratio_crowd = alone.median / bare_alone.median, crowd.median / bare_crowd.median
    return [
        Row("turn, one caller, median", alone.median, "ms", bare_alone.median, "at most 1.6 times", ratio <= 1.6),
        Row("turn, one caller without a pause, median", busy.median, "ms", bare_busy.median),
        Row("turn, 20 calls, median", crowd.median, "ms", bare_crowd.median, "at most 1.6 times", ratio_crowd <= 1.6),
        Row("turn, 20 calls, p99", crowd.percentile(0.99), "ms", bare_crowd.percentile(0.99), "under 60 ms",
            crowd.percentile(0.99) < 60),
        Row("turns, 20 callers without a pause", flood.per_second, "a second"),
        Row("turn, 20 callers without a pause, p99", flood.percentile(0.99), "ms"),
        Row("turns that failed", failed, "", None, "none", failed == 0),
    ]  # fmt: skip


def _streams(clinic: Clinic) -> list[Row]:
    """The same call on a socket, in the clinic beside."""
    with places.serving("cliniqai.asgi:application") as port:
        found = streams.measure(Clinic.objects.get(slug="beside"), port, callers=20, rounds=3, pause=0.4)
    late = found.percentile(0.95)
    return [
        Row("streamed turn, 20 calls, median", found.median, "ms"),
        Row("streamed turn, 20 calls, p95", late, "ms", None, "under 50 ms", late < 50),
        Row("streamed turns that failed", found.failed, "", None, "none", found.failed == 0),
    ]


def _add(total: Times, part: Times) -> None:
    total.answers.extend(part.answers)
    total.wall += part.wall
    total.failed += part.failed


def _disk(clinic: Clinic) -> list[Row]:
    """What one durable commit waits for at least; a stall here is a stall of every turn that is being written."""
    folder = Path(os.environ["DATA_DIR"])
    waits = syncs(folder)
    segments = [new_segment(folder) for _ in range(5)]
    return [
        Row("  the disk: one sync, median", statistics.median(waits), "ms"),
        Row("  the disk: one sync, worst of 1000", max(waits), "ms"),
        Row("  the disk: a new segment of the log, median", statistics.median(segments), "ms"),
    ]


def _stages(clinic: Clinic) -> list[Row]:
    return [Row(f"  of a turn: {name}", value, "ms") for name, value in stages().items()]


def _voices(clinic: Clinic) -> list[Row]:
    """Against the clinic beside, which has no provider: what it pays for them is nothing."""
    found = voices.measure(clinic, Clinic.objects.get(slug="beside"))
    return [
        Row(f"turn, one caller, {case}, median", voiced.median, "ms", plain.median)
        for case, (voiced, plain) in found.items()
    ]


def _models(clinic: Clinic) -> list[Row]:
    """The same with a model that may help: what its turns cost that need it, and those that do not."""
    found = voices.measure_models(clinic, Clinic.objects.get(slug="beside"))
    return [
        Row(f"turn, one caller, {case}, median", helped.median, "ms", plain.median)
        for case, (helped, plain) in found.items()
    ]


def _events(clinic: Clinic) -> list[Row]:
    with places.worker():
        _until_it_works(clinic)
        to_row = [1000 * event_to_row(clinic) for _ in range(30)]
        to_browser = [1000 * event_to_stream(clinic, settings.REDIS_URL) for _ in range(30)]
        ours, plain = _rates(clinic)
    return [
        Row("event to notification row, median", statistics.median(to_row), "ms"),
        Row("event to notification row, worst of 30", max(to_row), "ms"),
        Row("event to the browser's stream, median", statistics.median(to_browser), "ms"),
        Row("event to the browser's stream, worst of 30", max(to_browser), "ms"),
        Row("events delivered by one worker", statistics.median(ours), "a second", statistics.median(plain)),
    ]


def _rates(clinic: Clinic) -> tuple[list[float], list[float]]:
    """Events a second through the outbox and through a plain Celery job, in rounds that alternate."""
    ours: list[float] = []
    plain: list[float] = []
    with places.plain_worker():
        for turn in range(RATE_ROUNDS + 1):
            outbox = messages.events_per_second(
                lambda: messages.through_the_outbox(clinic), events=RATE_EVENTS, people=places.STAFF
            )
            job = messages.events_per_second(
                lambda: plain_job.commit_one(clinic.schema_name), events=RATE_EVENTS, people=places.STAFF
            )
            if turn:  # the first round waits for the baseline's worker to start
                ours.append(outbox)
                plain.append(job)
    return ours, plain


def _emergencies(clinic: Clinic) -> list[Row]:
    """What a worker, a sweeper and a web process need to be heard while twenty others talk."""
    with twilio_rest(account=os.environ["TWILIO_ACCOUNT_SID"], token=os.environ["TWILIO_AUTH_TOKEN"]) as network:
        os.environ.update(SMS_MODE="on", TWILIO_API_BASE_URL=network.url)
        messages.get_ready(clinic)
        with (
            places.static_files(),
            places.serving("cliniqai.asgi:application") as port,
            places.worker(),
            places.sweeper(),
        ):
            _until_it_works(clinic)
            with (
                open_screen(clinic, port, messages.session_of(clinic)) as screen,
                messages.twenty_calls(clinic, port),
            ):
                messages.emergencies(clinic, port, network, screen, times=5)
                heard = messages.emergencies(clinic, port, network, screen, times=EMERGENCIES)
    drawn = messages.Times(answers=heard.screen)
    alarm = messages.Times(answers=heard.stream)
    chosen, ladder = messages.Times(answers=heard.chosen_text), messages.Times(answers=heard.ladder_text)
    worst = max(chosen.percentile(0.99), ladder.percentile(0.99))
    return [
        Row("emergency to the stream, 20 calls, median", alarm.median, "ms"),
        Row("emergency to the stream, 20 calls, p99", alarm.percentile(0.99), "ms"),
        Row("emergency to the alarm on a page, median", drawn.median, "ms"),
        Row("emergency to the alarm on a page, p99", drawn.percentile(0.99), "ms", None, "under 500 ms",
            drawn.percentile(0.99) < 500),
        Row("emergency to a text one chose, median", chosen.median, "ms"),
        Row("emergency to a text one chose, p99", chosen.percentile(0.99), "ms"),
        Row("emergency to the ladder's text, median", ladder.median, "ms"),
        Row("emergency to the ladder's text, p99", ladder.percentile(0.99), "ms", None, "both under 2 s", worst < 2000),
        Row("emergencies not heard everywhere", heard.missed, "", None, "none", heard.missed == 0),
    ]  # fmt: skip


def _search(clinic: Clinic) -> list[Row]:
    """In the clinic beside: its 100,000 tasks stand in nobody's way."""
    found = search.measure(Clinic.objects.get(slug="beside"))
    worst = max(found.times.values())
    return [
        *(Row(f"search of 100,000 tasks: {typed}", value, "ms") for typed, value in found.times.items()),
        Row("search of 100,000 tasks, the slowest", worst, "ms", None, "under 100 ms", worst < 100),
        Row("  digests of a task", found.digests, ""),
        Row("  a task's row", found.row_bytes, "bytes"),
        Row("  a task's part of the index", found.index_bytes, "bytes"),
        Row("  making a task's row, processor", found.making_ms, "ms"),
    ]


def _queue(clinic: Clinic) -> list[Row]:
    """The pages of a desk with 100,000 tasks; a page's bytes are before compression."""
    queue.fill(clinic)
    with places.static_files():
        found = queue.costs(clinic)
    first, size = found["first page"]
    rows = [
        Row("queue of 100,000 tasks, first page, median", first, "ms", None, "under 100 ms", first < 100),
        Row("queue of 100,000 tasks, first page", size / 1024, "KB", None, "under 60 KB", size < 60 * 1024),
    ]
    return rows + [
        Row(f"queue of 100,000 tasks, {page}, median", ms, "ms")
        for page, (ms, _) in found.items()
        if page != "first page"
    ]


def _numbers(clinic: Clinic) -> list[Row]:
    """In a third clinic, which has had a million turns; rows are counted, not timed, by `tests/analytics`."""
    with places.static_files():
        found = numbers.measure(places.open_clinic("numbers", "+12025550122"))
    return [
        *(
            Row(f"numbers of a million turns, {page}", ms, "ms", None, "under 200 ms", ms < 200)
            for page, ms in found.pages.items()
        ),
        Row("  counting today alone, of 90 such days", found.today, "ms"),
        Row("  keeping 190 days the first time", found.first_roll_up / 1000, "s"),
        Row("  keeping them again, each hour", found.roll_up / 1000, "s"),
        Row("  one kept day", found.kept_bytes, "bytes"),
    ]


def _cost(clinic: Clinic) -> list[Row]:
    """What docs/scale.md reckons with: a call of eight turns that ends in a task for four people."""
    with twilio_rest(account=os.environ["TWILIO_ACCOUNT_SID"], token=os.environ["TWILIO_AUTH_TOKEN"]) as network:
        os.environ.update(SMS_MODE="on", TWILIO_API_BASE_URL=network.url)
        with places.serving("cliniqai.asgi:application") as port, places.worker(), places.sweeper():
            _until_it_works(clinic)
            found = cost.measure(clinic, port, network)
    return [
        Row("cost of a call, processor of all", sum(found.processor.values()), "ms"),
        *(Row(f"  cost of a call, processor of {part}", ms, "ms") for part, ms in found.processor.items()),
        Row("cost of a call, rows and indexes", found.row_bytes / 1024, "KB"),
        Row("cost of a call, PostgreSQL's log", found.log_bytes / 1024, "KB"),
        Row("cost of a call, requests to providers", found.requests, ""),
        Row("cost of no call, processor of all", found.idle, "ms a second"),
        Row("cost of a call, turns that failed", found.failed, "", None, "none", found.failed == 0),
    ]


def _until_it_works(clinic: Clinic) -> None:
    """A worker says nothing when it is ready, and works off what the calls have left first: try until a line comes."""
    for _ in range(60):
        with contextlib.suppress(AssertionError):
            event_to_row(clinic, seconds=2)
            return
    raise SystemExit("The worker of the benchmark did not start.")


PARTS: Mapping[str, Callable[[Clinic], list[Row]]] = {
    "words": _words,
    "turns": _turns,
    "streams": _streams,
    "disk": _disk,
    "stages": _stages,
    "voices": _voices,
    "models": _models,
    "events": _events,
    "emergencies": _emergencies,
    "cost": _cost,
    "search": _search,
    "queue": _queue,
    "numbers": _numbers,
    "fleet": _fleet,
}
"""Each can be measured alone; in this order when all are."""
