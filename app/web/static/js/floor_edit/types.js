// @ts-check
/**
 * A drawn floor as the interface takes it. Lengths in mm; y grows away from the docks. A document is never changed in
 * place: every edit makes a new one that shares what stayed, so that undoing is keeping the former.
 *
 * @typedef {[number, number]} Point
 * @typedef {{type: "Polygon", coordinates: Point[][]}} Outline
 * @typedef {{code: string, polygon: Outline}} Rack
 * @typedef {{code: string, kind: "storage" | "pack" | "receiving" | "lane", polygon: Outline}} Zone
 * @typedef {{code: string, polygon: Outline, note?: string}} Obstacle
 * @typedef {{code: string, x_mm: number, y_from_mm: number, y_to_mm: number, width_mm: number, one_way: -1 | 0 | 1}} Aisle
 * @typedef {{code: string, y_mm: number, x_from_mm: number, x_to_mm: number, width_mm: number}} CrossAisle
 * @typedef {{code: string, points: Point[], width_mm: number, one_way: boolean}} Walkway
 * @typedef {{code: string, zone: string, aisle: string, side: "L" | "R", level: number, x_mm: number, y_mm: number}} Bin
 * @typedef {{name: string, floor: Outline, aisles: Aisle[], cross_aisles: CrossAisle[], racks: Rack[], zones: Zone[],
 *   bins: Bin[], depot: Point, drops: Point[], walkways: Walkway[], obstacles: Obstacle[], closed_bins: string[]}} Plan
 *
 * @typedef {"floor" | "rack" | "aisle" | "cross_aisle" | "walkway" | "zone" | "obstacle" | "depot" | "drop"} Kind
 * @typedef {{kind: Kind, index: number}} Ref a part of the plan; floor and depot have index 0
 * @typedef {{left: number, front: number, right: number, back: number}} Box
 * @typedef {{name: string, x_mm: number, y_mm: number}} FaultPlace
 * @typedef {{code: string, explanation: string, names: string[], places: FaultPlace[], count: number}} Fault
 * @typedef {{kind: string, faults: Fault[], missing_locations: string[], missing_count: number,
 *   stocked_locations: string[], stocked_count: number}} Check
 * @typedef {{along: "x" | "y", bays: number, bayMm: number, levels: number, pattern: string, firstBay: number,
 *   step: number, zone: string}} Shelving how a rack's locations are counted and named
 */

export {};
