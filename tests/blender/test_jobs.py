"""Work in a thread: it reports, it can be stopped, it hands over results and errors."""

from __future__ import annotations

import threading
import time

import pytest


def wait(job) -> None:
    begun = time.monotonic()
    while not job.finished:
        assert time.monotonic() - begun < 5
        time.sleep(0.005)


def test_work_runs_in_another_thread_and_reports(part):
    reported = threading.Event()
    go_on = threading.Event()

    def work(progress):
        progress(0.5, "Listening")
        reported.set()
        go_on.wait(5)
        return threading.current_thread()

    job = part("addon.jobs").Job(work)
    assert reported.wait(5)
    assert (job.done, job.stage, job.finished) == (0.5, "Listening", False)
    go_on.set()
    wait(job)
    assert job.result() is not threading.main_thread()


def test_stopped_work_ends_within_half_a_second(part):
    rounds = []

    def work(progress):
        while True:
            time.sleep(0.05)
            rounds.append(1)
            progress(0.1, "Listening")

    job = part("addon.jobs").Job(work)
    time.sleep(0.1)
    job.cancel()
    begun = time.monotonic()
    wait(job)
    assert time.monotonic() - begun < 0.5
    with pytest.raises(part("core.errors").Cancelled):
        job.result()


def test_errors_come_over_whole(part):
    def work(progress):
        raise ZeroDivisionError("inside")

    job = part("addon.jobs").Job(work)
    wait(job)
    with pytest.raises(ZeroDivisionError, match="inside"):
        job.result()


def test_stopped_work_that_still_runs_is_known(part):
    """Work that does not report is let go at once; the next one waits for it instead of sharing the processor."""
    jobs, go_on, begun = part("addon.jobs"), threading.Event(), threading.Event()

    def work(progress):
        begun.set()
        go_on.wait(5)
        progress(0.5, "Listening")

    job = jobs.Job(work)
    assert begun.wait(5) and not jobs.is_stopping()
    job.cancel()
    assert jobs.is_stopping()
    go_on.set()
    wait(job)
    assert not jobs.is_stopping()


def test_time_left_counts_down_and_does_not_flicker(part):
    """Work of 20 s that is a little faster and slower in turns."""
    pace = part("addon.pace").Pace(100.0)
    told = [pace.left((second + (0.2 if second % 2 else -0.2)) / 20, 100.0 + second) for second in range(1, 20)]
    assert told[0] is None
    known = [seconds for seconds in told if seconds is not None]
    assert all(before >= after for before, after in zip(known, known[1:], strict=False))
    assert all(abs(seconds - (20 - second)) < 5 for second, seconds in enumerate(told, 1) if seconds is not None)


def test_time_left_is_corrected_when_work_slows_down(part):
    pace = part("addon.pace").Pace(0.0)
    assert pace.left(0.5, 5.0) == pytest.approx(5.0)
    assert pace.left(0.5, 15.0) == pytest.approx(15.0)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, ""), (0.4, ""), (12.3, "about 12 s left"), (89, "about 89 s left"), (200, "about 3 min left")],
)
def test_time_left_in_words(part, seconds, said):
    assert part("addon.pace").words(seconds) == said
