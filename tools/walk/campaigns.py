"""A campaign from its name to the calendar without JavaScript: what is missing is asked, reviewed, duplicated."""

from tools.walk.emails import id_in
from tools.walk.stack import Browser
from tools.walk.table import Table


def walk_campaigns(browser: Browser, table: Table) -> None:
    """Each answer is a form of the set-up page; the calendar shows the draft."""
    table.title("A campaign’s set-up")
    page = browser.post("campaigns/new/", {"name": "Walked", "purpose": "marketing"})
    where = f"campaigns/{id_in(page, r'/campaigns/(\d+)/$')}/"
    table.check("what is missing is asked", True, "Who gets it?" in page.text)
    page = browser.post(f"{where}set/words/", {"subject": "Walked here", "preheader": ""}, on=where)
    table.check("a subject is kept where it is asked", True, "What does the subject say?" not in page.text)
    page = browser.post(f"{where}set/when/", {"intended_at": "2100-03-01T09:00"}, on=where)
    table.check("its moment stands on its page", True, "Meant for" in page.text)
    shown = browser.get("campaigns/calendar/?from=2100-03-01").text
    table.check("years ahead the calendar shows this week", True, "<table" in shown)
    asked = {
        "varies": "subject", "goal": "clicks", "within_hours": "24", "test_percent": "20", "wait_hours": "24",
        "planned_people": "0",
    }  # fmt: skip
    browser.post(f"{where}versions/", asked, on=where)
    said = asked | {"version-1-subject": "Walked there", "version-1-preheader": ""}
    page = browser.post(f"{where}versions/", said, on=f"{where}versions/")
    table.check("a second subject is tested", True, "Walked there" in page.text)
    copy = browser.post(f"{where}duplicate/", {}, on=where)
    again = f"campaigns/{id_in(copy, r'/campaigns/(\d+)/$')}/"
    table.check("a copy is a draft of its own", True, again != where and "Copy of Walked" in copy.text)
    for one in (again, where):
        browser.post(f"{one}remove/", {}, on=one)
