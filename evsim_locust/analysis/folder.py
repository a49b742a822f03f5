"""Where the report goes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evsim_locust.analysis.errors import Unreadable
from evsim_locust.analysis.gallery import PLOTS, Plot


def write(folder: Path, page: str, plots: Sequence[Plot]) -> Path:
    """Put page and plots into the folder and return the page's path; raises Unreadable.

    A plot of an earlier run that this one has no data for is taken away: it would be taken for this run's.
    """
    images = {plot.name: plot.image for plot in plots}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in PLOTS:
            file = folder / f"{name}.png"
            if name in images:
                file.write_bytes(images[name])
            else:
                file.unlink(missing_ok=True)
        report = folder / "report.html"
        report.write_text(page, encoding="utf-8")
    except OSError as error:
        raise Unreadable(f"--out {folder}: cannot be written: {error.strerror}") from None
    return report
