import signal
import threading

from grader.stopping import StopSignals


def test_a_wish_to_stop_cuts_a_nap_short():
    with StopSignals() as stop:
        signal.raise_signal(signal.SIGINT)
        stop.pause(3600)
        assert stop.requested
        assert not stop.abandoned


def test_outside_the_main_thread_signals_are_left_alone():
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def enter():
        with StopSignals() as stop:
            seen.append(signal.getsignal(signal.SIGINT))
            stop.request()
            seen.append(stop.requested)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [before, True]
