// @ts-check
// How many stations there should be.

import { act } from "../action.js";
import { el } from "../dom.js";
import { number } from "../format.js";
import { follower, labelled, profileSelect, submitButton } from "./fields.js";

/** @param {any} context */
export function createScale(context) {
  const count = el("input", { type: "number", min: 0, max: 100_000, step: 1, required: true, inputmode: "numeric" });
  const rate = el("input", { type: "number", min: 0.01, max: 10_000, step: "any", placeholder: "as the run", inputmode: "decimal" });
  const profile = profileSelect();
  const wanted = follower(count);
  const button = submitButton("Apply scaling", { class: "primary" });

  async function submit(event) {
    event.preventDefault();
    const typed = count.value;
    const asked = { count: Number(typed), ...chosen(profile.select.value, rate.value) };
    const isDone = await act(context, [button], () => context.api.scale(asked), () => `Scaling to ${stations(asked.count)}`);
    if (isDone) wanted.release(typed);
  }

  const node = el(
    "form",
    { "aria-label": "Scale", on: { submit } },
    el("h2", {}, "Scale"),
    labelled("Stations", count, wanted.note),
    labelled("Profile", profile.select),
    labelled("Ramp rate", rate, el("span", { class: "unit" }, "per second")),
    el("div", { class: "buttons beside" }, button),
  );
  return {
    node,
    update({ run, profiles }) {
      wanted.show(String(run.wanted));
      profile.update(profiles);
    },
  };
}

function chosen(profile, rate) {
  return { ...(profile && { profile }), ...(rate && { spawn_rate: Number(rate) }) };
}

function stations(count) {
  return count === 1 ? "1 station" : `${number(count)} stations`;
}
