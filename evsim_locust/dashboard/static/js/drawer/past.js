// @ts-check
// What history has of a station: asked for at first, and again whenever its transactions are other ones.

const SETTLE_MS = 3000; // a session that has ended is written a moment later

/**
 * @param {string} id
 * @param {any} api
 */
export function createPast(id, api) {
  const found = { snapshots: /** @type {any[]} */ ([]), sessions: /** @type {any[]} */ ([]) };
  const ending = new AbortController();
  let known = "";
  let timer = 0;

  async function load() {
    try {
      const [history, past] = await Promise.all([api.history(id, ending.signal), api.sessions(id, ending.signal)]);
      Object.assign(found, { snapshots: history.energy_snapshots, sessions: past.sessions });
    } catch {
      known = ""; // asked for again with the next answer
    }
  }

  return {
    /** Newest first, both. */
    found,
    /** @param {{connectors: any[]}} station */
    follow({ connectors }) {
      const transactions = JSON.stringify(connectors.map(({ transaction }) => transaction?.transaction_id ?? null));
      if (transactions === known) return;
      clearTimeout(timer);
      if (known !== "") timer = setTimeout(load, SETTLE_MS);
      else load();
      known = transactions;
    },
    end() {
      clearTimeout(timer);
      ending.abort();
    },
  };
}
