// @ts-check
// Asks for the parameters of an action.

import { act } from "./action.js";
import { fieldOf } from "./action_fields.js";
import { el, setText } from "./dom.js";

/**
 * @param {HTMLElement} place
 * @param {any} context
 */
export function createActionDialog(place, context) {
  const title = el("h2", { id: "action-title" });
  const fields = el("div", { class: "asked" });
  // The toast lies behind the dialog.
  const reason = el("p", { class: "reason", "aria-live": "assertive" });
  const send = el("button", { type: "submit", class: "primary" }, "Send");
  const cancel = el("button", { type: "button", on: { click: () => dialog.close() } }, "Cancel");
  const buttons = el("div", { class: "buttons" }, cancel, send);
  const form = el("form", { method: "dialog", on: { submit } }, title, fields, reason, buttons);
  const dialog = el("dialog", { class: "action", "aria-labelledby": title.id }, form);
  let asked = { id: "", name: "", fields: /** @type {any[]} */ ([]) };

  place.append(dialog);

  async function submit(event) {
    event.preventDefault();
    const { id, name } = asked;
    const current = asked;
    const sent = () => context.api.act(id, name, valuesOf(current.fields)).catch(refused);
    const isDone = await act(context, [send], sent, () => `${id} took “${wordsOf(name)}”`);
    if (isDone && asked === current) dialog.close();
  }

  function refused(error) {
    setText(reason, error.detail ?? String(error));
    throw error;
  }

  return {
    /**
     * @param {string} id
     * @param {{name: string, parameters: any[]}} action as the API lists it
     */
    open(id, action) {
      asked = { id, name: action.name, fields: action.parameters.map(fieldOf) };
      setText(reason, "");
      title.replaceChildren(`${wordsOf(action.name)} – `, el("bdi", {}, id));
      fields.replaceChildren(...asked.fields.map((field) => field.node));
      dialog.showModal();
      fields.querySelector("input, select")?.focus();
    },
  };
}

/**
 * The name of an action or a parameter, for people.
 * @param {string} name
 */
export function wordsOf(name) {
  return name.replaceAll("_", " ");
}

/** What is left empty is not sent, and so gets its default from the server. */
function valuesOf(fields) {
  const told = fields.map((field) => [field.name, field.value()]).filter(([, value]) => value !== undefined);
  return Object.fromEntries(told);
}
