// @ts-check
// The last frames, newest first, each as it is on demand.

import { el, keyed } from "../dom.js";
import { shorten } from "../format.js";
import { outside } from "../outside.js";
import { described } from "./frame.js";
import { createEmpty, section } from "./section.js";

export function createFrames() {
  const list = el("ol", { class: "frames" });
  const empty = createEmpty();
  return {
    node: section("Frames", empty.node, list),
    /** @param {import("./section.js").Seen} seen */
    update({ station }) {
      const frames = described(station.last_frames).reverse();
      const why = station.running ? "None yet: they are kept from the first look on." : "The station does not run.";
      empty.say(frames.length === 0 && why);
      keyed(list, frames, (frame) => frame.key, createOne);
    },
  };
}

function createOne({ direction, name, text, pretty }) {
  const arrow = el("span", { class: `way ${direction}` }, direction === "sent" ? "→ sent" : "← received");
  const body = el("pre", { tabindex: 0, "aria-label": `Frame: ${name}` });
  const unfold = () => !body.firstChild && body.append(outside(pretty(text), 20_000));
  const summary = el("summary", {}, arrow, " ", el("bdi", {}, shorten(name, 80)));
  return el("li", {}, el("details", { on: { toggle: unfold } }, summary, body));
}
