"""`make walk`: the main job on real inputs, against the running stack."""

import sys

from tools.walk.people import walk_people
from tools.walk.purchases import walk_purchases
from tools.walk.stack import Browser, Stack, WalkError
from tools.walk.table import Table


def main() -> int:
    """Walk it; 0 when everything came as expected."""
    table = Table()
    try:
        stack = Stack.running()
        stack.found_workspace()
        browser = Browser(stack)
        print(f"Workspace {stack.slug} at {stack.url}")
        walk_purchases(stack, table)
        walk_people(stack, table)
        assert browser
    except WalkError as error:
        print(f"\nThe walk stops here. {error}", file=sys.stderr)
        table.finish()
        return 1
    return table.finish()


sys.exit(main())
