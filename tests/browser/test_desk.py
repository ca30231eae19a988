"""The finer work at the desk in a real browser: errors, ticks, snoozing, presence, groups, keys, print (C7 to C19)."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Route, expect

from clinics.people.models import User
from clinics.tenancy import inside
from tasks import actions
from tasks.models import SavedView, Task
from tests.browser.conftest import Desk
from tests.browser.test_queue import focused, short, stored


def test_a_kept_filter_page_never_opens_as_a_fragment(desk: Desk) -> None:  # C7
    desk.task()
    page = desk.open("Alice", "/tasks/")

    page.locator("#kind").select_option("refill")
    expect(page).to_have_url(re.compile("kind=refill"))
    page.goto(desk.url("/styleguide/"))
    page.go_back()

    expect(page.locator("h1")).to_have_text("Task queue")
    expect(page.locator("#kind")).to_have_value("refill")


def test_an_ended_session_leads_to_sign_in_and_back_to_the_page(desk: Desk) -> None:  # C8
    desk.expect_error("status of 401")  # the stream ends with the session
    task = desk.task()
    page = desk.open("Alice", "/tasks/")
    expect(page.locator("#link-state")).to_contain_text("Live")  # else its stream would find the session ended first
    page.context.clear_cookies(name="sid")

    page.locator(f"#claim-{short(task)}").click()

    expect(page).to_have_url(re.compile(r"/sign-in/\?next=/tasks/$"))
    assert stored(desk, task).status == "pending"


FAILURES = [
    ("500", lambda route: route.fulfill(status=500, headers={"X-Request-ID": "abc123"}), "The server could not do it."),
    ("429", lambda route: route.fulfill(status=429), "Too many requests."),
    ("offline", lambda route: route.abort(), "You are offline, or the server cannot be reached."),
]


@pytest.mark.parametrize(("kind", "answer", "words"), FAILURES, ids=[kind for kind, _, _ in FAILURES])
def test_a_failed_deed_says_so_and_leaves_the_row(kind: str, answer: object, words: str, desk: Desk) -> None:  # C9
    for logged in ("status of", "Response Status Error", "net::ERR", "htmx:"):
        desk.expect_error(logged)
    task = desk.task()
    page = desk.open("Alice", "/tasks/")
    page.route("**/tasks/row/", answer)

    page.locator(f"#claim-{short(task)}").click()
    toast = page.locator(".toast[role=alert]")
    expect(toast).to_contain_text(words)
    expect(page.locator(f"#claim-{short(task)}")).to_have_text("Claim")
    if kind == "500":
        expect(toast).to_contain_text("abc123")
    page.unroute("**/tasks/row/")
    toast.get_by_role("button", name="Try again").click()

    expect(page.locator(f"#task-{short(task)} .c-owner")).to_have_text("you")


def test_a_slow_answer_says_that_it_may_have_worked(desk: Desk) -> None:  # C9
    desk.expect_error("htmx:")
    task = desk.task()
    page = desk.open("Alice", "/tasks/")
    page.evaluate("() => { htmx.config.timeout = 300; }")
    held: list[Route] = []
    page.route("**/tasks/row/", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it calls

    page.locator(f"#claim-{short(task)}").click()

    expect(page.locator(".toast[role=alert]")).to_contain_text("The server took too long. It may have worked")


def test_ticks_survive_a_refresh_and_new_rows(desk: Desk) -> None:  # C11
    task = desk.task()
    page = desk.open("Alice", "/tasks/")
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live")

    page.locator(f"#open-{short(task)}").focus()
    page.keyboard.press("x")
    desk.task("Josef Novak")
    expect(page.locator("#news-show")).to_have_text("1 new task – show")
    expect(page.locator(f"#tick-{short(task)}")).to_be_checked()
    page.locator("#news-show").click()

    expect(page.locator("#queue-rows tr")).to_have_count(2)
    expect(page.locator(f"#tick-{short(task)}")).to_be_checked()
    expect(page.locator("#bulk-count")).to_have_text("1 selected:")


def test_many_are_completed_by_a_second_press_and_what_failed_stays_ticked(desk: Desk) -> None:  # C12
    desk.expect_error("status of")
    tasks = [desk.task(f"Patient {number}") for number in range(5)]
    page = desk.open("Alice", "/tasks/")
    page.evaluate("document.getElementById('queue-table').dataset.refresh = '/healthz'")
    with inside(desk.clinic):
        taken = actions.claim(by=desk.person("Carol"), task_id=tasks[0].id, version=1)

    page.locator("#tick-all").check()
    expect(page.locator("#many-complete")).to_have_text("Complete 5")
    page.locator("#many-complete").click()
    expect(page.locator("#many-complete")).to_have_text("Really complete 5?")
    assert {stored(desk, task).status for task in tasks[1:]} == {"pending"}
    page.locator("#many-complete").click()

    expect(page.locator("#bulk-said")).to_contain_text("4 done, 1 failed.")
    expect(page.locator("#bulk-said")).to_contain_text("Patient 0: Taken by Carol Diaz at ")
    assert {stored(desk, task).status for task in tasks[1:]} == {"completed"}
    assert stored(desk, taken).assignee == desk.person("Carol")
    with page.expect_response("**/tasks/undo/") as answer:
        page.keyboard.press("u")
    assert "4 undone." in answer.value.headers["hx-trigger"]  # the list's own news may be said right after it
    assert {stored(desk, task).status for task in tasks[1:]} == {"pending"}


def test_a_failed_one_that_is_still_in_the_list_keeps_its_tick_and_its_reason(desk: Desk) -> None:  # C12
    open_one, waiting = desk.task(), desk.task("Josef Novak", needs_decision=True)
    page = desk.open("Alice", "/tasks/")

    page.locator("#tick-all").check()
    page.locator("#many-complete").click()
    page.locator("#many-complete").click()

    expect(page.locator("#bulk-said")).to_contain_text("1 done, 1 failed.")
    expect(page.locator(f"#task-{short(waiting)}")).to_contain_text("A doctor has to decide first.")
    expect(page.locator(f"#tick-{short(waiting)}")).to_be_checked()
    assert stored(desk, open_one).status == "completed"


def test_all_that_match_are_chosen_with_a_second_tick(desk: Desk) -> None:  # C12
    for number in range(53):
        desk.task(f"Patient {number}")
    page = desk.open("Alice", "/tasks/")

    page.locator("#tick-all").check()
    page.locator("#tick-all-pages").check()
    expect(page.locator("#bulk-count")).to_have_text("53 selected:")
    page.locator("#many-claim").click()

    expect(page.locator("#bulk-said")).to_contain_text("53 done.")
    with inside(desk.clinic):
        assert Task.objects.filter(assignee=desk.person("Alice")).count() == 53


def test_many_are_handed_to_a_colleague_who_hears_of_it(desk: Desk) -> None:
    task = desk.task()
    page, bobs = desk.open("Alice", "/tasks/"), desk.open("Bob", "/styleguide/")
    expect(bobs.locator("#link-state")).to_have_attribute("data-state", "live")

    page.locator(f"#tick-{short(task)}").check()
    page.locator("#many-to").select_option(label="Bob Lee")
    page.locator("#many-assign").click()

    expect(page.locator("#bulk-said")).to_contain_text("1 done.")
    expect(bobs.locator("#bell-count")).to_contain_text("1")
    bobs.locator("#bell").click()
    expect(bobs.locator("#bell-panel")).to_contain_text("A colleague handed you a task")


def test_a_snoozed_task_leaves_and_comes_back_by_itself(desk: Desk) -> None:  # C13
    task = desk.task(due_at=timezone.now() + timedelta(days=3))
    stays = desk.task("Josef Novak", due_at=timezone.now() + timedelta(minutes=10))
    page = desk.browser_of("Alice").new_page()
    page.clock.install()
    page.goto(desk.url("/tasks/"))

    page.locator(f"#open-{short(task)}").focus()
    page.keyboard.press("z")
    expect(page.locator("#snooze-title")).to_have_text("Snooze: Maria Alvarez")
    page.keyboard.press("Enter")
    expect(page.locator(f"#task-{short(task)}")).to_contain_text("Snoozed by you until")
    page.reload()
    expect(page.locator("#queue-rows tr")).to_have_count(1)
    expect(page.locator("#tab-snoozed .count")).to_have_text("1")
    with inside(desk.clinic):  # half an hour passes at the server
        Task.objects.filter(pk=task.pk).update(snoozed_until=timezone.now() - timedelta(seconds=1))
    page.clock.run_for(61_000)
    expect(page.locator("#news-show")).to_have_text("1 new task – show")
    page.locator("#news-show").click()

    assert page.locator("#queue-rows tr").evaluate_all("rows => rows.map(row => row.id)") == [
        f"task-{short(stays)}", f"task-{short(task)}",
    ]  # fmt: skip


def test_the_others_see_who_looks_at_a_task_until_they_leave(desk: Desk) -> None:  # C14
    task = desk.task()
    alice = desk.open("Alice", "/tasks/")
    page = desk.browser_of("Carol").new_page()
    page.clock.install()
    page.goto(desk.url("/tasks/"))
    expect(page.locator(".presence")).to_have_count(0)

    alice.locator(f"#open-{short(task)}").click()
    expect(alice.locator("#panel")).to_contain_text("Lantus")
    page.clock.run_for(20_000)
    expect(page.locator(f"#task-{short(task)} .presence")).to_have_text("Alice Moreno is looking")
    page.locator(f"#open-{short(task)}").click()
    expect(page.locator("#panel .presence")).to_have_text("Alice Moreno is looking")
    alice.locator("#panel-close").click()
    alice.wait_for_timeout(500)
    page.clock.run_for(20_000)

    expect(page.locator(".presence")).to_have_count(0)


def test_groups_collapse_and_stay_so(desk: Desk) -> None:  # C15
    desk.task()
    desk.task("Josef Novak", kind="appointment", due_at=timezone.now() + timedelta(hours=5))
    page = desk.open("Alice", "/tasks/")

    page.locator("#group").select_option("kind")
    expect(page.locator("tbody th[scope=rowgroup]")).to_have_text(["Refill 1", "Appointment 1"])
    page.locator("#toggle-refill").click()
    expect(page.locator("#toggle-refill")).to_have_attribute("aria-expanded", "false")
    assert focused(page) == "toggle-refill"
    expect(page).to_have_url(re.compile("shut=refill"))
    page.reload()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.locator("#group").select_option("caller")
    expect(page.locator("tbody th[scope=rowgroup]")).to_have_count(1)
    page.locator("tbody th[scope=rowgroup] a").first.click()
    expect(page.locator("[data-row]")).to_have_count(0)

    assert "0142" not in page.url


def test_a_view_is_saved_with_its_count_and_opened_again(desk: Desk) -> None:
    desk.task()
    desk.task("Josef Novak", kind="appointment")
    page = desk.open("Alice", "/tasks/?kind=refill&group=owner")

    page.locator("#save-view summary").click()
    page.locator("#view-name").fill("Refills")
    page.locator("#view-shared").check()
    page.locator("#view-save").click()
    carol = desk.open("Carol", "/tasks/")
    carol.get_by_role("link", name=re.compile("Refills")).click()

    expect(carol.locator("[data-row]")).to_have_count(1)
    expect(carol.locator(".tabs .view .count")).to_have_text("1")
    with inside(desk.clinic):
        assert SavedView.objects.get().query == "?status=pending&kind=refill&group=owner"


def test_single_letters_can_be_turned_off_and_fields_keep_theirs(desk: Desk) -> None:  # C17
    task = desk.task()
    page = desk.open("Alice", "/tasks/")

    page.locator("#q").focus()
    page.keyboard.type("cj")
    expect(page.locator("#q")).to_have_value("cj")
    page.locator("#q").fill("")
    expect(page.locator(f"#open-{short(task)}")).to_be_visible()
    page.keyboard.press("Escape")
    with inside(desk.clinic):  # the switch is in the profile
        User.objects.filter(pk=desk.person("Alice").pk).update(single_keys=False)
    try:
        page.goto(desk.url("/tasks/"))
        page.locator(f"#open-{short(task)}").focus()
        page.keyboard.press("c")
        page.wait_for_timeout(400)
    finally:
        with inside(desk.clinic):
            User.objects.filter(pk=desk.person("Alice").pk).update(single_keys=True)

    assert stored(desk, task).status == "pending"


def test_the_browser_keeps_no_patient(desk: Desk) -> None:  # C18
    task = desk.task("Quorndale Marigold")
    page = desk.open("Alice", "/tasks/", viewport={"width": 390, "height": 844})

    page.locator("#q").fill("quorndale")
    expect(page).to_have_url(re.compile("s="))
    page.locator(f"#open-{short(task)}").click()
    expect(page).to_have_url(re.compile(str(task.id)))
    page.go_back()

    kept = page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}, history.state])")
    assert "quorndale" not in kept.lower()
    assert "0142" not in kept
    assert json.loads(kept)


def test_one_task_is_printed_without_the_list_around_it(desk: Desk) -> None:  # C19
    task = desk.task()
    desk.task("Josef Novak")
    page = desk.open("Alice", "/tasks/")

    page.locator(f"#open-{short(task)}").click()
    expect(page.locator("#panel")).to_contain_text("Lantus")
    page.emulate_media(media="print")

    expect(page.locator("#panel .facts")).to_be_visible()
    for hidden in ("#queue", ".top", "#panel form", "#sound-bar", "#panel-close"):
        expect(page.locator(hidden).first).to_be_hidden()
    page.emulate_media(media="screen")
    for path in ("", f"/tasks/{task.id}/"):
        if path:
            page.goto(desk.url(path))
        page.evaluate("() => { window.printed = 0; window.print = () => { window.printed += 1; }; }")
        page.locator(f"#print-{task.id}").click()
        assert page.evaluate("window.printed") == 1


def test_on_a_telephone_filters_wait_behind_one_button_and_back_returns_to_the_card(desk: Desk) -> None:
    task = desk.task()
    page = desk.open("Alice", "/tasks/", viewport={"width": 390, "height": 844})

    expect(page.locator("#kind")).to_be_hidden()
    page.locator("#filter-open").click()
    expect(page.locator("#kind")).to_be_visible()
    page.locator(f"#open-{short(task)}").click()
    expect(page).to_have_url(re.compile(str(task.id)))
    page.go_back()

    page.wait_for_function("id => document.activeElement.id === id", arg=f"open-{short(task)}")
