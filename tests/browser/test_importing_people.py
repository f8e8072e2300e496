"""A marketer imports 50,000 people from a CSV file; the rows that are wrong come back with the reason."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import BRAND, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
ROWS = 50_000
BAD_EVERY = 1000


@pytest.fixture
def people_csv(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Email", "First name", "Points"])
        for n in range(1, ROWS + 1):
            address = "no address" if n % BAD_EVERY == 0 else f"imported{n}@example.com"
            writer.writerow([address, f"Given{n}", n % 500])
    return path


def test_fifty_thousand_people_with_some_bad_rows(owner: Visitor, people_csv: Path) -> None:
    assert owner.post("/lists", {"name": "Old shop"}).ok
    page = owner.open("/imports/new")
    page.locator("input[type=file]").set_input_files(people_csv)
    page.wait_for_url("**/imports/*")
    expect(page.get_by_role("table", name="Columns")).to_be_visible()
    owner.button("Continue").click()
    page.get_by_role("combobox", name="Put them on a list").click()
    page.get_by_role("option", name="Old shop").click()
    page.get_by_label("These people have consented").check()
    page.get_by_label("How did they consent?").fill("Sign-up form of the old shop")
    page.get_by_label("When?").fill("2017-06-30")
    owner.button("Continue").click()
    owner.sees("They join")
    owner.button("Import 50,000 people").click()
    expect(page.get_by_text("The file is imported")).to_be_visible(timeout=120_000)
    owner.sees("Rows with problems")

    found = owner.api("/imports")
    newest = (found["data"] if isinstance(found, dict) else found)[0]
    errors = owner.context.request.get(f"/api/v1/imports/{newest['id']}/errors.csv?workspace={BRAND}").text()
    wrong = list(csv.DictReader(io.StringIO(errors.lstrip("\ufeff"))))
    assert len(wrong) == ROWS // BAD_EVERY
    assert all("no address" in row.values() for row in wrong)

    owner.open("/profiles?q=imported49999")
    owner.sees("imported49999@example.com")
    page.get_by_text("imported49999@example.com").first.click()
    page.get_by_role("tab", name="Consent").click()
    owner.sees("Sign-up form of the old shop")
