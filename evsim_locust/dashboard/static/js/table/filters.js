// @ts-check
// Which stations the table shows.

import { labelled } from "../controls/fields.js";
import { el, keyed } from "../dom.js";
import { STATUSES } from "./statuses.js";

const SIZES = ["25", "50", "100", "200", "500"];
const TYPING_MS = 200; // one question for what is typed in one go
const RUNNING = "running"; // beside the statuses: whatever it is doing

/**
 * @param {(part: Record<string, any>) => void} onChange is given all filters, as the API's query has them
 */
export function createFilters(onChange) {
  const search = el("input", { type: "search", placeholder: "part of an ID", maxlength: 100, autocomplete: "off" });
  const status = el("select");
  const profile = el("select");
  const worker = el("select");
  const rows = el("select", {}, ...SIZES.map((size) => el("option", { value: size }, size)));
  rows.value = "50";
  let timer = 0;

  function tell() {
    clearTimeout(timer);
    const isRunning = status.value === RUNNING;
    onChange({
      q: search.value.trim(),
      status: isRunning ? "" : status.value,
      running: isRunning || null,
      profile: profile.value,
      worker: worker.value,
      limit: Number(rows.value),
    });
  }

  const typed = () => {
    clearTimeout(timer);
    timer = setTimeout(tell, TYPING_MS);
  };
  const node = el(
    "form",
    { class: "filters", role: "search", "aria-label": "Filter stations", on: { change: tell, input, submit } },
    labelled("Search", search),
    labelled("Status", status),
    labelled("Profile", profile),
    labelled("Worker", worker),
    labelled("Rows", rows),
  );

  function input(event) {
    if (event.target === search) typed();
  }

  function submit(event) {
    event.preventDefault();
    tell();
  }

  offer(status, [RUNNING, ...STATUSES]);
  return {
    node,
    /** @param {any} overview its profiles and workers are offered */
    update(overview) {
      offer(profile, overview.profiles);
      offer(
        worker,
        overview.run.workers.map((row) => row.worker),
      );
    },
    /** Show all stations. */
    clear() {
      search.value = status.value = profile.value = worker.value = "";
      tell();
    },
    /** Whether some stations may be left out. */
    isSet: () => [search, status, profile, worker].some((field) => field.value !== ""),
  };
}

/** What is chosen stays to be seen, though it be gone, as a lost worker is. */
function offer(select, names) {
  const chosen = select.value;
  const all = [...new Set(["", ...names, chosen])];
  keyed(
    select,
    all,
    (name) => name,
    (name) => el("option", { value: name }, name || "all"),
  );
  if (select.value !== chosen) select.value = chosen;
}
