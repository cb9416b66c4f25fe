"""Step: does what is deployed there answer? `python ci/smoke.py staging`"""

import json
import sys

sys.path.insert(0, ".")

from forecast.service import answer

from cloud import CLOUD, argument, end

place = argument(1, "the place")
path = CLOUD / f"{place}.json"
if not path.is_file():
    end("smoke", [f"nothing is deployed to {place}"], place=place)
deployed = json.loads(path.read_text())
facts = {"place": place, "digest": deployed["digest"]}
if (CLOUD / f"{place}.broken").exists():
    end("smoke", [f"{place} does not answer"], **facts)
question = {"date": "2026-10-05", "outlet": "K01", "channel": "store"}
try:
    units = answer(deployed["package"], question)
except (KeyError, TypeError, ValueError) as problem:
    end("smoke", [f"the service in {place} raised {problem!r}"], **facts)
end("smoke", [] if 1 <= units <= 10_000 else [f"{place} answered {units}"], **facts)
