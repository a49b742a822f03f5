"""The store across restarts, kills and wrong files; the writer behind the event loop."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3

import pytest

from csms.errors import StoreFailed, StoreRefused
from csms.events import TransactionChanged
from csms.store import Store
from csms.transactions import Transaction
from csms.writer import Writer
from evsim_locust.ocppj.events import FrameIgnored


def _transaction(number, status="open", **more):
    fields = {"station_id": "CP1", "connector_id": 1, "id_tag": "Ä", "meter_start": -5, "start_time": "t"}
    return Transaction(transaction_id=number, status=status, **(fields | more))


STOPPED = _transaction(1, "stopped", meter_stop=2**53, stop_time="u", reason="Local")


def test_a_new_store_is_empty_and_begins_at_one(tmp_path):
    store = Store(tmp_path / "new.db")
    assert (store.transactions, store.first_id) == ([], 1)
    store.close()


def test_records_come_back_as_they_were_and_ids_go_on(tmp_path):
    store = Store(tmp_path / "s.db")
    store.write([_transaction(1), _transaction(2)])
    store.write([STOPPED])
    store.close()
    store = Store(tmp_path / "s.db")
    assert store.transactions == [STOPPED, _transaction(2)]
    assert store.first_id == 3
    store.close()


def test_after_a_kill_ids_that_were_given_out_but_not_written_are_not_given_again(tmp_path):
    path, copy = tmp_path / "s.db", tmp_path / "copy"
    store = Store(path)
    store.write([_transaction(7)])
    shutil.copytree(tmp_path, copy)  # what a kill leaves behind: the file and its log, not closed
    killed = Store(copy / "s.db")
    assert [row.transaction_id for row in killed.transactions] == [7]
    assert killed.first_id > 7 + 10_000
    killed.close()
    store.close()


def test_a_kill_before_the_first_write_keeps_ids_apart_too(tmp_path):
    store = Store(tmp_path / "s.db")
    shutil.copytree(tmp_path, tmp_path / "copy")
    killed = Store(tmp_path / "copy" / "s.db")
    assert killed.first_id > 10_000
    killed.close()
    store.close()


def test_a_batch_is_written_whole_or_not_at_all(tmp_path):
    store = Store(tmp_path / "s.db")
    with pytest.raises(sqlite3.IntegrityError):
        store.write([_transaction(1), _transaction(2, station_id=None)])
    store.write([_transaction(3)])
    store.close()
    store = Store(tmp_path / "s.db")
    assert [row.transaction_id for row in store.transactions] == [3]
    store.close()


def _refusal(path):
    with pytest.raises(StoreRefused) as raised:
        Store(path)
    assert str(raised.value).startswith(f"{path}: ")
    return str(raised.value)


def test_a_file_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "simulator.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE station_logs (id)")
    database.close()
    before = path.read_bytes()
    assert "a database of another program; give --store another path" in _refusal(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but longer than the header of one, which has a hundred bytes. " * 2)
    assert "not a readable store (file is not a database)" in _refusal(path)
    assert path.read_text().startswith("not a database")


def test_a_folder_that_is_not_there(tmp_path):
    assert "give --store a file in a folder that can be written" in _refusal(tmp_path / "none" / "s.db")


def test_a_store_that_is_held(tmp_path):
    store = Store(tmp_path / "s.db")
    assert "held by another process; stop that one or give --store another path" in _refusal(tmp_path / "s.db")
    store.close()


def test_a_store_of_another_version(tmp_path):
    Store(tmp_path / "s.db").close()
    with sqlite3.connect(tmp_path / "s.db") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    assert "written by another version" in _refusal(tmp_path / "s.db")


def test_a_store_with_a_record_that_cannot_be(tmp_path):
    Store(tmp_path / "s.db").close()
    with sqlite3.connect(tmp_path / "s.db") as database:
        database.execute("INSERT INTO transactions VALUES (1, 'CP1', 1, 'A', 0, NULL, 't', NULL, NULL, 'lost')")
    database.close()
    assert "not a readable store" in _refusal(tmp_path / "s.db")


# ---- the writer


def _changed(*numbers):
    return [TransactionChanged(_transaction(number)) for number in numbers]


def test_the_writer_keeps_changes_and_nothing_else(tmp_path):
    async def run():
        writer = Writer(Store(tmp_path / "s.db"), interval_s=60)
        writer.put([*_changed(1, 2), FrameIgnored("LateAnswer", "x")])
        writer.stop()
        await writer.run()
        await writer.close()

    asyncio.run(run())
    store = Store(tmp_path / "s.db")
    assert [row.transaction_id for row in store.transactions] == [1, 2]
    store.close()


def test_the_writer_writes_while_it_runs(tmp_path):
    class Watched(Store):
        def write(self, changed):
            super().write(changed)
            written.append(len(changed))
            loop.call_soon_threadsafe(done.set)

    written = []

    async def run():
        nonlocal loop, done
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        writer = Writer(Watched(tmp_path / "s.db"), interval_s=0.01)
        running = asyncio.create_task(writer.run())
        for numbers in ((1, 2), (3,)):
            done.clear()
            writer.put(_changed(*numbers))
            await asyncio.wait_for(done.wait(), 5)
        writer.stop()
        await running
        await writer.close()

    loop = done = None
    asyncio.run(run())
    assert written == [2, 1]


class _Full(Store):
    """A store on a disk that is full for the first `failures` writes."""

    failures = 0

    def write(self, changed):
        if self.failures:
            self.failures -= 1
            raise sqlite3.OperationalError("database or disk is full")
        super().write(changed)


def test_what_could_not_be_written_is_told_and_written_later(tmp_path, caplog):
    async def run():
        store = _Full(tmp_path / "s.db")
        store.failures = 1
        writer = Writer(store, interval_s=0.01)
        running = asyncio.create_task(writer.run())
        writer.put(_changed(1))
        while store.failures:
            await asyncio.sleep(0.01)
        writer.put(_changed(2))
        writer.stop()
        await running
        await writer.close()

    with caplog.at_level(logging.ERROR, logger="csms.writer"):
        asyncio.run(run())
    assert caplog.messages == ["the store cannot be written, 1 changes wait: database or disk is full"]
    store = Store(tmp_path / "s.db")
    assert [row.transaction_id for row in store.transactions] == [1, 2]
    store.close()


def test_changes_that_are_lost_in_the_end_are_told(tmp_path):
    async def run():
        store = _Full(tmp_path / "s.db")
        store.failures = 1
        writer = Writer(store)
        writer.put(_changed(1, 2))
        try:
            with pytest.raises(StoreFailed, match=r"disk is full \(2 changes not written\)") as raised:
                await writer.close()
            assert raised.value.unwritten == 2
        finally:
            store.close()

    asyncio.run(run())
