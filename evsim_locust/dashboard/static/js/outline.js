// @ts-check
// From points in time to the paths of a small drawing; pure.

export const WIDTH = 200;
export const HEIGHT = 40;
const MARGIN = 2; // so that a line at the edge is not cut in half
const LEAST_S = 60; // a young run grows from the right instead of being stretched

/**
 * The paths of a line from 0 to the highest value, of the area below it and of a dot at its end; and what a place in
 * the drawing stands for.
 * @param {[number, number | null][]} points times in seconds, rising, and values from 0 up; null is a gap
 */
export function outline(points) {
  const end = points.at(-1)?.[0] ?? 0;
  const span = Math.max(LEAST_S, end - (points[0]?.[0] ?? 0));
  const most = points.reduce((highest, [, value]) => Math.max(highest, value ?? 0), 0);
  const x = (time) => rounded(WIDTH - MARGIN - ((end - time) / span) * (WIDTH - 2 * MARGIN));
  const y = (value) => rounded(HEIGHT - MARGIN - (most ? value / most : 0) * (HEIGHT - 2 * MARGIN));
  const place = ([time, value]) => `${x(time)},${y(value)}`;
  const runs = stretches(points);
  return {
    points,
    most,
    line: runs.map((run) => `M${run.map(place).join("L")}${run.length > 1 ? "" : "h0"}`).join(""),
    area: runs.map((run) => `M${x(run[0][0])},${HEIGHT}L${run.map(place).join("L")}V${HEIGHT}Z`).join(""),
    head: points.slice(-1).map((point) => (point[1] === null ? "" : `M${place(point)}h0`)).join(""),
    /** The point that is nearest to a part of the width, 0 to 1. */
    nearest: (part) => closest(points, (point) => Math.abs(x(point[0]) - part * WIDTH)),
    /** A line through a point from top to bottom. */
    mark: ([time]) => `M${x(time)},0V${HEIGHT}`,
  };
}

/** The points between the gaps. */
function stretches(points) {
  const found = [];
  let open = null;
  for (const point of points) {
    if (point[1] === null) open = null;
    else if (open) open.push(point);
    else found.push((open = [point]));
  }
  return found;
}

function closest(points, distance) {
  return points.reduce((best, point) => (distance(point) < distance(best) ? point : best));
}

function rounded(value) {
  return Math.round(value * 10) / 10;
}
