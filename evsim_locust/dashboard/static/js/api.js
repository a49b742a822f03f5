// @ts-check
// The server's REST API: one function per endpoint that the page uses.

const LIMIT_MS = 5000;

/** Why a request failed. `status`: HTTP's; 0 without a connection, 408 when no answer came in time. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} detail the server's reason where it gave one
   */
  constructor(status, detail) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.detail = detail;
  }
}

/**
 * All of them give what the server answers and reject with `ApiError`; with the caller's own reason when its `signal`
 * was aborted.
 * @param {string} base the path in front of all routes, without a slash at its end
 * @param {typeof fetch} [send]
 */
export function createApi(base, send = (...request) => fetch(...request)) {
  const get = (path, query = {}, signal = undefined) => ask(send, base + path + search(query), {}, signal);
  const post = (path, body = {}) => ask(send, base + path, posted(body));
  const station = (id) => `/api/v1/stations/${encodeURIComponent(id)}`;
  const logs = (id) => `/stations/${encodeURIComponent(id)}/logs`;
  return {
    overview: (query, signal) => get("/api/v1/overview", query, signal),
    /** @param {{count: number, profile?: string, spawn_rate?: number}} wanted `spawn_rate` in stations per second */
    scale: (wanted) => post("/stations/scale", wanted),
    start: (id, profile = "") => post("/stations/start", { station_id: id, ...(profile && { profile }) }),
    stop: (id) => post("/stations/stop", { station_id: id }),
    /** @param {number} price per kWh */
    setPrice: (price) => post("/pricing", { price }),
    setEnvironment: (changes) => post("/api/v1/environment", changes),
    station: (id, signal) => get(station(id), {}, signal),
    act: (id, action, parameters = {}) => post(`${station(id)}/actions/${encodeURIComponent(action)}`, parameters),
    logs: (id, signal) => get(logs(id), { limit: 50 }, signal),
    logSocketUrl: (id) => location.origin.replace(/^http/, "ws") + base + logs(id) + "/live",
    history: (id, signal) => get(`/api/v1/history/${encodeURIComponent(id)}`, {}, signal),
    sessions: (id, signal) => get("/api/v1/sessions", { station_id: id }, signal),
  };
}

/** What is empty is not asked for. */
function search(query) {
  const told = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const text = new URLSearchParams(told.map(([name, value]) => [name, String(value)])).toString();
  return text && "?" + text;
}

function posted(body) {
  return { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

/** @returns {Promise<any>} */
async function ask(send, url, request, signal) {
  const late = AbortSignal.timeout(LIMIT_MS);
  try {
    const response = await send(url, { ...request, signal: signal ? AbortSignal.any([signal, late]) : late });
    const answer = await response.json().catch((error) => unreadable(error, response));
    if (!response.ok) throw new ApiError(response.status, detailOf(answer, response));
    return answer;
  } catch (error) {
    if (error instanceof ApiError || signal?.aborted) throw error;
    throw late.aborted ? new ApiError(408, `no answer within ${LIMIT_MS / 1000} s`) : new ApiError(0, "no connection");
  }
}

/** A proxy's error page is no JSON, but its status tells enough; a broken connection is another matter. */
function unreadable(error, response) {
  if (!(error instanceof SyntaxError)) throw error;
  if (response.ok) throw new ApiError(response.status, "the answer is no JSON: does a proxy or a login page answer?");
  return null;
}

function detailOf(answer, response) {
  return typeof answer?.detail === "string" ? answer.detail : `HTTP ${response.status} ${response.statusText}`.trim();
}
