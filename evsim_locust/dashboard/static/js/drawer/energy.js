// @ts-check
// The energy of the open transactions over time: from history, and as it was seen since the drawer was opened.

import { el, keyed } from "../dom.js";
import { drawChart } from "./chart.js";
import { createEmpty, section } from "./section.js";
import { pointsBefore, thinned } from "./points.js";

const MOST = 600;

export function createEnergy() {
  const charts = el("div", { class: "charts" });
  const empty = createEmpty();
  /** @type {Map<string, [number, number][]>} time in ms and kWh, by connector and transaction */
  const seen = new Map();

  function note(station, now) {
    const open = station.connectors.filter(({ transaction }) => transaction);
    const keys = open.map(keyOf);
    for (const key of seen.keys()) if (!keys.includes(key)) seen.delete(key);
    for (const connector of open) {
      const points = seen.get(keyOf(connector)) ?? [];
      const added = [...points, [now, connector.transaction.energy_wh / 1000]];
      seen.set(keyOf(connector), /** @type {[number, number][]} */ (thinned(added, MOST)));
    }
    return open;
  }

  return {
    node: section("Energy", empty.node, charts),
    /** @param {import("./section.js").Seen} told */
    update({ station, past }) {
      const open = note(station, Date.now());
      // A snapshot does not tell the connector.
      const before = station.connectors.length === 1 ? past : { snapshots: [], sessions: [] };
      empty.say(open.length === 0 && "No transaction is open.");
      keyed(
        charts,
        open,
        keyOf,
        ({ id }) => el("figure", { dataset: { connector: id } }),
        (figure, connector) => {
          const points = /** @type {[number, number][]} */ (seen.get(keyOf(connector)));
          const name = `Energy at connector ${connector.id}`;
          drawChart(figure, name, [...pointsBefore(before, points[0]), ...points], station.max_energy_kwh);
        },
      );
    },
  };
}

/** Its id may be told later, while the transaction stays the same one. */
function keyOf({ id, transaction }) {
  return `${id} ${transaction.meter_start} ${transaction.id_tag}`;
}
