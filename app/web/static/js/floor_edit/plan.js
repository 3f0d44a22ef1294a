// @ts-check
/** The parts of a plan: what they are, where they lie, and plans in which one was moved, changed, added or taken away. */

import { beside, boxOf, contains, isRectangle, mapOutline, moveOutline, outlineBox, rectangle, stretching } from "./geometry.js";

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").Ref} Ref */
/** @typedef {import("./types.js").Kind} Kind */
/** @typedef {import("./types.js").Box} Box */
/** @typedef {import("./types.js").Bin} Bin */
/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("./types.js").Outline} Outline */

export const REACH_MM = 1500;
/** Where the parts of each kind are kept, in the order in which they are listed. */
export const LISTS = /** @type {Record<string, "racks" | "aisles" | "cross_aisles" | "walkways" | "zones" | "obstacles" | "drops">} */ ({
  aisle: "aisles", cross_aisle: "cross_aisles", walkway: "walkways", rack: "racks", zone: "zones", obstacle: "obstacles", drop: "drops",
});
export const WORDS = /** @type {Record<Kind, string>} */ ({
  floor: "Floor", rack: "Rack", aisle: "Aisle", cross_aisle: "Cross-aisle", walkway: "Walkway", zone: "Zone",
  obstacle: "Obstacle", depot: "Depot", drop: "Drop point",
});

/** An empty hall of 30 by 20 m, one storage zone all over it. @param {string} name @returns {Plan} */
export function blankPlan(name) {
  const outline = rectangle({ left: 0, front: 0, right: 30_000, back: 20_000 });
  return {
    name, floor: outline, aisles: [], cross_aisles: [], racks: [], zones: [{ code: "A", kind: "storage", polygon: outline }],
    bins: [], depot: [15_000, 1_000], drops: [], walkways: [], obstacles: [], closed_bins: [],
  };
}

/** A plan as the server gave it, with the parts that earlier ones may lack. @param {Partial<Plan> & Pick<Plan, "floor">} document @returns {Plan} */
export const wholePlan = (document) => ({ ...blankPlan(""), zones: [], ...document });

/** @param {Kind} kind @param {number} [index] @returns {Ref} */
export const ref = (kind, index = 0) => ({ kind, index });

/** @param {Ref} part @returns {string} */
export const keyOf = ({ kind, index }) => `${kind}:${index}`;

/** @param {string} key @returns {Ref} */
export function readKey(key) {
  const [kind, index] = key.split(":");
  return { kind: /** @type {Kind} */ (kind), index: Number(index) };
}

/** The drawn part itself. @param {Plan} plan @param {Ref} part @returns {any} */
export function partOf(plan, { kind, index }) {
  if (kind === "floor") return { code: plan.name, polygon: plan.floor };
  return kind === "depot" ? plan.depot : plan[LISTS[kind]][index];
}

/** All parts in listed order. @param {Plan} plan @returns {Ref[]} */
export function allParts(plan) {
  const listed = Object.entries(LISTS).flatMap(([kind, list]) => plan[list].map((_, index) => ref(/** @type {Kind} */ (kind), index)));
  return [ref("floor"), ref("depot"), ...listed];
}

/** @param {Plan} plan @param {Ref} part @returns {string} */
export function nameOf(plan, part) {
  if (part.kind === "depot") return WORDS.depot;
  if (part.kind === "drop") return `${WORDS.drop} ${part.index + 1}`;
  return `${WORDS[part.kind]} ${partOf(plan, part)?.code ?? ""}`;
}

/** The center line of a way, null of what is none. @param {Plan} plan @param {Ref} part @returns {Point[] | null} */
export function lineOf(plan, part) {
  const way = partOf(plan, part);
  if (part.kind === "aisle") return [[way.x_mm, way.y_from_mm], [way.x_mm, way.y_to_mm]];
  if (part.kind === "cross_aisle") return [[way.x_from_mm, way.y_mm], [way.x_to_mm, way.y_mm]];
  return part.kind === "walkway" ? way.points : null;
}

/** @param {Plan} plan @param {Ref} part @returns {Box} */
export function boxOfPart(plan, part) {
  const line = lineOf(plan, part);
  if (!line) {
    const found = partOf(plan, part);
    return found.polygon ? outlineBox(found.polygon) : boxOf([found]);
  }
  const half = partOf(plan, part).width_mm / 2;
  const { left, front, right, back } = boxOf(line);
  if (part.kind === "aisle") return { left: left - half, front, right: right + half, back };
  if (part.kind === "cross_aisle") return { left, front: front - half, right, back: back + half };
  return { left: left - half, front: front - half, right: right + half, back: back + half };
}

/** @param {Plan} plan @returns {{code: string, line: Point[], width: number}[]} */
export function waysOf(plan) {
  return ["aisle", "cross_aisle", "walkway"].flatMap((kind) => plan[LISTS[kind]].map((way, index) => ({
    code: /** @type {any} */ (way).code, line: lineOf(plan, ref(/** @type {Kind} */ (kind), index)) ?? [], width: /** @type {any} */ (way).width_mm,
  })));
}

/** The codes among which one of a kind must be the only one: those of zones, or of all other parts. @param {Plan} plan @param {Kind} kind @returns {Set<string>} */
export function codesOf(plan, kind) {
  const parts = kind === "zone" ? plan.zones : [...plan.aisles, ...plan.cross_aisles, ...plan.walkways, ...plan.racks, ...plan.obstacles];
  return new Set(parts.map((part) => part.code));
}

/**
 * Which locations lie in an outline, by index. Where a rack overlaps others, those are its own that lie nearer to its
 * middle line, so that a rack put down on another one does not take the other's along.
 * @param {Plan} plan @param {Outline} outline @returns {Set<number>}
 */
export function binsWithin(plan, outline) {
  const { left, front, right, back } = outlineBox(outline);
  const others = plan.racks.map((rack) => rack.polygon).filter((each) => {
    const box = outlineBox(each);
    return each !== outline && box.left < right && box.right > left && box.front < back && box.back > front;
  });
  const found = /** @type {Set<number>} */ (new Set());
  plan.bins.forEach((bin, index) => {
    const near = bin.x_mm >= left && bin.x_mm <= right && bin.y_mm >= front && bin.y_mm <= back;
    const at = /** @type {Point} */ ([bin.x_mm, bin.y_mm]);
    if (!near || !contains(outline, at)) return;
    if (!others.some((each) => contains(each, at) && offMiddle(each, at) < offMiddle(outline, at))) found.add(index);
  });
  return found;
}

/** How far a place is from the middle line of a rack. @param {Outline} outline @param {Point} at */
function offMiddle(outline, [x, y]) {
  const { left, front, right, back } = outlineBox(outline);
  return back - front >= right - left ? Math.abs(x - (left + right) / 2) : Math.abs(y - (front + back) / 2);
}

/** @param {Plan} plan @param {Ref} part @param {any} next @returns {Plan} */
export function setPart(plan, { kind, index }, next) {
  if (kind === "floor") return { ...plan, name: next.code, floor: next.polygon };
  if (kind === "depot") return { ...plan, depot: next };
  const list = LISTS[kind];
  return { ...plan, [list]: /** @type {any[]} */ (plan[list]).map((part, at) => (at === index ? next : part)) };
}

/** @param {Plan} plan @param {Kind} kind @param {any} part @returns {{plan: Plan, part: Ref}} */
export function addPart(plan, kind, part) {
  const list = LISTS[kind];
  return { plan: { ...plan, [list]: [...plan[list], part] }, part: ref(kind, plan[list].length) };
}

/** Change a part, and with its code what names it. @param {Plan} plan @param {Ref} part @param {object} values @returns {Plan} */
export function changePart(plan, part, values) {
  const former = partOf(plan, part);
  const next = { ...former, ...values };
  const changed = setPart(plan, part, next);
  if (next.code === former.code || !["aisle", "cross_aisle", "walkway", "zone"].includes(part.kind)) return changed;
  const named = part.kind === "zone" ? "zone" : "aisle";
  return { ...changed, bins: changed.bins.map((bin) => (bin[named] === former.code ? { ...bin, [named]: next.code } : bin)) };
}

/** @param {Plan} plan @param {Ref[]} parts @param {number} dx @param {number} dy @returns {Plan} */
export function moveParts(plan, parts, dx, dy) {
  if (!dx && !dy) return plan;
  const carried = /** @type {Set<number>} */ (new Set());
  for (const part of parts) {
    if (part.kind === "rack") for (const index of binsWithin(plan, partOf(plan, part).polygon)) carried.add(index);
  }
  const moved = parts.reduce((before, part) => setPart(before, part, moved1(partOf(before, part), part.kind, dx, dy)), plan);
  const bins = carried.size
    ? moved.bins.map((bin, index) => (carried.has(index) ? { ...bin, x_mm: bin.x_mm + dx, y_mm: bin.y_mm + dy } : bin))
    : moved.bins;
  return served({ ...moved, bins }, parts);
}

/** @param {any} part @param {Kind} kind @param {number} dx @param {number} dy */
function moved1(part, kind, dx, dy) {
  if (kind === "depot" || kind === "drop") return [part[0] + dx, part[1] + dy];
  if (kind === "aisle") return { ...part, x_mm: part.x_mm + dx, y_from_mm: part.y_from_mm + dy, y_to_mm: part.y_to_mm + dy };
  if (kind === "cross_aisle") return { ...part, y_mm: part.y_mm + dy, x_from_mm: part.x_from_mm + dx, x_to_mm: part.x_to_mm + dx };
  if (kind === "walkway") return { ...part, points: part.points.map((/** @type {Point} */ [x, y]) => [x + dx, y + dy]) };
  return { ...part, polygon: moveOutline(part.polygon, dx, dy) };
}

/** Give a part another box; the locations of a rack are spread over it anew. @param {Plan} plan @param {Ref} part @param {Box} box @returns {Plan} */
export function resizePart(plan, part, box) {
  const former = partOf(plan, part);
  if (part.kind === "aisle") {
    const values = { x_mm: Math.round((box.left + box.right) / 2), y_from_mm: box.front, y_to_mm: box.back, width_mm: box.right - box.left };
    return served(setPart(plan, part, { ...former, ...values }), [part]);
  }
  if (part.kind === "cross_aisle") {
    const values = { y_mm: Math.round((box.front + box.back) / 2), x_from_mm: box.left, x_to_mm: box.right, width_mm: box.back - box.front };
    return served(setPart(plan, part, { ...former, ...values }), [part]);
  }
  const map = stretching(outlineBox(former.polygon), box);
  const polygon = isRectangle(former.polygon) ? rectangle(box) : mapOutline(former.polygon, map);
  const resized = setPart(plan, part, { ...former, polygon });
  if (part.kind !== "rack") return resized;
  const carried = binsWithin(plan, former.polygon);
  const bins = plan.bins.map((bin, index) => {
    if (!carried.has(index)) return bin;
    const [x_mm, y_mm] = map([bin.x_mm, bin.y_mm]);
    return { ...bin, x_mm, y_mm };
  });
  return served({ ...resized, bins }, [part]);
}

/** Take parts away, and with a rack its locations. @param {Plan} plan @param {Ref[]} parts @returns {Plan} */
export function removeParts(plan, parts) {
  const gone = /** @type {Set<number>} */ (new Set());
  for (const part of parts) {
    if (part.kind === "rack") for (const index of binsWithin(plan, partOf(plan, part).polygon)) gone.add(index);
  }
  const keys = new Set(parts.map(keyOf));
  const left = { ...plan };
  for (const [kind, list] of Object.entries(LISTS)) {
    /** @type {any} */ (left)[list] = /** @type {any[]} */ (plan[list]).filter((_, index) => !keys.has(`${kind}:${index}`));
  }
  return gone.size ? withoutBins(left, gone) : left;
}

/** @param {Plan} plan @param {Set<number>} gone @returns {Plan} */
export function withoutBins(plan, gone) {
  const codes = new Set([...gone].map((index) => plan.bins[index].code));
  return {
    ...plan, bins: plan.bins.filter((_, index) => !gone.has(index)), closed_bins: plan.closed_bins.filter((code) => !codes.has(code)),
  };
}

/** The way beside which a place is; null where none is in reach. @param {ReturnType<typeof waysOf>} ways @param {Point} at */
export function wayBeside(ways, at) {
  const found = ways.map((way) => ({ code: way.code, width: way.width, ...beside(way.line, at) }));
  return found.filter((way) => way.away <= way.width / 2 + REACH_MM).sort((one, other) => one.away - other.away)[0] ?? null;
}

/**
 * Tell locations that moved, or beside whose way something moved, from which side they are reached; those that name no
 * way of the plan are given to the nearest one. Untouched locations stay as they are.
 * @param {Plan} plan @param {Ref[]} parts @returns {Plan}
 */
export function served(plan, parts) {
  const list = waysOf(plan);
  const ways = new Map(list.map((way) => [way.code, way]));
  const named = new Set(parts.filter((part) => lineOf(plan, part)).map((part) => partOf(plan, part).code));
  const inside = /** @type {Set<number>} */ (new Set());
  for (const part of parts) if (part.kind === "rack") for (const index of binsWithin(plan, partOf(plan, part).polygon)) inside.add(index);
  let changed = false;
  const bins = plan.bins.map((bin, index) => {
    const way = ways.get(bin.aisle);
    if (way && !inside.has(index) && !named.has(bin.aisle)) return bin;
    const found = way ? { code: bin.aisle, ...beside(way.line, [bin.x_mm, bin.y_mm]) } : wayBeside(list, [bin.x_mm, bin.y_mm]);
    if (!found || (found.code === bin.aisle && found.side === bin.side)) return bin;
    changed = true;
    return { ...bin, aisle: found.code, side: found.side };
  });
  return changed ? { ...plan, bins } : plan;
}
