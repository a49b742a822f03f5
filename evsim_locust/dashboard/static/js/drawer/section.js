// @ts-check
// The frame of a part of the drawer.

import { el, setText } from "../dom.js";

/**
 * What every part is told: the station as the API gives it, what history has of it, and the currency.
 * @typedef {{station: any, past: {snapshots: any[], sessions: any[]}, currency: string, hasHistory: boolean}} Seen
 */

/**
 * @param {string} title
 * @param {...Node} content
 * @returns {HTMLElement}
 */
export function section(title, ...content) {
  return el("section", { "aria-label": title }, el("h3", {}, title), ...content);
}

/**
 * A part of a section that scrolls by itself, also by keys.
 * @param {string} label
 * @param {Node} content
 * @returns {HTMLElement}
 */
export function box(label, content) {
  return el("div", { class: "box", role: "group", tabindex: 0, "aria-label": label }, content);
}

/** A line that is there while there is nothing else to be said. */
export function createEmpty() {
  const node = el("p", { class: "soft", hidden: true });
  return {
    node,
    /** @param {string | null | false} text */
    say(text) {
      node.hidden = !text;
      if (text) setText(node, text);
    },
  };
}
