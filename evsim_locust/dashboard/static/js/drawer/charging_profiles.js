// @ts-check
// The charging profiles that a central system has set.

import { el } from "../dom.js";
import { section } from "./section.js";

/** Stations take none yet. */
export function createChargingProfiles() {
  return { node: section("Charging profiles", el("p", { class: "soft" }, "None are set.")) };
}
