"""The two roads from a telephone to a desk, over real processes and a real browser; and the same roads under fire."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from clinics.models import Clinic
from clinics.tenancy import clinic_by_schema, inside
from escalations.models import Escalation
from notifications.models import Notification
from tasks.models import Task
from tests.browser.conftest import Desk
from tests.notifications.machines import ROOT, environment
from tests.product.caller import Caller
from tests.product.house import House, Listener

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("house")]

LOOK_SECONDS = 5
"""How often the stream tells a page to look for itself while Redis is away (notifications/hub.py)."""

REFILL = (
    "i need a refill of metformin", "cvs", "maria alvarez", "yes", "march fourth nineteen eighty two", "yes", "yes",
)  # fmt: skip
CALL = (
    *REFILL[:4],
    "the flurb of gorble",
    "repeat please",
    *REFILL[4:],
    "one more thing my test results",
    "a blood test",
)
"""With an answer that is not understood: the count of tries must survive as well."""


@pytest.fixture
def desk(house: House, browser: Browser) -> Iterator[Desk]:
    """The front desk of `north` at browsers of the real product."""
    desk = Desk(house, browser, clinic_by_schema("north"))  # type: ignore[arg-type]
    house.clear_desk(desk.clinic)
    Notification.objects.filter(clinic=desk.clinic).delete()
    try:
        yield desk
    finally:
        for context in desk.contexts:
            context.close()
    assert desk.complaints == []


@pytest.fixture
def north(house: House) -> Clinic:
    return clinic_by_schema("north")


def live(page: Page) -> Page:
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live", timeout=15_000)
    page.evaluate("() => { window.neverReloaded = true }")
    return page


def alarms_of(page: Page) -> object:
    return page.locator("#alarm-list .alarm")


def same_page(page: Page) -> bool:
    return page.evaluate("() => window.neverReloaded === true")


DEADLINE = re.compile(r"by (?:\d{1,2}(?::\d\d)? [AP]M|noon|midnight) (?:today|tomorrow|on \w+)")


def heard(caller: Caller, words: tuple[str, ...], before_each: Callable[[int], None] = lambda n: None) -> list[str]:
    """Everything that the caller hears, turn by turn; by when something is promised moves with the clock."""
    line, greeting = caller.call()
    sentences = [*greeting.sentences]
    for n, said in enumerate(words):
        before_each(n)
        step = caller.say(line, said)
        assert step.faults == [], step.exchanges
        sentences += [f"{n}: {DEADLINE.sub('by then', sentence)}" for sentence in step.sentences]
    if not line.over:
        caller.hang_up(line)
    return sentences


# --- The two roads ---------------------------------------------------------------------------------------------------
def test_an_emergency_on_the_telephone_is_on_every_screen_until_one_person_takes_it(desk: Desk, house: House) -> None:
    elsewhere = Listener(house, "south", house.cookie(clinic_by_schema("south"), "Dave"))
    alice, bob = live(desk.open("Alice", "/tasks/")), live(desk.open("Bob", "/calls/"))
    caller = house.caller(desk.clinic)
    line, _ = caller.call()

    began = time.monotonic()
    caller.say(line, "i have chest pain and it goes down my arm")
    for page in (alice, bob):
        expect(alarms_of(page)).to_have_count(1)
        expect(alarms_of(page)).to_contain_text("EMERGENCY")
    assert time.monotonic() - began < 5

    alice.get_by_role("button", name="Acknowledge").click()
    for page in (alice, bob):
        expect(alarms_of(page)).to_have_count(0)
        assert same_page(page)
    with inside(desk.clinic):
        escalation = Escalation.objects.get(call_id=line.call_id)
        assert (escalation.status, str(escalation.acknowledged_by)) == ("acknowledged", "Alice Moreno")
    elsewhere.leave()
    assert "kind" not in elsewhere.heard, "the other clinic's stream heard of it"


def test_a_request_on_the_telephone_is_in_the_open_queue_and_in_the_bell(desk: Desk, house: House) -> None:
    alice = live(desk.open("Alice", "/tasks/"))
    expect(alice.locator("#queue-empty")).to_be_visible()

    heard(house.caller(desk.clinic), (*REFILL, "no"))

    expect(alice.locator("#queue")).to_contain_text(re.compile("1 new task|Maria Alvarez"))
    expect(alice.get_by_role("button", name=re.compile("^Notifications"))).to_have_accessible_name(
        re.compile(r"^Notifications\s*, 1 unread$")
    )
    assert same_page(alice)
    with inside(desk.clinic):
        assert Task.objects.get(kind="refill").patient_name == "Maria Alvarez"


# --- Under fire ------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def undisturbed(house: House) -> list[str]:
    return heard(house.caller(clinic_by_schema("north")), CALL)


def test_a_redis_flushed_before_every_turn_changes_no_word(north: Clinic, house: House, undisturbed: list[str]) -> None:
    def flush(n: int) -> None:
        house.valkey.client().flushall()

    assert heard(house.caller(north), CALL, flush) == undisturbed


def test_a_web_server_killed_between_two_turns_changes_no_word(
    north: Clinic, house: House, undisturbed: list[str]
) -> None:
    def kill(n: int) -> None:
        if n in (3, 8):
            house.restart("web")

    assert heard(house.caller(north), CALL, kill) == undisturbed


def test_a_dead_redis_changes_no_word_and_hides_no_alarm(desk: Desk, house: House) -> None:
    words = ("i need a refill of metformin", "cvs", "i have chest pain and i can't breathe")
    undisturbed = heard(house.caller(desk.clinic), words)
    house.clear_desk(desk.clinic)
    alice = live(desk.open("Alice", "/tasks/"))

    def kill(n: int) -> None:
        if n == 1:
            house.valkey.kill()

    try:
        assert heard(house.caller(desk.clinic), words, kill) == undisturbed
        expect(alarms_of(alice)).to_have_count(1, timeout=(LOOK_SECONDS + 5) * 1000)
        assert same_page(alice)
        people = ("Alice", "Bob", "Carol")
        told = Notification.objects.filter(clinic=desk.clinic, kind="escalation.raised", created_at__gte=_raised(desk))
        assert set(told.values_list("person", flat=True)) == {desk.person(name).pk for name in people}
    finally:
        house.valkey.start()


def _raised(desk: Desk) -> object:
    with inside(desk.clinic):
        return Escalation.objects.filter(reason="emergency").latest("raised_at").raised_at


def test_the_sweeper_and_a_new_worker_tell_what_a_killed_worker_did_not(desk: Desk, house: House) -> None:
    alice = live(desk.open("Alice", "/tasks/"))
    house.kill("worker")

    heard(house.caller(desk.clinic), (*REFILL, "no"))
    house.start("worker")

    expect(alice.locator("#queue")).to_contain_text(re.compile("1 new task|Maria Alvarez"), timeout=30_000)
    assert same_page(alice)


# --- The stream's door -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "at", "status"), [("", "north", 401), ("Alice", "south", 401), ("Alice", "nobody", 404)]
)
def test_the_stream_is_for_people_of_the_clinic(house: House, north: Clinic, who: str, at: str, status: int) -> None:
    session = house.cookie(north, who) if who else "nothing"

    assert house.ask("/events/", at, Cookie=f"sid={session}")[0] == status


# --- At the command line and in the reference ------------------------------------------------------------------------
def test_place_call_plays_a_caller_against_the_running_server(house: House, north: Clinic) -> None:
    code, told = place_call(house, "--clinic", "north", "--say", "i need a refill of metformin", "--json")

    call = json.loads(told)
    assert code == 0
    assert [line["who"] for line in call["transcript"]][-1] == "caller"
    assert call["faults"] == []
    assert [made["kind"] for made in call["created"]] == ["task"]
    with inside(north):
        assert Task.objects.get(pk=call["created"][0]["id"]).test


@pytest.mark.parametrize("wrong", [("--clinic", "nobody"), ("--clinic", "north", "--from", "12"), ("--say", "hello")])
def test_place_call_says_what_is_wrong_and_fails(house: House, wrong: tuple[str, ...]) -> None:
    code, told = place_call(house, *wrong)

    assert code != 0
    assert "Traceback" not in told


def place_call(house: House, *arguments: str) -> tuple[int, str]:
    env = environment(house.valkey, PORT=str(house.port), PUBLIC_PORT=str(house.port), DEBUG="1")
    told = subprocess.run(
        [sys.executable, "manage.py", "place_call", *arguments], cwd=ROOT, env=env, capture_output=True
    )
    return told.returncode, told.stdout.decode() or told.stderr.decode()


def test_the_page_about_the_api_works_under_our_content_policy(desk: Desk) -> None:
    page = desk.open("Bob", "/api/docs/")

    expect(page.get_by_role("heading", name="GET /api/tasks/", exact=True)).to_be_visible()
    page.locator("section", has_text="GET /api/calls/").locator("summary", has_text="Answers").first.click()
    expect(page.get_by_text("results[].from_number")).to_be_visible()
