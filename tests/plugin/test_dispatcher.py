"""Locust's books while workers come and go, and single stations start and stop."""

from __future__ import annotations

import pytest
from gevent import GreenletExit

from tests.plugin.dispatching import Often, Rarely, Twice, made_of, ramp, totals, workers_named

# What runs already


def test_a_dispatcher_made_in_a_running_test_starts_nobody_again() -> None:
    nodes = workers_named(a={"Often": 3, "Rarely": 1}, b={"Often": 2})
    dispatcher = made_of(nodes, Often, Rarely)
    assert (dispatcher.missing, dispatcher.ramping) == (0, False)
    assert ramp(dispatcher, 6) == {"a": {"Often": 3, "Rarely": 1}, "b": {"Often": 2, "Rarely": 0}}


def test_what_runs_already_is_the_base_for_growing_and_shrinking() -> None:
    dispatcher = made_of(workers_named(a={"Often": 4}, b={"Often": 1}))
    assert totals(ramp(dispatcher, 7)) == {"a": 4, "b": 3}
    assert totals(ramp(dispatcher, 5)) == {"a": 4, "b": 1}
    assert totals(ramp(dispatcher, 2)) == {"a": 1, "b": 1}


def test_classes_that_this_run_does_not_have_are_not_in_its_books() -> None:
    dispatcher = made_of(workers_named(a={"Often": 1, "Other": 5}))
    assert ramp(dispatcher, 2) == {"a": {"Often": 2}}


def test_fixed_counts_that_run_already_are_not_started_again() -> None:
    dispatcher = made_of(workers_named(a={"Twice": 2}), Often, Twice)
    assert ramp(dispatcher, 4) == {"a": {"Often": 2, "Twice": 2}}


# Growing and shrinking


def test_classes_keep_their_weights_and_fixed_counts() -> None:
    books = ramp(made_of(workers_named("a", "b"), Often, Rarely, Twice), 42)
    by_class = {name: sum(counts[name] for counts in books.values()) for name in ("Often", "Rarely", "Twice")}
    assert by_class == {"Often": 30, "Rarely": 10, "Twice": 2}


def test_workers_are_filled_evenly_across_hosts() -> None:
    dispatcher = made_of(workers_named("east_1", "east_2", "west_1"))
    dispatcher.new_dispatch(3, 1)
    order = [totals(books) for books in dispatcher]
    assert order == [
        {"east_1": 1, "east_2": 0, "west_1": 0},
        {"east_1": 1, "east_2": 0, "west_1": 1},
        {"east_1": 1, "east_2": 1, "west_1": 1},
    ]


def test_a_ramp_takes_a_pause_between_its_steps_and_none_after_the_last() -> None:
    pauses: list[float] = []
    dispatcher = made_of(workers_named("a"), sleep=pauses.append)
    dispatcher.new_dispatch(10, 2.5)
    assert [totals(books)["a"] for books in dispatcher] == [2, 4, 6, 8, 10]
    assert len(pauses) == 4
    assert all(0.6 < pause <= 0.8 for pause in pauses)


def test_the_books_that_locust_gets_are_its_own() -> None:
    dispatcher = made_of(workers_named("a"))
    ramp(dispatcher, 1)["a"]["Often"] = 100
    assert ramp(dispatcher, 2) == {"a": {"Often": 2}}


@pytest.mark.parametrize(("target", "rate"), [(-1, 1), (1, 0), (1, float("nan")), (1, float("inf"))])
def test_a_ramp_that_locust_refuses_leaves_the_present_one_alone(target: int, rate: float) -> None:
    dispatcher = made_of(workers_named("a"))
    dispatcher.new_dispatch(3, 1)
    assert totals(next(dispatcher)) == {"a": 1}
    with pytest.raises(ValueError, match="must be"):
        dispatcher.new_dispatch(target, rate)
    assert [totals(books)["a"] for books in dispatcher] == [2, 3]


def test_a_hundred_thousand_users_on_fifty_workers() -> None:
    dispatcher = made_of(workers_named(*(f"w_{number:02}" for number in range(50))), Often, Rarely)
    assert set(totals(ramp(dispatcher, 100_000)).values()) == {2000}
    assert set(totals(ramp(dispatcher, 50)).values()) == {1}


# Nobody left to start


def test_a_target_beyond_all_fixed_counts_ends_and_is_not_missing() -> None:
    dispatcher = made_of(workers_named("a"), Twice)
    assert totals(ramp(dispatcher, 5)) == {"a": 2}
    assert (dispatcher.missing, dispatcher.ramping) == (0, False)
    dispatcher.add_worker(*workers_named("b"))
    assert dispatcher.missing == 0


def test_after_a_target_that_could_not_be_reached_a_ramp_down_is_whole() -> None:
    dispatcher = made_of(workers_named("a"), Twice)
    ramp(dispatcher, 5)
    dispatcher.new_dispatch(0, 1)
    assert [totals(books)["a"] for books in dispatcher] == [1, 0]


def test_fixed_counts_lost_with_a_worker_are_missing_once() -> None:
    dispatcher = made_of(workers_named("a", "b"), Twice)
    ramp(dispatcher, 5)
    dispatcher.remove_worker(*workers_named("b"))
    assert dispatcher.missing > 0
    assert totals(ramp(dispatcher, 5)) == {"a": 2}
    assert dispatcher.missing == 0


def test_one_stopped_by_name_is_not_missing_even_when_the_target_cannot_be_reached() -> None:
    dispatcher = made_of(workers_named("a"), Twice)
    ramp(dispatcher, 5)
    assert dispatcher.note_stopped("a", "Twice")
    assert dispatcher.missing == 0


# Workers that come and go


def test_a_newcomer_gets_growth_and_nobody_is_moved() -> None:
    dispatcher = made_of(workers_named("a", "b"))
    ramp(dispatcher, 6)
    dispatcher.add_worker(*workers_named("c"))
    assert totals(ramp(dispatcher, 6)) == {"a": 3, "b": 3, "c": 0}
    assert totals(ramp(dispatcher, 8)) == {"a": 3, "b": 3, "c": 2}
    assert totals(ramp(dispatcher, 11)) == {"a": 4, "b": 4, "c": 3}


def test_the_users_of_a_lost_worker_are_missing_and_nobody_else_is_moved() -> None:
    dispatcher = made_of(workers_named("a", "b", "c"))
    ramp(dispatcher, 9)
    dispatcher.remove_worker(*workers_named("b"))
    assert (dispatcher.missing, dispatcher.ramping) == (3, False)
    assert totals(ramp(dispatcher, 9, rate=1)) == {"a": 5, "c": 4}
    assert dispatcher.missing == 0


def test_a_worker_that_comes_back_has_nobody() -> None:
    dispatcher = made_of(workers_named("a", "b"))
    ramp(dispatcher, 6)
    dispatcher.add_worker(*workers_named("b"))
    assert dispatcher.missing == 3
    assert totals(ramp(dispatcher, 4)) == {"a": 3, "b": 1}
    assert totals(ramp(dispatcher, 3)) == {"a": 3, "b": 0}


def test_the_last_worker_leaves_and_comes_back() -> None:
    dispatcher = made_of(workers_named("a"))
    ramp(dispatcher, 3)
    dispatcher.remove_worker(*workers_named("a"))
    assert dispatcher.missing == 3
    dispatcher.new_dispatch(3, 1)
    with pytest.raises(GreenletExit):
        next(dispatcher)
    assert not dispatcher.ramping
    dispatcher.add_worker(*workers_named("a"))
    assert totals(ramp(dispatcher, 3)) == {"a": 3}


def test_the_last_worker_leaves_and_comes_back_in_the_middle_of_a_ramp() -> None:
    dispatcher = made_of(workers_named("a"))
    dispatcher.new_dispatch(4, 2)
    assert totals(next(dispatcher)) == {"a": 2}
    dispatcher.remove_worker(*workers_named("a"))
    dispatcher.add_worker(*workers_named("a"))
    assert [totals(books) for books in dispatcher] == [{"a": 2}, {"a": 4}]


def test_a_loss_during_the_pause_of_a_ramp_is_made_good_by_that_ramp() -> None:
    dispatcher = made_of(workers_named("a", "b"), sleep=lambda seconds: dispatcher.remove_worker(*workers_named("b")))
    dispatcher.new_dispatch(6, 4)
    assert [totals(books) for books in dispatcher] == [{"a": 2, "b": 2}, {"a": 6}]


def test_a_loss_below_the_target_of_a_ramp_down_turns_it_round() -> None:
    dispatcher = made_of(workers_named("a", "b"))
    ramp(dispatcher, 8)
    dispatcher.new_dispatch(5, 1)
    assert totals(next(dispatcher)) == {"a": 4, "b": 3}
    dispatcher.remove_worker(*workers_named("a"))
    assert [totals(books) for books in dispatcher] == [{"b": 4}, {"b": 5}]


def test_a_loss_after_the_last_step_that_locust_has_not_yet_done_is_made_good() -> None:
    dispatcher = made_of(workers_named("a", "b"))
    dispatcher.new_dispatch(4, 100)
    assert totals(next(dispatcher)) == {"a": 2, "b": 2}
    assert dispatcher.ramping
    dispatcher.remove_worker(*workers_named("b"))
    assert [totals(books) for books in dispatcher] == [{"a": 4}]


def test_locust_is_never_told_that_it_may_start_a_ramp_in_its_message_loop() -> None:
    dispatcher = made_of(workers_named("a"))
    ramp(dispatcher, 1)
    assert (dispatcher.dispatch_in_progress, dispatcher.ramping) == (True, False)


# Single stations


def test_single_stations_move_the_target_with_them() -> None:
    dispatcher = made_of(workers_named("a", "b"))
    ramp(dispatcher, 4)
    assert dispatcher.note_started("b", "Often")
    assert ramp(dispatcher, 5) == {"a": {"Often": 2}, "b": {"Often": 3}}
    assert dispatcher.note_stopped("a", "Often")
    assert dispatcher.missing == 0
    assert ramp(dispatcher, 4) == {"a": {"Often": 1}, "b": {"Often": 3}}


def test_one_started_by_name_is_the_newest() -> None:
    dispatcher = made_of(workers_named("a", "b"))
    ramp(dispatcher, 2)
    dispatcher.note_started("a", "Often")
    assert totals(ramp(dispatcher, 2)) == {"a": 1, "b": 1}


def test_of_a_workers_stations_it_is_the_newest_entry_that_goes() -> None:
    dispatcher = made_of(workers_named("a", "b"))
    ramp(dispatcher, 5)  # a b a b a
    dispatcher.note_stopped("b", "Often")  # a b a a
    assert totals(ramp(dispatcher, 2)) == {"a": 1, "b": 1}


def test_notes_about_a_worker_that_has_left_change_nothing() -> None:
    dispatcher = made_of(workers_named("a", "b"))
    ramp(dispatcher, 4)
    dispatcher.remove_worker(*workers_named("b"))
    assert not dispatcher.note_started("b", "Often")
    assert not dispatcher.note_stopped("b", "Often")
    assert dispatcher.missing == 2


def test_a_station_that_the_books_do_not_know_cannot_leave_them() -> None:
    dispatcher = made_of(workers_named("a", "b"))
    ramp(dispatcher, 1)
    assert not dispatcher.note_stopped("b", "Often")
    assert totals(ramp(dispatcher, 1)) == {"a": 1, "b": 0}


def test_a_station_stopped_by_name_while_all_are_going_leaves_no_negative_target() -> None:
    dispatcher = made_of(workers_named("a"))
    ramp(dispatcher, 3)
    dispatcher.new_dispatch(0, 1)
    next(dispatcher)
    dispatcher.note_stopped("a", "Often")
    assert [totals(books) for books in dispatcher] == [{"a": 0}]
