"""Locks for which the threads of a simulation wait in simulated time."""

import queue
import threading
from collections.abc import Iterator
from time import sleep
from typing import Any

import pytest
from runtime.simulated import START, elapsed

from ibdesk.errors import SimulationDeadlock
from ibdesk.runtime import simulated_threads
from ibdesk.runtime.simulated_process import simulated_process


@pytest.fixture
def new_loop() -> Iterator[Any]:
    with simulated_process(START) as new_loop:
        yield new_loop


@pytest.mark.parametrize("kind", ["Lock", "RLock"])
def test_whoever_waits_for_a_lock_lets_time_pass(new_loop, kind) -> None:
    lock = getattr(threading, kind)()

    def hold():
        with lock:
            sleep(5)

    thread = threading.Thread(target=hold)
    thread.start()
    sleep(1)
    assert not lock.acquire(False)
    assert not lock.acquire(timeout=2)
    assert elapsed() == 3
    with lock:
        assert elapsed() == 5
        waiting = threading.Thread(target=hold)
        waiting.start()
        sleep(10)
    waiting.join()
    assert elapsed() == 20
    assert lock.acquire(timeout=1)
    lock.release()
    with pytest.raises(RuntimeError):
        lock.release()


def test_many_threads_get_a_lock_in_the_order_in_which_they_asked(new_loop) -> None:
    lock, turns = threading.Lock(), []

    def work(number):
        sleep(number / 100)
        for _ in range(20):
            with lock:
                turns.append((number, elapsed()))
                sleep(1)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert turns == [(turn % 5, turn) for turn in range(100)]
    assert not lock.locked()


def test_a_lock_refuses_what_the_real_one_refuses(new_loop) -> None:
    lock = threading.Lock()
    for arguments in ((False, 1), (True, -2)):
        with pytest.raises(ValueError):
            lock.acquire(*arguments)
    assert lock.acquire(True, 0)
    assert not lock.acquire(True, 0)
    assert repr(lock).startswith("<locked")
    with pytest.raises(SimulationDeadlock, match=r"MainThread: .*test_a_lock_refuses_what"):
        lock.acquire()
    lock.release()
    assert not lock.locked()


def test_whoever_does_not_wait_to_the_end_leaves_the_lock_to_others(new_loop) -> None:
    lock = threading.Lock()

    def hold():
        with lock:
            sleep(5)

    def interrupt():
        raise KeyboardInterrupt

    holder = threading.Thread(target=hold)
    holder.start()
    sleep(1)
    later = threading.Thread(target=hold)

    loop = new_loop()
    loop.run_beside()
    loop.call_later(1, later.start)
    loop.call_later(2, interrupt)
    with pytest.raises(KeyboardInterrupt):
        lock.acquire()
    assert (elapsed(), lock.locked()) == (3, True)
    holder.join()
    later.join()
    assert (elapsed(), lock.locked()) == (10, False)


def test_for_a_lock_that_a_thread_outside_has_one_waits_in_real_time() -> None:
    locks: queue.SimpleQueue[Any] = queue.SimpleQueue()
    told: queue.SimpleQueue[None] = queue.SimpleQueue()
    blocked = threading.Event()

    def work():
        lock = locks.get()
        with lock:
            told.put(None)
            blocked.wait()

    thread = threading.Thread(target=work)
    thread.start()
    with simulated_process(START):
        lock = threading.Lock()
        locks.put(lock)
        while not lock.locked():
            pass
        assert not lock.acquire(timeout=0.02)
        blocked.set()
        with lock:
            assert elapsed() == 0
    thread.join()


def test_a_lock_goes_on_in_real_time_after_the_simulation() -> None:
    before = threading.Lock, threading.RLock
    with simulated_process(START):
        assert threading.Lock is not before[0]
        lock = threading.Lock()
        lock.acquire()
        for_ever, for_a_while = (threading.Thread(target=lock.acquire, args=args) for args in ((), (True, 100)))
        for_ever.start()
        sleep(1)
        for_a_while.start()
        sleep(1)
    assert (threading.Lock, threading.RLock) == before
    for_a_while.join()
    lock.release()
    for_ever.join()
    assert lock.locked()
    thread = threading.Thread(target=lock.release)
    thread.start()
    assert lock.acquire(timeout=10)
    thread.join()


@pytest.mark.parametrize("waits_at_home", [True, False])
def test_that_a_lock_from_before_stops_time_is_told(monkeypatch, caplog, waits_at_home) -> None:
    """For such a lock one waits in real time, and whoever has it may wait for simulated time."""
    monkeypatch.setattr(simulated_threads, "PATIENCE", 0.01)
    lock = threading.Lock()

    def hold():
        with lock:
            sleep(5)

    def wait():
        while not caplog.records:
            lock.acquire(timeout=0.01)

    with simulated_process(START):
        holder, waiting = threading.Thread(target=hold, name="holder"), threading.Thread(target=wait, name="waiting")
        holder.start()
        sleep(1)
        if waits_at_home:
            wait()
        else:
            waiting.start()
            waiting.join()
        holder.join()
        assert elapsed() == 5
    (record,) = caplog.records
    assert "a lock that was made before the simulation" in record.getMessage()
    assert "holder: " in record.getMessage()
    assert f"{'MainThread' if waits_at_home else 'waiting'}: " in record.getMessage()
