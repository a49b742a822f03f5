// @ts-check
// Puts the page together: every part gets its place and what it shares with the others, and follows the feed.

import { createApi } from "./api.js";
import { createControls } from "./controls.js";
import { createDrawer } from "./drawer.js";
import { createFeed } from "./feed.js";
import { createLogs } from "./log_panel.js";
import { createStats } from "./stats.js";
import { createTable } from "./table.js";
import { createToasts } from "./toast.js";
import { createVerdict } from "./verdict.js";

/** @returns {any} */
const place = (/** @type {string} */ id) => document.getElementById(id);

const { base = "", login } = document.documentElement.dataset;
const api = createApi(base);
const feed = createFeed(api);
const context = {
  api,
  feed,
  base,
  hasLogin: login !== undefined,
  toast: createToasts(place("toasts")),
  openLog: (/** @type {string} */ stationId) => logs.open(stationId),
  openDrawer: (/** @type {string} */ stationId) => drawer.open(stationId),
};
const logs = createLogs(place("logs"), context);
const drawer = createDrawer(place("drawer"), context);

for (const part of [
  createVerdict(place("verdict"), context),
  createStats(place("stats")),
  createControls(place("controls"), context),
  createTable(place("stations"), context),
  logs,
  drawer,
]) {
  feed.subscribe((overview, status) => part.update(overview, status));
}

place("logout").hidden = !context.hasLogin;
feed.refresh();
