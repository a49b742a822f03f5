"""Writes the store behind the stations' backs: changes are gathered on the event loop, written in a thread."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from csms.errors import StoreFailed
from csms.events import Event, TransactionChanged
from csms.store import Store
from csms.transactions import Transaction

_log = logging.getLogger(__name__)


class Writer:
    """Takes events at no cost to the caller, writes them every `interval_s`; `close` writes the rest."""

    def __init__(self, store: Store, interval_s: float = 0.5) -> None:
        self._store, self._interval_s = store, interval_s
        self._pending: list[Transaction] = []
        self._closing = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "store")  # one thread, as the store takes one call at a time

    def put(self, events: Iterable[Event]) -> None:
        """Keep what the store must know."""
        self._pending.extend(event.transaction for event in events if type(event) is TransactionChanged)

    async def run(self) -> None:
        """Write until `close`; what cannot be written is told and tried again."""
        while not self._closing.is_set():
            try:
                await asyncio.wait_for(self._closing.wait(), self._interval_s)
            except TimeoutError:
                await self._try_to_write()

    async def close(self) -> None:
        """Write the rest and give the file back, when `run` has ended; raises `StoreFailed`."""
        try:
            await self._write()
            await asyncio.get_running_loop().run_in_executor(self._thread, self._store.close)
        except sqlite3.Error as error:
            raise StoreFailed(f"the store could not be written: {error}", len(self._pending)) from None
        finally:
            self._thread.shutdown()

    def stop(self) -> None:
        """Make `run` end after the write that it is in."""
        self._closing.set()

    async def _try_to_write(self) -> None:
        try:
            await self._write()
        except sqlite3.Error as error:
            _log.error("the store cannot be written, %d changes wait: %s", len(self._pending), error)

    async def _write(self) -> None:
        batch, self._pending = self._pending, []
        if not batch:
            return
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._store.write, batch)
        except sqlite3.Error:
            self._pending = batch + self._pending
            raise
