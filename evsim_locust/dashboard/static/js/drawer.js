// @ts-check
// One station in depth, beside the table; it is asked for only while it is looked at.

import { createChargingProfiles } from "./drawer/charging_profiles.js";
import { createConfiguration } from "./drawer/configuration.js";
import { createConnectors } from "./drawer/connectors.js";
import { createEnergy } from "./drawer/energy.js";
import { createFacts } from "./drawer/facts.js";
import { createFrames } from "./drawer/frames.js";
import { createPast } from "./drawer/past.js";
import { createPoll } from "./drawer/poll.js";
import { createSessions } from "./drawer/sessions.js";
import { el, setText } from "./dom.js";
import { focusBack } from "./focus.js";

/**
 * @param {HTMLElement} place
 * @param {any} context
 */
export function createDrawer(place, context) {
  let overview = /** @type {any} */ (null);
  /** @type {ReturnType<typeof openOne> | null} */
  let shown = null;
  /** @type {HTMLElement | null} */
  let opener = null;

  document.addEventListener("keydown", (event) => {
    if (shown && event.key === "Escape" && isOurs(event)) close();
  });

  /** Escape means something else in a menu, a dialog or a field of another part. */
  function isOurs(event) {
    const isElsewhere = !place.contains(event.target) && event.target.closest("dialog, [role=menu], input, select");
    return !event.defaultPrevented && !isElsewhere;
  }

  function close() {
    if (!shown) return;
    end();
    focusBack(opener);
  }

  function end() {
    shown?.end();
    shown = null;
    place.hidden = true;
    place.replaceChildren();
  }

  return {
    close,
    /** @param {string} id of the station */
    open(id) {
      const from = /** @type {HTMLElement} */ (document.activeElement);
      if (!place.contains(from)) opener = from;
      end();
      shown = openOne(id, context, () => overview, close);
      place.append(shown.node);
      place.hidden = false;
      shown.focus();
    },
    /** @param {any} news null before the first one */
    update(news) {
      overview = news;
    },
  };
}

function openOne(id, context, overviewNow, close) {
  const create = [createFacts, createConnectors, createEnergy, createConfiguration, createFrames, createSessions];
  const parts = create.map((createPart) => createPart());
  const past = createPast(id, context.api);
  const title = el("h2", { tabindex: -1 }, el("bdi", {}, id));
  const logs = el("button", { type: "button", on: { click: () => context.openLog(id) } }, "Logs");
  const closing = el("button", { type: "button", class: "quiet", "aria-label": "Close", on: { click: close } }, "✕");
  const trouble = el("p", { class: "reason", role: "status", hidden: true });
  const sections = [...parts, createChargingProfiles()].map((part) => part.node);
  const head = el("header", {}, title, logs, closing);
  const naming = { role: "dialog", "aria-label": `Station ${id}` };
  const node = el("div", { class: "station", ...naming }, head, trouble, ...sections);

  const poll = createPoll((signal) => context.api.station(id, signal), { told, failed });

  function told(station) {
    trouble.hidden = true;
    const { history: hasHistory = false, currency = "" } = overviewNow() ?? {};
    if (hasHistory) past.follow(station);
    for (const part of parts) part.update({ station, past: past.found, currency, hasHistory });
  }

  function failed(error) {
    setText(trouble, `Not up to date: ${error.detail ?? error}`);
    trouble.hidden = false;
  }

  function end() {
    poll.end();
    past.end();
  }

  return { node, end, focus: () => title.focus() };
}
