// @ts-check
// The fields of a form, made from the parameters of an action: what JSON Schema says of each.

import { labelled } from "./controls/fields.js";
import { el } from "./dom.js";

const NUMBERS = ["number", "integer"];

/**
 * @param {any} parameter `name`, `type`, limits, `description`, `required`, `default`
 * @returns {{name: string, node: HTMLElement, value: () => any}} `value` is undefined where nothing is to be sent
 */
export function fieldOf(parameter) {
  const control = controlOf(parameter);
  const hints = [!parameter.required && "optional", !parameter.enum && parameter.description];
  const hint = hints.filter(Boolean).join("; ");
  const node = labelled(parameter.name.replaceAll("_", " "), control, el("span", {}, hint));
  return { name: parameter.name, node, value: () => valueOf(parameter, control) };
}

function controlOf(parameter) {
  if (parameter.enum) return choice(parameter);
  if (parameter.type === "boolean") return el("input", { type: "checkbox", checked: parameter.default === true });
  const value = parameter.default ?? null;
  return el("input", { ...(NUMBERS.includes(parameter.type) ? numeric(parameter) : textual(parameter)), value });
}

function choice({ enum: words, required, default: preset }) {
  const all = required ? words : ["", ...words];
  const options = all.map((word) => el("option", { value: word, selected: word === preset }, word));
  return el("select", { required }, ...options);
}

function numeric({ type, minimum, maximum, required }) {
  const step = type === "integer" ? 1 : "any";
  return { type: "number", inputmode: "decimal", min: minimum, max: maximum, step, required };
}

/** A text that may be empty is no more required than another one. */
function textual({ minLength, maxLength, pattern, required, description }) {
  const isNeeded = required && (minLength !== 0 || Boolean(pattern));
  const limits = { minlength: minLength, maxlength: maxLength, required: isNeeded };
  return { type: "text", autocomplete: "off", ...limits, ...checked(pattern, description) };
}

/** Browsers read patterns by rules of their own (the `v` flag); one that they refuse is left to the server. */
function checked(pattern, description) {
  try {
    return pattern && new RegExp(pattern, "v") ? { pattern, title: description } : {};
  } catch {
    return {};
  }
}

function valueOf({ type, required }, control) {
  if (type === "boolean") return control.checked;
  if (control.value === "" && !required) return undefined;
  return NUMBERS.includes(type) ? control.valueAsNumber : control.value;
}
