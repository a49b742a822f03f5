// @ts-check
// The page's one source: polls the overview and tells all who listen.

import { merged } from "./series.js";

const PACE_MS = 1000;
const MOST_MS = 15_000;

/** What the feed needs of its surroundings; times in milliseconds. */
const browser = {
  now: () => Date.now(),
  random: () => Math.random(),
  setTimeout: (fn, delay) => setTimeout(fn, delay),
  clearTimeout: (timer) => clearTimeout(timer),
  isHidden: () => document.hidden,
  onVisibilityChange: (fn) => document.addEventListener("visibilitychange", fn),
  report: (error) => reportError(error),
};

/**
 * Nothing is asked before `refresh` or `setQuery` is called for the first time. There is never more than one poll in
 * flight, and none while the tab is hidden.
 * @param {{overview: (query: object, signal: AbortSignal) => Promise<any>}} api
 * @param {typeof browser} [world]
 */
export function createFeed(api, world = browser) {
  return new Feed(api, world);
}

class Feed {
  #api;
  #world;
  #listeners = new Set();
  #query = {};
  #overview = null;
  /** @type {import("./series.js").Series} */
  #series = { period_s: 2, last: 0, points: [] };
  /** @type {{online: boolean, lostSince: number | null, error: any}} */
  #status = { online: true, lostSince: null, error: null };
  #failures = 0;
  #timer;
  /** @type {AbortController | null} of the poll that is on its way */
  #flight = null;
  #isWanted = false; // another poll right after that one

  constructor(api, world) {
    this.#api = api;
    this.#world = world;
    world.onVisibilityChange(() => (world.isHidden() ? world.clearTimeout(this.#timer) : this.refresh()));
  }

  /**
   * Listeners get the newest overview (null before the first), with all points of the series that are kept, and the
   * status: `online`, `lostSince` (milliseconds since 1970) and `error` (an `ApiError`) while it is not.
   * @param {(overview: any, status: {online: boolean, lostSince: number | null, error: any}) => void} listener
   * @returns {() => void} ends it
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Changes some of what the rows are asked for, and polls now.
   * @param {object} part
   */
  setQuery(part) {
    this.#query = { ...this.#query, ...part };
    this.refresh();
  }

  /**
   * Polls now: at the start and after each action. An answer that is on its way may be older than what was just done,
   * so it is not waited for.
   */
  refresh() {
    if (this.#world.isHidden()) return;
    this.#isWanted = this.#flight !== null;
    if (this.#flight) this.#flight.abort();
    else this.#poll();
  }

  async #poll() {
    this.#world.clearTimeout(this.#timer);
    this.#isWanted = false;
    const { signal } = (this.#flight = new AbortController());
    try {
      const answer = await this.#api.overview({ ...this.#query, after: this.#series.last || null }, signal);
      if (!signal.aborted) this.#take(answer);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
    this.#flight = null;
    if (!this.#world.isHidden()) this.#timer = this.#world.setTimeout(() => this.#poll(), this.#delay());
  }

  #take(answer) {
    this.#series = merged(this.#series, answer.series);
    this.#overview = { ...answer, series: this.#series };
    this.#failures = 0;
    this.#status = { online: true, lostSince: null, error: null };
    this.#tell();
  }

  #fail(error) {
    this.#failures += 1;
    this.#status = { online: false, lostSince: this.#status.lostSince ?? this.#world.now(), error };
    this.#tell();
  }

  /** One who fails must not keep the news from the others. */
  #tell() {
    for (const listener of this.#listeners) {
      try {
        listener(this.#overview, this.#status);
      } catch (error) {
        this.#world.report(error);
      }
    }
  }

  /** The jitter keeps many tabs from coming back in one moment. */
  #delay() {
    if (this.#isWanted) return 0;
    if (!this.#failures) return PACE_MS;
    return Math.min(MOST_MS, PACE_MS * 2 ** (this.#failures - 1)) * (0.75 + this.#world.random() / 4);
  }
}
