"""`python -m evsim_locust.analysis`: plots and a report of one run."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import TextIO

from evsim_locust.analysis.errors import AnalysisError
from evsim_locust.analysis.folder import write
from evsim_locust.analysis.gallery import draw_all
from evsim_locust.analysis.options import Options, parse
from evsim_locust.analysis.progress import Progress
from evsim_locust.analysis.queries import list_runs
from evsim_locust.analysis.report import render
from evsim_locust.analysis.source import opened
from evsim_locust.analysis.study import study_run
from evsim_locust.analysis.words import time_text


def main(arguments: Sequence[str], environ: Mapping[str, str], out: TextIO, err: TextIO) -> int:
    """The exit status: 0 there is a report, 1 no database or run, 2 a database or folder that cannot be used."""
    options = parse(arguments, environ)
    progress = Progress(err, monotonic)
    try:
        for line in _runs(options) if options.list_runs else _report(options, progress):
            out.write(line + "\n")
    except AnalysisError as error:
        progress.close()
        err.write(f"analysis: {error}\n")
        return error.status
    return 0


def _runs(options: Options) -> list[str]:
    with opened(options.history) as connection:
        found = list_runs(connection)
    if not found:
        return ["this history holds no run yet"]
    return [
        f"{run.run_id}  {time_text(run.started_s)} to "
        f"{time_text(run.stopped_s) if run.stopped_s is not None else '(not ended)':23}  {sessions:>11,} sessions"
        for run, sessions in found
    ]


def _report(options: Options, progress: Progress) -> list[str]:
    with opened(options.history) as connection:
        study = study_run(connection, options.run, progress.show)
    plots = list(draw_all(study, progress.show))
    page = write(options.out, render(study, plots), plots)
    progress.close()
    done = f"{page}: run {study.run.run_id}, {study.sessions:,} sessions, {len(plots)} plots"
    return [*study.notes, done]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, sys.stdout, sys.stderr))
