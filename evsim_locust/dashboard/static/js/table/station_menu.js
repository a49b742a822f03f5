// @ts-check
// The menu of a row: what its station can be told to do, as the API lists it.

import { act } from "../action.js";
import { createActionDialog, wordsOf } from "../action_dialog.js";
import { createMenu } from "../menu.js";

/**
 * @param {HTMLElement} place
 * @param {any} context
 */
export function createStationMenu(place, context) {
  const menu = createMenu(place);
  const dialog = createActionDialog(place, context);
  let question = new AbortController();

  async function open(id, button) {
    question.abort();
    question = new AbortController();
    const { signal } = question;
    menu.open(button, `Actions of ${id}`);
    try {
      const { actions } = await context.api.station(id, signal);
      const items = actions.flatMap((action) => itemsOf(id, action));
      if (menu.isOpenAt(button)) menu.fill(items, "Nothing: it does not run");
    } catch (error) {
      if (signal.aborted) return;
      menu.close();
      context.toast.bad(`${id}: ${error.detail ?? error}`);
    }
  }

  /** An action whose parameters all have defaults acts at once, and asks for others if wanted; the rest ask first. */
  function itemsOf(id, action) {
    const name = wordsOf(action.name);
    const ask = () => dialog.open(id, action);
    if (!action.parameters.every(hasDefault)) return [{ name, run: ask, asks: true }];
    const now = { name, run: () => actNow(id, action) };
    const asking = { name: `${name} with parameters…`, short: "with parameters…", run: ask, asks: true };
    return action.parameters.length ? [now, asking] : [now];
  }

  function actNow(id, action) {
    const send = () => context.api.act(id, action.name, {});
    return act(context, [], send, () => `${id} took “${wordsOf(action.name)}”`);
  }

  return {
    toggle(id, button) {
      if (menu.isOpenAt(button)) menu.close();
      else open(id, button);
    },
    /** Rows may have moved. */
    keepPlace: menu.keepPlace,
  };
}

function hasDefault(parameter) {
  return !parameter.required && parameter.default !== null;
}
