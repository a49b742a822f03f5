// @ts-check
// What a station can be doing: before it is registered, then in OCPP's words (1.6, section 7.7).

import { el, setAttribute, setText } from "../dom.js";

/** Each word with the kind of colour that it has; the stylesheet knows the kinds. */
const KINDS = {
  connecting: "idle",
  booting: "idle",
  Available: "good",
  Preparing: "violet",
  Charging: "info",
  SuspendedEV: "warn",
  SuspendedEVSE: "warn",
  Finishing: "violet",
  Reserved: "violet",
  Unavailable: "idle",
  Faulted: "bad",
  offline: "bad",
  stopped: "idle",
};

export const STATUSES = Object.keys(KINDS);

/** A place for a status: a dot, and the word. */
export function statusMark() {
  return el("span", { class: "status" }, el("span", { class: "dot", "aria-hidden": true }), el("span"));
}

/**
 * @param {any} mark what `statusMark` gave
 * @param {string} status
 */
export function showStatus(mark, status) {
  setAttribute(mark, "data-status", status);
  setAttribute(mark, "data-kind", KINDS[status] ?? "idle");
  setText(mark.lastChild, status);
}
