"""The report: one HTML file that needs no other, and runs nothing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from typing import Final

from evsim_locust.analysis.gallery import Plot
from evsim_locust.analysis.study import Study
from evsim_locust.analysis.tables import Table, tables

_HEAD: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 15px/1.45 system-ui, sans-serif; color: #222; max-width: 72rem; margin: 2rem auto; padding: 0 1rem }}
figure {{ margin: 0 }}
img {{ max-width: 100%; height: auto }}
.wide {{ overflow-x: auto }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums }}
th, td {{ padding: .25rem .7rem; border-bottom: 1px solid #ddd; text-align: right; vertical-align: top }}
th:first-child, td:first-child, table.facts td {{ text-align: left }}
td {{ overflow-wrap: anywhere }}
pre {{ background: #f6f6f6; padding: .7rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere }}
.notes {{ border-left: 4px solid #E69F00; padding: .2rem 1rem; background: #fdf7ea }}
@media print {{ h2, figure, table {{ break-inside: avoid }} }}
</style>
</head>
<body>
<h1>{title}</h1>
"""


def render(study: Study, plots: Sequence[Plot]) -> str:
    """The whole page; every text from the database is escaped."""
    first, *others = [_table(table) for table in tables(study)]
    parts = [_HEAD.format(title=escape(f"Run {study.run.run_id}")), _notes(study.notes), first]
    parts += [_figure(plot) for plot in plots]
    parts += others
    parts.append("<details>\n<summary>Configuration of the run</summary>\n")
    parts.append(f"<pre>{escape(study.run.config_json)}</pre>\n</details>\n</body>\n</html>\n")
    return "".join(parts)


def _notes(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    return '<div class="notes">\n' + "".join(f"<p>{escape(note)}</p>\n" for note in notes) + "</div>\n"


def _figure(plot: Plot) -> str:
    data = b64encode(plot.image).decode("ascii")
    says = escape(plot.says)
    return f'<h2>{says}</h2>\n<figure><img alt="{says}" src="data:image/png;base64,{data}"></figure>\n'


def _table(table: Table) -> str:
    heads = "".join(f"<th>{escape(head)}</th>" for head in table.heads)
    kind = "" if any(table.heads) else ' class="facts"'
    top = f"<thead><tr>{heads}</tr></thead>\n" if any(table.heads) else ""
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in table.rows)
    title = f"<h2>{escape(table.title)}</h2>\n"
    return f'{title}<div class="wide"><table{kind}>\n{top}<tbody>\n{rows}</tbody>\n</table></div>\n'
