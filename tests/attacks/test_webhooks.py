"""Attacks 1 and 16 on the wire: unsigned posts write nothing, and a header that never ends is refused."""

from __future__ import annotations

import pytest
from django.db import connection

from calls.models import Call
from clinics.models import Clinic
from clinics.tenancy import inside
from escalations.models import Escalation
from notifications.models import InboundText
from tasks.models import Task
from tests.conftest import client_on
from tests.product.test_strangers import WEBHOOKS
from tests.product.walk import CLINIC, routes
from tests.telephone.gate import FORM, a_call

pytestmark = pytest.mark.django_db


def test_an_unsigned_post_to_any_webhook_is_refused_and_writes_nothing(north: Clinic) -> None:
    client = client_on(north)
    said = a_call(SpeechResult="i can't breathe", Body="STOP", MessageSid="SM" + "1" * 32, Digits="1")
    with inside(north), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM auditlog_logentry")
        before = cursor.fetchone()

    answers = {
        route.name: client.post(route.path(), "&".join(f"{k}={v}" for k, v in said.items()), content_type=FORM)
        for route in routes(CLINIC)
        if route.name in WEBHOOKS
    }

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 403)
    assert len(answers) >= 9
    assert InboundText.objects.count() == 0
    with inside(north), connection.cursor() as cursor:
        assert [model.objects.count() for model in (Call, Task, Escalation)] == [0, 0, 0]
        cursor.execute("SELECT count(*) FROM auditlog_logentry")
        assert cursor.fetchone() == before
