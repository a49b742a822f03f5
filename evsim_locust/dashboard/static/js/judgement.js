// @ts-check
// The one sentence about a run; pure.

import { lag, number, percent } from "./format.js";

/** Above it a worker cannot hold its schedule, and what is measured says more of it than of the central system. */
const MOST_CPU_PERCENT = 90;
const MOST_LAG_S = 0.1;

const RESTING = { ready: "Ready: no run yet", stopped: "Stopped", missing: "The workers are missing" };
const MOVING = { spawning: "Starting", cleanup: "Stopping", stopping: "Stopping" };

/**
 * @param {any} run of the overview
 * @returns {{level: "good" | "warn" | "bad" | "info" | "idle", text: string}}
 */
export function judgement(run) {
  const { stations, state, wanted } = run;
  const connected = `${number(stations.connected)} of ${number(Math.max(wanted, stations.running))} connected`;
  if (state in RESTING && !stations.running) return { level: state === "missing" ? "bad" : "idle", text: RESTING[state] };
  if (state in MOVING) return { level: "info", text: `${MOVING[state]}: ${connected}` };
  const doubts = troubles(run);
  if (doubts.length) return { level: stations.connected ? "warn" : "bad", text: doubts.join(" · ") };
  return stations.connected ? { level: "good", text: everyone(stations.connected) } : { level: "idle", text: "No stations" };
}

function everyone(count) {
  return count === 1 ? "The one station is connected" : `All ${number(count)} stations connected`;
}

function troubles({ stations, wanted, workers }) {
  const missing = Math.max(wanted, stations.running) - stations.connected;
  const busy = workers.filter((worker) => worker.cpu_percent > MOST_CPU_PERCENT);
  const late = workers.filter((worker) => worker.schedule_lag_s > MOST_LAG_S);
  return [
    missing > 0 && `${number(missing)} of ${number(missing + stations.connected)} not connected`,
    stations.faulted > 0 && `${number(stations.faulted)} faulted`,
    busy.length > 0 && `Load generator at its limit: ${named(busy)} at ${percent(highest(busy, "cpu_percent"))} CPU`,
    late.length > 0 && `Load generator late: ${named(late)} by ${lag(highest(late, "schedule_lag_s"))}`,
  ].filter((text) => text !== false);
}

function named(workers) {
  return workers.length === 1 ? workers[0].worker : `${workers.length} workers`;
}

/**
 * Null without workers.
 * @param {any[]} workers
 * @param {string} key
 */
export function highest(workers, key) {
  const known = workers.map((worker) => worker[key]).filter((value) => value !== null);
  return known.length ? Math.max(...known) : null;
}
