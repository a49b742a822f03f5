// @ts-check
// Labelled fields, and how they follow the server without overwriting what is being typed.

import { el, keyed, setAttribute, setText } from "../dom.js";

let count = 0;

/**
 * @param {string} text
 * @param {Element} control
 * @param {...Element} more below the control; they describe it, and are no part of its name
 */
export function labelled(text, control, ...more) {
  control.id = `field-${++count}`;
  const notes = more.length ? el("div", { class: "notes", id: `${control.id}-notes` }, ...more) : null;
  setAttribute(control, "aria-describedby", notes?.id);
  return el("div", { class: "field" }, el("label", { for: control.id }, text), control, notes);
}

/**
 * @param {string} text
 * @param {Record<string, any>} [attributes]
 */
export function submitButton(text, attributes = {}) {
  return el("button", { type: "submit", ...attributes }, text);
}

/** A choice of profiles; the empty one leaves it to the run's mix. */
export function profileSelect() {
  const select = el("select");
  return {
    select,
    /** @param {string[]} names */
    update: (names) => keyed(select, ["", ...names], (name) => name, createOption),
  };
}

function createOption(name) {
  return el("option", { value: name }, name || "from the mix");
}

/**
 * Shows what the server says until somebody changes the field; from then on the server's value stands beside it, and
 * the field is the operator's until `release`.
 * @param {HTMLInputElement | HTMLSelectElement} control
 */
export function follower(control) {
  const note = el("span", { class: "note", hidden: true });
  let isTouched = false;
  control.addEventListener("input", () => (isTouched = true));
  return {
    note,
    isTouched: () => isTouched,
    /** Follow again, unless something else than `value` was typed meanwhile. */
    release(value) {
      if (control.value === value) isTouched = false;
    },
    /**
     * @param {string} value as the field would have it
     * @param {string} [text] as people read it
     */
    show(value, text = value) {
      if (!isTouched && control.value !== value) control.value = value;
      note.hidden = !isTouched || control.value === value;
      setText(note, `now ${text}`);
    },
  };
}
