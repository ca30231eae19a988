"""The clinic's own switch of the asynchronous path, in the operators' hands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client

from tests import baseline
from tests.conftest import PASSWORD

pytestmark = pytest.mark.slow


def test_an_operator_turns_a_clinics_path_off_and_the_history_says_so(outbox, django_user_model):
    """In the operators' admin; the next announcement of this clinic is delivered by the request itself."""
    operator = django_user_model.objects.create_superuser("olga@cliniqai.test", PASSWORD, name="Olga")
    desk = Client(HTTP_HOST=settings.BASE_DOMAIN)
    try:
        desk.post("/sign-in/", {"email": operator.email, "password": PASSWORD, "next": "/admin/"})
        page = desk.get(f"/admin/clinics/clinic/{outbox.north.pk}/change/")
        form = {name: value for name, value in _fields(page) if name != "async_delivery"}

        answer = desk.post(f"/admin/clinics/clinic/{outbox.north.pk}/change/", form)

        assert answer.status_code == 302, answer.content.decode()
        outbox.north.refresh_from_db()
        assert outbox.north.async_delivery is False
        (line,) = LogEntry.objects.filter(object_id=str(outbox.north.pk))
        assert (line.user, line.get_change_message()) == (
            operator,
            "Changed Async delivery. Changed async delivery to off.",
        )
        about = outbox.announce()
        assert outbox.lines(about) == len(outbox.people(role="staff"))
    finally:
        baseline.put_back()


def _fields(page: HttpResponse) -> Iterator[tuple[str, object]]:
    """What the form of a page would send: the values it shows."""
    forms = [page.context["adminform"].form, *(inline.formset for inline in page.context["inline_admin_formsets"])]
    for form in forms:
        parts = [form] if not hasattr(form, "management_form") else [form.management_form, *form.forms]
        for part in parts:
            for one in part:
                value = one.value()
                if value is not None and value is not False and value != "":
                    yield one.html_name, value
