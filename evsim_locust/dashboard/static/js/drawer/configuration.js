// @ts-check
// The configuration keys; the values of secret ones do not leave the server.

import { el, keyed } from "../dom.js";
import { outside } from "../outside.js";
import { box, createEmpty, section } from "./section.js";

export function createConfiguration() {
  const search = el("input", { type: "search", placeholder: "part of a key or value", autocomplete: "off" });
  const field = el("label", { class: "find" }, el("span", {}, "Search configuration"), search);
  const list = el("dl", { class: "keys" });
  const empty = createEmpty();
  /** @type {[string, string | null][]} */
  let entries = [];

  search.addEventListener("input", show);

  function show() {
    const wanted = search.value.trim().toLowerCase();
    const fitting = entries.filter(([key, value]) => `${key}\n${value ?? ""}`.toLowerCase().includes(wanted));
    empty.say(fitting.length === 0 && (entries.length ? "No key fits." : "Told only while the station runs."));
    keyed(list, fitting, ([key]) => key, createOne, updateOne);
  }

  return {
    node: section("Configuration", field, empty.node, box("Keys", list)),
    /** @param {import("./section.js").Seen} seen */
    update({ station }) {
      entries = Object.entries(station.configuration).sort(([a], [b]) => a.localeCompare(b, "en"));
      field.hidden = entries.length === 0;
      show();
    },
  };
}

function createOne([key]) {
  return el("div", {}, el("dt", {}, outside(key)), el("dd"));
}

function updateOne(node, [, value]) {
  const text = value === null ? "(secret)" : value;
  if (shown.get(node) === text) return;
  shown.set(node, text);
  node.lastChild.replaceChildren(text === "" ? el("span", { class: "soft" }, "(empty)") : outside(text));
}

/** @type {WeakMap<Element, string>} */
const shown = new WeakMap();
