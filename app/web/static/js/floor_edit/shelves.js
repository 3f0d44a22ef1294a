// @ts-check
/** Locations on their racks, one path for each rack that is in view, and none while they would be smaller than a dot. */

import { outlineBox } from "./geometry.js";
import { s } from "./svg.js";

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./drawing.js").View} View */

const SPOT_MM = 500;
const LEAST_PX = 3;
const CELL_MM = 5_000;
let known = /** @type {{bins: Plan["bins"], racks: Plan["racks"], byRack: Map<number, number[]>} | null} */ (null);

/** The locations of each rack by its index, -1 for those on none; kept until locations or racks change. @param {Plan} plan */
export function binsByRack(plan) {
  if (known && known.bins === plan.bins && known.racks === plan.racks) return known.byRack;
  const boxes = plan.racks.map((rack) => outlineBox(rack.polygon));
  const cells = /** @type {Map<string, number[]>} */ (new Map());
  boxes.forEach(({ left, front, right, back }, index) => {
    for (let x = Math.floor(left / CELL_MM); x <= Math.floor(right / CELL_MM); x += 1) {
      for (let y = Math.floor(front / CELL_MM); y <= Math.floor(back / CELL_MM); y += 1) push(cells, `${x} ${y}`, index);
    }
  });
  const byRack = /** @type {Map<number, number[]>} */ (new Map());
  plan.bins.forEach(({ x_mm: x, y_mm: y }, bin) => {
    const near = cells.get(`${Math.floor(x / CELL_MM)} ${Math.floor(y / CELL_MM)}`) ?? [];
    const rack = near.find((index) => x >= boxes[index].left && x <= boxes[index].right && y >= boxes[index].front && y <= boxes[index].back);
    push(byRack, rack ?? -1, bin);
  });
  known = { bins: plan.bins, racks: plan.racks, byRack };
  return byRack;
}

/** @template K @param {Map<K, number[]>} map @param {K} key @param {number} value */
function push(map, key, value) {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** @param {Plan} plan @param {View} view @returns {SVGElement[]} */
export function shelves(plan, view) {
  if (SPOT_MM / view.mmPerPx < LEAST_PX) return [];
  const drawn = /** @type {SVGElement[]} */ ([]);
  const closed = new Set(plan.closed_bins);
  let closedPath = "";
  for (const [rack, bins] of binsByRack(plan)) {
    if (rack >= 0 && !isSeen(outlineBox(plan.racks[rack].polygon), view)) continue;
    const seen = new Set();
    let path = "";
    for (const index of bins) {
      const { code, x_mm: x, y_mm: y } = plan.bins[index];
      if (closed.has(code)) closedPath += spot(x, y);
      // All levels of a bay are one spot on the floor.
      if (seen.size !== seen.add(`${x} ${y}`).size) path += spot(x, y);
    }
    drawn.push(s("path", { class: rack < 0 ? "floor-bins stray" : "floor-bins", "data-of": `rack:${rack}`, d: path }));
  }
  if (closedPath) drawn.push(s("path", { class: "floor-closed", d: closedPath }));
  return drawn;
}

/** @param {number} x @param {number} y */
const spot = (x, y) => `M${x - SPOT_MM / 2},${-y - SPOT_MM / 2}h${SPOT_MM}v${SPOT_MM}h-${SPOT_MM}z`;

/** @param {import("./types.js").Box} box @param {View} view */
const isSeen = ({ left, front, right, back }, view) =>
  right > view.left && left < view.left + view.width && -front > view.top && -back < view.top + view.height;
