// @ts-check
// The station in a few words.

import { el, setText } from "../dom.js";
import { kw, number } from "../format.js";
import { showStatus, statusMark } from "../table/statuses.js";

export function createFacts() {
  const status = statusMark();
  const values = { link: el("dd"), profile: el("dd"), worker: el("dd"), power: el("dd"), queue: el("dd") };
  const fact = (name, value) => el("div", {}, el("dt", {}, name), value);
  const node = el(
    "dl",
    { class: "facts" },
    fact("Status", el("dd", {}, status)),
    fact("Connection", values.link),
    fact("Power", values.power),
    fact("Messages waiting", values.queue),
    fact("Profile", values.profile),
    fact("Worker", values.worker),
  );
  return {
    node,
    /** @param {import("./section.js").Seen} seen */
    update({ station }) {
      showStatus(status, station.status);
      setText(values.link, station.connected ? "open" : "none");
      setText(values.power, kw(station.usage_kw));
      setText(values.queue, number(station.queue_length));
      setText(values.profile, station.profile);
      setText(values.worker, station.worker);
    },
  };
}
