// @ts-check
// The stations: filters, the table, pages.

import { el, keyed, setText } from "./dom.js";
import { createSwitch } from "./table/switch.js";
import { createFilters } from "./table/filters.js";
import { createHead, TITLES } from "./table/head.js";
import { createPages } from "./table/pages.js";
import { createRow, updateRow } from "./table/row.js";
import { createStationMenu } from "./table/station_menu.js";

const MANY = 20; // rows; of more, the stylesheet leaves out what is not in sight

/**
 * @param {HTMLElement} place
 * @param {any} context
 */
export function createTable(place, context) {
  const pages = createPages((offset) => context.feed.setQuery({ offset }));
  const filters = createFilters((wanted) => ask(wanted));
  const head = createHead((sort) => ask({ sort }));
  const body = el("tbody", { role: "rowgroup" });
  const table = el("table", { role: "table", "aria-label": "Stations" }, head, body);
  const nothing = el("p", { class: "nothing", hidden: true });
  const all = el("button", { type: "button", hidden: true, on: { click: clear } }, "Show all stations");
  const menu = createStationMenu(place, context);
  const does = { ...createSwitch(context), look: lookAt, logs: openLog, menu: (id, button) => menu.toggle(id, button) };
  let limit = 50;

  place.setAttribute("aria-label", "Stations");
  place.append(
    el("div", { class: "table-bar" }, el("h2", {}, "Stations"), filters.node, pages.node),
    el("div", { class: "table-box" }, table, nothing, all),
  );
  body.addEventListener("click", onClick);

  function ask(wanted) {
    limit = wanted.limit ?? limit;
    pages.begin(limit);
    context.feed.setQuery({ ...wanted, offset: 0 });
  }

  function clear() {
    filters.clear();
    filters.node.querySelector("input").focus();
  }

  function onClick(event) {
    const button = event.target.closest("button[data-does]");
    if (button) does[button.dataset.does](button.closest("tr").dataset.station, button);
  }

  function lookAt(id) {
    context.openDrawer(id);
  }

  function openLog(id) {
    context.openLog(id);
  }

  function showRows(overview) {
    body.classList.toggle("long", overview.rows.length > MANY);
    keyed(
      body,
      overview.rows,
      (row) => row.station_id,
      (row) => createRow(row, TITLES),
      (tr, row) => updateRow(tr, { ...row, currency: overview.currency }),
    );
  }

  function showNothing(isEmpty) {
    nothing.hidden = !isEmpty;
    all.hidden = !(isEmpty && filters.isSet());
    if (isEmpty) setText(nothing, filters.isSet() ? "No station fits." : "No stations yet: ask for some under Scale.");
  }

  return {
    /**
     * @param {any} overview null before the first one
     * @param {{online: boolean}} status
     */
    update(overview, status) {
      place.classList.toggle("stale", !status.online);
      if (!overview) return;
      filters.update(overview);
      pages.update(overview.total);
      showRows(overview);
      showNothing(overview.rows.length === 0);
      menu.keepPlace();
    },
  };
}
