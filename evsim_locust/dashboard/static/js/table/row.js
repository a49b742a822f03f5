// @ts-check
// One station as a row; a refresh writes only what has changed.

import { el, setAttribute, setText } from "../dom.js";
import { money, number, upTo } from "../format.js";
import { showStatus, statusMark } from "./statuses.js";

/** Each cell: how it is built, and the fields of the row that it shows, with who writes them. */
const CELLS = {
  station_id: { build: idCell, shows: [] },
  profile: { build: () => el("bdi"), shows: ["profile"], write: (node, row) => writeName(node, row.profile) },
  status: { build: statusMark, shows: ["status"], write: (node, row) => showStatus(node, row.status) },
  usage_kw: {
    build: () => el("span"),
    shows: ["usage_kw"],
    write: (node, row) => say(node, number(row.usage_kw, 2)),
  },
  energy_kwh: {
    build: () => el("span"),
    shows: ["energy_kwh"],
    write: (node, row) => say(node, number(row.energy_kwh, 2)),
  },
  smart: {
    build: smartCell,
    shows: ["energy_kwh", "max_energy_kwh", "energy_percent", "charge_if_price_below", "allow_peak", "currency"],
    write: writeSmart,
  },
  worker: { build: () => el("bdi"), shows: ["worker"], write: (node, row) => writeName(node, row.worker) },
  actions: { build: actionsCell, shows: ["running"], write: writeActions },
};

/** @type {WeakMap<Element, {cells: Record<string, any>, row: any}>} */
const known = new WeakMap();

/**
 * @param {any} row as the API gives it
 * @param {Record<string, string>} titles of the columns, which name the cells where there is no room for a head
 * @returns {Element}
 */
export function createRow(row, titles) {
  const cells = Object.fromEntries(Object.entries(CELLS).map(([column, cell]) => [column, cell.build(row)]));
  const tds = Object.entries(cells).map(([column, node]) =>
    el("td", { role: "cell", dataset: { column, title: titles[column] } }, node),
  );
  const tr = el("tr", { role: "row", dataset: { station: row.station_id } }, ...tds);
  known.set(tr, { cells, row: {} });
  return tr;
}

/**
 * @param {Element} tr what `createRow` gave
 * @param {any} row of the same station, with the `currency` of its price
 */
export function updateRow(tr, row) {
  const state = /** @type {any} */ (known.get(tr));
  for (const [column, cell] of Object.entries(CELLS)) {
    if (cell.shows.some((field) => row[field] !== state.row[field])) cell.write?.(state.cells[column], row);
  }
  state.row = row;
}

/** For what changes at every refresh: a text node that is kept costs a third of a new one. */
function say(node, text) {
  if (node.firstChild) node.firstChild.data = text;
  else node.textContent = text;
}

function idCell(row) {
  const name = el("bdi", {}, row.station_id);
  const naming = { title: row.station_id, "aria-label": row.station_id };
  return el("button", { type: "button", class: "link", ...naming, dataset: { does: "look" } }, name);
}

function writeName(node, name) {
  setText(node, name);
  setAttribute(node, "title", name);
}

function smartCell(row) {
  const label = `Energy of ${row.station_id} towards its cap`;
  const limits = { "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 0 };
  return el(
    "div",
    { class: "smart" },
    el("div", { role: "progressbar", class: "bar", "aria-label": label, ...limits }, el("div")),
    el("span", { class: "cap" }),
    el("span", { class: "terms" }),
  );
}

function writeSmart(node, row) {
  const [bar, cap, terms] = node.children;
  setAttribute(bar, "aria-valuenow", row.energy_percent);
  bar.firstChild.style.setProperty("transform", `scaleX(${row.energy_percent / 100})`);
  say(cap, `${upTo(row.energy_kwh, 1)}/${upTo(row.max_energy_kwh, 1)} kWh`);
  const price = money(row.charge_if_price_below, row.currency).replace(/\.00$/, "");
  say(terms, `Price: ${price} ${row.allow_peak ? "✓ Peak" : "✗ No Peak"}`);
}

function actionsCell(row) {
  const id = row.station_id;
  const button = (does, text, label, more = {}) =>
    el("button", { type: "button", dataset: { does }, "aria-label": label, ...more }, text);
  return el(
    "div",
    { class: "buttons" },
    button("logs", "Logs", `Logs of ${id}`),
    button("stop", "Stop", `Stop ${id}`),
    button("menu", "⋯", `Actions of ${id}`, { title: "Actions", "aria-haspopup": "menu", "aria-expanded": false }),
  );
}

/** One button that changes, so that the focus stays on it. */
function writeActions(node, row) {
  const button = node.children[1];
  button.dataset.does = row.running ? "stop" : "start";
  setText(button, row.running ? "Stop" : "Start");
  setAttribute(button, "aria-label", `${row.running ? "Stop" : "Start"} ${row.station_id}`);
}
