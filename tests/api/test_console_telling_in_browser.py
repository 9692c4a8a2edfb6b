"""What goes out, in Chromium, as an admin sets it up: an alert, a webhook of a chat tool, an export, flags."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.api.asking import SECRET_KEY, Site
from tests.api.browsing import barred, session, visit, whole
from tests.api.test_console_pages import lively

pytestmark = [pytest.mark.browser, pytest.mark.thorough]
PICTURES = os.environ.get("WAYPOST_PICTURES")
"""A folder for pictures, to look at."""


def picture(page: Any, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


class Visit:
    """An admin on the settings pages of a site."""

    def __init__(self, chromium: Any, axe: str, site: Site, address: str) -> None:
        self.page, self.axe, self.site, self.address = visit(chromium, session(site, address)), axe, site, address

    def at(self, path: str) -> None:
        self.page.goto(f"{self.address}/console/p/default/settings/{path}")
        whole(self.page)

    def looks(self, name: str) -> None:
        whole(self.page)
        self.page.evaluate("scrollTo(0, 0)")
        assert barred(self.page, self.axe) == [], name
        picture(self.page, name)

    def form(self, opens: str) -> Any:
        self.page.get_by_role("button", name=opens).click()
        return self.page.get_by_role("dialog")

    def asked(self, path: str) -> Any:
        return self.site.get(path, key=SECRET_KEY).json or {}


def watches_a_step(here: Visit) -> None:
    here.at("alerts")
    dialog = here.form("Watch a step")
    dialog.locator("[name=metric]").select_option("drop")
    dialog.locator("[name=at]").select_option("activation.verify")
    dialog.locator("[name=at_least]").fill("7.5")
    here.looks("alerts-dialog")
    dialog.get_by_role("button", name="Watch it").click()
    here.page.get_by_text("rises by 7.5 points or more").wait_for()
    here.looks("alerts")
    (alert,) = here.asked("/api/v1/step-alerts")["data"]
    told = [alert[name] for name in ("at", "persona", "direction", "within")]
    assert told == ["activation.verify", None, "rises", None]


def exports_a_report(here: Visit) -> None:
    here.at("exports")
    dialog = here.form("Export a journey's report")
    dialog.locator("[name=report]").select_option("funnel")
    dialog.locator("[name=name]").fill("funnel")
    dialog.locator("[name=every]").select_option("week")
    here.looks("exports-dialog")
    dialog.get_by_role("button", name="Export it").click()
    here.page.get_by_text("every Monday at 06:00").wait_for()
    whole(here.page)
    here.page.get_by_role("button", name="Run now").click()
    here.page.get_by_text("waiting", exact=True).wait_for()
    whole(here.page)
    here.page.get_by_role("button", name="Turn off").click()
    here.page.get_by_role("button", name="Turn on").wait_for()
    here.looks("exports")


def tells_a_chat_tool(here: Visit) -> None:
    here.at("webhooks")
    dialog = here.form("Make a webhook")
    dialog.locator("[name=url]").fill("https://hooks.example.com/services/T0/B0")
    dialog.locator("[name=format]").select_option("slack")
    dialog.locator("[name=guides]").fill("stuck, help")
    here.looks("webhooks-dialog")
    dialog.get_by_role("button", name="Make it").click()
    here.page.locator(".revealed").wait_for()
    (hook,) = here.asked("/api/v1/webhooks")["data"]
    assert (hook["format"], hook["guides"]) == ("slack", ["stuck", "help"])
    assert "guide.shown" not in hook["kinds"]


def lets_browsers_ask(here: Visit) -> None:
    here.at("snippet")
    box = here.page.locator("#flags input[value='persona:trial']")
    box.check()
    here.page.locator("#flags").get_by_role("button", name="Save").click()
    here.page.wait_for_function("() => document.querySelector('#flags input[name=revision]')?.value === '1'")
    assert box.is_checked()
    assert here.asked("/api/v1/flags/public")["flags"] == ["persona:trial"]
    here.looks("flags")


def test_an_admin_sets_up_all_that_goes_out(chromium: Any, axe: str, site: Site, address: str, tmp_path: Path) -> None:
    lively(site)
    served = site.app.extensions["waypost"]
    settings = replace(served.settings, exports_dir=tmp_path / "exports")
    site.app.extensions["waypost"] = replace(served, settings=settings)
    here = Visit(chromium, axe, site, address)
    for does in (watches_a_step, exports_a_report, tells_a_chat_tool, lets_browsers_ask):
        does(here)
