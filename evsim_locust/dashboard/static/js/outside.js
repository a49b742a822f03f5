// @ts-check
// Texts that others wrote: ids, tags, vendors, central systems. They may be long, or turn the direction of writing.

import { el, setText } from "./dom.js";
import { shorten } from "./format.js";

/**
 * The text by itself, so that its marks turn nothing beside it; a long one is shortened, with a button for the rest.
 * @param {string} text
 * @param {number} [most] characters
 * @returns {HTMLElement}
 */
export function outside(text, most = 300) {
  const short = shorten(text, most);
  const words = el("bdi", { class: "outside" }, short);
  return short === text ? words : el("span", {}, words, " ", unfolder(words, short, text));
}

function unfolder(words, short, whole) {
  const button = el("button", { type: "button", class: "unfold", "aria-expanded": false }, "Show all");
  button.addEventListener("click", () => {
    const isOpen = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(isOpen));
    setText(button, isOpen ? "Show less" : "Show all");
    setText(words, isOpen ? whole : short);
  });
  return button;
}
