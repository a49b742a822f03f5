// @ts-check
// Asks again and again, while somebody looks.

const PACE_MS = 2000;
const MOST_MS = 15_000;

/**
 * Two seconds after each answer, up to fifteen after failures; not while the tab is hidden, and at once after that.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} ask
 * @param {{told: (answer: T) => void, failed: (error: any) => void}} listener
 */
export function createPoll(ask, { told, failed }) {
  const ending = new AbortController();
  let timer = 0;
  let failures = 0;
  let isAsking = false;

  async function once() {
    clearTimeout(timer);
    isAsking = true;
    try {
      const answer = await ask(ending.signal);
      failures = 0;
      if (!ending.signal.aborted) told(answer);
    } catch (error) {
      failures += 1;
      if (!ending.signal.aborted) failed(error);
    }
    isAsking = false;
    wait();
  }

  function wait() {
    if (ending.signal.aborted || document.hidden) return;
    timer = setTimeout(once, Math.min(MOST_MS, PACE_MS * 2 ** failures));
  }

  function onVisibilityChange() {
    clearTimeout(timer);
    if (!document.hidden && !isAsking) once();
  }

  document.addEventListener("visibilitychange", onVisibilityChange, { signal: ending.signal });
  once();
  return {
    end() {
      clearTimeout(timer);
      ending.abort();
    },
  };
}
