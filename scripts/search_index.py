"""Makes a built site's search index shorter: no blocks of code, and no records of decisions.

python scripts/search_index.py SITE_FOLDER, after the build. The theme fetches the index together
with the first page that somebody opens, and code is a quarter of it; what a search finds in code
are variables. Names in a sentence stay. Decisions are for those who build the course, and would
stand among the answers to a student's question.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
PLACE: Final = "search/search_index.json"
ASIDE: Final = "decisions/"
"""Folder whose pages are read from their own list, and not searched."""
_BLOCK: Final = re.compile("<pre>.*?</pre>", re.DOTALL)


def shortened(index: dict[str, Any]) -> dict[str, Any]:
    """Return the index without the pages that are aside, each text without its blocks of code."""
    entries = [
        {**entry, "text": _BLOCK.sub("", entry["text"])}
        for entry in index["docs"]
        if not entry["location"].startswith(ASIDE)
    ]
    return {**index, "docs": entries}


def main(arguments: list[str]) -> int:
    """Shorten the index of the site that the first argument names."""
    place = (Path(arguments[0]) if arguments else ROOT / "site") / PLACE
    if not place.is_file():
        print(f"{place}: there is no search index. Run: make site", file=sys.stderr)
        return 1
    before = place.stat().st_size
    index = shortened(json.loads(place.read_text(encoding="utf-8")))
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    place.write_text(text, encoding="utf-8", newline="\n")
    print(f"search index: {before / 1000:,.0f} kB, now {place.stat().st_size / 1000:,.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
