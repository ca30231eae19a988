"""The worker's and the beat's Celery. Messages carry no arguments: PostgreSQL is the queue, the broker says "look"."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cliniqai.settings")

from celery import Celery, signals
from django.db import connection
from kombu import Queue

from cliniqai.watched import watched
from notifications.broker import BULK, RETRIED, WAKES, chosen, encryption, is_rabbit

CANARY_SECONDS = 30
PROMISES_SECONDS = 60
DRILL_SECONDS = 10
VOICES_SECONDS = 15
LADDER_SECONDS = 5
WAVES_SECONDS = 60
RECORDINGS_SECONDS = 30
BACKUPS_SECONDS = 60  # a pass begins no clinic after 45 s
AUDIT_SECONDS = 6 * 3600  # several times a day, so that a restart never leaves a day without a head
RETENTION_SECONDS = 6 * 3600  # as its page says
NUMBERS_SECONDS = 3600

# The whole timetable. An app's periodic job is one line here and a function in its jobs.py.
BEAT = {
    "canary": {"task": "notifications.canary", "schedule": CANARY_SECONDS, "options": {"expires": CANARY_SECONDS}},
    "ladders": {"task": "escalations.climb", "schedule": LADDER_SECONDS, "options": {"expires": LADDER_SECONDS}},
    "watch": {"task": "notifications.watch", "schedule": CANARY_SECONDS, "options": {"expires": CANARY_SECONDS}},
    "drills": {
        "task": "calls.advance_drills",
        "schedule": DRILL_SECONDS,
        "options": {"expires": DRILL_SECONDS},
    },
    "voices": {
        "task": "calls.warm_voices",
        "schedule": VOICES_SECONDS,
        "options": {"expires": VOICES_SECONDS},
    },
    "voice tests": {"task": "calls.watch_voice_tests", "schedule": 300, "options": {"expires": 300}},
    "sign-in leftovers": {"task": "people.clear", "schedule": 3600, "options": {"expires": 3600}},
    "drills wanted": {"task": "calls.ask_for_drills", "schedule": 3600, "options": {"expires": 3600}},
    "audit": {"task": "practice.watch_audit", "schedule": AUDIT_SECONDS, "options": {"expires": AUDIT_SECONDS}},
    "recordings": {
        "task": "calls.fetch_recordings",
        "schedule": RECORDINGS_SECONDS,
        "options": {"expires": RECORDINGS_SECONDS},
    },
    "old recordings": {"task": "calls.delete_old_recordings", "schedule": 3600, "options": {"expires": 3600}},
    "retention": {
        "task": "calls.delete_what_is_due",
        "schedule": RETENTION_SECONDS,
        "options": {"expires": RETENTION_SECONDS},
    },
    "numbers": {"task": "analytics.roll_up", "schedule": NUMBERS_SECONDS, "options": {"expires": NUMBERS_SECONDS}},
    "backups": {
        "task": "clinics.keep_backups",
        "schedule": BACKUPS_SECONDS,
        "options": {"expires": BACKUPS_SECONDS, "queue": BULK},
    },
    "waves": {"task": "clinics.advance_waves", "schedule": WAVES_SECONDS, "options": {"expires": WAVES_SECONDS}},
    "readiness": {"task": "calls.measure_readiness", "schedule": 3600, "options": {"expires": 3600}},
    "archive": {"task": "notifications.archive", "schedule": 3600, "options": {"expires": 3600}},
    "promises": {
        "task": "tasks.notice_broken_promises",
        "schedule": PROMISES_SECONDS,
        "options": {"expires": PROMISES_SECONDS},
    },
}

app = Celery("cliniqai")
app.conf.update(
    broker_url=chosen(),
    broker_use_ssl=encryption(),
    broker_transport_options={}
    if is_rabbit()
    else {
        "visibility_timeout": 300,
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
        "health_check_interval": 10,
        "retry_on_timeout": False,
    },
    # A worker takes from all of them unless told with -Q: urgent, celery (everything in the house) or bulk.
    task_queues=[Queue(name, routing_key=name) for name in WAKES],
    task_default_queue="celery",
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_acks_late=False,  # a wake-up is a hint: lost or doubled, it changes nothing but the speed
    task_publish_retry=False,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_soft_shutdown_timeout=20,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    beat_schedule={name: {**line, "options": {**line["options"], **RETRIED}} for name, line in BEAT.items()}
    if is_rabbit()
    else BEAT,
    beat_scheduler="celery.beat:Scheduler",  # in memory: intervals need no file that a crash can break
    timezone="UTC",
    CELERY_DB_REUSE_MAX=500,  # jobs per connection: a fresh one each would cost more than most jobs do
)
app.autodiscover_tasks(related_name="jobs")


tracing = watched()
if tracing is not None:
    tracing.watch_jobs(signals)


@signals.task_prerun.connect
@signals.task_postrun.connect
def stand_in_public(**_signal: object) -> None:
    """Begin and end every job in the public schema; `@clinic_job` is the only way into a clinic's."""
    connection.set_schema_to_public()


@signals.worker_ready.connect
def prove_the_road(**_signal: object) -> None:
    """Send the first canary at once, so that a fresh start is known to work before beat's first tick."""
    app.send_task("notifications.canary", expires=CANARY_SECONDS)
