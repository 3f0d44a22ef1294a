// @ts-check
/** The pointer on the sheet: select, move, size, draw, measure, and look around. */

import { draggedBox } from "./drafting.js";
import { boxBetween, distance, meters, snap, snapPoint } from "./geometry.js";
import { boxOfPart, moveParts, readKey, resizePart } from "./plan.js";
import { whereIs } from "./fields.js";
import { s } from "./svg.js";

/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("./types.js").Box} Box */
/** @typedef {import("./editor.js").Editor} Editor */
/** @typedef {import("./sheet.js").Sheet} Sheet */
/** @typedef {import("./toolbox.js").Toolbox} Toolbox */
/** @typedef {{move: (event: PointerEvent) => void, end: (event: PointerEvent) => void}} Gesture */

const STILL_PX = 4;
const BACKGROUND = new Set(["floor", "zone"]);

/** @param {Editor} editor @param {Sheet} sheet @param {Toolbox} toolbox @param {(words: string) => void} measure */
export function listen(editor, sheet, toolbox, measure) {
  const { svg } = sheet;
  const touching = /** @type {Map<number, PointerEvent>} */ (new Map());
  let gesture = /** @type {Gesture | null} */ (null);

  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 && event.button !== 1) return;
    svg.setPointerCapture(event.pointerId);
    touching.set(event.pointerId, event);
    gesture = touching.size > 1 ? pinch(sheet, touching) : begin(event, editor, sheet, toolbox, measure);
  });
  svg.addEventListener("pointermove", (event) => {
    if (touching.has(event.pointerId)) touching.set(event.pointerId, event);
    if (gesture) gesture.move(event);
    else toolbox.hover(snapPoint(sheet.at(event), editor.grid));
  });
  const end = (/** @type {PointerEvent} */ event) => {
    touching.delete(event.pointerId);
    const ended = gesture;
    gesture = null;
    if (event.type === "pointerup") ended?.end(event);
    else { sheet.sketch(); sheet.redraw(); }
  };
  svg.addEventListener("pointerup", end);
  svg.addEventListener("pointercancel", end);
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    sheet.zoom(event.deltaY < 0 ? 1.25 : 0.8, sheet.at(event));
  }, { passive: false });
}

/** @param {PointerEvent} event @param {Editor} editor @param {Sheet} sheet @param {Toolbox} toolbox @param {(words: string) => void} measure @returns {Gesture} */
function begin(event, editor, sheet, toolbox, measure) {
  const target = /** @type {Element} */ (event.target);
  if (event.button === 1) return pan(event, sheet, () => {});
  if (editor.tool === "measure") return measuring(event, editor, sheet, measure);
  if (editor.tool !== "select") return drawingNew(event, editor, sheet, toolbox);
  const handle = target.closest("[data-handle]")?.getAttribute("data-handle");
  if (handle) return sizing(event, handle, editor, sheet);
  const key = target.closest("[data-part]")?.getAttribute("data-part");
  if (!key) return pan(event, sheet, () => editor.select([]));
  if (BACKGROUND.has(readKey(key).kind) && (readKey(key).kind === "floor" || !editor.selected.has(key))) {
    return pan(event, sheet, () => editor.select([readKey(key)], event.shiftKey));
  }
  if (!editor.selected.has(key) || event.shiftKey) editor.select([readKey(key)], event.shiftKey);
  return moving(event, editor, sheet);
}

/** @param {PointerEvent} from @param {Sheet} sheet @param {() => void} click @returns {Gesture} */
function pan(from, sheet, click) {
  let last = from;
  let isMoved = false;
  return {
    move(event) {
      isMoved ||= Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > STILL_PX;
      if (isMoved) sheet.pan(event.clientX - last.clientX, event.clientY - last.clientY);
      last = event;
    },
    end() { if (!isMoved) click(); },
  };
}

/** @param {Sheet} sheet @param {Map<number, PointerEvent>} touching @returns {Gesture} */
function pinch(sheet, touching) {
  const spread = () => {
    const [one, other] = [...touching.values()];
    return { far: Math.hypot(other.clientX - one.clientX, other.clientY - one.clientY) || 1, clientX: (one.clientX + other.clientX) / 2, clientY: (one.clientY + other.clientY) / 2 };
  };
  let last = spread();
  return {
    move() {
      if (touching.size < 2) return;
      const now = spread();
      sheet.pan(now.clientX - last.clientX, now.clientY - last.clientY);
      sheet.zoom(now.far / last.far, sheet.at(now));
      last = now;
    },
    end() {},
  };
}

/** @param {PointerEvent} from @param {Editor} editor @param {Sheet} sheet @returns {Gesture} */
function moving(from, editor, sheet) {
  const start = sheet.at(from);
  let [dx, dy] = [0, 0];
  return {
    move(event) {
      const [x, y] = sheet.at(event);
      [dx, dy] = snapPoint([x - start[0], y - start[1]], editor.grid);
      sheet.lift(editor.selected, dx, dy);
    },
    end() {
      const { parts } = editor;
      if (!dx && !dy) return;
      const plan = moveParts(editor.plan, parts, dx, dy);
      editor.edit(plan, parts.length === 1 ? `Moved. ${whereIs(plan, parts[0])}` : `${parts.length} parts moved.`);
    },
  };
}

/** @param {PointerEvent} from @param {string} handle @param {Editor} editor @param {Sheet} sheet @returns {Gesture} */
function sizing(from, handle, editor, sheet) {
  const [part] = editor.parts;
  const before = boxOfPart(editor.plan, part);
  let box = before;
  return {
    move(event) {
      box = sized(before, handle, sheet.at(event), editor.grid);
      sheet.sketch(...boxShapes(box, sheet));
    },
    end() {
      sheet.sketch();
      if (box === before || box.right - box.left < 1 || box.back - box.front < 1) return;
      const plan = resizePart(editor.plan, part, box);
      editor.edit(plan, whereIs(plan, part));
    },
  };
}

/** @param {Box} box @param {string} handle @param {Point} at @param {number} grid @returns {Box} */
export function sized(box, handle, [x, y], grid) {
  return {
    left: handle.includes("w") ? Math.min(snap(x, grid), box.right - 1) : box.left,
    right: handle.includes("e") ? Math.max(snap(x, grid), box.left + 1) : box.right,
    front: handle.includes("s") ? Math.min(snap(y, grid), box.back - 1) : box.front,
    back: handle.includes("n") ? Math.max(snap(y, grid), box.front + 1) : box.back,
  };
}

/** @param {PointerEvent} from @param {Editor} editor @param {Sheet} sheet @param {Toolbox} toolbox @returns {Gesture} */
function drawingNew(from, editor, sheet, toolbox) {
  const start = snapPoint(sheet.at(from), editor.grid);
  const kind = /** @type {import("./types.js").Kind} */ (editor.tool);
  let box = draggedBox(kind, start, start);
  return {
    move(event) {
      box = draggedBox(kind, start, snapPoint(sheet.at(event), editor.grid));
      if (kind !== "walkway" && kind !== "depot" && kind !== "drop") sheet.sketch(...boxShapes(box, sheet));
    },
    end(event) {
      sheet.sketch();
      const end = snapPoint(sheet.at(event), editor.grid);
      if (kind === "walkway") toolbox.corner(end);
      else if (kind === "depot" || kind === "drop") toolbox.gate(end);
      else toolbox.dragged(start, box);
    },
  };
}

/** @param {PointerEvent} from @param {Editor} editor @param {Sheet} sheet @param {(words: string) => void} measure @returns {Gesture} */
function measuring(from, editor, sheet, measure) {
  const start = snapPoint(sheet.at(from), editor.grid);
  let words = "";
  return {
    move(event) {
      const end = snapPoint(sheet.at(event), editor.grid);
      const box = boxBetween(start, end);
      words = `${meters(distance(start, end))} m: ${meters(box.right - box.left)} across, ${meters(box.back - box.front)} deep`;
      const line = s("line", { class: "ghost", x1: start[0], y1: -start[1], x2: end[0], y2: -end[1] });
      sheet.sketch(line, s("text", { x: (start[0] + end[0]) / 2, y: -(start[1] + end[1]) / 2 - 8 * sheet.view.mmPerPx }, `${meters(distance(start, end))} m`));
    },
    end() { if (words) measure(words); },
  };
}

/** @param {Box} box @param {Sheet} sheet */
function boxShapes({ left, front, right, back }, sheet) {
  const words = [right - left, back - front].filter((mm) => mm > 0).map(meters).join(" × ");
  const shape = right > left && back > front
    ? s("rect", { class: "ghost", x: left, y: -back, width: right - left, height: back - front })
    : s("line", { class: "ghost", x1: left, y1: -front, x2: right, y2: -back });
  return [shape, s("text", { x: (left + right) / 2, y: -back - 8 * sheet.view.mmPerPx }, `${words || "0"} m`)];
}
