// @ts-check
// The run's points over time, put together from what each poll adds; pure.

const MOST_POINTS = 300;

/** @typedef {{period_s: number, last: number, points: any[][]}} Series `last`: the number of the newest point */

/**
 * What is kept after an answer came that was asked for the points after `kept.last`.
 * A number that falls is another server, and time that falls another run: both begin anew.
 * @param {Series} kept each point begins with its time in seconds
 * @param {Series} added
 * @returns {Series}
 */
export function merged(kept, added) {
  const isNew = added.last < kept.last || startsEarlier(added.points, kept.points);
  const points = isNew ? added.points : [...kept.points, ...added.points];
  return { ...added, points: points.slice(-MOST_POINTS) };
}

function startsEarlier(added, kept) {
  return added.length > 0 && kept.length > 0 && added[0][0] <= kept[kept.length - 1][0];
}
