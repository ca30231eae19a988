"""What the API keeps of its callers: how much each asks, and the answers of deeds that may be asked for twice.

Both are rows of the clinic, so that a flushed Redis forgets neither a limit nor an answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.utils.encoders import JSONEncoder

from clinics.people.models import User
from clinics.sealing.fields import SealedJSON

KEPT = timedelta(hours=24)
"""How long an answer is given again; afterwards its key is as good as new."""
WINDOW = timedelta(minutes=1)
_KEY = re.compile(r"[\x21-\x7e]{1,128}")


class Answered(models.Model):
    """The answer to a deed that was asked for with an `Idempotency-Key`, kept for a day."""

    id = models.UUIDField(primary_key=True, editable=False, help_text="Made of the person and their key")
    asked = models.CharField(max_length=64, help_text="Digest of method, address and body")
    status = models.PositiveSmallIntegerField()
    body = SealedJSON()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["at"], name="answered_at")]

    def __str__(self) -> str:
        return f"answer {self.id}"


class ApiUse(models.Model):
    """How often somebody asked in the minute that began at `since`."""

    bucket = models.CharField(primary_key=True, max_length=40, help_text="A person's UUID, or clinic")
    since = models.DateTimeField()
    asked = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.bucket


# --- Limits ----------------------------------------------------------------------------------------------------------
_COUNT = """
INSERT INTO practice_apiuse AS t (bucket, since, asked)
SELECT bucket, statement_timestamp(), 1 FROM unnest(%(buckets)s::text[]) AS bucket ORDER BY bucket
ON CONFLICT (bucket) DO UPDATE SET
  asked = CASE WHEN t.since < statement_timestamp() - %(window)s THEN 1 ELSE t.asked + 1 END,
  since = CASE WHEN t.since < statement_timestamp() - %(window)s THEN statement_timestamp() ELSE t.since END
RETURNING bucket, asked, ceil(extract(epoch FROM since + %(window)s - statement_timestamp()))::int
"""


class Throttle(BaseThrottle):
    """So many requests a minute, counted in rows; above that the answer is 429 with the seconds to wait."""

    def allow_request(self, request: Request, view: object) -> bool:
        if not request.user.is_authenticated:
            return True  # refused already; the sign-in has limits of its own
        person = str(request.user.pk)
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, {"buckets": [person, "clinic"], "window": WINDOW})
            counts = {bucket: (asked, left) for bucket, asked, left in cursor.fetchall()}
        limits = {person: settings.API_MOST_OF_PERSON, "clinic": settings.API_MOST_OF_CLINIC}
        over = [left for bucket, (asked, left) in counts.items() if asked > limits[bucket]]
        self.left = max(over, default=0)
        return not over

    def wait(self) -> float:
        return float(self.left)


# --- Deeds asked for twice -------------------------------------------------------------------------------------------
class AnotherDeed(exceptions.APIException):
    """The key was used for something else."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "This Idempotency-Key was used for another request. Use a new one."


def once(request: Request, deed: Callable[[], Response]) -> Response:
    """Do a deed once for each `Idempotency-Key` of a person; a repeat gets the first answer again.

    The answer is written with what was done, in one transaction: of two at once the second waits for the first. A
    deed that is refused leaves nothing, so it may be asked for again with the same key.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return deed()
    if not _KEY.fullmatch(key):
        raise exceptions.ValidationError({"Idempotency-Key": ["Write 1 to 128 visible ASCII characters."]})
    with transaction.atomic():
        Answered.objects.filter(at__lt=timezone.now() - KEPT).delete()
        row = Answered(id=_id(request.user, key), asked=_asked(request), status=0, body=None)
        if not _take(row):
            return _again(Answered.objects.get(pk=row.pk), row.asked)
        response = deed()
        row.status, row.body = response.status_code, _plain(response.data)
        row.save(update_fields=["status", "body"])
    return response


def _take(row: Answered) -> bool:
    """Write the row first; another one with the same key makes this wait until it is done."""
    taken = Answered.objects.bulk_create([row], ignore_conflicts=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM practice_answered WHERE id = %s AND status = 0", [taken[0].pk])
        return cursor.fetchone() is not None


def _again(row: Answered, asked: str) -> Response:
    if row.asked != asked:
        raise AnotherDeed
    return Response(row.body, status=row.status, headers={"Idempotent-Replayed": "true"})


def _id(person: User, key: str) -> UUID:
    return UUID(bytes=sha256(f"{person.pk}\n{key}".encode()).digest()[:16])


def _asked(request: Request) -> str:
    data = _text(request.data)
    return sha256(f"{request.method}\n{request.get_full_path()}\n{data}".encode()).hexdigest()


def _text(data: Any) -> str:
    return json.dumps(data, sort_keys=True, cls=JSONEncoder)


def _plain(data: Any) -> Any:
    return json.loads(json.dumps(data, cls=JSONEncoder))
