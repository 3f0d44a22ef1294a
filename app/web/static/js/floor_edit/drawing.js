// @ts-check
/** The plan as SVG in mm, y turned up: built anew after an edit; locations only where one could see them. */

import { isRectangle, meters, outlineBox } from "./geometry.js";
import { allParts, boxOfPart, keyOf, lineOf, partOf } from "./plan.js";
import { shelves } from "./shelves.js";
import { s } from "./svg.js";

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").Ref} Ref */
/** @typedef {import("./types.js").Fault} Fault */
/** @typedef {import("./types.js").Outline} Outline */
/** @typedef {import("./types.js").Point} Point */
/** @typedef {{left: number, top: number, width: number, height: number, mmPerPx: number}} View top counts down, as SVG does */

const MOST_MARKS = 60;
const ROOM_PX = 48;
const ORDER = ["floor", "zone", "cross_aisle", "aisle", "walkway", "rack", "obstacle", "drop", "depot"];
const ARROW_EVERY_MM = 4_000;

/** @param {Outline} outline */
const ringPath = (outline) => outline.coordinates.map((ring) => `M${ring.map(([x, y]) => `${x},${-y}`).join("L")}z`).join("");
/** @param {Point[]} points */
const linePoints = (points) => points.map(([x, y]) => `${x},${-y}`).join(" ");

/**
 * Everything that is drawn. @param {Plan} plan @param {Set<string>} selected @param {Fault[]} faults @param {View} view
 * @returns {SVGElement[]}
 */
export function drawing(plan, selected, faults, view) {
  const layers = new Map(ORDER.map((kind) => [kind, s("g", { class: `layer-${kind}` })]));
  const names = s("g", { class: "plan-names" });
  for (const part of allParts(plan)) {
    layers.get(part.kind)?.append(drawnPart(plan, part, selected.has(keyOf(part))));
    const label = labelOf(plan, part, view, selected.has(keyOf(part)));
    if (label) names.append(label);
  }
  layers.get("rack")?.append(...shelves(plan, view));
  const ways = [...plan.aisles.keys()].map((index) => ({ kind: /** @type {const} */ ("aisle"), index }));
  const walks = [...plan.walkways.keys()].map((index) => ({ kind: /** @type {const} */ ("walkway"), index }));
  const arrows = s("path", { class: "floor-arrow", d: [...ways, ...walks].map((part) => arrowsOf(plan, part, view)).join("") });
  return [...layers.values(), arrows, names, marks(faults), handles(plan, selected, view)];
}

/** @param {Plan} plan @param {Ref} part @param {boolean} isSelected */
function drawnPart(plan, part, isSelected) {
  const it = partOf(plan, part);
  const shared = { "data-part": keyOf(part), class: `part part-${part.kind}${part.kind === "zone" ? ` ${it.kind}` : ""}${isSelected ? " selected" : ""}` };
  if (part.kind === "depot" || part.kind === "drop") return s("circle", { ...shared, cx: it[0], cy: -it[1] });
  const line = lineOf(plan, part);
  if (line) return s("polyline", { ...shared, points: linePoints(line), "stroke-width": it.width_mm });
  return s("path", { ...shared, d: ringPath(it.polygon) });
}

/** @param {Plan} plan @param {Ref} part @param {View} view @param {boolean} isSelected */
function labelOf(plan, part, view, isSelected) {
  if (part.kind === "floor") return null;
  const { left, front, right, back } = boxOfPart(plan, part);
  const words = part.kind === "depot" ? "Depot" : part.kind === "drop" ? `Drop ${part.index + 1}` : partOf(plan, part).code;
  const px = { wide: (right - left) / view.mmPerPx, deep: (back - front) / view.mmPerPx };
  const isPoint = part.kind === "depot" || part.kind === "drop";
  const room = part.kind === "rack" ? Math.max(px.wide, px.deep) > 40 && Math.min(px.wide, px.deep) > 15 : px.wide > words.length * 8 + 4;
  if (!isPoint && !isSelected && (!room || (part.kind === "zone" && partOf(plan, part).kind === "storage"))) return null;
  const x = part.kind === "cross_aisle" ? left + (words.length * 4 + 8) * view.mmPerPx : (left + right) / 2;
  const y = part.kind === "aisle" ? -(front + 10 * view.mmPerPx) : -(front + back) / 2;
  const down = isPoint ? 24 : 4;
  const text = s("text", { class: `name-${part.kind}`, x, y: y + down * view.mmPerPx }, words);
  if (part.kind === "rack" && px.deep > px.wide && words.length * 8 > px.wide) text.setAttribute("transform", `rotate(-90 ${x} ${y})`);
  return text;
}

/** @param {Plan} plan @param {Ref} part @param {View} view */
function arrowsOf(plan, part, view) {
  const it = partOf(plan, part);
  if (!it.one_way) return "";
  const line = lineOf(plan, part) ?? [];
  const points = it.one_way === -1 ? [...line].reverse() : line;
  const size = Math.min(it.width_mm * 0.35, 9 * view.mmPerPx);
  let path = "";
  for (let index = 1; index < points.length; index += 1) {
    const [x, y] = points[index - 1];
    const [toX, toY] = points[index];
    const long = Math.hypot(toX - x, toY - y) || 1;
    const [ux, uy] = [((toX - x) / long) * size, ((toY - y) / long) * size];
    const many = Math.max(1, Math.round(long / Math.max(ARROW_EVERY_MM, 40 * view.mmPerPx)));
    for (let number = 0; number < many; number += 1) {
      const share = (number + 0.5) / many;
      const [cx, cy] = [x + (toX - x) * share, y + (toY - y) * share];
      path += `M${cx - ux - uy},${-(cy - uy + ux)}L${cx + ux},${-(cy + uy)}L${cx - ux + uy},${-(cy - uy - ux)}z`;
    }
  }
  return path;
}

/** @param {Fault[]} faults */
function marks(faults) {
  const group = s("g", { class: "plan-faults" });
  for (let number = faults.length; number > 0; number -= 1) {
    for (const place of faults[number - 1].places.slice(0, MOST_MARKS)) {
      const mark = s("g", { class: "floor-fault", "data-fault": number });
      mark.append(s("title", {}, `${number}: ${place.name}`), s("circle", { cx: place.x_mm, cy: -place.y_mm }), s("text", { class: "floor-number", x: place.x_mm, y: -place.y_mm }, String(number)));
      group.append(mark);
    }
  }
  return group;
}

/** The corners by which the one selected part is sized. @param {Plan} plan @param {Set<string>} selected @param {View} view */
function handles(plan, selected, view) {
  const group = s("g", { class: "plan-handles" });
  const [key] = selected;
  if (selected.size !== 1) return group;
  const [kind, index] = key.split(":");
  const part = { kind: /** @type {Ref["kind"]} */ (kind), index: Number(index) };
  const it = partOf(plan, part);
  if (!it || !(["aisle", "cross_aisle"].includes(kind) || (it.polygon && isRectangle(it.polygon)))) return group;
  const { left, front, right, back } = it.polygon ? outlineBox(it.polygon) : boxOfPart(plan, part);
  const room = ROOM_PX * view.mmPerPx;
  const [cx, cy] = [(left + right) / 2, (front + back) / 2];
  const spots = kind === "aisle" ? { s: [cx, front], n: [cx, back] } : kind === "cross_aisle" ? { w: [left, cy], e: [right, cy] }
    : { ...(right - left > room ? { s: [cx, front], n: [cx, back] } : {}), ...(back - front > room ? { w: [left, cy], e: [right, cy] } : {}),
      sw: [left, front], se: [right, front], nw: [left, back], ne: [right, back] };
  for (const [name, [x, y]] of Object.entries(spots)) group.append(s("circle", { class: `handle handle-${name}`, "data-handle": name, cx: x, cy: -y }));
  group.append(s("text", { class: "plan-size", x: cx, y: -back, "data-above": "" }, `${meters(right - left)} × ${meters(back - front)} m`));
  return group;
}

/** What the drawing holds, in words. @param {Plan} plan @returns {string} */
export function summary(plan) {
  const ways = plan.aisles.length + plan.cross_aisles.length + plan.walkways.length;
  return `${plan.name}: ${plan.racks.length} racks, ${plan.bins.length.toLocaleString("en-US")} locations, ${ways} ways`;
}
