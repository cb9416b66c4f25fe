"""Makes data/sales.csv and champion.json: sales that grow, and the model that is in use today."""
# ruff: noqa: INP001, T201

import csv
import json
import random
from datetime import date, timedelta
from pathlib import Path

import forecast

FIRST = date(2026, 1, 5)
DAYS = 112
CHAMPION_DAYS = 56
LEVELS = {"store": 120, "app": 45, "delivery": 30}


def sales(seed: int) -> list[list[str]]:
    """Return the rows: weekends are stronger, and the app grows by 1 % a week."""
    rng = random.Random(seed)  # noqa: S311 - made-up sales need no secrets
    rows = []
    for at in range(DAYS):
        day = FIRST + timedelta(days=at)
        mood = rng.gauss(0, 0.05)
        for outlet in ("K01", "K02", "K03", "K08"):
            for channel, level in LEVELS.items():
                size = level * (1.25 if day.weekday() >= 5 else 1.0)  # noqa: PLR2004 - Saturday
                size *= 1 + (0.012 if channel == "app" else 0.003) * at / 7
                units = max(1, round(size * 2.718281828 ** (mood + rng.gauss(0, 0.12))))
                rows.append([day.isoformat(), outlet, channel, str(units)])
    return rows


def main() -> None:
    """Write both files."""
    here = Path(__file__).parent
    rows = [["date", "outlet", "channel", "units"], *sales(20260504)]
    with (here / "data/sales.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    read = forecast.read(here / "data/sales.csv")
    until = (FIRST + timedelta(days=CHAMPION_DAYS)).isoformat()
    champion = forecast.train([row for row in read if row["date"] < until])
    text = json.dumps(champion, sort_keys=True) + "\n"
    (here / "champion.json").write_text(text, encoding="utf-8")
    print(f"{len(read)} rows, champion has seen days until {champion['seen_until']}")


if __name__ == "__main__":
    main()
