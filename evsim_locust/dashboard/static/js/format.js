// @ts-check
// Figures as people read them; pure. What is null, undefined or no number is shown as a dash.

const NONE = "–";
const NARROW = "\u00a0"; // a figure and its unit stay on one line

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/**
 * With exactly so many decimals: `1,234.50`.
 * @param {number | null | undefined} value
 * @param {number} [digits]
 */
export function number(value, digits = 0) {
  return written(value, digits, digits);
}

/**
 * With so many decimals at most: `12.5`, `20`.
 * @param {number | null | undefined} value
 * @param {number} digits
 */
export function upTo(value, digits) {
  return written(value, 0, digits);
}

/**
 * `7.4 kW`.
 * @param {number | null | undefined} value in kW
 * @param {number} [digits]
 */
export function kw(value, digits = 1) {
  return withUnit(number(value, digits), "kW");
}

/**
 * `12.50 kWh`.
 * @param {number | null | undefined} value in kWh
 * @param {number} [digits]
 */
export function kwh(value, digits = 2) {
  return withUnit(number(value, digits), "kWh");
}

/**
 * `₹18.50`; a currency in letters stands apart: `EUR 18.50`.
 * @param {number | null | undefined} value
 * @param {string} currency
 * @param {number} [most] decimals, where a rounded figure would be a wrong one
 */
export function money(value, currency, most = 2) {
  const text = written(value, 2, most);
  return text === NONE ? text : currency + (/\p{L}$/u.test(currency) ? NARROW : "") + text;
}

/**
 * `1 h 02 min 03 s`, without the leading parts that are zero.
 * @param {number | null | undefined} seconds
 */
export function duration(seconds) {
  if (!isFigure(seconds)) return NONE;
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const first = parts.findIndex((part, at) => part > 0 || at === parts.length - 1);
  return parts
    .slice(first)
    .map((part, at) => (at ? String(part).padStart(2, "0") : number(part)) + NARROW + UNITS[first + at])
    .join(" ");
}

const UNITS = ["h", "min", "s"];

/**
 * `4.2 ms`, from 10 s on in seconds.
 * @param {number | null | undefined} value in milliseconds
 */
export function ms(value) {
  if (!isFigure(value)) return NONE;
  if (value >= 10_000) return withUnit(number(value / 1000, 1), "s");
  return withUnit(number(value, value < 100 ? 1 : 0), "ms");
}

/** @param {number | null | undefined} seconds shown as `ms` */
export function lag(seconds) {
  return ms(isFigure(seconds) ? seconds * 1000 : null);
}

/** @param {number | null | undefined} value 0 to 100 */
export function percent(value) {
  return withUnit(number(value, 0), "%");
}

/**
 * `95.4 MiB`.
 * @param {number | null | undefined} value
 */
export function bytes(value) {
  if (!isFigure(value)) return NONE;
  const power = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(value, 1)) / 10)));
  return withUnit(number(value / 1024 ** power, power ? 1 : 0), SIZES[power]);
}

const SIZES = ["B", "KiB", "MiB", "GiB", "TiB"];

/**
 * At most so many characters, the last of them an ellipsis when something was left out.
 * @param {string} text
 * @param {number} [most]
 */
export function shorten(text, most = 200) {
  if (text.length <= most) return text;
  const characters = [...text.slice(0, 2 * most)]; // whole ones: half a surrogate pair is no text
  const isShort = characters.length <= most && text.length <= 2 * most;
  return isShort ? text : characters.slice(0, most - 1).join("") + "…";
}

/** @returns {value is number} */
function isFigure(/** @type {any} */ value) {
  return typeof value === "number" && Number.isFinite(value);
}

function withUnit(text, unit) {
  return text === NONE ? text : text + NARROW + unit;
}

function written(value, least, most) {
  if (!isFigure(value)) return NONE;
  const key = `${least}-${most}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat("en", { minimumFractionDigits: least, maximumFractionDigits: most });
    formats.set(key, format);
  }
  return format.format(value === 0 ? 0 : value); // no "-0"
}
