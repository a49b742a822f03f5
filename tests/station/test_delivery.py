"""The queue of transaction messages against a model: order, ids, attempts, room (OCPP 1.6, section 3.7.1)."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from evsim_locust.ocppj.v16.messages import MeterValues, StartTransaction, StopTransaction
from evsim_locust.station.delivery import Delivery, Message, TransactionRequest
from evsim_locust.station.transaction import Transaction


def start(number: int = 0) -> StartTransaction:
    return StartTransaction(connector_id=1, id_tag=f"T{number}", meter_start=0, timestamp="now")


def values() -> MeterValues:
    return MeterValues(connector_id=1, meter_value=[])


def stop() -> StopTransaction:
    return StopTransaction(transaction_id=0, meter_stop=0, timestamp="now")


def transaction(transaction_id: int | None = None) -> Transaction:
    made = Transaction(1, "A", None, 0, 0.0)
    made.transaction_id = transaction_id
    return made


class DeliveryMachine(RuleBasedStateMachine):
    """A central system that answers, refuses or is silent, in any order that a station can meet."""

    def __init__(self) -> None:
        super().__init__()
        self.delivery = Delivery()
        self.model: list[tuple[TransactionRequest, Transaction]] = []
        self.open: list[Transaction] = []
        self.sent: Message | None = None
        self.tries = 0
        self.now = 0.0
        self.retry_at = 0.0
        self.ids = 100

    def add(self, request: TransactionRequest, of: Transaction) -> None:
        assert self.delivery.add(request, of) is None
        self.model.append((request, of))

    @rule()
    def begins(self) -> None:
        self.open.append(transaction())
        self.add(start(len(self.model)), self.open[-1])

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def samples(self, data: st.DataObject) -> None:
        self.add(values(), data.draw(st.sampled_from(self.open)))

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def ends(self, data: st.DataObject) -> None:
        ended = data.draw(st.sampled_from(self.open))
        self.open.remove(ended)
        self.add(stop(), ended)

    @rule(seconds=st.sampled_from([1.0, 10.0, 100.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def send(self) -> None:
        message = self.delivery.due(self.now)
        if self.sent is not None or not self.model or self.now < self.retry_at:
            assert message is None
            return
        assert message is not None
        request, of = self.model[0]
        assert message.request is request
        assert message.transaction is of
        if not isinstance(request, StartTransaction):
            assert request.transaction_id == of.transaction_id
        self.sent = message

    @precondition(lambda self: self.sent)
    @rule()
    def answered(self) -> None:
        request, of = self.model.pop(0)
        if isinstance(request, StartTransaction):
            self.ids += 1
            of.transaction_id = self.ids
        self.delivery.done()
        self.sent, self.tries = None, 0

    @precondition(lambda self: self.sent)
    @rule()
    def lost(self) -> None:
        self.delivery.unanswered()
        self.sent = None

    @precondition(lambda self: self.sent)
    @rule(most=st.integers(1, 4), interval_s=st.sampled_from([0, 7, 60]))
    def refused(self, most: int, interval_s: int) -> None:
        self.sent, self.tries = None, self.tries + 1
        given_up = self.delivery.refused(self.now, most, interval_s)
        assert given_up is (self.tries >= most)
        if not given_up:
            self.retry_at = self.now + interval_s * self.tries
            assert self.delivery.retry_at == self.retry_at
            return
        request, of = self.model.pop(0)
        self.tries = 0
        if isinstance(request, StartTransaction):
            gone = self.delivery.drop_of(of)
            assert [message.request for message in gone] == [r for r, t in self.model if t is of]
            self.model = [(r, t) for r, t in self.model if t is not of]
            self.open = [t for t in self.open if t is not of]

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        assert len(self.delivery) == len(self.model)
        assert self.delivery.empty is (not self.model)

    def teardown(self) -> None:
        assert [message.request for message in self.delivery.drop_all()] == [request for request, _of in self.model]
        assert self.delivery.empty


DeliveryMachine.TestCase.settings = settings(max_examples=40)
TestDeliveryMachine = DeliveryMachine.TestCase


def full(on_its_way: bool) -> Delivery:
    delivery, of = Delivery(), transaction(1)
    for _ in range(1000):
        assert delivery.add(values(), of) is None
    if on_its_way:
        assert delivery.due(0.0) is not None
    return delivery


def test_the_oldest_meter_value_makes_room_but_not_one_on_its_way() -> None:
    for on_its_way, place in ((False, 0), (True, 1)):
        delivery = full(on_its_way)
        held = [message.request for message in delivery._entries or ()]
        dropped = delivery.add(values(), transaction(1))
        assert dropped is not None
        assert dropped.request is held[place]
        assert len(delivery) == 1000


def test_starts_and_stops_never_make_room() -> None:
    delivery = full(False)
    assert delivery.add(stop(), transaction(1)) is None
    assert delivery.add(start(), transaction()) is None
    assert len(delivery) == 1002


def test_what_was_answered_or_dropped_leaves_room() -> None:
    delivery = full(True)
    delivery.done()
    assert delivery.add(values(), transaction(1)) is None
    delivery.drop_all()
    for _ in range(1000):
        assert delivery.add(values(), transaction(1)) is None
    assert delivery.add(values(), transaction(1)) is not None


def test_an_empty_queue_has_nothing_to_do() -> None:
    delivery = Delivery()
    assert delivery.due(0.0) is None
    assert delivery.drop_all() == []
    assert delivery.drop_of(transaction()) == []
    assert len(delivery) == 0
