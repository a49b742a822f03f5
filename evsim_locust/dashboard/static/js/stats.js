// @ts-check
// The four totals, and how the run went in the last minutes.

import { el, setText } from "./dom.js";
import { kw, kwh, money, ms, number } from "./format.js";
import { createSparkline } from "./sparkline.js";

/** @type {[string, string, (overview: any) => string][]} */
const TOTALS = [
  ["total-stations", "Total stations", ({ run }) => number(run.stations.total)],
  ["running", "Running", ({ run }) => number(run.stations.running)],
  ["total-energy", "Total energy", ({ totals }) => kwh(totals.total_energy_kwh, 3)],
  ["total-earnings", "Total earnings", ({ totals, currency }) => money(totals.total_earnings, currency)],
];

/**
 * Name, label, format, and the place in a point of the series, which begins with the time.
 * @type {[string, string, (value: any) => string, number][]}
 */
const LINES = [
  ["power", "Power", (value) => kw(value), 1],
  ["calls", "Calls/s", (value) => number(value, 1), 2],
  ["p95", "p95, 1 min", ms, 3],
  ["connected", "Connected", (value) => number(value), 4],
];

/** @param {HTMLElement} place */
export function createStats(place) {
  const totals = TOTALS.map(([name, label, text]) => {
    const value = el("dd", { dataset: { figure: name } }, "–");
    return { node: el("div", { class: "card" }, el("dt", {}, label), value), value, text };
  });
  const lines = LINES.map(createLine);
  place.append(
    el("dl", { class: "totals" }, ...totals.map((total) => total.node)),
    el("div", { class: "trends" }, ...lines.map((line) => line.node)),
  );
  let drawn = null;
  return {
    update(overview) {
      if (!overview) return;
      for (const { value, text } of totals) setText(value, text(overview));
      // The feed gives the same points again until there are new ones; a new run may have as many.
      const { points } = overview.series;
      if (drawn === points.at(-1)) return;
      drawn = points.at(-1);
      for (const line of lines) line.update(points);
    },
  };
}

function createLine([series, label, format, at]) {
  const now = el("p", { class: "now" }, "–");
  const sparkline = createSparkline(series, label, format);
  const node = el("div", { class: "card" }, el("p", { class: "label" }, label), now, sparkline.node);
  function update(points) {
    setText(now, format(points.at(-1)?.[at] ?? null));
    sparkline.update(points.map((point) => [point[0], point[at]]));
  }
  update([]);
  return { node, update };
}
