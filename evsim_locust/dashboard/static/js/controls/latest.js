// @ts-check
// For what is asked for faster than it can be sent.

/**
 * Sends one value at a time, and of those that were asked for meanwhile only the last.
 * @template T
 * @param {(value: T) => Promise<any>} send never rejects
 * @param {() => void} changed is called whenever `asked` gives something else
 */
export function latest(send, changed) {
  /** @type {T | null} */
  let asked = null;
  let isSending = false;

  async function sendAll() {
    isSending = true;
    while (asked !== null) {
      const value = asked;
      await send(value);
      if (asked === value) asked = null;
    }
    isSending = false;
    changed();
  }

  return {
    /** What was asked for last and is not settled yet; else null. */
    asked: () => asked,
    /** @param {T} value */
    ask(value) {
      asked = value;
      changed();
      if (!isSending) sendAll();
    },
  };
}
