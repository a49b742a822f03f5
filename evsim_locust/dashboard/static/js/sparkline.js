// @ts-check
// A small line over the last minutes, drawn by hand as SVG; it can be read at the pointer, too.

import { el, setAttribute, setText, svg } from "./dom.js";
import { duration } from "./format.js";
import { HEIGHT, outline, WIDTH } from "./outline.js";

/**
 * @param {string} series its name for styles and tests
 * @param {string} label
 * @param {(value: number | null) => string} format
 */
export function createSparkline(series, label, format) {
  const [area, line, head, mark] = ["area", "line", "head", "mark"].map((name) => svg("path", { class: name }));
  const frame = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none" };
  const picture = svg("svg", { role: "img", dataset: { series }, ...frame }, area, line, head, mark);
  const [value, time] = [el("span"), el("span")];
  let drawn = outline([]);
  let pointed = null; // where the pointer is, as a part of the width

  function read() {
    const point = pointed === null || !drawn.points.length ? null : drawn.nearest(pointed);
    const texts = point ? reading(drawn, point, format) : scale(drawn, format);
    setAttribute(mark, "d", point && drawn.mark(point));
    setText(value, texts[0]);
    setText(time, texts[1]);
  }

  function point(/** @type {number | null} */ part) {
    pointed = part;
    read();
  }

  picture.addEventListener("pointermove", (event) => point(event.offsetX / picture.clientWidth));
  picture.addEventListener("pointerleave", () => point(null));

  return {
    node: el("div", { class: "sparkline" }, picture, el("p", { class: "scale" }, value, time)),
    /** @param {[number, number | null][]} points as `outline` takes them */
    update(points) {
      drawn = outline(points);
      setAttribute(area, "d", drawn.area);
      setAttribute(line, "d", drawn.line);
      setAttribute(head, "d", drawn.head);
      setAttribute(picture, "aria-label", `${label}: ${format(points.at(-1)?.[1] ?? null)} now`);
      read();
    },
  };
}

/** The highest value, and the time that is shown. */
function scale({ points, most }, format) {
  if (!points.length) return ["", ""];
  return [`peak ${format(most)}`, points.length > 1 ? `last ${duration(points.at(-1)[0] - points[0][0])}` : ""];
}

/** The value at a point, and how long ago it was. */
function reading({ points }, [time, value], format) {
  return [format(value), `${duration(points.at(-1)[0] - time)} ago`];
}
