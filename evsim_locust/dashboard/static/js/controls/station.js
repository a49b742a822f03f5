// @ts-check
// One station by its id.

import { act } from "../action.js";
import { el } from "../dom.js";
import { labelled, profileSelect, submitButton } from "./fields.js";

/** @param {any} context */
export function createStation(context) {
  const id = el("input", {
    type: "text",
    required: true,
    maxlength: 48,
    pattern: "[A-Za-z0-9][A-Za-z0-9*+=:\\|@._\\-]{0,47}",
    title: "letters, digits and * + = : | @ . _ -",
    placeholder: "PY-SIM-0099",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
  });
  const profile = profileSelect();
  const start = submitButton("Start");
  const stop = submitButton("Stop");

  function submit(event) {
    event.preventDefault();
    const station = id.value;
    if (event.submitter === stop) {
      act(context, [start, stop], () => context.api.stop(station), () => `${station} stops`);
    } else {
      act(context, [start, stop], () => context.api.start(station, profile.select.value), () => `${station} starts`);
    }
  }

  const node = el(
    "form",
    { "aria-label": "One station", on: { submit } },
    el("h2", {}, "One station"),
    labelled("Station ID", id),
    labelled("Profile", profile.select),
    el("div", { class: "buttons" }, start, stop),
  );
  return { node, update: ({ profiles }) => profile.update(profiles) };
}
