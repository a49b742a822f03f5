// @ts-check
// From page to page.

import { el, setAttribute, setText } from "../dom.js";
import { number } from "../format.js";

/**
 * @param {(offset: number) => void} onTurn is given the place of the first row that is wanted, from 0
 */
export function createPages(onTurn) {
  let offset = 0;
  let limit = 50;
  let total = 0;

  function turn(to) {
    offset = to;
    show();
    onTurn(offset);
  }

  // Not `disabled`: the button that was just used would lose the focus.
  const button = (text, label, ready, to) =>
    el("button", { type: "button", "aria-label": label, on: { click: () => ready() && turn(to()) } }, text);
  const hasPrevious = () => offset > 0;
  const hasNext = () => offset + limit < total;
  const previous = button("‹", "Previous page", hasPrevious, () => Math.max(0, offset - limit));
  const next = button("›", "Next page", hasNext, () => offset + limit);
  const range = el("span", { dataset: { figure: "range" } });
  const node = el("nav", { class: "pages", "aria-label": "Pages" }, previous, range, next);

  function show() {
    const last = Math.min(total, offset + limit);
    setText(range, total ? `${number(Math.min(offset + 1, last))}–${number(last)} of ${number(total)}` : "0 of 0");
    setAttribute(previous, "aria-disabled", !hasPrevious());
    setAttribute(next, "aria-disabled", !hasNext());
  }

  return {
    node,
    /** Other filters hold: back to the first page, of so many rows. */
    begin(rows) {
      offset = 0;
      limit = rows;
      show();
    },
    /** So many rows fit; when there are fewer than there were, the last page is turned to. */
    update(count) {
      total = count;
      if (offset > 0 && offset >= total) turn(Math.max(0, Math.ceil(total / limit) - 1) * limit);
      else show();
    },
  };
}
