"""The menu of actions: a driver at a station, by mouse and by keyboard."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.visits import Visits
from tests.e2e.processes import Locust


def test_plug_in_swipe_suspend_plug_out(fleet: Locust, visits: Visits, station: str) -> None:
    page = visits.dashboard(fleet)
    page.show_only(station)
    status = page.cell(station, "status")
    expect(status).to_have_text("Available")
    page.act(station, "plug in")
    page.expect_good("plug in")
    expect(status).to_have_text("Preparing")
    page.act(station, "swipe")
    dialog = page.page.get_by_role("dialog", name=f"swipe – {station}")
    dialog.get_by_label("id tag").fill("TAG001")
    dialog.get_by_label("id tag").press("Enter")
    expect(dialog).to_be_hidden()
    expect(status).to_have_text("Charging")
    page.act(station, "suspend ev")
    expect(status).to_have_text("SuspendedEV")
    page.act(station, "resume ev")
    expect(status).to_have_text("Charging")
    page.act(station, "plug out")
    expect(status).to_have_text("Available")
    assert "Authorization successful - TAG001" in str(fleet.get(f"/stations/{station}/logs")["logs"])


def test_a_fault_is_chosen_from_the_list_and_shown(fleet: Locust, visits: Visits, station: str) -> None:
    page = visits.dashboard(fleet)
    page.show_only(station)
    page.act(station, "fault")
    dialog = page.page.get_by_role("dialog", name=f"fault – {station}")
    dialog.get_by_label("error code").select_option("GroundFailure")
    dialog.get_by_label("error code").press("Escape")
    expect(dialog).to_be_hidden()
    page.wait_for_polls(2)
    expect(page.cell(station, "status")).to_have_text("Available")  # given up
    page.act(station, "fault")
    dialog.get_by_label("error code").select_option("GroundFailure")
    dialog.get_by_role("button", name="Send").click()
    expect(page.cell(station, "status")).to_have_text("Faulted")
    expect(page.figure("faulted")).to_have_text("1")
    page.act(station, "clear fault")
    expect(page.cell(station, "status")).to_have_text("Available")


def test_what_is_impossible_now_is_told_with_the_stations_reason(fleet: Locust, visits: Visits, station: str) -> None:
    page = visits.dashboard(fleet)
    page.show_only(station)
    visits.complaints.allow("status of 409")
    page.act(station, "plug out")
    page.expect_bad("no cable is in connector 1")


def test_a_refused_value_is_told_and_stays_to_be_mended(fleet: Locust, visits: Visits, station: str) -> None:
    page = visits.dashboard(fleet)
    page.show_only(station)
    visits.complaints.allow("status of 404")
    page.act(station, "configure")
    dialog = page.page.get_by_role("dialog", name=f"configure – {station}")
    dialog.get_by_label("key").fill("NoSuchKey")
    dialog.get_by_label("value").fill("1")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_contain_text("NoSuchKey")
    dialog.get_by_label("key").fill("HeartbeatInterval")
    dialog.get_by_label("value").fill("17")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_be_hidden()
    assert fleet.get(f"/api/v1/stations/{station}")["configuration"]["HeartbeatInterval"] == "17"


def test_the_keyboard_alone(fleet: Locust, visits: Visits, station: str) -> None:
    page = visits.dashboard(fleet)
    page.show_only(station)
    button, keyboard = page.button(f"Actions of {station}"), page.page.keyboard
    page.search_field.focus()
    for _ in range(40):
        keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break
    expect(button).to_be_focused()
    assert button.evaluate("""button => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(button);
        return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
    }"""), "where the focus is must be seen"
    keyboard.press("Enter")
    items = page.page.get_by_role("menuitem")
    expect(items.nth(0)).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    keyboard.press("ArrowDown")
    expect(items.nth(1)).to_be_focused()
    keyboard.press("End")
    expect(items.last).to_be_focused()
    keyboard.press("ArrowDown")
    expect(items.first).to_be_focused()
    keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    keyboard.press("Home")
    expect(items.first).to_be_focused()
    page.wait_for_polls(2)
    expect(items.first).to_be_focused()  # a refresh takes nothing away
    keyboard.press("Escape")
    expect(page.page.get_by_role("menu")).to_be_hidden()
    expect(button).to_be_focused()
    keyboard.press("Enter")
    expect(items.first).to_have_text("plug in")
    keyboard.press("Enter")
    expect(page.cell(station, "status")).to_have_text("Preparing")
    expect(button).to_be_focused()
