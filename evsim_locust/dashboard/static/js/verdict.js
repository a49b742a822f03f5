// @ts-check
// The strip on top: how the run is, in one sentence and in figures.

import { el, keyed, setAttribute, setText } from "./dom.js";
import { bytes, duration, lag, ms, number, percent } from "./format.js";
import { highest, judgement } from "./judgement.js";

/**
 * Name, label, text of the run, and the level of a value that asks for attention.
 * @type {[string, string, (run: any) => string, ((run: any) => any)?][]}
 */
const FIGURES = [
  ["state", "State", (run) => run.state],
  ["elapsed", "Elapsed", (run) => duration(run.elapsed_s)],
  ["wanted", "Wanted", (run) => number(run.wanted)],
  ["connected", "Connected", (run) => number(run.stations.connected)],
  ["booted", "Booted", (run) => number(run.stations.booted)],
  ["charging", "Charging", (run) => number(run.stations.charging)],
  ["offline", "Offline", (run) => number(run.stations.offline), (run) => run.stations.offline && "warn"],
  ["faulted", "Faulted", (run) => number(run.stations.faulted), (run) => run.stations.faulted && "bad"],
  ["calls-per-s", "Calls/s", (run) => number(run.calls_per_s, 1)],
  ["failures", "Failures", (run) => number(run.failures), (run) => run.failures && "bad"],
  ["p95", "p95, 1 min", (run) => ms(run.p95_ms)],
  ["lag", "Lag", (run) => lag(highest(run.workers, "schedule_lag_s"))],
  ["cpu", "CPU", (run) => percent(highest(run.workers, "cpu_percent"))],
];

/**
 * @param {HTMLElement} place
 * @param {{base: string}} context
 */
export function createVerdict(place, { base }) {
  const sentence = el("p", { class: "sentence" }, "Connecting …");
  const connection = el("p", { class: "connection", role: "alert", dataset: { figure: "connection" }, hidden: true });
  const figures = FIGURES.map(([name, label, text, level]) => {
    const value = el("dd", { dataset: { figure: name } }, "–");
    return { node: el("div", { dataset: { name } }, el("dt", {}, label), value), value, text, level };
  });
  const workers = createWorkers();
  place.append(connection, sentence, el("dl", { class: "figures" }, ...figures.map((figure) => figure.node)), workers.node);

  function show(run) {
    const { level, text } = judgement(run);
    place.dataset.level = level;
    setText(sentence, text);
    for (const figure of figures) {
      setText(figure.value, figure.text(run));
      setAttribute(figure.value, "class", figure.level?.(run) || null);
    }
    workers.update(run.workers);
  }

  return {
    update(overview, status) {
      place.classList.toggle("lost", !status.online);
      if (overview) show(overview.run);
      connection.hidden = status.online;
      if (!status.online) tellOfLoss(connection, base, status);
    },
  };
}

/** Written once per kind of loss: it is an alert, which readers speak out at each change. */
function tellOfLoss(connection, base, { error, lostSince }) {
  const kind = `${error.status ?? ""} ${lostSince}`;
  if (connection.dataset.kind === kind) return;
  connection.dataset.kind = kind;
  const time = new Date(lostSince).toLocaleTimeString("en-GB");
  if (error.status === 401) {
    connection.replaceChildren(`Connection lost at ${time}: you are logged out. `, el("a", { href: `${base}/login` }, "Log in"));
  } else {
    setText(connection, `Connection lost at ${time}: ${error.detail ?? error}. Trying again; what is shown is from before.`);
  }
}

const WORKER_COLUMNS = ["Worker", "State", "Stations", "CPU", "Memory", "Schedule lag"];

/** One line per worker, for runs that have several. */
function createWorkers() {
  const summary = el("summary");
  const body = el("tbody");
  const heads = WORKER_COLUMNS.map((text) => el("th", { scope: "col" }, text));
  const table = el("table", {}, el("thead", {}, el("tr", {}, ...heads)), body);
  // Focusable, for who scrolls by keyboard.
  const box = el("div", { class: "scrolls", tabindex: 0, role: "region", "aria-label": "Workers" }, table);
  const node = el("details", { class: "workers", hidden: true }, summary, box);
  return {
    node,
    update(workers) {
      node.hidden = workers.length < 2;
      setText(summary, `${number(workers.length)} workers`);
      if (node.open) keyed(body, workers, (worker) => worker.worker, createWorker, showWorker);
    },
  };
}

function createWorker(/** @type {any} */ { worker }) {
  const cells = WORKER_COLUMNS.slice(1).map(() => el("td"));
  return el("tr", {}, el("th", { scope: "row" }, el("bdi", {}, worker)), ...cells);
}

function showWorker(row, /** @type {any} */ { state, users, cpu_percent, memory_bytes, schedule_lag_s }) {
  const texts = [state, number(users), percent(cpu_percent), bytes(memory_bytes), lag(schedule_lag_s)];
  texts.forEach((text, at) => setText(row.children[at + 1], text));
}
