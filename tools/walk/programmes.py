"""A programme from its charter to its page without JavaScript: looked at, kept, its cost entered."""

from tools.walk.emails import id_in
from tools.walk.stack import Browser
from tools.walk.table import Table


def walk_programmes(browser: Browser, table: Table) -> None:
    """The preview writes nothing; no target yet is allowed; nothing brings what cannot be said."""
    table.title("A programme with a charter")
    said = {
        "name": "Walked pot", "preset": "loyalty", "audience": 1, "gives": "First choice", "asks": "One word", "metric": "value",
        "target_later": "on", "weekly_cap": 2, "holdout_percent": 0, "is_active": "on",
    }  # fmt: skip
    looked = browser.post("programmes/new/", said | {"look": "1"}, on="programmes/new/")
    table.check("it is looked at before it is kept", True, "You get: First choice" in looked.text)
    page = browser.post("programmes/new/", said)
    where = f"programmes/{id_in(page, r'/programmes/(\d+)/$')}/"
    table.check("its return cannot be said without a holdout", True, "without a holdout nobody knows" in page.text)
    cost = {"name": "Samples", "amount": "12.50", "day": "2026-01-02"}
    table.check("a cost stands on its page", True, "Samples" in browser.post(f"{where}costs/", cost, on=where).text)
