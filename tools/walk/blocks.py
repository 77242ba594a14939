"""An email of blocks without JavaScript: begun with a template, changed, shown to some, drawn, brought back."""

from tools.walk.emails import id_in
from tools.walk.stack import Browser
from tools.walk.table import Table

DRAFT = {
    "name": "Of blocks",
    "purpose": "marketing",
    "holdout_percent": 0,
    "subject": "Blocks",
    "body_format": "blocks",
}


def walk_blocks(browser: Browser, table: Table) -> None:
    """Each step is a form that is answered with the page; the preview shows what was kept."""
    table.title("An email of blocks")
    made = browser.post("campaigns/new/all/", DRAFT)
    where = f"campaigns/{id_in(made, r'/campaigns/(\d+)/begin/')}/"
    table.check("a new campaign asks how it should begin", True, "How should it begin?" in made.text)
    page = browser.post(f"{where}begin/", {"with": "template", "template": "plain_letter"})
    table.check("a template opens its blocks", True, 'class="outline-block"' in page.text)
    page = browser.post(f"{where}email/", {"do": "add:heading"})
    block = page.url.params["block"]
    words = {"do": f"save:{block}", "text": "Walked here", "level": "1", "align": "left", "space": "16"}
    browser.post(f"{where}email/", words)
    shown = browser.get(f"{where}email/preview/").text
    table.check("what is written stands in the email", True, "Walked here" in shown and f"<!--b:{block}-->" in shown)
    lint = browser.get(f"{where}email/holds/").text
    table.check("twelve mail clients are asked", True, "12 mail clients" in lint)
    browser.post(f"{where}begin/", {"with": "nothing"})
    table.check("what it was stands in the history", True, "Bring back" in browser.get(f"{where}email/history/").text)
    browser.post(f"{where}remove/", {}, on=where)
