// @ts-check
// What happens around every action: no second one before the first is answered, and its outcome is said.

/**
 * Sends and says how it ended; afterwards everything shows what the server made of it. A button that waits is marked
 * with `aria-disabled`: really disabled it would lose the focus.
 * @template T
 * @param {{toast: {good: (text: string) => void, bad: (text: string) => void}, feed: {refresh: () => void}}} context
 * @param {Element[]} buttons that wait meanwhile
 * @param {() => Promise<T>} send
 * @param {(answer: T) => string} said what the toast says when it went well
 * @returns {Promise<boolean>} whether it went well; false at once when one of the buttons waits already
 */
export async function act({ toast, feed }, buttons, send, said) {
  if (buttons.some((button) => button.ariaDisabled === "true")) return false;
  for (const button of buttons) button.ariaDisabled = "true";
  try {
    toast.good(said(await send()));
    return true;
  } catch (/** @type {any} */ error) {
    toast.bad(error.detail ?? String(error));
    return false;
  } finally {
    for (const button of buttons) button.ariaDisabled = null;
    feed.refresh();
  }
}
