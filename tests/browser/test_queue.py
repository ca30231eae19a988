"""Working the queue and the alert centre in a real browser (PORTAL 6, C and D)."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from django.utils import timezone
from playwright.sync_api import Page, expect

from clinics.tenancy import inside
from tasks import actions
from tasks.models import Deed, Task
from tests.browser.conftest import Desk


def stored(desk: Desk, task: Task) -> Task:
    with inside(desk.clinic):
        return Task.objects.with_people().get(pk=task.pk)


def short(task: Task) -> str:
    """How a row's ids name their task."""
    return task.id.hex[-12:]


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id")


def test_claiming_by_keyboard_leaves_the_focus_on_the_row(desk: Desk) -> None:  # C1, C2
    first = desk.task()
    second = desk.task("Josef Novak", due_at=timezone.now() + timedelta(hours=3))
    page = desk.open("Alice", "/tasks/")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)

    page.keyboard.press("j")
    assert focused(page) == f"open-{short(first)}"
    page.keyboard.press("c")
    expect(page.locator(f"#task-{short(first)} .c-owner")).to_have_text("you")
    page.wait_for_function("id => document.activeElement.id === id", arg=f"open-{short(first)}")
    page.keyboard.press("j")
    assert focused(page) == f"open-{short(second)}"
    page.locator(f"#claim-{short(second)}").focus()
    for _ in range(4):
        page.keyboard.press("Enter")
    expect(page.locator(f"#task-{short(second)} .c-owner")).to_have_text("you")

    assert len(posts) == 2
    assert stored(desk, second).version == 2


def test_the_second_person_reads_who_was_faster(desk: Desk) -> None:  # C3
    desk.expect_error("status of 409")
    task = desk.task()
    alice, carol = desk.open("Alice", "/tasks/"), desk.open("Carol", "/tasks/")
    carol.evaluate("() => document.getElementById('queue-table').dataset.refresh = '/healthz'")

    alice.locator(f"#claim-{short(task)}").click()
    expect(alice.locator(f"#task-{short(task)} .c-owner")).to_have_text("you")
    carol.locator(f"#claim-{short(task)}").click()
    expect(carol.locator(f"#task-{short(task)}")).to_contain_text("Taken by Alice Moreno at ")


def test_completing_moves_to_the_next_row_and_undo_brings_it_back(desk: Desk) -> None:  # C4
    task = desk.task()
    following = desk.task("Josef Novak", due_at=timezone.now() + timedelta(hours=3))
    page = desk.open("Alice", "/tasks/")

    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator(f"#task-{short(task)}")).to_have_class(re.compile("gone"))
    page.wait_for_function("id => document.activeElement.id === id", arg=f"open-{short(following)}")
    expect(page.locator(".toast")).to_contain_text("Completed.")
    page.keyboard.press("u")
    expect(page.locator(f"#claim-{short(task)}")).to_be_visible()

    assert stored(desk, task).status == "pending"
    with inside(desk.clinic):
        assert [(deed.verb, bool(deed.undone_at)) for deed in Deed.objects.filter(task=task)] == [
            ("complete", True), ("undo", False),
        ]  # fmt: skip


def test_what_was_completed_is_reopened_in_its_row(desk: Desk) -> None:  # C4
    task = desk.task()
    with inside(desk.clinic):
        actions.complete(by=desk.person("Alice"), task_id=task.id, version=1)
    page = desk.open("Alice", "/tasks/?status=completed")

    page.locator(f"#reopen-{short(task)}").click()
    expect(page.locator(f"#task-{short(task)} .c-owner")).to_have_text("Unclaimed")

    assert stored(desk, task).status == "pending"


def test_completing_and_opening_the_next(desk: Desk) -> None:  # C5
    first = desk.task()
    second = desk.task("Josef Novak", due_at=timezone.now() + timedelta(hours=3))
    third = desk.task("Tess Becker", due_at=timezone.now() + timedelta(hours=4))
    page = desk.open("Alice", "/tasks/")

    page.locator(f"#open-{short(first)}").click()
    page.locator(f"#next-card-{first.id}").click()
    expect(page.locator(f"#card-title-{second.id}")).to_be_visible()
    page.wait_for_function("id => document.activeElement.id === id", arg=f"open-{short(second)}")
    page.keyboard.press("Shift+E")
    expect(page.locator(f"#card-title-{third.id}")).to_be_visible()

    assert [stored(desk, one).status for one in (first, second, third)] == ["completed", "completed", "pending"]


def test_searching_keeps_the_caret_and_no_word_of_it_reaches_the_url(desk: Desk) -> None:  # C6
    desk.task("Maria Álvarez")
    desk.task("Josef Novak")
    page = desk.open("Alice", "/tasks/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.keyboard.press("/")
    page.keyboard.insert_text("alvar")  # one search: on a busy machine letters may become two
    expect(page.locator("#queue-rows tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"[?&]s=[\w-]{16}$"))
    assert focused(page) == "q"
    first = page.url
    page.keyboard.type("e", delay=30)
    expect(page.locator("#q")).to_have_value("alvare")
    expect(page).not_to_have_url(first)  # the second search is there, too
    page.reload()
    expect(page.locator("#queue-rows tr")).to_have_count(1)
    expect(page.locator("#q")).to_have_value("alvare")
    page.locator("#tab-completed").click()
    expect(page.locator("#queue-empty")).to_contain_text("alvare")
    for step, rows in ((page.go_back, 1), (page.go_back, 2), (page.go_forward, 1)):
        step()
        expect(page.locator("#queue-rows tr")).to_have_count(rows)
        expect(page.locator("#link-state")).to_have_attribute("data-state", "live")  # its scripts hear the next step
    page.locator("#clear-filters").click()
    expect(page.locator("#queue-rows tr")).to_have_count(2)

    assert [url for url in asked if "alv" in url.lower()] == []


def test_another_persons_search_opens_without_its_words(desk: Desk) -> None:
    desk.task("Maria Álvarez")
    desk.task("Josef Novak")
    alice = desk.open("Alice", "/tasks/")
    alice.locator("#q").fill("alvarez")
    expect(alice).to_have_url(re.compile(r"[?&]s="))

    carol = desk.open("Carol", urlsplit(alice.url).path + "?" + urlsplit(alice.url).query)

    expect(carol.locator("#search-lost")).to_be_visible()
    expect(carol.locator("#q")).to_have_value("")
    expect(carol.locator("#queue-rows tr")).to_have_count(2)


def test_tabs_change_the_list_and_back_restores_it(desk: Desk) -> None:  # C6
    desk.task()
    page = desk.open("Alice", "/tasks/")

    page.locator("#tab-completed").click()
    expect(page.locator("#queue-empty")).to_be_visible()
    expect(page).to_have_url(re.compile("status=completed"))
    page.locator("#kind").select_option("refill")
    expect(page).to_have_url(re.compile("status=completed.*kind=refill|kind=refill.*status=completed"))
    page.evaluate("history.go(-2)")
    expect(page).to_have_url(re.compile("/tasks/$"))
    expect(page.locator("#queue-rows tr")).to_have_count(1)
    expect(page.locator("h1")).to_have_text("Task queue")


def test_a_new_task_waits_behind_a_button_and_moves_nothing(desk: Desk) -> None:  # C10
    old = desk.task()
    page = desk.open("Alice", "/tasks/")
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live")

    new = desk.task("Josef Novak", due_at=timezone.now() + timedelta(minutes=5))
    expect(page.locator("#news-show")).to_have_text("1 new task – show")
    expect(page.locator("#queue-rows tr")).to_have_count(1)
    expect(page.locator("#tab-pending .count")).to_have_text("2")
    page.locator("#news-show").click()

    assert page.locator("#queue-rows tr").evaluate_all("rows => rows.map(row => row.id)") == [
        f"task-{short(new)}",
        f"task-{short(old)}",
    ]


def test_the_panel_opens_beside_the_list_and_closes_to_its_row(desk: Desk) -> None:
    task = desk.task()
    page = desk.open("Alice", "/tasks/")

    page.locator(f"#open-{short(task)}").click()
    expect(page.locator("#panel")).to_contain_text("Lantus")
    expect(page.locator(f"#task-{short(task)}")).to_have_attribute("aria-selected", "true")
    page.locator(f"#note-{task.id}").fill("Rang, nobody there")
    page.locator(f"#note-add-{task.id}").click()
    expect(page.locator("#panel .timeline")).to_contain_text("Rang, nobody there")
    page.locator(f"#claim-card-{task.id}").click()
    expect(page.locator(f"#task-{short(task)} .c-owner")).to_have_text("you")
    expect(page.locator("#panel .facts")).to_contain_text("you")
    page.wait_for_function("id => document.activeElement.id === id", arg=f"card-title-{task.id}")
    page.keyboard.press("Escape")

    expect(page.locator("#panel")).to_be_empty()
    assert focused(page) == f"open-{short(task)}"


def test_a_doctor_decides_beside_the_list(desk: Desk) -> None:  # D1, D2, D7
    desk.expect_error("status of 422")
    task = desk.task(needs_decision=True)
    page = desk.open("Bob", "/tasks/?status=decision")

    page.locator(f"#open-{short(task)}").click()
    expect(page.locator(f"#approve-{task.id}")).to_have_text("Approve refill for Maria Alvarez")
    page.keyboard.press("r")
    assert focused(page) == f"reject-reason-{task.id}"
    page.locator(f"#reject-{task.id}").click()
    expect(page.locator("#panel [role=alert]")).to_contain_text("Write why you reject it")
    page.locator(f"#reject-reason-{task.id}").fill("Needs a visit first")
    page.locator(f"#reject-{task.id}").click()
    expect(page.locator("#panel")).to_contain_text("Rejected by Bob Lee")

    assert stored(desk, task).verdict == "rejected"


def test_more_rows_come_behind_the_last_and_the_focus_goes_to_the_first_of_them(desk: Desk) -> None:  # C16
    for number in range(60):
        desk.task(f"Patient {number}", due_at=timezone.now() + timedelta(hours=2, minutes=number))
    page = desk.open("Alice", "/tasks/")
    expect(page.locator("#queue-table tbody tr")).to_have_count(50)

    page.locator("#load-more").click()
    expect(page.locator("#queue-table tbody tr")).to_have_count(60)
    expect(page.locator("#load-more")).to_have_count(0)
    page.wait_for_function("() => document.activeElement.textContent === 'Patient 50'")

    page.evaluate("document.body.dispatchEvent(new CustomEvent('stream:resync'))")
    page.wait_for_timeout(600)
    expect(page.locator("#queue-table tr.gone")).to_have_count(0)


def test_the_queue_works_with_scripts_off(desk: Desk) -> None:  # A7
    task = desk.task()
    desk.expect_error("status of 422")
    other = desk.task("Josef Novak")
    page = desk.open("Alice", "/tasks/?kind=refill", java_script_enabled=False)

    page.locator(f"#claim-{short(task)}").click()
    expect(page).to_have_url(re.compile(r"/tasks/\?kind=refill$"))
    expect(page.locator("#messages")).to_contain_text("Claimed.")
    page.locator("#q").fill("novak")
    page.locator("#search").click()
    expect(page.locator("#queue-rows tr")).to_have_count(1)
    page.locator(f"#tick-{short(other)}").check()
    page.locator("#many-complete").click()
    expect(page.locator("#bulk-said")).to_contain_text("Complete 1? Press Complete once more.")
    page.locator("#many-complete").click()
    expect(page.locator("#messages")).to_contain_text("1 done.")
    page.locator("#clear-filters").click()
    page.locator("#tab-in_progress").click()
    page.locator(f"#complete-{short(task)}").click()

    assert [stored(desk, one).status for one in (task, other)] == ["completed", "completed"]


def test_an_escalation_is_acknowledged_and_resolved_in_its_card(desk: Desk) -> None:
    desk.expect_error("status of 422")
    escalation = desk.emergency()
    page = desk.open("Alice", "/escalations/")

    page.locator(f"#take-{escalation.id}").click()
    expect(page.locator(f"#escalation-{escalation.id}")).to_contain_text("Alice Moreno has it since")
    expect(page.locator("#alarm-list .alarm")).to_have_count(0)
    page.locator(f"#resolve-box-{escalation.id} summary").click()
    page.locator(f"#outcome-not_emergency-{escalation.id}").check()
    page.locator(f"#resolve-{escalation.id}").click()
    expect(page.locator(f"#escalation-{escalation.id} [role=alert]")).to_contain_text("Write why")
    page.locator(f"#reason-{escalation.id}").fill("A wrong word")
    page.locator(f"#resolve-{escalation.id}").click()
    expect(page.locator(f"#escalation-{escalation.id}")).to_contain_text("Not an emergency: Alice Moreno")


def test_a_new_escalation_is_offered_on_the_alert_centre(desk: Desk) -> None:
    page = desk.open("Alice", "/escalations/")
    expect(page.locator("#link-state")).to_have_attribute("data-state", "live")

    escalation = desk.emergency()

    expect(page.locator("#news-show")).to_have_text("1 new escalation – show")
    page.locator("#news-show").click()
    page.locator(f"#take-{escalation.id}").click()
    expect(page.locator("#escalation-rows")).to_contain_text("Alice Moreno has it since")
