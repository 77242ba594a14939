"""Interests: a rule for pages by its form, what somebody said by the API, and both in a segment's words."""

import httpx

from tools.walk.stack import Browser, Stack
from tools.walk.table import Table


def walk_interests(stack: Stack, browser: Browser, table: Table) -> None:
    """The rule stands on the page; a customer's own word is strong at once, and a refusal takes it away."""
    table.title("What people are interested in")
    page = browser.post("settings/interests/pages/", {"begins": "https://kettle.example/tea", "names": "Walked tea"})
    table.check("a rule for pages is kept without its scheme", True, "kettle.example/tea" in page.text)
    head = {"Authorization": f"Bearer {stack.api_key}"}
    with httpx.Client(base_url=f"{stack.url}/api/v1/", headers=head, timeout=30, trust_env=False) as api:
        who = api.get("contacts", params={"limit": 1}).json()["items"][0]["id"]
        said = api.put(f"contacts/{who}/interests", json={"items": [{"name": "walked TEA"}]}).json()["items"]
        table.check(
            "their own word is strong", [("Walked tea", "strong")], [(one["name"], one["level"]) for one in said]
        )
        no = {"items": [{"name": "Walked tea", "said": "not_interested"}]}
        said = api.put(f"contacts/{who}/interests", json=no).json()["items"]
        table.check("their no goes before it", [0], [one["strength"] for one in said])
