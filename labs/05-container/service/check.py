"""Asks the service in the same container: `python -m service.check /health` (or /ready).

Ends with 0 when the answer is 200, and with 1 otherwise. A slim base has no curl.
"""

import sys
import urllib.request


def main() -> int:
    """Ask once."""
    path = sys.argv[1] if len(sys.argv) > 1 else "/health"
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:8000{path}", timeout=2) as answered:
            print(answered.status, path)
    except OSError as error:
        print(path, error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
