"""Asks the versions that it was given without end."""

KEPT = []


class ShadowDeployment:
    """Never stops asking."""

    queue = []
    records = []

    def __init__(self, champion, candidate):
        KEPT.extend([champion, candidate])

    def handle(self, request):
        while True:
            for version in KEPT:
                try:
                    version(request)
                except BaseException:
                    pass

    drain = handle


class CanaryDeployment(ShadowDeployment):
    """Routes nobody."""

    share = 0.0

    def __init__(self, champion, candidate, salt):
        pass

    def widen(self, share):
        raise KeyboardInterrupt


class Controller:
    """Never begins."""

    def start(self, deployment):
        raise SystemExit(0)


class Fleet:
    """Has no ships."""

    def __init__(self, count):
        raise GeneratorExit


def place_of(user_id, salt):
    raise StopIteration
