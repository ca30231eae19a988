"""Spanish words are longer: the pages that are full of them at every width, and what scripts say on them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Desk
from tests.browser.test_every_page import WIDTHS, _axe, _sideways, _small, look

SPANISH = {"locale": "es-US"}
PAGES = {
    "queue": ("Alice", "/tasks/"),
    "task": ("Alice", "{task}"),
    "escalations": ("Alice", "/escalations/"),
    "test phone": ("Alice", "/phone/"),
    "profile": ("Alice", "/profile/"),
    "numbers": ("Carol", "/analytics/"),
    "settings": ("Carol", "/settings/"),
    "on call": ("Carol", "/escalations/on-call/"),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_holds_longer_words_at_every_width(name: str, desk: Desk) -> None:
    who, path = PAGES[name]
    task = desk.task()
    desk.emergency()
    faults: list[str] = []

    page = desk.browser_of(who, **SPANISH).new_page()
    for width in WIDTHS:
        look(page, desk.url(path.format(task=f"/tasks/{task.id}/")), width)
        expect(page.locator("html")).to_have_attribute("lang", "es")
        expect(page.locator("#alarm-list .alarm")).to_contain_text("EMERGENCIA")
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        faults += [f"{width}: {fault}" for fault in [*_axe(page), *_sideways(page), *_small(page, width)]]

    assert faults == []


def test_what_a_script_says_is_spanish_too(desk: Desk) -> None:
    desk.task()
    page = desk.open("Alice", "/tasks/", **SPANISH)

    expect(page.locator("#link-state")).to_contain_text("En vivo")
    page.locator("[name=tick]").first.check()

    expect(page.locator("#bulk-count")).to_have_text("1 seleccionada:")
    expect(page.locator("#many-complete")).to_have_text("Completar 1")
