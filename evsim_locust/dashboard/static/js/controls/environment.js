// @ts-check
// What the policy is told of the world, apart from the price.

import { act } from "../action.js";
import { el } from "../dom.js";
import { follower, labelled, submitButton } from "./fields.js";

const UNTOLD = "not told";
const SWITCH = [
  ["", UNTOLD],
  ["true", "on"],
  ["false", "off"],
];

/** @param {any} context */
export function createEnvironment(context) {
  const figure = (limits) => el("input", { type: "number", step: "any", placeholder: UNTOLD, inputmode: "decimal", ...limits });
  const asNumber = (text) => Number(text);
  const fields = [
    field("grid_load", "Grid load", figure({ min: 0, max: 1 }), asNumber, "0 to 1"),
    field("carbon_intensity", "Carbon intensity", figure({ min: 0 }), asNumber, "gCO₂/kWh"),
    field("demand_response", "Demand response", el("select", {}, ...SWITCH.map(option)), (text) => text === "true"),
    field("charging_slots_free", "Charging slots free", figure({ step: 1 }), asNumber),
  ];
  const button = submitButton("Apply environment");

  /** Only what was changed here is sent: two operators do not undo each other's work. */
  async function submit(event) {
    event.preventDefault();
    const sent = fields.filter(({ follows }) => follows.isTouched()).map((part) => ({ ...part, text: part.control.value }));
    const changes = Object.fromEntries(sent.map(({ key, parse, text }) => [key, text === "" ? null : parse(text)]));
    const said = sent.length ? "Environment changed" : "Nothing to change";
    if (!(await act(context, [button], () => context.api.setEnvironment(changes), () => said))) return;
    for (const { follows, text } of sent) follows.release(text);
  }

  const node = el(
    "form",
    { "aria-label": "Environment", on: { submit } },
    el("h2", {}, "Environment"),
    ...fields.map((part) => part.node),
    el("div", { class: "buttons" }, button),
  );
  return {
    node,
    update({ environment }) {
      for (const { key, follows } of fields) show(follows, environment[key]);
    },
  };
}

function field(key, label, control, parse, unit = "") {
  const follows = follower(control);
  const node = labelled(label, control, el("span", { class: "unit" }, unit), follows.note);
  return { key, control, parse, follows, node };
}

function show(follows, value) {
  if (value === null) follows.show("", UNTOLD);
  else follows.show(String(value), SWITCH.find(([key]) => key === String(value))?.[1] ?? String(value));
}

function option(/** @type {string[]} */ [value, text]) {
  return el("option", { value }, text);
}
