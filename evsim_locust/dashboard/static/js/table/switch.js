// @ts-check
// Starting and stopping the station of a row.

import { act } from "../action.js";

/**
 * @param {any} context
 * @returns {{start: (id: string, button: Element) => void, stop: (id: string, button: Element) => void}}
 */
export function createSwitch(context) {
  const { api } = context;
  return {
    start: (id, button) => act(context, [button], () => api.start(id, profileBeside(button)), () => `${id} starts`),
    stop: (id, button) => act(context, [button], () => api.stop(id), () => `${id} stops`),
  };
}

/** It starts again with the one it had. */
function profileBeside(button) {
  return button.closest("tr").querySelector('[data-column="profile"]').textContent;
}
