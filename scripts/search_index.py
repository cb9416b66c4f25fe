"""Takes blocks of code out of a built site's search index, and makes nothing else of it.

python scripts/search_index.py SITE_FOLDER, after the build. The theme fetches the index together
with the first page that somebody opens, and code is a quarter of it; what a search finds in code
are variables. Names in a sentence stay.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
PLACE: Final = "search/search_index.json"
_BLOCK: Final = re.compile("<pre>.*?</pre>", re.DOTALL)


def without_code(index: dict[str, Any]) -> dict[str, Any]:
    """Return the index with every text shortened by its blocks of code; entries all stay."""
    entries = [{**entry, "text": _BLOCK.sub("", entry["text"])} for entry in index["docs"]]
    return {**index, "docs": entries}


def main(arguments: list[str]) -> int:
    """Shorten the index of the site that the first argument names."""
    place = (Path(arguments[0]) if arguments else ROOT / "site") / PLACE
    if not place.is_file():
        print(f"{place}: there is no search index. Run: make site", file=sys.stderr)
        return 1
    before = place.stat().st_size
    index = without_code(json.loads(place.read_text(encoding="utf-8")))
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    place.write_text(text, encoding="utf-8", newline="\n")
    print(f"search index: {before / 1000:,.0f} kB, now {place.stat().st_size / 1000:,.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
