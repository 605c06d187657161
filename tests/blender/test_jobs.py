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
