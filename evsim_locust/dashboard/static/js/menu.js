// @ts-check
// A menu under a button, as the ARIA practices have it: arrows, Home, End, letters; Escape and Tab close it.

import { el } from "./dom.js";
import { focusBack } from "./focus.js";

const MARGIN = 4; // px
const LEAST = 120; // px of height, however little room there is

/**
 * It lies outside of what it belongs to, so it stays while that moves.
 * @param {HTMLElement} place
 */
export function createMenu(place) {
  const list = el("div", { role: "menu", class: "menu", tabindex: -1, hidden: true });
  const keys = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    ArrowRight: () => step(1),
    ArrowLeft: () => step(-1),
    Home: () => items()[0]?.focus(),
    End: () => items().at(-1)?.focus(),
    Escape: () => close(),
    Tab: () => close(),
  };
  /** @type {any} */
  let button = null;

  place.append(list);
  list.addEventListener("keydown", onKey);
  list.addEventListener("focusout", ({ relatedTarget: next }) => next && isElsewhere(next) && close(false));
  document.addEventListener("pointerdown", (event) => isElsewhere(event.target) && close(false));
  addEventListener("resize", keepPlace);
  document.addEventListener("scroll", keepPlace, { capture: true, passive: true });

  const items = () => [...list.querySelectorAll('[role="menuitem"]')];
  const isElsewhere = (target) => button && !list.contains(target) && !button.contains(target);

  function onKey(event) {
    const act = keys[event.key] ?? (event.key.length === 1 && event.key !== " " && (() => jump(event.key)));
    if (!act) return;
    event.preventDefault();
    act();
  }

  function step(by) {
    const all = items();
    const at = all.indexOf(document.activeElement);
    all.at(at < 0 ? Math.min(by, 0) : (at + by) % all.length)?.focus();
  }

  function jump(letter) {
    const all = items();
    const at = all.indexOf(document.activeElement) + 1;
    const next = [...all.slice(at), ...all.slice(0, at)];
    next.find((item) => item.textContent.toLowerCase().startsWith(letter.toLowerCase()))?.focus();
  }

  function close(isFocusWanted = true) {
    if (!button) return;
    const before = button;
    button = null;
    before.setAttribute("aria-expanded", "false");
    list.hidden = true;
    if (isFocusWanted) focusBack(before);
  }

  /** A button that has left the page leaves the menu where it is. */
  function keepPlace() {
    if (!button?.isConnected) return;
    const { right, top, bottom } = button.getBoundingClientRect();
    const [above, below] = [top - 2 * MARGIN, innerHeight - bottom - 2 * MARGIN];
    const isBelow = below >= Math.min(list.scrollHeight, above);
    set("max-height", Math.max(LEAST, isBelow ? below : above));
    const { offsetWidth: width, offsetHeight: height } = list;
    set("left", Math.max(MARGIN, Math.min(right - width, innerWidth - width - MARGIN)));
    set("top", within(isBelow ? bottom + MARGIN : top - MARGIN - height, innerHeight - MARGIN - height));
  }

  function set(property, pixels) {
    list.style.setProperty(property, `${Math.round(pixels)}px`);
  }

  return {
    close,
    keepPlace,
    isOpenAt: (other) => button === other,
    /** Empty at first, since what it offers may have to be asked for. */
    open(under, label) {
      close(false);
      button = under;
      button.setAttribute("aria-expanded", "true");
      list.setAttribute("aria-label", label);
      list.setAttribute("aria-busy", "true");
      list.replaceChildren(el("p", {}, "…"));
      list.hidden = false;
      keepPlace();
      list.focus();
    },
    /**
     * `asks`: it opens a dialog. `short` stands for the name where the item before tells the rest.
     * @param {{name: string, short?: string, asks?: boolean, run: () => void}[]} offered
     * @param {string} otherwise is said when nothing is offered
     */
    fill(offered, otherwise) {
      list.removeAttribute("aria-busy");
      list.replaceChildren(...(offered.length ? offered.map(itemOf) : [disabled(otherwise)]));
      keepPlace();
      if (list.contains(document.activeElement)) items()[0].focus();
    },
  };

  function itemOf({ name, short, asks, run }) {
    const choose = () => {
      close();
      run();
    };
    const dots = asks && !short && el("span", { "aria-hidden": true }, " …");
    const base = { type: "button", role: "menuitem", tabindex: -1, on: { click: choose } };
    const more = { class: short && "second", "aria-label": short && name, "aria-haspopup": asks ? "dialog" : null };
    return el("button", { ...base, ...more }, short ?? name, dots);
  }

  function disabled(text) {
    return el("div", { role: "menuitem", "aria-disabled": true, tabindex: -1 }, text);
  }
}

/** In the window, though its button may have left it. */
function within(place, most) {
  return Math.max(MARGIN, Math.min(place, most));
}
