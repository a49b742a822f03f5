// @ts-check
// A WebSocket that comes back.

const FIRST_MS = 1000;
const MOST_MS = 15_000;

/** What it needs of its surroundings; times in milliseconds. */
const browser = {
  open: (url) => new WebSocket(url),
  random: () => Math.random(),
  setTimeout: (fn, delay) => setTimeout(fn, delay),
  clearTimeout: (timer) => clearTimeout(timer),
};

/**
 * Opens at once, and again 1, 2, 4 ... 15 s after each end until it is closed.
 * @param {string} url
 * @param {{opened: () => void, text: (text: string) => void, lost: () => void}} told
 * @param {typeof browser} [world]
 */
export function createLogSocket(url, told, world = browser) {
  /** @type {WebSocket | null} */
  let socket = null;
  let timer = 0;
  let failures = 0;

  function open() {
    const mine = world.open(url);
    socket = mine;
    // What a socket says that has been replaced counts no more.
    const whileMine = (act) => (event) => socket === mine && act(event);
    mine.onopen = whileMine(opened);
    mine.onmessage = whileMine((event) => told.text(String(event.data)));
    mine.onclose = whileMine(lost);
  }

  function opened() {
    failures = 0;
    told.opened();
  }

  function lost() {
    socket = null;
    told.lost();
    // The jitter keeps many panels from coming back in one moment.
    const delay = Math.min(MOST_MS, FIRST_MS * 2 ** failures++) * (0.75 + world.random() / 4);
    timer = /** @type {any} */ (world.setTimeout(open, delay));
  }

  function close() {
    world.clearTimeout(timer);
    const mine = socket;
    socket = null;
    mine?.close();
  }

  open();
  return {
    close,
    /** Begins anew, without waiting. */
    reopen() {
      close();
      told.lost();
      open();
    },
  };
}
