"""`make walk`: the main job on real inputs, against the running stack."""

import sys

from tools.walk.answers import walk_forward, walk_listener, walk_text_answers
from tools.walk.blocks import walk_blocks
from tools.walk.brand import walk_brand
from tools.walk.campaigns import walk_campaigns
from tools.walk.catching import Letterbox, Network
from tools.walk.desk import walk_desk
from tools.walk.emails import walk_emails
from tools.walk.interests import walk_interests
from tools.walk.library import walk_library
from tools.walk.mentions import walk_mentions
from tools.walk.offers import walk_offers
from tools.walk.orders import walk_orders
from tools.walk.people import walk_people
from tools.walk.permission import walk_permission
from tools.walk.programmes import walk_programmes
from tools.walk.providers import walk_providers
from tools.walk.purchases import walk_purchases
from tools.walk.push import walk_push
from tools.walk.receipts import walk_receipts
from tools.walk.stack import Browser, Stack, WalkError
from tools.walk.standing import walk_standing
from tools.walk.table import Table
from tools.walk.texts import walk_texts

REFUSED = "c00007@cdnow.example"


def main() -> int:
    """Walk it; 0 when everything came as expected."""
    table = Table()
    try:
        stack = Stack.running()
        stack.found_workspace()
        print(f"Workspace {stack.slug} at {stack.url}")
        walk(stack, table)
    except WalkError as error:
        print(f"\nThe walk stops here. {error}", file=sys.stderr)
        table.finish()
        return 1
    return table.finish()


def walk(stack: Stack, table: Table) -> None:
    """Purchases, people, orders by file, mentions, emails, permission, and the scores compared with a rebuild."""
    browser = Browser(stack)
    walk_purchases(stack, table)
    people = walk_people(stack, table)
    walk_orders(stack, table)
    with Network() as network:
        walk_mentions(stack, browser, table, network)
        walk_desk(stack, browser, table, network)
    walk_interests(stack, browser, table)
    walk_brand(stack, browser, table)
    walk_blocks(browser, table)
    walk_campaigns(browser, table)
    walk_programmes(browser, table)
    walk_library(stack, browser, table)
    walk_offers(stack, browser, table)
    with Letterbox(REFUSED) as box:
        walk_emails(stack, browser, table, people, box)
        walk_forward(browser, table, box)
        walk_standing(stack, browser, table, box)
        walk_receipts(stack, browser, table, box)
        walk_permission(stack, browser, table, people, box)
    walk_providers(stack, browser, table)
    walk_texts(stack, browser, table)
    walk_text_answers(stack, browser, table)
    walk_listener(stack, browser, table)
    walk_push(stack, browser, table)
    table.title("Scores against a rebuild from the ledger; the story on home")
    out = stack.manage("rebuild_scores", "--workspace", stack.slug, "--check", check=False)
    table.check("scores = rebuild", True, "largest relative difference" in out and "differs" not in out, out.strip())
    table.check("home tells the story", 200, browser.get("").status_code)


sys.exit(main())
