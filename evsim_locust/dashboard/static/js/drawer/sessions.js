// @ts-check
// The sessions that have ended, from history.

import { el, keyed } from "../dom.js";
import { duration, kwh, money } from "../format.js";
import { outside } from "../outside.js";
import { box, createEmpty, section } from "./section.js";

const WHEN = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export function createSessions() {
  const list = el("ol", { class: "sessions" });
  const empty = createEmpty();
  return {
    node: section("Sessions", empty.node, box("Ended sessions", list)),
    /** @param {import("./section.js").Seen} seen */
    update({ past, currency, hasHistory }) {
      const none = hasHistory ? "None has ended yet." : "History is off: no sessions are kept.";
      empty.say(past.sessions.length === 0 && none);
      keyed(
        list,
        past.sessions,
        (session) => session.session_id,
        (session) => createOne(session, currency),
      );
    },
  };
}

function createOne(session, currency) {
  const { start_time: start, stop_time: stop, energy_kwh: energy, id_tag: tag, reason, cost } = session;
  const lasted = stop && duration((Date.parse(stop) - Date.parse(start)) / 1000);
  const facts = [kwh(energy), typeof cost === "number" && money(cost, currency), lasted, reason].filter(Boolean);
  const who = tag ? [" · tag ", outside(tag)] : [];
  const when = el("time", { datetime: start }, WHEN.format(Date.parse(start)));
  return el("li", {}, when, el("div", { class: "soft" }, facts.join(" · "), ...who));
}
