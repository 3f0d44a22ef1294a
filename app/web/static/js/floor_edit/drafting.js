// @ts-check
/** New parts: what a tool draws between two places, or out of the numbers in its fields. */

import { boxBetween, rectangle } from "./geometry.js";
import { freeCode, patternProblem } from "./naming.js";
import { addPart, codesOf, served } from "./plan.js";
import { fillRack, makeBins, takenCodes } from "./shelving.js";

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").Ref} Ref */
/** @typedef {import("./types.js").Kind} Kind */
/** @typedef {import("./types.js").Box} Box */
/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("./types.js").Shelving} Shelving */
/** @typedef {{plan: Plan, part: Ref}} Drawn */
/** @typedef {{code: string, width: number, oneWay: string, zoneKind: string, note: string, shelving: Shelving}} Wish what the fields of a tool say */

const FIRST = /** @type {Record<string, string>} */ ({ rack: "A", aisle: "01", cross_aisle: "X1", walkway: "W1", zone: "A", obstacle: "O1" });

/** The code that a new part gets unless another is wanted. @param {Plan} plan @param {Kind} kind @returns {string} */
export const proposedCode = (plan, kind) => freeCode(FIRST[kind] ?? "", codesOf(plan, kind));

/** @param {Plan} plan @param {Kind} kind @param {Wish} wish @returns {string} what keeps it from being drawn, or nothing */
export function wishProblem(plan, kind, wish) {
  if (kind === "depot" || kind === "drop") return "";
  if (!wish.code) return "It needs a code.";
  if (codesOf(plan, kind).has(wish.code)) return `${wish.code} is there already.`;
  if (["aisle", "cross_aisle", "walkway"].includes(kind) && !(wish.width >= 1)) return "It needs a width above 0.";
  return kind === "rack" ? shelvingProblem(plan, wish.shelving) : "";
}

/** @param {Plan} plan @param {Shelving} shelving @returns {string} */
export function shelvingProblem(plan, { bays, levels, pattern, zone, firstBay, step, bayMm }) {
  if (![bays, levels, firstBay, step, bayMm].every(Number.isFinite)) return "Enter whole numbers.";
  if (bays < 0 || bays > 999 || levels < 1 || levels > 99) return "A rack has up to 999 bays and 99 levels.";
  if (bayMm < 1) return "A bay needs a width above 0.";
  if (!plan.zones.some((each) => each.code === zone)) return zone ? `There is no zone ${zone}.` : "Draw a zone first: every location is in one.";
  return step === 0 && bays > 1 ? "Bays need different numbers." : bays ? patternProblem(pattern, bays, levels) : "";
}

/** @param {Plan} plan @param {Kind} kind @param {Box} box @param {Wish} wish @returns {Drawn} */
export function draw(plan, kind, box, wish) {
  if (kind === "rack") return drawRack(plan, box, wish);
  if (kind === "aisle") {
    const ends = { x_mm: Math.round((box.left + box.right) / 2), y_from_mm: box.front, y_to_mm: box.back };
    return drawWay(plan, kind, { code: wish.code, ...ends, width_mm: wish.width, one_way: Number(wish.oneWay) || 0 });
  }
  if (kind === "cross_aisle") {
    const ends = { y_mm: Math.round((box.front + box.back) / 2), x_from_mm: box.left, x_to_mm: box.right };
    return drawWay(plan, kind, { code: wish.code, ...ends, width_mm: wish.width });
  }
  const polygon = rectangle(box);
  if (kind === "zone") return addPart(plan, kind, { code: wish.code, kind: wish.zoneKind, polygon });
  return addPart(plan, kind, { code: wish.code, polygon, note: wish.note });
}

/** @param {Plan} plan @param {Kind} kind @param {object} way @returns {Drawn} */
function drawWay(plan, kind, way) {
  const drawn = addPart(plan, kind, way);
  return { plan: served(drawn.plan, [drawn.part]), part: drawn.part };
}

/** @param {Plan} plan @param {Point[]} points @param {Wish} wish @returns {Drawn} */
export const drawWalkway = (plan, points, wish) =>
  drawWay(plan, "walkway", { code: wish.code, points, width_mm: wish.width, one_way: Number(wish.oneWay) !== 0 });

/** @param {Plan} plan @param {Kind} kind @param {Point} at @returns {Drawn} */
export function drawGate(plan, kind, at) {
  return kind === "depot" ? { plan: { ...plan, depot: at }, part: { kind, index: 0 } } : addPart(plan, kind, at);
}

/** @param {Plan} plan @param {Box} box @param {Wish} wish @returns {Drawn} */
function drawRack(plan, box, wish) {
  const rack = { code: wish.code, polygon: rectangle(box) };
  const drawn = addPart(plan, "rack", rack);
  return wish.shelving.bays ? { ...drawn, plan: fillRack(drawn.plan, rack, wish.shelving) } : drawn;
}

/** The box of a rack row whose size its bays tell. @param {Point} at @param {number} depthMm @param {Shelving} shelving @returns {Box} */
export function rowBox([left, front], depthMm, { along, bays, bayMm }) {
  const long = Math.max(1, bays) * bayMm;
  return along === "y" ? { left, front, right: left + depthMm, back: front + long } : { left, front, right: left + long, back: front + depthMm };
}

/** How a dragged box is shelved: along its longer side, in as many bays as fit. @param {Box} box @param {Shelving} shelving @returns {Shelving} */
export function shelvingFor({ left, front, right, back }, shelving) {
  const along = back - front >= right - left ? "y" : "x";
  const long = along === "y" ? back - front : right - left;
  return { ...shelving, along, bays: shelving.bays ? Math.max(1, Math.round(long / shelving.bayMm)) : 0 };
}

/** Codes of a new rack's locations that are taken. @param {Plan} plan @param {Box} box @param {Wish} wish @returns {string[]} */
export function takenBy(plan, box, wish) {
  const rack = { code: wish.code, polygon: rectangle(box) };
  return takenCodes(plan, rack, makeBins(plan, rack, wish.shelving));
}

/** The box that a drag between two places draws: aisles along y, cross-aisles along x. @param {Kind} kind @param {Point} from @param {Point} to @returns {Box} */
export const draggedBox = (kind, from, to) => (kind === "aisle"
  ? { left: from[0], right: from[0], front: Math.min(from[1], to[1]), back: Math.max(from[1], to[1]) }
  : kind === "cross_aisle" ? { left: Math.min(from[0], to[0]), right: Math.max(from[0], to[0]), front: from[1], back: from[1] } : boxBetween(from, to));
