// @ts-check
// The lines of a log, put together from what was kept, what the server gives at once, and what comes live; pure.
// Lines have no numbers: texts that lie over each other without a difference are taken for the same ones, which their
// times make nearly certain.

/**
 * Where the second list begins in the first one: the earliest place (it may lie before it) at which no two lines that
 * lie over each other differ; the end of the first when there is none.
 * @param {string[]} known oldest first
 * @param {string[]} added oldest first
 */
export function overlap(known, added) {
  const first = known.length ? 1 - added.length : 0; // at least one line lies over another
  for (let start = first; start < known.length; start++) if (agrees(known, added, start)) return start;
  return known.length;
}

/**
 * What comes in the second list after the end of the first.
 * @param {string[]} known oldest first
 * @param {string[]} added oldest first
 */
export function newer(known, added) {
  return added.slice(known.length - overlap(known, added));
}

function agrees(known, added, start) {
  const end = Math.min(known.length, start + added.length);
  for (let at = Math.max(0, start); at < end; at++) if (known[at] !== added[at - start]) return false;
  return true;
}

/**
 * Listen first, then ask for the lines before: `opened`, any `line`s, `backlog`, more `line`s; and again from `opened`
 * after an interruption. Each line is there once, whatever both ways gave.
 * @param {number} [most] how many are kept
 */
export function createLines(most = 500) {
  const lines = [];
  /** @type {string[] | null} live lines that wait for the backlog */
  let waiting = null;
  /** The backlog, and the live lines that may all be part of it. @type {{known: string[], live: string[]} | null} */
  let joining = null;
  let added = 0;
  let generation = 0;

  function append(more) {
    lines.push(...more);
    added += more.length;
    lines.splice(0, lines.length - most);
  }

  function takeBacklog(given) {
    if (given.length && overlap(lines, given) === lines.length) takeBack(given);
    else append(newer(lines, given));
  }

  /** Lines at the end that came live after others were missed: they come again, in their places. */
  function takeBack(given) {
    let end = lines.length;
    while (end > 0 && given.includes(lines[end - 1])) end--;
    if (end < lines.length) generation++;
    lines.splice(end);
    append(given);
  }

  function line(text) {
    if (waiting) waiting.push(text);
    else if (joining) join(text, joining);
    else append([text]);
  }

  /** The first line that cannot be part of the backlog tells where it ended. */
  function join(text, { known, live }) {
    live.push(text);
    const fresh = newer(known, live);
    if (fresh.length) joining = null;
    append(fresh);
  }

  return {
    /** All that are kept, oldest first. */
    lines,
    /** How many ever came. */
    added: () => added,
    /** Grows when what was there has changed, beyond lines that came at the end and went at the beginning. */
    generation: () => generation,
    opened() {
      waiting = [];
      joining = null;
    },
    line,
    /** @param {string[]} given oldest first; what is kept, when the server gave none */
    backlog(given = lines.slice()) {
      takeBacklog(given);
      joining = { known: given, live: [] };
      const live = waiting ?? [];
      waiting = null;
      live.forEach(line);
    },
  };
}
