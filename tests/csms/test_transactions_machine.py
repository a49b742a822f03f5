"""The book against a simple model, in any order of starts, stops, repetitions and restarts."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from csms.transactions import Book, Finding
from evsim_locust.ocppj.v16.messages import StartTransaction, StopTransaction

_stations = st.sampled_from(["CP1", "CP2"])
_small = st.integers(0, 3)


class BookMachine(RuleBasedStateMachine):
    """The model: each start's arguments and its id, which ids are stopped, what is open on a connector."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Book()
        self.ids: dict[tuple, int] = {}
        self.stopped: dict[int, tuple] = {}
        self.on_connector: dict[tuple, int] = {}
        self.stored: dict[int, object] = {}

    @rule(station=_stations, connector=st.integers(1, 2), tag=st.sampled_from("AB"), meter=_small, hour=_small)
    def start(self, station, connector, tag, meter, hour):
        at = f"2026-11-22T{10 + hour}:00:00.000Z"
        key = (station, connector, tag, at, meter)
        request = StartTransaction(connector_id=connector, id_tag=tag, meter_start=meter, timestamp=at)
        started = self.book.start(station, request, at)
        if key in self.ids:
            assert started.transaction_id == self.ids[key]
            assert started.findings == (Finding.RETRANSMITTED,)
            return
        assert started.transaction_id not in self.ids.values()
        assert (Finding.ABANDONED in started.findings) == ((station, connector) in self.on_connector)
        self.ids[key] = self.on_connector[station, connector] = started.transaction_id

    @rule(station=_stations, number=st.integers(1, 12), meter=_small)
    def stop(self, station, number, meter):
        request = StopTransaction(transaction_id=number, meter_stop=meter, timestamp="t")
        findings = self.book.stop(station, request, "t")
        starts = {number: key for key, number in self.ids.items()}
        if number not in starts or starts[number][0] != station:
            assert findings == (Finding.UNKNOWN_STOP,)
        elif number in self.stopped:
            same = self.stopped[number] == (meter,)
            assert findings == (Finding.REPEATED_STOP if same else Finding.CONFLICTING_STOP,)
        else:
            assert findings == ((Finding.NEGATIVE_ENERGY,) if meter < starts[number][4] else ())
            self.stopped[number] = (meter,)
            self.on_connector = {place: held for place, held in self.on_connector.items() if held != number}

    @rule()
    def store(self):
        self.stored.update((row.transaction_id, row) for row in self.book.take_changes())
        assert self.stored == {row.transaction_id: row for row in self.book.rows()}

    @rule()
    def restart(self):
        self.book = Book(reversed(self.book.rows()))
        self.stored = {row.transaction_id: row for row in self.book.rows()}

    @invariant()
    def the_rows_say_what_the_model_says(self):
        rows = self.book.rows()
        assert [row.transaction_id for row in rows] == sorted(self.ids.values())
        open_ids = {row.transaction_id for row in rows if row.status == "open"}
        assert open_ids == set(self.on_connector.values())
        assert self.book.open_count == len(open_ids)
        assert {row.transaction_id: (row.meter_stop,) for row in rows if row.status == "stopped"} == self.stopped


TestBook = BookMachine.TestCase
