// @ts-check
// Points of energy over time, as [time in ms, kWh]; pure.

/**
 * The snapshots of the transaction that is open: those since the last session ended, back to where energy grows again,
 * which was another one.
 * @param {{snapshots: any[], sessions: any[]}} past newest first
 * @param {[number, number]} first the first point that was seen
 * @returns {[number, number][]} oldest first, all before that
 */
export function pointsBefore({ snapshots, sessions }, [at, kwh]) {
  const since = Math.max(-Infinity, ...sessions.map((session) => Date.parse(session.stop_time ?? session.start_time)));
  const found = [];
  let most = kwh;
  for (const snapshot of snapshots) {
    const time = Date.parse(snapshot.timestamp);
    if (time >= at) continue;
    if (time <= since || snapshot.energy_delivered_kwh > most) break;
    most = snapshot.energy_delivered_kwh;
    found.push(/** @type {[number, number]} */ ([time, most]));
  }
  return found.reverse();
}

/**
 * Beyond so many points every second one goes, but never the last.
 * @param {any[]} points
 * @param {number} most
 */
export function thinned(points, most) {
  return points.length <= most ? points : points.filter((_, at) => at % 2 === 0 || at === points.length - 1);
}
