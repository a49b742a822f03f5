// @ts-check
// Where the focus goes when something closes.

/**
 * Back to where it was opened from; to the table, when that has left the page meanwhile.
 * @param {HTMLElement | null} opener
 */
export function focusBack(opener) {
  const target = opener?.isConnected ? opener : document.getElementById("stations");
  target?.focus({ preventScroll: target !== opener });
}
