// @ts-check
// The lines of a log on the page, newest first.

import { el } from "./dom.js";
import { outside } from "./outside.js";

/** Writes a log's lines; new ones above do not move what is being read. */
export function createLogList() {
  const node = el("ol", { class: "lines", dataset: { log: "" }, tabindex: 0, "aria-label": "Lines, newest first" });
  let wanted = "";
  let last = { generation: -1, added: 0 };

  const isWanted = (text) => text.toLowerCase().includes(wanted);

  function itemOf(text) {
    const [, time = "", words = text] = /^(\[[^\]]{1,12}\] )(.*)$/su.exec(text) ?? [];
    const item = el("li", {}, el("span", { class: "at" }, time), outside(words));
    whole.set(item, text);
    item.hidden = !isWanted(text);
    return item;
  }

  function write(log) {
    const isNew = log.generation() !== last.generation;
    const fresh = isNew ? log.lines.length : Math.min(log.added() - last.added, log.lines.length);
    if (isNew) node.replaceChildren();
    const items = fresh ? log.lines.slice(-fresh).map(itemOf) : [];
    node.prepend(...items.reverse());
    while (node.childElementCount > log.lines.length) node.lastElementChild.remove();
    last = { generation: log.generation(), added: log.added() };
  }

  return {
    node,
    /** @param {any} log what `createLines` gives */
    show: (log) => keepingPlace(node, () => write(log)),
    /** @param {string} text only lines that hold it are shown, in any case */
    filter(text) {
      wanted = text.toLowerCase();
      for (const item of node.children) item.hidden = !isWanted(whole.get(item));
    },
    /** What is shown, oldest first, one a line. */
    text: () =>
      [...node.children]
        .filter((item) => !item.hidden)
        .map((item) => whole.get(item))
        .reverse()
        .join("\n"),
  };
}

/** The whole text of each item, which may show less. @type {WeakMap<Element, string>} */
const whole = new WeakMap();

function keepingPlace(node, change) {
  const top = node.scrollTop;
  const first = top > 0 ? node.firstElementChild : null;
  const before = first?.offsetTop;
  change();
  if (first?.isConnected) node.scrollTop = top + first.offsetTop - before;
}
