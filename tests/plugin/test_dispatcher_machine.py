"""Any order of joins, losses, ramps and single stations, against books kept in the simplest way there is."""

from __future__ import annotations

from collections import Counter

from gevent import GreenletExit
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from locust import User
from locust.runners import WorkerNode

from evsim_locust.plugin.dispatcher import Books, StationDispatcher

_WORKERS = ("east_1", "east_2", "west_1", "west_2")


class Often(User):
    """Three of four."""

    weight, abstract = 3, False


class Rarely(User):
    """One of four."""

    weight, abstract = 1, False


class Twice(User):
    """Exactly two, before all others."""

    fixed_count, abstract = 2, False


_CLASSES = [Often, Rarely, Twice]
_BY_WEIGHT = ("Often", "Rarely")
workers = st.sampled_from(_WORKERS)
counts = st.integers(0, 12)
visits = st.lists(st.tuples(st.sampled_from(["join", "leave"]), workers), max_size=3)


def _preference(worker: str, present: set[str]) -> tuple[int, str]:
    """Locust's order: the first worker of each host, then the second of each."""
    host = worker.split("_")[0]
    return sorted(other for other in present if other.startswith(host)).index(worker), worker


class BooksOfAnyHistory(RuleBasedStateMachine):
    """The model is the list of all users, oldest first, as (worker, class)."""

    def __init__(self) -> None:
        super().__init__()
        self.users: list[tuple[str, str]] = []
        self.present: set[str] = set()
        self.target = 0
        self.visits: list[tuple[str, str]] = []
        self.begin(0)

    @initialize(already=st.integers(0, 5))
    def begin(self, already: int) -> None:
        node = WorkerNode("east_1")
        node.user_classes_count = {"Often": already}
        self.dispatcher = StationDispatcher([node], list(_CLASSES), sleep=lambda seconds: self.next_visit())
        self.present, self.users, self.target = {"east_1"}, [("east_1", "Often")] * already, already

    @rule(worker=workers)
    def join(self, worker: str) -> None:
        """Also of one that is there already."""
        self.dispatcher.add_worker(WorkerNode(worker))
        self.present.add(worker)
        self.users = [user for user in self.users if user[0] != worker]

    @rule(worker=workers)
    def leave(self, worker: str) -> None:
        """Also of one that is not there."""
        self.dispatcher.remove_worker(WorkerNode(worker))
        self.present.discard(worker)
        self.users = [user for user in self.users if user[0] != worker]

    @rule(worker=workers, class_name=st.sampled_from(_BY_WEIGHT))
    def start_one(self, worker: str, class_name: str) -> None:
        assert self.dispatcher.note_started(worker, class_name) == (worker in self.present)
        if worker in self.present:
            self.users.append((worker, class_name))
            self.target += 1

    @rule(worker=workers, class_name=st.sampled_from([*_BY_WEIGHT, "Twice"]))
    def stop_one(self, worker: str, class_name: str) -> None:
        known = (worker, class_name) in self.users
        assert self.dispatcher.note_stopped(worker, class_name) == known
        if known:
            newest = len(self.users) - 1 - self.users[::-1].index((worker, class_name))
            del self.users[newest]
            self.target = max(0, self.target - 1)

    @rule(count=counts, in_the_pauses=visits, in_the_loop=visits)
    def ramp(self, count: int, in_the_pauses: list[tuple[str, str]], in_the_loop: list[tuple[str, str]]) -> None:
        """One user a step, while workers come and go between the steps."""
        self.visits, self.target = list(in_the_pauses), count
        self.dispatcher.new_dispatch(count, 1)
        try:
            for books in self.dispatcher:
                self.follow(books)
                if in_the_loop:
                    self.visit(*in_the_loop.pop())
        except GreenletExit:
            assert not self.present
        else:
            assert len(self.users) == self.target

    def next_visit(self) -> None:
        if self.visits:
            self.visit(*self.visits.pop())

    def visit(self, what: str, worker: str) -> None:
        (self.join if what == "join" else self.leave)(worker)

    def follow(self, books: Books) -> None:
        """What one step must have done: the new user is where fewest were, or the newest user has gone."""
        before, after = Counter(self.users), _counted(books)
        if len(self.users) < self.target:
            (added,) = (after - before).elements()
            assert added[0] == self.least_loaded()
            assert added[1] == "Twice" or self.twice() == Twice.fixed_count
            self.users.append(added)
        elif len(self.users) > self.target:
            self.users.pop()
        assert after == Counter(self.users)

    def least_loaded(self) -> str:
        load = Counter(worker for worker, _ in self.users)
        return min(self.present, key=lambda worker: (load[worker], *_preference(worker, self.present)))

    def twice(self) -> int:
        return sum(name == "Twice" for _, name in self.users)

    @invariant()
    def the_books_are_the_model(self) -> None:
        books = self.dispatcher._users_on_workers
        assert books.keys() == self.present
        assert min((count for counts in books.values() for count in counts.values()), default=0) >= 0
        assert _counted(books) == Counter(self.users)
        assert self.dispatcher.get_current_user_count() == self.dispatcher._current_user_count == len(self.users)
        assert self.dispatcher.missing == max(0, self.target - len(self.users))
        assert self.twice() <= Twice.fixed_count


def _counted(books: Books) -> Counter[tuple[str, str]]:
    return Counter(
        {(worker, name): count for worker, counts in books.items() for name, count in counts.items() if count}
    )


TestBooksOfAnyHistory = BooksOfAnyHistory.TestCase
TestBooksOfAnyHistory.settings = settings(max_examples=60, stateful_step_count=25)


def _after(ramps: list[int], rate: float) -> Books:
    dispatcher = StationDispatcher([WorkerNode(name) for name in _WORKERS], list(_CLASSES), sleep=lambda seconds: None)
    for target in ramps:
        dispatcher.new_dispatch(target, rate)
        list(dispatcher)
    return dispatcher._users_on_workers


@given(st.lists(st.integers(0, 60), max_size=6), st.floats(1, 1000))
def test_the_rate_of_a_ramp_changes_nothing_but_its_pace(ramps: list[int], rate: float) -> None:
    assert _after(ramps, rate) == _after(ramps, 1)


@given(st.dictionaries(st.sampled_from(_WORKERS), st.integers(0, 30), min_size=1), counts)
def test_what_runs_already_is_levelled_only_by_growing_and_shrinking(live: dict[str, int], change: int) -> None:
    nodes = [WorkerNode(name) for name in live]
    dispatcher = StationDispatcher(nodes, [Often], live=lambda node: {"Often": live[node.id]})
    total = sum(live.values())
    dispatcher.new_dispatch(max(0, total - change), 1000)
    fewer = {worker: counts["Often"] for worker, counts in next(dispatcher).items()}
    assert sum(fewer.values()) == max(0, total - change)
    touched = [worker for worker in live if fewer[worker] < live[worker]]
    assert all(fewer[worker] <= live[worker] for worker in live)
    assert all(fewer[worker] >= max(fewer.values()) - 1 for worker in touched)
