"""Step: deploy an artifact. `python ci/deploy.py staging DIGEST` (or production).

Needs the token of the place in the environment variable DEPLOY_TOKEN.
"""

import json
import os

from cloud import CLOUD, PLACES, argument, end, fetch, fingerprint

place = argument(1, "the place, staging or production,")
digest = argument(2, "the digest of the model")
if place not in PLACES:
    end("deploy", [f"there is no place {place!r}"], place=place, digest=digest)
tokens = json.loads((CLOUD / "tokens.json").read_text())
if fingerprint(os.environ.get("DEPLOY_TOKEN", "")) != tokens[place]:
    end("deploy", [f"DEPLOY_TOKEN is not the token of {place}"], place=place, digest=digest)
artifact = fetch(digest)
if artifact is None:
    end("deploy", [f"there is no artifact {digest[:12]}"], place=place, digest=digest)
(CLOUD / f"{place}.json").write_text(json.dumps({"digest": digest, "package": artifact["package"]}))
print(f"{place} runs {digest[:12]} now")
end("deploy", [], place=place, digest=digest)
