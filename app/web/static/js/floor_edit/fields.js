// @ts-check
/** What of a part is entered in fields, and the plan after an entry. */

import { cornersText, fromMeters, isRectangle, meters, outlineBox, readCorners } from "./geometry.js";
import { changePart, codesOf, moveParts, nameOf, partOf, resizePart, served, setPart, waysOf } from "./plan.js";
import { serveFrom, servingWay } from "./shelving.js";

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").Ref} Ref */
/** @typedef {import("./types.js").Point} Point */
/** @typedef {{name: string, label: string, kind: "text" | "length" | "choice" | "corners", value: string, options?: [string, string][]}} FieldOf */

const KINDS = /** @type {[string, string][]} */ ([["storage", "Storage"], ["pack", "Packing"], ["receiving", "Receiving"], ["lane", "Carrier's lane"]]);
const WAYS = /** @type {[string, string][]} */ ([["0", "Both ways"], ["1", "One way, away from the docks"], ["-1", "One way, toward the docks"]]);
const BOTH = /** @type {[string, string][]} */ ([["false", "Both ways"], ["true", "One way, first to last corner"]]);

/** The fields of a part. @param {Plan} plan @param {Ref} part @returns {FieldOf[]} */
export function fieldsOf(plan, part) {
  const it = partOf(plan, part);
  const code = text("code", part.kind === "floor" ? "Name" : "Code", it.code ?? "");
  if (part.kind === "depot" || part.kind === "drop") return [length("x", "X", it[0]), length("y", "Y", it[1])];
  if (part.kind === "aisle") {
    return [code, length("x_mm", "X of its middle", it.x_mm), length("y_from_mm", "Y from", it.y_from_mm), length("y_to_mm", "Y to", it.y_to_mm),
      length("width_mm", "Width", it.width_mm), choice("one_way", "Direction", String(it.one_way), WAYS)];
  }
  if (part.kind === "cross_aisle") {
    return [code, length("y_mm", "Y of its middle", it.y_mm), length("x_from_mm", "X from", it.x_from_mm), length("x_to_mm", "X to", it.x_to_mm), length("width_mm", "Width", it.width_mm)];
  }
  if (part.kind === "walkway") {
    return [code, length("width_mm", "Width", it.width_mm), choice("one_way", "Direction", String(it.one_way), BOTH), corners(it.points)];
  }
  const { left, front, right, back } = outlineBox(it.polygon);
  const sizes = isRectangle(it.polygon) ? [length("wide", "Width", right - left), length("deep", "Length", back - front)] : [];
  const places = [length("left", "X", left), length("front", "Y", front), ...sizes];
  const own = [];
  if (part.kind === "zone") own.push(choice("kind", "Kind", it.kind, KINDS));
  if (part.kind === "obstacle") own.push(text("note", "Why it is there", it.note ?? ""));
  if (part.kind === "rack") own.push(side(plan, it));
  return [code, ...own, ...places, corners(it.polygon.coordinates[0].slice(0, -1))];
}

/** @param {Plan} plan @param {any} rack @returns {FieldOf} */
function side(plan, rack) {
  const serving = servingWay(plan, rack);
  const ways = /** @type {[string, string][]} */ (waysOf(plan).map((way) => [way.code, way.code]));
  const known = ways.some(([code]) => code === serving);
  const first = /** @type {[string, string][]} */ (known ? [] : [["", serving === null ? "Several" : serving || "Nothing yet"]]);
  return choice("served", "Reached from", known ? serving ?? "" : "", [...first, ...ways]);
}

/** @param {string} name @param {string} label @param {string} value @returns {FieldOf} */
const text = (name, label, value) => ({ name, label, kind: "text", value });
/** @param {string} name @param {string} label @param {number} value @returns {FieldOf} */
const length = (name, label, value) => ({ name, label: `${label}, m`, kind: "length", value: meters(value) });
/** @param {string} name @param {string} label @param {string} value @param {[string, string][]} options @returns {FieldOf} */
const choice = (name, label, value, options) => ({ name, label, kind: "choice", value, options });
/** @param {Point[]} points @returns {FieldOf} */
const corners = (points) => ({ name: "corners", label: "Corners: x; y in m, one a line", kind: "corners", value: cornersText(points) });

/**
 * The plan after an entry, or what is wrong with it.
 * @param {Plan} plan @param {Ref} part @param {string} name @param {string} entered @returns {{plan?: Plan, problem?: string}}
 */
export function enter(plan, part, name, entered) {
  const it = partOf(plan, part);
  const said = entered.trim();
  if (name === "code") return rename(plan, part, said);
  if (name === "note" || name === "kind") return { plan: setPart(plan, part, { ...it, [name]: said }) };
  if (name === "served") return said ? { plan: serveFrom(plan, it, said) } : { plan };
  if (name === "one_way") return { plan: setPart(plan, part, { ...it, one_way: part.kind === "aisle" ? Number(said) : said === "true" }) };
  if (name === "corners") return enterCorners(plan, part, said);
  const mm = fromMeters(said);
  if (!Number.isFinite(mm)) return { problem: "Enter a length in meters, such as 3.4." };
  if (["width_mm", "wide", "deep"].includes(name) && mm < 1) return { problem: "It needs a width above 0." };
  return { plan: enterLength(plan, part, name, mm) };
}

/** @param {Plan} plan @param {Ref} part @param {string} name @param {number} mm @returns {Plan} */
function enterLength(plan, part, name, mm) {
  const it = partOf(plan, part);
  if (name === "x") return moveParts(plan, [part], mm - it[0], 0);
  if (name === "y") return moveParts(plan, [part], 0, mm - it[1]);
  if (name.endsWith("_mm")) return served(setPart(plan, part, { ...it, [name]: mm }), [part]);
  const box = outlineBox(it.polygon);
  if (name === "left") return moveParts(plan, [part], mm - box.left, 0);
  if (name === "front") return moveParts(plan, [part], 0, mm - box.front);
  const size = name === "wide" ? { right: box.left + mm } : { back: box.front + mm };
  return resizePart(plan, part, { ...box, ...size });
}

/** @param {Plan} plan @param {Ref} part @param {string} code @returns {{plan?: Plan, problem?: string}} */
function rename(plan, part, code) {
  const former = partOf(plan, part).code;
  if (!code) return { problem: "It needs a name." };
  if (code.length > 64) return { problem: "A name has at most 64 characters." };
  if (part.kind !== "floor" && code !== former && codesOf(plan, part.kind).has(code)) return { problem: `${code} is there already.` };
  return { plan: changePart(plan, part, { code }) };
}

/** @param {Plan} plan @param {Ref} part @param {string} entered @returns {{plan?: Plan, problem?: string}} */
function enterCorners(plan, part, entered) {
  const points = readCorners(entered);
  if (!points) return { problem: "Each line is one corner: x; y in meters, such as 3.4; 12." };
  const it = partOf(plan, part);
  if (part.kind === "walkway") {
    return points.length < 2 ? { problem: "A walkway has at least two corners." } : { plan: served(setPart(plan, part, { ...it, points }), [part]) };
  }
  if (points.length < 3) return { problem: "An area has at least three corners." };
  const [, ...holes] = it.polygon.coordinates;
  return { plan: setPart(plan, part, { ...it, polygon: { type: "Polygon", coordinates: [[...points, points[0]], ...holes] } }) };
}

/** What moving a part came to, for who cannot see it. @param {Plan} plan @param {Ref} part @returns {string} */
export function whereIs(plan, part) {
  const it = partOf(plan, part);
  const at = it.polygon ? outlineBox(it.polygon) : null;
  if (at) return `${nameOf(plan, part)}: ${meters(at.left)}, ${meters(at.front)}, ${meters(at.right - at.left)} by ${meters(at.back - at.front)} m.`;
  if (Array.isArray(it)) return `${nameOf(plan, part)}: ${meters(it[0])}, ${meters(it[1])} m.`;
  if (part.kind === "aisle") return `${nameOf(plan, part)}: x ${meters(it.x_mm)}, from ${meters(it.y_from_mm)} to ${meters(it.y_to_mm)} m.`;
  if (part.kind === "cross_aisle") return `${nameOf(plan, part)}: y ${meters(it.y_mm)}, from ${meters(it.x_from_mm)} to ${meters(it.x_to_mm)} m.`;
  return `${nameOf(plan, part)}: ${it.points.length} corners.`;
}
