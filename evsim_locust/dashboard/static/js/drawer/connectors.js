// @ts-check
// The connectors, and who charges at them.

import { el, keyed, setText } from "../dom.js";
import { kw, kwh } from "../format.js";
import { outside } from "../outside.js";
import { showStatus, statusMark } from "../table/statuses.js";
import { createEmpty, section } from "./section.js";

export function createConnectors() {
  const list = el("ul", { class: "connectors" });
  const empty = createEmpty();
  return {
    node: section("Connectors", empty.node, list),
    /** @param {import("./section.js").Seen} seen */
    update({ station }) {
      empty.say(!station.running && "The station does not run.");
      const whole = station.connector_0 ? [station.connector_0] : [];
      keyed(list, [...whole, ...station.connectors], (connector) => connector.id, createOne, updateOne);
    },
  };
}

function createOne({ id }) {
  const name = id === 0 ? "Station" : `Connector ${id}`;
  return el("li", {}, el("strong", {}, name), statusMark(), el("span", { class: "soft" }), el("div"));
}

function updateOne(node, connector) {
  const [, status, facts, transaction] = node.children;
  showStatus(status, connector.status);
  setText(facts, factsOf(connector).join(" · "));
  showTransaction(transaction, connector.transaction);
}

function factsOf({ error_code: error, plugged, power_w: power, meter_wh: meter, limit_w: limit }) {
  return [
    error !== "NoError" && error,
    plugged !== undefined && (plugged ? "cable plugged in" : "no cable"),
    power !== undefined && kw(power / 1000),
    typeof limit === "number" && `limited to ${kw(limit / 1000)}`,
    meter !== undefined && `meter ${kwh(meter / 1000)}`,
  ].filter(Boolean);
}

/** The tag is another one only in another transaction. */
function showTransaction(place, transaction) {
  place.hidden = !transaction;
  if (!transaction) return;
  const { transaction_id: number, id_tag: tag, energy_wh: energy } = transaction;
  const key = `${number} ${tag}`;
  if (place.dataset.transaction !== key) {
    const name = number === null ? "Transaction, its id not told yet" : `Transaction ${number}`;
    place.replaceChildren(`${name} · tag `, outside(tag), " · ", el("span"));
    place.dataset.transaction = key;
  }
  setText(place.lastChild, kwh(energy / 1000));
}
