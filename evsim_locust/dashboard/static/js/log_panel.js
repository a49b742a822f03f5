// @ts-check
// The open logs, side by side.

import { focusBack } from "./focus.js";
import { createLog } from "./log.js";
import { createWatch } from "./log_watch.js";

const ASLEEP_MS = 30_000;

/**
 * @param {HTMLElement} place
 * @param {any} context
 */
export function createLogs(place, context) {
  const watch = createWatch(context.api);
  /** @type {Map<string, ReturnType<typeof createLog>>} */
  const open = new Map();
  let toldAt = Date.now();
  let wasOnline = true;

  function close(id, opener) {
    open.delete(id);
    watch.forget(id);
    focusBack(opener);
  }

  function add(id) {
    const opener = /** @type {HTMLElement} */ (document.activeElement);
    const log = createLog(id, context, () => close(id, opener));
    open.set(id, log);
    place.append(log.node);
    return log;
  }

  /** Nothing was heard for long, or the server was away. */
  function isBack(online) {
    const now = Date.now();
    const isAwake = now - toldAt > ASLEEP_MS;
    const isOnlineAgain = online && !wasOnline;
    toldAt = now;
    wasOnline = online;
    return isAwake || isOnlineAgain;
  }

  return {
    /** @param {string} id of the station; its log is shown where it is when it is open already */
    open: (id) => (open.get(id) ?? add(id)).show(),
    /**
     * @param {any} overview null before the first one
     * @param {{online: boolean}} status
     */
    update(overview, { online }) {
      if (isBack(online)) for (const log of open.values()) log.reopen();
      if (!online || !overview) return;
      for (const [id, log] of open) log.setRunning(watch.isRunning(id, overview));
    },
  };
}
