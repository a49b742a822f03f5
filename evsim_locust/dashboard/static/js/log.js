// @ts-check
// One station's log: its lines, and what can be done with them.

import { copy } from "./clipboard.js";
import { el, setText } from "./dom.js";
import { number } from "./format.js";
import { createLines } from "./log_lines.js";
import { createLogList } from "./log_list.js";
import { createLogSocket } from "./log_socket.js";

/**
 * @param {string} id
 * @param {any} context
 * @param {() => void} onClose
 */
export function createLog(id, { api, toast }, onClose) {
  const log = createLines();
  const list = createLogList();
  const state = el("span", { class: "log-state", dataset: { figure: "log-state" } });
  const reason = el("p", { class: "reason", hidden: true });
  const filter = el("input", { type: "search", placeholder: "Filter", autocomplete: "off", "aria-label": "Filter" });
  const pause = el("button", { type: "button", on: { click: togglePause } }, "Pause");
  const copying = el("button", { type: "button", on: { click: copyShown } }, "Copy");
  const closing = el("button", { type: "button", class: "quiet", "aria-label": "Close", on: { click: close } }, "✕");
  const title = el("h3", { tabindex: -1 }, el("bdi", {}, id));
  const tools = el("div", { class: "tools" }, filter, pause, copying);
  const head = el("div", { class: "log-head" }, title, state, closing, tools);
  const node = el("section", { class: "log card", "aria-label": `Log of ${id}` }, head, reason, list.node);
  let link = "connecting …";
  let isRunning = true;
  /** How many lines had come when it was paused. @type {number | null} */
  let pausedAt = null;
  let frame = 0;
  let question = new AbortController();

  filter.addEventListener("input", () => list.filter(filter.value.trim()));
  const socket = createLogSocket(api.logSocketUrl(id), { opened, text, lost });
  say();

  function opened() {
    link = "live";
    load();
  }

  /** Also without a live connection, which some proxies do not let through. */
  function lost() {
    if (link === "live") link = "reconnecting …";
    say();
    load();
  }

  async function load() {
    log.opened();
    question.abort();
    question = new AbortController();
    const { signal } = question;
    const given = await api.logs(id, signal).catch((error) => (signal.aborted ? null : untold(error)));
    if (signal.aborted) return;
    if (given) reason.hidden = true;
    log.backlog(given?.logs);
    draw();
  }

  /** That the server is gone is said at the top of the page. */
  function untold(error) {
    setText(reason, `The lines before now are missing: ${error.detail}`);
    reason.hidden = error.status === 0;
    return null;
  }

  function text(line) {
    log.line(line);
    draw();
  }

  /** At most once a frame, however many lines come. */
  function draw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (pausedAt === null) list.show(log);
      say();
    });
  }

  function say() {
    setText(state, pausedAt === null ? linkState() : `paused (${number(log.added() - pausedAt)} new)`);
    state.dataset.state = pausedAt === null ? linkState().split(" ")[0] : "paused";
  }

  function linkState() {
    return isRunning ? link : "not running";
  }

  function togglePause() {
    pausedAt = pausedAt === null ? log.added() : null;
    setText(pause, pausedAt === null ? "Pause" : "Resume");
    draw();
    say();
  }

  async function copyShown() {
    if (await copy(list.text())) return toast.good("Copied");
    getSelection()?.selectAllChildren(list.node);
    toast.bad("The browser allows no copying: the lines are selected, copy them by hand");
  }

  function close() {
    question.abort();
    socket.close();
    cancelAnimationFrame(frame);
    node.remove();
    onClose();
  }

  return {
    node,
    show() {
      node.scrollIntoView({ block: "nearest" });
      title.focus({ preventScroll: true });
    },
    /** The connection may be dead without a word: after a sleep, or when the server was away. */
    reopen: socket.reopen,
    /** @param {boolean} runs whether the station does; when it begins again, its lines may come from elsewhere */
    setRunning(runs) {
      if (runs && !isRunning) socket.reopen();
      isRunning = runs;
      say();
    },
  };
}
