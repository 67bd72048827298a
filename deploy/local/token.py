"""`make token ROLE=center-manager SCOPE=2901003`: an access token on standard output, everything else elsewhere."""

from __future__ import annotations

import sys
from argparse import ArgumentParser

from deploy.local.accounts import Running, access_token, posted_token, posting
from deploy.local.home import ADMINISTRATOR, Home, Refusal


def main() -> int:
    parser = ArgumentParser(prog="make token", description="Print an access token of a demo account.")
    parser.add_argument("--role", default="", help="administrator, or a role")
    parser.add_argument("--scope", default="", help="IR, or the code of a province, county or center")
    parser.add_argument("--number", type=int, default=1, help="which of several people with the same posting")
    asked = parser.parse_args()
    try:
        if not asked.role:
            raise Refusal("ROLE is missing, as in: make token ROLE=center-manager SCOPE=2901003")
        wanted = None if asked.role == "administrator" else posting(asked.role, asked.scope)
        running = Running.in_folder(Home.from_environment())
        token = posted_token(running, *wanted, number=asked.number) if wanted else access_token(running, ADMINISTRATOR)
    except Refusal as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{token}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
