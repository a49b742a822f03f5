// @ts-check
// A line of energy over time.

import { el, setAttribute, setText, svg } from "../dom.js";
import { duration, kwh } from "../format.js";

const WIDTH = 400;
const HEIGHT = 110;

/**
 * @param {HTMLElement} figure is filled at the first call, and only changed later
 * @param {string} name
 * @param {[number, number][]} points time in ms and kWh, oldest first, one at least
 * @param {number} cap kWh at which the session ends
 */
export function drawChart(figure, name, points, cap) {
  if (!figure.firstChild) figure.append(...blank());
  const [chart, caption] = figure.children;
  const [first, last] = [points[0], points[points.length - 1]];
  const span = Math.max(1000, last[0] - first[0]);
  const top = Math.max(cap, last[1], 0.001);
  const x = (time) => (((time - first[0]) / span) * WIDTH).toFixed(1);
  const y = (energy) => (HEIGHT - (energy / top) * HEIGHT).toFixed(1);
  const line = points.map(([time, energy]) => `${x(time)},${y(energy)}`).join("L");
  setAttribute(chart, "aria-label", `${name}: ${kwh(last[1])} now, of ${kwh(cap)}`);
  setAttribute(chart.children[0], "d", `M0,${y(cap)}H${WIDTH}`);
  setAttribute(chart.children[1], "d", `M${x(first[0])},${HEIGHT}L${line}V${HEIGHT}Z`);
  setAttribute(chart.children[2], "d", `M${line}`);
  setText(caption.children[0], `${duration(span / 1000)} ago: ${kwh(first[1])}`);
  setText(caption.children[1], `now ${kwh(last[1])}, cap ${kwh(cap)}`);
}

function blank() {
  const paths = ["cap", "area", "line"].map((kind) => svg("path", { class: kind }));
  const chart = svg("svg", { role: "img", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none" }, ...paths);
  return [chart, el("figcaption", { class: "soft" }, el("span"), el("span"))];
}
