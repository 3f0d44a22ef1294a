// @ts-check
/** Lengths and outlines in mm, as pure functions. */

/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("./types.js").Outline} Outline */
/** @typedef {import("./types.js").Box} Box */

/** @param {number} value @param {number} grid @returns {number} */
export const snap = (value, grid) => Math.round(value / grid) * grid + 0;

/** @param {Point} at @param {number} grid @returns {Point} */
export const snapPoint = ([x, y], grid) => [snap(x, grid), snap(y, grid)];

/** @param {Point} one @param {Point} other @returns {number} */
export const distance = ([x, y], [toX, toY]) => Math.hypot(toX - x, toY - y);

/** The rectangle between two corners, its ring closed. @param {Box} box @returns {Outline} */
export function rectangle({ left, front, right, back }) {
  return { type: "Polygon", coordinates: [[[left, front], [right, front], [right, back], [left, back], [left, front]]] };
}

/** @param {Point} one @param {Point} other @returns {Box} */
export function boxBetween([x, y], [toX, toY]) {
  return { left: Math.min(x, toX), front: Math.min(y, toY), right: Math.max(x, toX), back: Math.max(y, toY) };
}

/** @param {Point[]} points @returns {Box} */
export function boxOf(points) {
  const box = { left: Infinity, front: Infinity, right: -Infinity, back: -Infinity };
  for (const [x, y] of points) {
    box.left = Math.min(box.left, x); box.right = Math.max(box.right, x);
    box.front = Math.min(box.front, y); box.back = Math.max(box.back, y);
  }
  return box;
}

/** @param {Outline} outline @returns {Box} */
export const outlineBox = (outline) => boxOf(outline.coordinates[0] ?? []);

/** Whether an outline is an upright rectangle, which two numbers size; others are edited by their corners. @param {Outline} outline */
export function isRectangle(outline) {
  const [ring, ...holes] = outline.coordinates;
  if (holes.length || !ring || ring.length !== 5) return false;
  const { left, front, right, back } = boxOf(ring);
  const corners = new Set(ring.map(([x, y]) => `${x} ${y}`));
  return right > left && back > front && corners.size === 4
    && ring.every(([x, y]) => (x === left || x === right) && (y === front || y === back));
}

/** @param {Outline} outline @param {number} dx @param {number} dy @returns {Outline} */
export function moveOutline(outline, dx, dy) {
  return { ...outline, coordinates: outline.coordinates.map((ring) => ring.map(([x, y]) => /** @type {Point} */ ([x + dx, y + dy]))) };
}

/** How a place moves when its box is stretched into another. @param {Box} from @param {Box} to @returns {(at: Point) => Point} */
export function stretching(from, to) {
  const wide = (to.right - to.left) / (from.right - from.left || 1);
  const deep = (to.back - to.front) / (from.back - from.front || 1);
  return ([x, y]) => [Math.round(to.left + (x - from.left) * wide), Math.round(to.front + (y - from.front) * deep)];
}

/** @param {Outline} outline @param {(at: Point) => Point} map @returns {Outline} */
export function mapOutline(outline, map) {
  return { ...outline, coordinates: outline.coordinates.map((ring) => ring.map(map)) };
}

/** Whether a place is in an outline, or on its edge. @param {Outline} outline @param {Point} at @returns {boolean} */
export function contains(outline, [x, y]) {
  const ring = outline.coordinates[0] ?? [];
  let inside = false;
  for (let index = 1; index < ring.length; index += 1) {
    const [ax, ay] = ring[index - 1];
    const [bx, by] = ring[index];
    const turn = (bx - ax) * (y - ay) - (by - ay) * (x - ax);
    const between = Math.min(ax, bx) <= x && x <= Math.max(ax, bx) && Math.min(ay, by) <= y && y <= Math.max(ay, by);
    if (turn === 0 && between) return true;
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  }
  return inside;
}

/**
 * The nearest place on a line of corners: how far away it is, and on which side of the line's direction.
 * @param {Point[]} line @param {Point} at @returns {{away: number, side: "L" | "R"}}
 */
export function beside(line, [x, y]) {
  let away = Infinity;
  let side = /** @type {"L" | "R"} */ ("R");
  for (let index = 1; index < line.length; index += 1) {
    const [ax, ay] = line[index - 1];
    const [bx, by] = line[index];
    const length = (bx - ax) ** 2 + (by - ay) ** 2;
    const share = length ? Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length)) : 0;
    const far = Math.hypot(x - ax - share * (bx - ax), y - ay - share * (by - ay));
    if (far < away) {
      away = far;
      side = (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0 ? "L" : "R";
    }
  }
  return { away, side };
}

/** Meters with as many digits as the length has. @param {number} mm @returns {string} */
export function meters(mm) {
  return (mm / 1000).toFixed(3).replace(/0{1,2}$/, "");
}

/** What was entered in meters, in mm; NaN for what is no length. @param {string} text @returns {number} */
export function fromMeters(text) {
  const said = text.trim().replace(",", ".");
  return said === "" ? Number.NaN : Math.round(Number(said) * 1000);
}

/** Corners as lines of text, x and y in meters. @param {Point[]} points @returns {string} */
export const cornersText = (points) => points.map(([x, y]) => `${meters(x)}; ${meters(y)}`).join("\n");

/** The corners that lines of text name; null where one is not two lengths. @param {string} text @returns {Point[] | null} */
export function readCorners(text) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const points = lines.map((line) => /** @type {Point} */ (line.split(/[;\s]+/).filter(Boolean).map(fromMeters)));
  return points.every((point) => point.length === 2 && point.every(Number.isFinite)) ? points : null;
}
