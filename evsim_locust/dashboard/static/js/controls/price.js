// @ts-check
// The price of energy, which all stations read at their next decision.

import { act } from "../action.js";
import { el, setText } from "../dom.js";
import { money } from "../format.js";
import { labelled, submitButton } from "./fields.js";
import { latest } from "./latest.js";

/** @param {any} context */
export function createPrice(context) {
  let told = { price: NaN, initial_price: NaN, currency: "" };
  const asking = latest((price) => act(context, [], () => context.api.setPrice(price), take), show);
  // Quick clicks add up: each counts from what was asked last. So these buttons never wait for an answer.
  const next = (by) => rounded((asking.asked() ?? told.price) + by);
  const figure = el("output", { class: "price", dataset: { figure: "price" } }, "–");
  const lower = stepButton("Lower price by 1", "−", () => next(-1) > 0 && asking.ask(next(-1)));
  const raise = stepButton("Raise price by 1", "+", () => asking.ask(next(1)));
  const reset = stepButton("Reset price", "Reset", () => asking.ask(told.initial_price));

  function show() {
    setText(figure, money(asking.asked() ?? told.price, told.currency, 6));
    figure.classList.toggle("asked", asking.asked() !== null);
    lower.ariaDisabled = next(-1) > 0 ? null : "true";
  }

  function take({ price }) {
    told = { ...told, price };
    return `Price set to ${money(price, told.currency, 6)}`;
  }

  const node = el(
    "fieldset",
    { "aria-label": "Price" },
    el("h2", {}, "Price", el("small", {}, "per kWh")),
    el("div", { class: "stepper" }, lower, figure, raise, reset),
    createEntry(asking.ask),
  );
  return {
    node,
    update({ price, initial_price, currency }) {
      told = { price, initial_price, currency };
      show();
    },
  };
}

/** A price that is typed. */
function createEntry(ask) {
  const typed = el("input", { type: "number", step: "any", required: true, inputmode: "decimal" });
  function submit(event) {
    event.preventDefault();
    ask(Number(typed.value));
  }
  const button = el("div", { class: "buttons beside" }, submitButton("Set price"));
  return el("form", { "aria-label": "New price", on: { submit } }, labelled("New price", typed), button);
}

function stepButton(name, text, click) {
  return el("button", { type: "button", "aria-label": name, on: { click } }, text);
}

/** Without the dust that sums of binary fractions leave. */
function rounded(price) {
  return Number(price.toFixed(6));
}
