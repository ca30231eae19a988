"""The bell, the inbox page and the API: everyone sees their own lines, and only those."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from clinics.people.tokens import issue_token
from clinics.tenancy import inside
from notifications.models import Notification

LIST = "/notifications/"
BELL = "/notifications/bell/"


@pytest.fixture
def lines(north):
    """Write lines for a person: `lines(alice, 3)`; the last one is the newest."""

    def write(person, count=1, **more):
        clinic = more.pop("clinic", north)
        now = timezone.now()
        return [
            Notification.objects.create(
                clinic=clinic,
                person=person.pk,
                kind="task.opened",
                about=uuid.uuid4(),
                path="/tasks/",
                created_at=now - timedelta(minutes=count - number),
                **more,
            )
            for number in range(count)
        ]

    return write


def test_the_page_shows_ones_own_lines_newest_first(alice, bob, client_of, lines):
    lines(bob)
    older, newer = lines(alice, 2)
    page = client_of(alice).get(LIST)
    assert page.status_code == 200
    assert list(page.context["lines"]) == [newer, older]
    assert b"New task" in page.content


def test_a_line_of_a_test_call_says_so(alice, client_of, lines):
    lines(alice, test=True)
    assert b"TEST" in client_of(alice).get(LIST).content


def test_nothing_new_is_said_in_words(alice, client_of):
    assert b"Nothing new" in client_of(alice).get(LIST).content
    assert b"Nothing new" in client_of(alice).get(BELL).content


def test_the_bell_counts_what_is_unread(alice, client_of, lines):
    client = client_of(alice)
    assert client.get(BELL + "?count").content.strip() == b""
    lines(alice, 3)
    lines(alice, read_at=timezone.now())
    assert b">3<" in client.get(BELL + "?count").content
    assert client.get(BELL).content.count(b"Mark read") == 3


def test_the_bell_shows_twenty_of_ten_thousand_and_its_count_stays_short(alice, client_of, lines):
    lines(alice, 150)
    client = client_of(alice)
    assert client.get(BELL).content.count(b'class="inbox-line"') == 20
    assert b"99+" in client.get(BELL + "?count").content


def test_pages_neither_skip_nor_repeat(alice, client_of, lines):
    every = list(reversed(lines(alice, 120)))
    Notification.objects.update(created_at=timezone.now())  # the same moment: the id decides
    client, seen, query = client_of(alice), [], ""
    for _ in range(3):
        page = client.get(LIST + query)
        seen += list(page.context["lines"])
        query = f"?before={seen[-1].pk}"
    assert len(seen) == 120
    assert {line.pk for line in seen} == {line.pk for line in every}


@pytest.mark.parametrize("before", ["x", "1", "'", "7d0c1f9e-3b3a-4c1e-9a55-0f6f2f1f8a11", "%00"])
def test_a_made_up_cursor_starts_over(alice, client_of, lines, before):
    lines(alice)
    assert len(client_of(alice).get(LIST, {"before": before}).context["lines"]) == 1


def test_the_next_page_is_a_fragment_for_htmx_and_a_page_for_everybody_else(alice, client_of, lines):
    last = lines(alice, 60)[30]
    client = client_of(alice)
    assert b"<html" not in client.get(f"{LIST}?before={last.pk}", headers={"HX-Request": "true"}).content
    assert b"<html" in client.get(f"{LIST}?before={last.pk}").content


def test_marking_a_line_read_returns_the_line_and_says_so(alice, client_of, lines):
    (line,) = lines(alice)
    client = client_of(alice)
    answer = client.post(
        f"/notifications/{line.pk}/read/", headers={"HX-Request": "true", "HX-Target": f"bell-{line.pk}"}
    )
    line.refresh_from_db()
    assert line.read_at is not None
    assert f'id="bell-{line.pk}"'.encode() in answer.content
    assert b"Mark read" not in answer.content
    assert json.loads(answer["HX-Trigger"])["say"] == "Marked as read."


def test_marking_twice_keeps_the_first_moment(alice, client_of, lines):
    (line,) = lines(alice)
    client = client_of(alice)
    client.post(f"/notifications/{line.pk}/read/")
    line.refresh_from_db()
    first = line.read_at
    client.post(f"/notifications/{line.pk}/read/")
    line.refresh_from_db()
    assert line.read_at == first


def test_without_scripts_every_deed_leads_back_to_the_page(alice, client_of, lines):
    (line,) = lines(alice)
    client = client_of(alice)
    for deed in (f"/notifications/{line.pk}/read/", "/notifications/read/", "/notifications/clear/"):
        answer = client.post(deed)
        assert (answer.status_code, answer["Location"]) == (302, LIST)


def test_all_read_means_what_was_seen_not_what_came_meanwhile(alice, client_of, lines):
    seen, new = lines(alice, 2)
    answer = client_of(alice).post("/notifications/read/", {"up_to": seen.created_at.isoformat()})
    assert answer.status_code == 302
    seen.refresh_from_db()
    new.refresh_from_db()
    assert (seen.read_at is None, new.read_at is None) == (False, True)


def test_the_page_sends_back_a_moment_that_includes_the_newest_line(alice, client_of, lines):
    lines(alice, 2)
    client = client_of(alice)
    page = client.get(LIST).content.decode()
    moment = page.split('name="up_to" value="')[1].split('"')[0]
    client.post("/notifications/read/", {"up_to": moment})
    assert Notification.objects.filter(read_at=None).count() == 0


def test_clearing_takes_read_lines_off_the_list_and_never_an_unread_one(alice, client_of, lines):
    (read,) = lines(alice, read_at=timezone.now())
    (unread,) = lines(alice)
    client = client_of(alice)
    client.post("/notifications/clear/")
    assert list(client.get(LIST).context["lines"]) == [unread]
    read.refresh_from_db()
    assert read.cleared_at is not None


def test_anyone_elses_line_does_not_exist(alice, bob, dave, south, client_of, lines):
    (bobs,) = lines(bob)
    (daves,) = lines(dave, clinic=south)
    (twin,) = lines(alice, clinic=south)  # the same person's number in another clinic
    client = client_of(alice)
    for line in (bobs, daves, twin):
        assert client.post(f"/notifications/{line.pk}/read/").status_code == 404
        line.refresh_from_db()
        assert line.read_at is None
    assert client.post(f"/notifications/{uuid.uuid4()}/read/").status_code == 404
    client.post("/notifications/read/")
    client.post("/notifications/clear/")
    assert Notification.objects.filter(read_at=None).count() == 3
    assert list(client.get(LIST).context["lines"]) == []


def test_a_deed_takes_a_post(alice, client_of, lines):
    (line,) = lines(alice)
    for deed in (f"/notifications/{line.pk}/read/", "/notifications/read/", "/notifications/clear/"):
        assert client_of(alice).get(deed).status_code == 405


# --- The API -------------------------------------------------------------------------------------------------------
def api(client, query="", token=""):
    return client.get(f"/api/notifications/{query}", headers={"Authorization": f"Token {token}"} if token else {})


def test_the_api_lists_ones_own_lines(alice, bob, client_of, lines):
    lines(bob)
    (line,) = lines(alice, test=True)
    (found,) = api(client_of(alice)).json()["results"]
    assert found.pop("created_at")
    assert found == {
        "id": str(line.pk),
        "kind": "task.opened",
        "title": "New task",
        "about": str(line.about),
        "path": "/tasks/",
        "test": True,
        "read_at": None,
    }


def test_the_api_takes_a_token(alice, north, client, lines):
    lines(alice)
    with inside(north):
        token = issue_token(user=alice)
    answer = client.get("/api/notifications/", headers={"Host": "north.localhost", "Authorization": f"Token {token}"})
    assert len(answer.json()["results"]) == 1


def test_the_api_narrows_to_unread_and_refuses_nonsense(alice, client_of, lines):
    lines(alice, read_at=timezone.now())
    (unread,) = lines(alice)
    client = client_of(alice)
    assert [one["id"] for one in api(client, "?unread=true").json()["results"]] == [str(unread.pk)]
    assert len(api(client, "?unread=false").json()["results"]) == 2
    refused = api(client, "?unread=perhaps")
    assert refused.status_code == 400
    assert refused.json()["error"]["fields"] == {"unread": ["Write true or false."]}


def test_the_api_goes_on_by_cursor(alice, client_of, lines):
    lines(alice, 5)
    client = client_of(alice)
    first = api(client, "?page_size=3").json()
    second = client.get(first["next"]).json()
    ids = [one["id"] for one in first["results"] + second["results"]]
    assert len(set(ids)) == 5
    assert second["next"] is None


@pytest.mark.usefixtures("timeless")
def test_the_page_takes_few_queries_however_long_the_inbox_is(alice, client_of, lines, django_assert_max_num_queries):
    lines(alice, 80)
    client = client_of(alice)
    client.get(LIST)
    with django_assert_max_num_queries(7):
        client.get(LIST)
    with django_assert_max_num_queries(5):
        client.get(BELL + "?count")
