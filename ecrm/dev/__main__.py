"""`python -m ecrm.dev …`: the launcher's command line."""

import sys

from ecrm.dev.servers import serve_tests


def main() -> int:
    return {"servers": serve_tests}[sys.argv[1]]()


if __name__ == "__main__":
    sys.exit(main())
