// @ts-check
// The head of the table: columns, and the order of the rows.

import { el, setAttribute } from "../dom.js";

/** Column, its title, the key that the server sorts by, and whether the first click asks for the highest first. */
const COLUMNS = [
  ["station_id", "Station ID", "station_id", false],
  ["profile", "Profile", "profile", false],
  ["status", "Status", "status", false],
  ["usage_kw", "Usage (kW)", "usage_kw", true],
  ["energy_kwh", "Energy (kWh)", "energy_kwh", true],
  ["smart", "Smart charging", "energy_percent", true],
  ["worker", "Worker", "worker", false],
  ["actions", "Actions", "", false],
];

/** @type {Record<string, string>} */
export const TITLES = Object.fromEntries(COLUMNS.map(([column, title]) => [column, title]));

/**
 * @param {(sort: string) => void} onSort is given a key of the row, with `-` in front for the highest first
 * @returns {HTMLElement}
 */
export function createHead(onSort) {
  let sort = "station_id";

  function choose(key, isDownFirst) {
    const [first, second] = isDownFirst ? ["-" + key, key] : [key, "-" + key];
    sort = sort === first ? second : first;
    mark();
    onSort(sort);
  }

  function mark() {
    const sorting = head.querySelectorAll("th[data-sort]");
    for (const th of sorting) setAttribute(th, "aria-sort", orderOf(th.dataset.sort, sort));
  }

  const cells = COLUMNS.map(([column, title, key, isDownFirst]) =>
    el(
      "th",
      { role: "columnheader", scope: "col", dataset: { column, ...(key && { sort: key }) } },
      key ? el("button", { type: "button", on: { click: () => choose(key, isDownFirst) } }, title) : title,
    ),
  );
  const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...cells));
  mark();
  return head;
}

function orderOf(key, sort) {
  if (sort === key) return "ascending";
  return sort === "-" + key ? "descending" : "none";
}
