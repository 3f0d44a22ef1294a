// @ts-check
/** A rack's locations: counted by bays and levels, named by a pattern, reached from the way beside it. */

import { beside, outlineBox } from "./geometry.js";
import { nameBin, patternOf } from "./naming.js";
import { binsWithin, wayBeside, waysOf, withoutBins } from "./plan.js";

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").Rack} Rack */
/** @typedef {import("./types.js").Bin} Bin */
/** @typedef {import("./types.js").Shelving} Shelving */

/** The locations of a rack, bay by bay from its front or left end, levels from the floor. @param {Plan} plan @param {Rack} rack @param {Shelving} shelving @returns {Bin[]} */
export function makeBins(plan, rack, shelving) {
  const { left, front, right, back } = outlineBox(rack.polygon);
  const isUpright = shelving.along === "y";
  const from = isUpright ? front : left;
  const bayMm = ((isUpright ? back : right) - from) / Math.max(1, shelving.bays);
  const ways = waysOf(plan);
  const bins = /** @type {Bin[]} */ ([]);
  for (let bay = 0; bay < shelving.bays; bay += 1) {
    const middle = Math.round(from + (bay + 0.5) * bayMm);
    const [x_mm, y_mm] = isUpright ? [Math.round((left + right) / 2), middle] : [middle, Math.round((front + back) / 2)];
    const way = wayBeside(ways, [x_mm, y_mm]);
    for (let level = 1; level <= shelving.levels; level += 1) {
      const values = { bay: shelving.firstBay + bay * shelving.step, level, code: rack.code };
      bins.push({ code: nameBin(shelving.pattern, values), zone: shelving.zone, aisle: way?.code ?? "", side: way?.side ?? "L", level, x_mm, y_mm });
    }
  }
  return bins;
}

/** Put a rack's locations in the place of those that it has. @param {Plan} plan @param {Rack} rack @param {Shelving} shelving @returns {Plan} */
export function fillRack(plan, rack, shelving) {
  const cleared = withoutBins(plan, binsWithin(plan, rack.polygon));
  return { ...cleared, bins: [...cleared.bins, ...makeBins(cleared, rack, shelving)] };
}

/** The first and the last code, and how many there are. @param {Shelving} shelving @param {string} code */
export function codeRange({ bays, levels, pattern, firstBay, step }, code) {
  const last = { bay: firstBay + (bays - 1) * step, level: levels, code };
  return { first: nameBin(pattern, { bay: firstBay, level: 1, code }), last: nameBin(pattern, last), count: bays * levels };
}

/** Codes that locations elsewhere on the plan have already. @param {Plan} plan @param {Rack} rack @param {Bin[]} bins @returns {string[]} */
export function takenCodes(plan, rack, bins) {
  const own = binsWithin(plan, rack.polygon);
  const taken = new Set(plan.bins.filter((_, index) => !own.has(index)).map((bin) => bin.code));
  const seen = new Set();
  return bins.map((bin) => bin.code).filter((code) => taken.has(code) || seen.size === seen.add(code).size);
}

/** How the locations of a rack were laid out, as far as they tell. @param {Plan} plan @param {Rack} rack @returns {Shelving} */
export function shelvingOf(plan, rack) {
  const { left, front, right, back } = outlineBox(rack.polygon);
  const along = back - front >= right - left ? "y" : "x";
  const bins = [...binsWithin(plan, rack.polygon)].map((index) => plan.bins[index]);
  const spots = [...new Set(bins.map((bin) => (along === "y" ? bin.y_mm : bin.x_mm)))].sort((one, other) => one - other);
  const bays = spots.length;
  const named = patternOf(bins.map((bin) => ({ code: bin.code, bay: spots.indexOf(along === "y" ? bin.y_mm : bin.x_mm), level: bin.level })));
  const length = along === "y" ? back - front : right - left;
  return {
    along, bays: bays || Math.max(1, Math.floor(length / 1200)), bayMm: bays ? Math.round(length / bays) : 1200,
    levels: Math.max(1, ...bins.map((bin) => bin.level)), ...(named ?? { pattern: "{code}-{bay:02}-{level}", firstBay: 1, step: 1 }),
    zone: bins[0]?.zone ?? plan.zones.find((zone) => zone.kind === "storage")?.code ?? plan.zones[0]?.code ?? "",
  };
}

/** From which way a rack's locations are reached: one code, "" for none, or null for several. @param {Plan} plan @param {Rack} rack @returns {string | null} */
export function servingWay(plan, rack) {
  const found = new Set([...binsWithin(plan, rack.polygon)].map((index) => plan.bins[index].aisle));
  return found.size > 1 ? null : [...found][0] ?? "";
}

/** Have a rack's locations reached from a way. @param {Plan} plan @param {Rack} rack @param {string} code @returns {Plan} */
export function serveFrom(plan, rack, code) {
  const way = waysOf(plan).find((each) => each.code === code);
  const own = binsWithin(plan, rack.polygon);
  if (!way || !own.size) return plan;
  const bins = plan.bins.map((bin, index) => (own.has(index) ? { ...bin, aisle: code, side: beside(way.line, [bin.x_mm, bin.y_mm]).side } : bin));
  return { ...plan, bins };
}
