"""The playground, used as a person would use it."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from fhir_fixtures import case
from tests.browser.watching import Sent

SOLITARY = "Solitary colorectal lung metastasis, metachronous: refer to MDT"


def shown(page: Page) -> str:
    """What stands in the answer."""
    return page.locator("#result").inner_text()


def paste(page: Page, text: str) -> None:
    page.get_by_label("Request of a CDS Hooks call").fill(text)
    page.locator("#controls").get_by_role("button", name="Show").click()


def test_the_first_page_shows_a_patient_the_card_and_why(page: Page) -> None:
    page.goto("/")
    expect(page.locator(".card h3")).to_contain_text(SOLITARY)
    expect(page.get_by_role("list", name="Options at a glance")).to_contain_text("option to discuss")
    expect(page.get_by_role("heading", name="Why", exact=True)).to_be_visible()
    expect(page.locator("#wire-request")).to_contain_text("patient-view")


def test_choosing_another_patient_shows_that_patient_at_once(page: Page) -> None:
    page.goto("/?change=ecog-3")
    page.get_by_role("combobox", name="Patient").select_option("bilateral-five")
    expect(page.locator(".card h3")).to_contain_text("5 colorectal lung metastases")
    expect(page.locator("#story-title")).to_have_text(case("bilateral-five").title)
    expect(page.get_by_label("ECOG 3")).not_to_be_checked()
    expect(page).to_have_url(re.compile(r"case=bilateral-five"))
    expect(page.locator("#live")).to_have_text("Shown as in the request.")


def test_changing_a_fact_shows_at_once_what_changes(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Platelets 49").check()
    changed = page.get_by_role("region", name="What changes", exact=True)
    expect(changed.get_by_role("row", name="Thermal ablation")).to_contain_text("not until corrected")
    expect(changed.get_by_role("row", name="Ablation not until corrected")).to_be_visible()
    expect(page.locator(".card.warning h3")).to_have_text("Ablation not until corrected: platelets")
    expect(page.locator("#live")).to_contain_text("things change")
    page.get_by_label("Platelets 49").uncheck()
    expect(changed).to_have_count(0)


def test_an_address_keeps_what_was_changed(page: Page) -> None:
    page.goto("/")
    page.get_by_label("One more, 12 mm").check()
    expect(page).to_have_url(re.compile("change=one-lesion-more"))
    page.reload()
    expect(page.get_by_label("One more, 12 mm")).to_be_checked()
    expect(page.locator(".card h3").first).to_contain_text("2 colorectal lung metastases, both sides")
    page.get_by_role("link", name="Undo all changes").click()
    expect(page.locator(".card h3")).to_contain_text(SOLITARY)


def test_a_key_that_is_dropped_is_missing_and_the_error_names_it(page: Page) -> None:
    page.goto("/")
    page.get_by_label("conditions", exact=True).check()
    fault = page.get_by_role("alert")
    expect(fault).to_contain_text("412")
    expect(fault).to_contain_text("No data for prefetch key 'conditions'")
    expect(page.get_by_role("row", name="The service answers")).to_contain_text("412")
    page.get_by_label("conditions", exact=True).uncheck()
    page.get_by_label("imaging-findings", exact=True).check()
    expect(page.get_by_role("region", name="What changes", exact=True)).to_contain_text("cannot be assessed")


def test_another_hook_with_an_order_shows_the_cards_of_order_entry(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Hook", exact=True).select_option("order-sign")
    page.get_by_label("Order being entered").select_option("fluorouracil")
    expect(page.locator(".card h3").first).to_contain_text("fluorouracil: colorectal lung metastasis not yet discussed")
    expect(page.locator("#wire-request")).to_contain_text("crc-lung-metastasis-order-sign")


def test_pressing_a_suggestion_shows_the_draft_and_sends_nothing(page: Page) -> None:
    page.goto("/", wait_until="networkidle")
    sent = Sent(page)
    page.get_by_text("Refer to the MDT").locator("visible=true").first.click()
    pressed = page.locator(".pressed").locator("visible=true")
    expect(pressed).to_contain_text("Nothing is sent from here")
    expect(pressed).to_contain_text("ServiceRequest, draft")
    expect(pressed).to_contain_text('"accepted"')
    page.locator("summary", has_text="Override this card").click()
    page.locator("summary", has_text="Patient has contraindication").click()
    expect(page.locator("details.reason[open]")).to_contain_text('"patient-contraindication"')
    assert sent.addresses == []


def test_what_a_page_sends_is_noticed_and_its_icon_is_not_counted(page: Page) -> None:
    """A busy browser may fetch the icon after everything else is loaded, while a test counts what is sent."""
    page.goto("/", wait_until="networkidle")
    icon = page.locator("link[rel=icon]").get_attribute("href")
    sent = Sent(page)
    fetched = "address => fetch(address, {cache: 'no-store'}).then(answer => answer.status)"
    assert page.evaluate(fetched, icon) == 200
    assert sent.addresses == []
    assert page.evaluate(fetched, "/cds-services") == 200
    assert [address.rpartition("/")[2] for address in sent.addresses] == ["cds-services"]


def test_a_rule_of_a_card_leads_to_the_rule(page: Page) -> None:
    page.goto("/?change=platelets-49")
    page.locator(".card").get_by_role("link", name="A-04").first.click()
    expect(page).to_have_url(re.compile(r"/rules(/|#)A-04$"))
    expect(page.locator("body")).to_contain_text("Platelets")


def test_the_command_is_copied_and_holds_the_chosen_request(page: Page, base_url: str) -> None:
    page.goto("/?change=cea-5-1")
    page.get_by_role("button", name="Copy").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"{base_url}/playground/request.json?case=mcode-rich-solitary&change=cea-5-1" in copied
    assert f"{base_url}/cds-services/crc-lung-metastasis-patient-view" in copied
    expect(page.locator("#live")).to_have_text("Copied to the clipboard.")


def test_the_public_sandbox_is_told_where_to_discover_this_service(page: Page, base_url: str) -> None:
    page.goto("/")
    address = page.get_by_role("link", name="CDS Hooks sandbox").get_attribute("href") or ""
    assert address.startswith("https://sandbox.cds-hooks.org/?serviceDiscoveryURL=http%3A%2F%2F127.0.0.1")
    assert address.endswith("%2Fcds-services&hook=patient-view")


def test_a_pasted_request_is_answered(page: Page) -> None:
    page.goto("/?from=text")
    paste(page, json.dumps(case("mcode-rich-solitary").request))
    expect(page.locator(".card h3")).to_contain_text(SOLITARY)
    expect(page).to_have_url(re.compile(r"from=text$"))
    page.get_by_label("Five more").check()
    expect(page.locator(".card h3").first).to_contain_text("6 colorectal lung metastases")


FAULTS = [
    ("a comma too many", '{\n  "hook": "patient-view",,\n}', "The body is not JSON", "line 2, column 26"),
    ("a field that is missing", '{"hook": "patient-view"}', "hookInstance is missing", "line 1, column 1"),
    ("no object", "[1]", "one JSON object", "CLM-1002"),
    ("a hook nobody listens to", '{"hook": "x", "hookInstance": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "context": {}}',
     "No service here listens", "line 1, column 10"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence", "place"), [fault[1:] for fault in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_fault_in_a_pasted_request_is_shown_where_it_is(page: Page, text: str, sentence: str, place: str) -> None:
    page.goto("/?from=text")
    paste(page, text)
    fault = page.get_by_role("alert")
    expect(fault).to_contain_text(sentence)
    expect(fault).to_contain_text(place)
    expect(fault).to_contain_text("OperationOutcome")
    assert page.get_by_label("Request of a CDS Hooks call").input_value() == text


def test_everything_works_without_a_script(page_without_script: Page) -> None:
    page = page_without_script
    page.goto("/")
    page.get_by_label("Platelets 49").check()
    page.locator("#facts").get_by_role("button", name="Show").click()
    expect(page.locator(".card.warning h3")).to_have_text("Ablation not until corrected: platelets")
    expect(page.get_by_role("region", name="What changes", exact=True)).to_be_visible()
    page.locator("summary", has_text="Refer to the MDT").click()
    expect(page.locator(".pressed").locator("visible=true")).to_contain_text("Nothing is sent from here")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.get_by_role("link", name="Your own request").click()
    paste(page, "{")
    expect(page.get_by_role("alert")).to_contain_text("The body is not JSON")


def test_the_keyboard_reaches_the_content_first_and_every_suggestion(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator(".button > summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pressed").first).to_be_visible()


def test_paper_shows_the_card_and_the_reasons_without_the_controls(page: Page) -> None:
    page.goto("/")
    page.emulate_media(media="print")
    expect(page.locator(".card h3")).to_be_visible()
    expect(page.get_by_role("heading", name="Why", exact=True)).to_be_visible()
    for hidden in ("#controls", "#facts", ".wire", "header nav"):
        expect(page.locator(hidden)).to_be_hidden()
    assert page.pdf().startswith(b"%PDF")
