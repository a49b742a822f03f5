// @ts-check
// Short news in a corner: what an action came to.

import { el, setText } from "./dom.js";
import { shorten } from "./format.js";

const MOST = 4;
const SHOWN_MS = 6000;
const LONGEST = 400;

/**
 * Good news wait politely for a screen reader's pause, bad news do not. Equal ones are counted, the oldest give way.
 * @param {Element} place
 */
export function createToasts(place) {
  // Readers announce only what is added to a region that they know already.
  const regions = { good: el("div", { role: "status" }), bad: el("div", { role: "alert" }) };
  place.append(regions.bad, regions.good);
  /** @type {Toast[]} oldest first */
  const shown = [];

  function closed(toast) {
    shown.splice(shown.indexOf(toast), 1);
  }

  function say(/** @type {"good" | "bad"} */ kind, /** @type {string} */ text) {
    const same = shown.find((toast) => toast.kind === kind && toast.text === text);
    if (same) return same.again();
    if (shown.length >= MOST) shown[0].close();
    const toast = new Toast(kind, text, closed);
    regions[kind].append(toast.node);
    shown.push(toast);
  }

  return {
    /** @param {string} text */
    good: (text) => say("good", text),
    /** @param {string} text */
    bad: (text) => say("bad", text),
  };
}

/** One of them, gone by itself after a while; who is reading it, or about to close it, has all the time. */
class Toast {
  #closed;
  #count = 1;
  #counter = el("span", { class: "count" });
  #timer;

  constructor(kind, text, closed) {
    this.kind = kind;
    this.text = text;
    this.#closed = closed;
    const [hold, letGo] = [() => clearTimeout(this.#timer), () => this.#wait()];
    const close = el("button", { type: "button", class: "quiet", "aria-label": "Dismiss", on: { click: () => this.close() } }, "✕");
    this.node = el(
      "div",
      { class: `toast ${kind}`, on: { pointerenter: hold, focusin: hold, pointerleave: letGo, focusout: letGo } },
      el("bdi", {}, shorten(text, LONGEST)),
      this.#counter,
      close,
    );
    this.#wait();
  }

  /** The same was said once more. */
  again() {
    this.#count += 1;
    setText(this.#counter, `×${this.#count}`);
    this.#wait();
  }

  /** Once only: what is gone gets no events any more. */
  close() {
    if (!this.node.isConnected) return;
    this.node.remove();
    clearTimeout(this.#timer);
    this.#closed(this);
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.close(), SHOWN_MS);
  }
}
