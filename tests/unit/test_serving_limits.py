"""A worker's slots: who gets in, who waits, who is told to come back. Nothing here is timed."""

from __future__ import annotations

from contextlib import ExitStack
from threading import Event, Thread

import pytest

from cds_service.errors import ServiceBusy
from cds_service.record import fetcher
from cds_service.serving.limits import SLOTS, SPARE_THREADS, THREADS, WAITING, Capacity, slots_of

MIB = 2**20
FOREVER = 60.0


def test_slots_are_given_until_none_is_left_and_again_when_one_is_free() -> None:
    capacity = Capacity(slots=2, waiting=0)
    with capacity.slot(), capacity.slot(), pytest.raises(ServiceBusy):
        capacity.slot().__enter__()
    with capacity.slot(), capacity.slot():
        pass


def test_a_slot_is_free_again_after_a_failure() -> None:
    capacity = Capacity(slots=1, waiting=0)
    for _ in range(3):
        with pytest.raises(KeyError), capacity.slot():
            raise KeyError
    with capacity.slot():
        pass


def test_who_waits_gets_the_next_free_slot_and_the_one_behind_the_line_is_refused() -> None:
    capacity, inside, leave, served = Capacity(slots=1, waiting=1, patience=FOREVER), Event(), Event(), Event()

    def first() -> None:
        with capacity.slot():
            inside.set()
            assert leave.wait(FOREVER)

    def second() -> None:
        with capacity.slot():
            served.set()

    threads = [Thread(target=first), Thread(target=second)]
    threads[0].start()
    assert inside.wait(FOREVER)
    threads[1].start()
    while not capacity._waiting:  # until the second stands in line
        Event().wait(0.001)
    with pytest.raises(ServiceBusy):
        capacity.slot().__enter__()
    assert not served.is_set()
    leave.set()
    for thread in threads:
        thread.join(FOREVER)
    assert served.is_set()


def test_patience_ends() -> None:
    capacity = Capacity(slots=1, waiting=1, patience=0.0)
    with capacity.slot(), pytest.raises(ServiceBusy):
        capacity.slot().__enter__()
    with capacity.slot():
        pass


@pytest.mark.parametrize(
    ("body", "slots"), [(0, 1), (36_000, 1), (MIB - 1, 1), (MIB, 2), (6 * MIB, 7), (10 * MIB, 8), (900 * MIB, 8)]
)
def test_large_bodies_hold_several_slots_but_never_all(body: int, slots: int) -> None:
    assert slots_of(body) == slots < SLOTS


def test_a_worker_holds_a_bounded_number_of_large_bodies() -> None:
    capacity = Capacity(waiting=0)
    with ExitStack() as held:
        held.enter_context(capacity.slot(10 * MIB))
        held.enter_context(capacity.slot(10 * MIB))
        with pytest.raises(ServiceBusy):
            capacity.slot().__enter__()


def test_threads_are_left_for_those_who_are_refused_and_slots_for_those_who_do_not_fetch() -> None:
    assert THREADS == SLOTS + WAITING + SPARE_THREADS
    assert SPARE_THREADS > 0
    assert 2 * fetcher.CALLS_AT_ONCE <= SLOTS
