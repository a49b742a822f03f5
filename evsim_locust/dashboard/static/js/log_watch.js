// @ts-check
// Which stations run: the page's rows tell, and what is on no row is asked for, seldom.

const PACE_MS = 5000;

/**
 * @param {{overview: (query: object) => Promise<any>}} api
 * @param {() => number} [now] milliseconds
 */
export function createWatch(api, now = () => Date.now()) {
  /** @type {Map<string, {isRunning: boolean, at: number}>} */
  const known = new Map();

  /** `after`: none of the series' points are wanted. */
  async function ask(id, after) {
    known.set(id, { isRunning: known.get(id)?.isRunning ?? true, at: now() });
    try {
      const { rows } = await api.overview({ q: id, limit: 500, after });
      note(id, rows);
    } catch {
      // The feed shows that the server is gone.
    }
  }

  function note(id, rows) {
    const row = rows.find((each) => each.station_id === id);
    known.set(id, { isRunning: row?.running ?? false, at: now() });
  }

  return {
    /**
     * @param {string} id
     * @param {any} overview
     * @returns {boolean} as far as is known
     */
    isRunning(id, overview) {
      const row = overview.rows.find((each) => each.station_id === id);
      if (row) known.set(id, { isRunning: row.running, at: now() });
      else if (now() - (known.get(id)?.at ?? 0) >= PACE_MS) ask(id, overview.series.last);
      return known.get(id)?.isRunning ?? true;
    },
    /** @param {string} id */
    forget: (id) => known.delete(id),
  };
}
