// @ts-check
// Building and changing the page. Whatever comes from outside becomes a text node, so it can never become markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. `attributes`: `dataset` and `style` are objects, `on` maps event names to listeners, `true` gives a bare
 * attribute, `false`, null and undefined none; `aria-*` booleans are written out. Children are nodes or texts; null
 * and false are left out.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string | number | null | undefined | false)} children
 * @returns {any} typed by its tag at run time only
 */
export function el(tag, attributes = {}, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

/**
 * The same for SVG.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string)} children
 * @returns {any}
 */
export function svg(tag, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * Writes only what has changed, so that selections and screen readers are left in peace.
 * @param {Node} node
 * @param {string | number} text
 */
export function setText(node, text) {
  const wanted = String(text);
  if (node.textContent !== wanted) node.textContent = wanted;
}

/**
 * The same for an attribute; null, undefined and false take it away.
 * @param {Element} node
 * @param {string} name
 * @param {any} value
 */
export function setAttribute(node, name, value) {
  const wanted = attributeText(name, value);
  if (wanted === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== wanted) node.setAttribute(name, wanted);
}

/** @type {WeakMap<Element, Map<any, Element>>} */
const nodesOf = new WeakMap();

/**
 * One child per item, kept by key; all children of `parent` belong to it. Nodes move as little as possible, and the
 * one with the focus never does: a moved node loses it.
 * @template T
 * @param {Element} parent
 * @param {Iterable<T>} items with keys that differ
 * @param {(item: T) => any} keyOf
 * @param {(item: T) => Element} create
 * @param {(node: Element, item: T) => void} [update] is called for new nodes, too
 */
export function keyed(parent, items, keyOf, create, update = () => {}) {
  const before = nodesOf.get(parent) ?? new Map();
  const after = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const node = before.get(key) ?? create(item);
    after.set(key, node);
    update(node, item);
  }
  for (const [key, node] of before) if (!after.has(key)) node.remove();
  arrange(parent, [...after.values()]);
  nodesOf.set(parent, after);
}

function furnish(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name === "style") for (const [key, said] of Object.entries(value)) node.style.setProperty(key, said);
    else setAttribute(node, name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false).map(asNode));
  return node;
}

function asNode(child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}

function attributeText(name, value) {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean" && !name.startsWith("aria-")) return value ? "" : null;
  return String(value);
}

function arrange(parent, nodes) {
  if (isArranged(parent, nodes)) return;
  const staying = stayers(nodes, [...parent.children], document.activeElement);
  let before = null;
  for (const node of nodes) {
    if (!staying.has(node)) parent.insertBefore(node, before ? before.nextSibling : parent.firstChild);
    before = node;
  }
}

function isArranged(parent, nodes) {
  let present = parent.firstElementChild;
  for (const node of nodes) {
    if (node !== present) return false;
    present = present.nextElementSibling;
  }
  return true;
}

/** The most nodes that are in the right order already, among them the one that holds the focus. */
function stayers(nodes, present, focused) {
  const placeOf = new Map(present.map((node, place) => [node, place]));
  const old = nodes.filter((node) => placeOf.has(node));
  const places = old.map((node) => placeOf.get(node));
  const pin = old.findIndex((node) => node.contains(focused));
  const fits = (place, at) => pin < 0 || Math.sign(place - places[pin]) === Math.sign(at - pin);
  const candidates = old.filter((_, at) => fits(places[at], at));
  return new Set(longestRising(candidates.map((node) => placeOf.get(node))).map((at) => candidates[at]));
}

/** The indexes of a longest rising subsequence of different numbers, by patience sorting. */
function longestRising(numbers) {
  const tails = [];
  const previous = [];
  numbers.forEach((number, at) => {
    let low = 0;
    for (let high = tails.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (numbers[tails[middle]] < number) low = middle + 1;
      else high = middle;
    }
    previous[at] = tails[low - 1];
    tails[low] = at;
  });
  const chain = [];
  for (let at = tails.at(-1); at !== undefined; at = previous[at]) chain.push(at);
  return chain.reverse();
}
