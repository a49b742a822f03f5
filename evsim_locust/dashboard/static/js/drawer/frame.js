// @ts-check
// What a frame is about (OCPP-J 1.6, section 4.2); pure. Frames may be cut, withheld, or no OCPP at all.

const HEAD = /^\s*\[\s*([234])\s*,\s*"((?:[^"\\]|\\.)*)"\s*(?:,\s*"((?:[^"\\]|\\.)*)")?/s;

/**
 * @param {{direction: string, frame: string}[]} frames oldest first
 * @returns {{key: string, direction: string, name: string, text: string, pretty: (text: string) => string}[]}
 */
export function described(frames) {
  const actions = new Map();
  const counts = new Map();
  return frames.map(({ direction, frame }) => {
    const text = `${direction} ${frame}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
    return { key: `${text} ${counts.get(text)}`, direction, name: nameOf(frame, actions), text: frame, pretty };
  });
}

/** `actions` are those of the calls before, by their unique ids: an answer does not tell its own. */
function nameOf(frame, actions) {
  const [, type, id, word] = HEAD.exec(frame) ?? [];
  if (type === "2") {
    actions.set(id, word);
    return word ?? "CALL";
  }
  if (type === "3") return `${actions.get(id) ?? "CALLRESULT"} answered`;
  if (type === "4") return `${actions.get(id) ?? "CALLERROR"} refused: ${word}`;
  return frame.startsWith("(") ? frame : "no OCPP frame";
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
