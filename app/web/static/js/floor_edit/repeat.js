// @ts-check
/** Parts drawn once and repeated at a distance: copies with names that count on, locations and all. */

import { moveOutline } from "./geometry.js";
import { freeCode, nextCode, renameWithin } from "./naming.js";
import { LISTS, addPart, binsWithin, codesOf, partOf, ref, served } from "./plan.js";

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").Ref} Ref */
/** @typedef {import("./types.js").Bin} Bin */

export class NamesTaken extends Error {
  /** @param {string[]} codes */
  constructor(codes) {
    super(`${codes.slice(0, 3).join(", ")} would be there twice.`);
    this.codes = codes;
  }
}

/** Aisles with the racks whose locations are reached from them. @param {Plan} plan @param {Ref[]} parts @returns {Ref[]} */
export function withRacks(plan, parts) {
  const ways = new Set(parts.filter((part) => part.kind === "aisle" || part.kind === "walkway").map((part) => partOf(plan, part).code));
  const own = new Set(parts.filter((part) => part.kind === "rack").map((part) => part.index));
  const racks = plan.racks.flatMap((rack, index) => {
    const serves = !own.has(index) && [...binsWithin(plan, rack.polygon)].some((bin) => ways.has(plan.bins[bin].aisle));
    return serves ? [ref("rack", index)] : [];
  });
  return [...parts, ...(ways.size ? racks : [])];
}

/**
 * The plan with `times` copies of parts, each `dx`, `dy` mm further.
 * @param {Plan} plan @param {Ref[]} parts @param {number} times @param {number} dx @param {number} dy
 * @returns {{plan: Plan, parts: Ref[]}} the copies
 * @throws {NamesTaken} a location's name would be there twice
 */
export function repeatParts(plan, parts, times, dx, dy) {
  const copied = parts.filter(({ kind }) => kind in LISTS);
  const taken = { zone: codesOf(plan, "zone"), other: codesOf(plan, "rack") };
  let next = plan;
  const made = /** @type {Ref[]} */ ([]);
  const bins = /** @type {Bin[]} */ ([]);
  for (let copy = 1; copy <= times; copy += 1) {
    const renamed = copyNames(plan, copied, copy, taken);
    for (const part of copied) {
      const added = addPart(next, part.kind, shifted(plan, part, renamed, copy * dx, copy * dy));
      next = added.plan;
      made.push(added.part);
      if (part.kind === "rack") bins.push(...copyBins(plan, part, renamed, copy, copy * dx, copy * dy));
    }
  }
  const known = new Set(plan.bins.map((bin) => bin.code));
  const twice = bins.map((bin) => bin.code).filter((code) => known.size === known.add(code).size);
  if (twice.length) throw new NamesTaken(twice);
  return { plan: served({ ...next, bins: [...plan.bins, ...bins] }, made), parts: made };
}

/** @param {Plan} plan @param {Ref[]} parts @param {number} copy @param {{zone: Set<string>, other: Set<string>}} taken @returns {Map<string, string>} */
function copyNames(plan, parts, copy, taken) {
  const renamed = /** @type {Map<string, string>} */ (new Map());
  const own = parts.filter((part) => part.kind !== "drop");
  const isWay = (/** @type {Ref} */ part) => part.kind === "aisle" || part.kind === "walkway";
  for (const part of [...own.filter(isWay), ...own.filter((part) => !isWay(part))]) {
    const { code } = partOf(plan, part);
    // Racks named one after the other skip as many as are copied together.
    const by = part.kind === "rack" ? copy * parts.filter(({ kind }) => kind === "rack").length : copy;
    const ways = new Map([...renamed].filter(([from]) => plan.aisles.some((aisle) => aisle.code === from)));
    const follows = [...ways].some(([from]) => code.startsWith(from));
    const known = part.kind === "zone" ? taken.zone : taken.other;
    const free = freeCode(follows ? renameWithin(code, ways, copy) : nextCode(code, by), known);
    known.add(free);
    renamed.set(code, free);
  }
  return renamed;
}


/** @param {Plan} plan @param {Ref} part @param {Map<string, string>} renamed @param {number} dx @param {number} dy */
function shifted(plan, part, renamed, dx, dy) {
  const original = partOf(plan, part);
  if (part.kind === "drop") return [original[0] + dx, original[1] + dy];
  const copy = { ...original, code: renamed.get(original.code) ?? original.code };
  if (part.kind === "aisle") return { ...copy, x_mm: copy.x_mm + dx, y_from_mm: copy.y_from_mm + dy, y_to_mm: copy.y_to_mm + dy };
  if (part.kind === "cross_aisle") return { ...copy, y_mm: copy.y_mm + dy, x_from_mm: copy.x_from_mm + dx, x_to_mm: copy.x_to_mm + dx };
  if (part.kind === "walkway") return { ...copy, points: copy.points.map((/** @type {[number, number]} */ [x, y]) => [x + dx, y + dy]) };
  return { ...copy, polygon: moveOutline(copy.polygon, dx, dy) };
}

/** @param {Plan} plan @param {Ref} part @param {Map<string, string>} renamed @param {number} copy @param {number} dx @param {number} dy @returns {Bin[]} */
function copyBins(plan, part, renamed, copy, dx, dy) {
  const rack = partOf(plan, part);
  const own = new Map([[rack.code, renamed.get(rack.code) ?? rack.code]]);
  return [...binsWithin(plan, rack.polygon)].map((index) => {
    const bin = plan.bins[index];
    const way = renamed.get(bin.aisle);
    const names = bin.code.split(/[^A-Za-z0-9]+/).includes(rack.code) || way === undefined ? own : new Map([[bin.aisle, way]]);
    // A copy without its way names none: it is given to the nearest one.
    return { ...bin, code: renameWithin(bin.code, names, copy), aisle: way ?? "", x_mm: bin.x_mm + dx, y_mm: bin.y_mm + dy };
  });
}
