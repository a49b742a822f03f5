from __future__ import annotations

from io import StringIO

from evsim_locust.analysis.progress import Progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_short_work_is_silent() -> None:
    stream, clock = Terminal(), Clock()
    progress = Progress(stream, clock)
    clock.now += 1.9
    progress.show("reading", 1, 2)
    progress.close()
    assert stream.getvalue() == ""


def test_a_terminal_s_line_is_rewritten_and_wiped() -> None:
    stream, clock = Terminal(), Clock()
    progress = Progress(stream, clock)
    clock.now += 3
    progress.show("reading sessions", 500, 2000)
    progress.show("reading sessions", 501, 2000)  # at once: not shown
    clock.now += 1
    progress.show("reading", 2000, 2000)
    progress.close()
    first, second = "reading sessions: 500 of 2,000 (25 %), 3 s", "reading: 2,000 of 2,000 (100 %), 4 s"
    assert stream.getvalue().split("\r") == ["", first, second.ljust(len(first)), " " * len(second), ""]


def test_a_file_gets_few_lines() -> None:
    stream, clock = StringIO(), Clock()
    progress = Progress(stream, clock)
    for _ in range(300):
        clock.now += 0.1
        progress.show("reading", 0, 0)
    progress.close()
    assert stream.getvalue().splitlines() == [f"reading: 0 of 0 (100 %), {at} s" for at in (2, 12, 22)]
