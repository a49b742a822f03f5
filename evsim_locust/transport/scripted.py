"""Fakes to run a `Life` in memory: a clock that is moved by hand, and links that play a script; pure.

Nothing sleeps: whoever would wait moves the clock to the next thing that happens. What other greenlets would do in
the meantime is put on the clock with `call_at`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from itertools import count

from evsim_locust.transport.errors import Disconnected, OpenFailed

_NEVER = float("inf")


class NothingHappens(Exception):
    """Somebody waits for ever: a real run would hang here."""


class ManualClock:
    """Monotonic seconds that pass only when told to; `call_at` plans what happens in between."""

    def __init__(self, now: float = 0.0) -> None:
        self._now = now
        self._planned: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def __call__(self) -> float:
        """What time it is."""
        return self._now

    def call_at(self, time: float, action: Callable[[], None]) -> None:
        """Plan `action`; plans of one time run in the order they were made."""
        heappush(self._planned, (max(time, self._now), next(self._order), action))

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass, with all that is planned in them."""
        self.run_until(self._now + seconds, lambda: False)

    def run_until(self, time: float, stop: Callable[[], bool]) -> None:
        """Let time pass until `time`, or until `stop()` holds after a planned action."""
        while not stop():
            if not self._planned or self._planned[0][0] > time:
                if time == _NEVER:
                    raise NothingHappens("no deadline, nothing planned")
                self._now = max(self._now, time)
                return
            self._now, _, action = heappop(self._planned)
            action()


class ScriptedPause:
    """`waiting.Waiter` on a manual clock."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._woken = False
        self.closed = False

    def wait(self, timeout: float | None) -> None:
        """Move the clock by `timeout`, or to a `wake`."""
        self._clock.run_until(_NEVER if timeout is None else self._clock() + timeout, lambda: self._woken)
        self._woken = False

    def wake(self) -> None:
        """End the wait, or the next one."""
        self._woken = True

    def close(self) -> None:
        """Remember it."""
        self.closed = True


class ScriptedConnection:
    """`connection.Connection` that plays `script`: a text to hand over, seconds of silence, or the end to raise.

    After its script it stays silent. `sent`, `pings` (the intervals set) and `closes` record what was asked of it.
    """

    def __init__(self, clock: ManualClock, script: Iterable[str | float | Exception] = ()) -> None:
        self._clock = clock
        self._script = list(script)
        self._silent_until = 0.0
        self._end: Exception | None = None
        self._pause = ScriptedPause(clock)
        self.sent: list[bytes | str] = []
        self.pings: list[float] = []
        self.closes: list[tuple[int, str, float]] = []

    @property
    def closed(self) -> bool:
        """The socket would be given back by now."""
        return self._end is not None

    def send(self, text: str | bytes) -> None:
        """Record it, while the link is open."""
        if self._end is None:
            self.sent.append(text)

    def receive(self, timeout: float | None) -> str | None:
        """The script's next text; None when the silence is longer than `timeout` or at a `wake`; raises its end."""
        until = _NEVER if timeout is None else self._clock() + timeout
        while self._end is None:
            silent_until = self._silence()
            if silent_until <= self._clock():
                return self._play()
            self._pause.wait(min(until, silent_until) - self._clock())
            if self._clock() < silent_until:
                return None
        raise self._end

    def wake(self) -> None:
        """Make `receive` return None."""
        self._pause.wake()

    def ping_every(self, interval_s: float) -> None:
        """Record it."""
        self.pings.append(interval_s)

    def close(self, code: int = 1000, reason: str = "", timeout: float = 1.0) -> None:
        """Record it, once."""
        if self._end is None:
            self.closes.append((code, reason, timeout))
            self._end = Disconnected(code, reason, by_us=True)

    def _silence(self) -> float:
        """When the silence ends that the script is in."""
        if self._silent_until <= self._clock():
            step = self._script[0] if self._script else _NEVER
            if isinstance(step, int | float):
                del self._script[:1]
                self._silent_until = self._clock() + step
        return self._silent_until

    def _play(self) -> str:
        step = self._script.pop(0)
        if isinstance(step, Exception):
            self._end = step
            raise step
        return str(step)


class ScriptedOpening:
    """`opening.Opening` that takes `takes_s` and then has this `outcome`."""

    def __init__(self, clock: ManualClock, outcome: ScriptedConnection | OpenFailed, takes_s: float = 0.0) -> None:
        self._clock, self._takes_s = clock, takes_s
        self.outcome = outcome
        self.durations: dict[str, float] = {}
        self.aborted = False

    def open(self) -> ScriptedConnection:
        """The connection, or raise."""
        self._clock.run_until(self._clock() + self._takes_s, lambda: self.aborted)
        if self.aborted:
            raise OpenFailed("tcp", "aborted", kind="aborted")
        self.durations["tcp"] = self._takes_s
        if isinstance(self.outcome, OpenFailed):
            raise self.outcome
        return self.outcome

    def abort(self) -> None:
        """Make `open` fail."""
        self.aborted = True


class ScriptedLink:
    """What `Life` takes as `open_link`: plays its `openings` one after the other.

    `asked_at` keeps when each was asked for; more openings may be added at any time.
    """

    def __init__(self, clock: ManualClock, openings: Iterable[ScriptedOpening] = ()) -> None:
        self._clock = clock
        self.openings = list(openings)
        self.asked_at: list[float] = []

    def __call__(self) -> ScriptedOpening:
        """The next opening."""
        number = len(self.asked_at)
        self.asked_at.append(self._clock())
        if number == len(self.openings):
            raise NothingHappens(f"an opening more than the script has, at {self._clock():g} s")
        return self.openings[number]
