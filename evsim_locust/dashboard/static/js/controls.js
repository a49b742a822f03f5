// @ts-check
// What the operator can change.

import { createEnvironment } from "./controls/environment.js";
import { createPrice } from "./controls/price.js";
import { createScale } from "./controls/scale.js";
import { createStation } from "./controls/station.js";

/**
 * @param {HTMLElement} place
 * @param {any} context
 */
export function createControls(place, context) {
  const parts = [createScale, createStation, createPrice, createEnvironment].map((create) => create(context));
  place.append(...parts.map((part) => part.node));
  return {
    update(overview) {
      if (overview) for (const part of parts) part.update(overview);
    },
  };
}
