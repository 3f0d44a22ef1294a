// @ts-check
/** The tools that draw: their fields, and what is drawn with them, by dragging or by numbers alone. */

import { h } from "../h.js";
import { draw, drawGate, drawWalkway, proposedCode, rowBox, shelvingFor, shelvingProblem, takenBy, wishProblem } from "./drafting.js";
import { whereIs } from "./fields.js";
import { cornersText, distance, fromMeters, meters, readCorners, snapPoint } from "./geometry.js";
import { choiceInput, field, lengthInput, linesInput, readShelving, said, shelvingFields, textInput } from "./inputs.js";
import { WORDS } from "./plan.js";
import { codeRange } from "./shelving.js";
import { s } from "./svg.js";

/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("./types.js").Box} Box */
/** @typedef {import("./types.js").Kind} Kind */
/** @typedef {import("./types.js").Shelving} Shelving */
/** @typedef {import("./editor.js").Editor} Editor */
/** @typedef {import("./sheet.js").Sheet} Sheet */

const HINTS = /** @type {Record<string, string>} */ ({
  rack: "Drag the rack on the drawing, its bays along the longer side. Or give its place here, and its bays make its length.",
  aisle: "Drag along the middle of the aisle, away from the docks. Aisles run between racks.",
  cross_aisle: "Drag along the middle of the way that crosses the aisles.",
  walkway: "Click each corner of any other way, then press Enter or Finish.",
  zone: "Drag the area.", obstacle: "Drag what nobody walks through.",
  depot: "Click where walks start.", drop: "Click where walks may end.",
  measure: "Drag from one place to another.",
});
const DIRECTIONS = /** @type {Record<string, [string, string][]>} */ ({
  aisle: [["0", "Both ways"], ["1", "One way, away from the docks"], ["-1", "One way, toward the docks"]],
  walkway: [["0", "Both ways"], ["1", "One way, first to last corner"]],
});
const PLACES = /** @type {Record<string, [string, string][]>} */ ({
  aisle: [["left", "X of its middle, m"], ["front", "Y from, m"], ["back", "Y to, m"]],
  cross_aisle: [["front", "Y of its middle, m"], ["left", "X from, m"], ["right", "X to, m"]],
  depot: [["left", "X, m"], ["front", "Y, m"]], drop: [["left", "X, m"], ["front", "Y, m"]], rack: [["left", "X, m"], ["front", "Y, m"]],
  zone: [["left", "X, m"], ["front", "Y, m"], ["wide", "Width, m"], ["deep", "Length, m"]],
  obstacle: [["left", "X, m"], ["front", "Y, m"], ["wide", "Width, m"], ["deep", "Length, m"]], walkway: [],
});

export class Toolbox {
  /** @param {HTMLElement} root @param {Editor} editor @param {Sheet} sheet */
  constructor(root, editor, sheet) {
    this.root = root;
    this.editor = editor;
    this.sheet = sheet;
    this.values = /** @type {Record<string, string>} */ ({ width: "1.6", depth: "0.6", along: "y", wide: "1.2", deep: "1.2", one_way: "0", zone_kind: "storage" });
    this.shelving = /** @type {Shelving} */ ({ along: "y", bays: 10, bayMm: 1200, levels: 3, pattern: "{code}-{bay:02}-{level}", firstBay: 1, step: 1, zone: "" });
    this.corners = /** @type {Point[]} */ ([]);
    this.form = /** @type {HTMLFormElement | null} */ (null);
    editor.on(["tool"], () => this.build());
    this.build();
  }

  get kind() { return /** @type {Kind} */ (this.editor.tool); }

  build() {
    const { tool, plan } = this.editor;
    this.corners = [];
    this.sheet.sketch();
    this.root.hidden = tool === "select";
    this.form = null;
    if (tool === "select") return;
    if (tool === "measure") {
      this.root.replaceChildren(h("p", { class: "hint" }, HINTS.measure));
      return;
    }
    this.shelving = { ...this.shelving, zone: plan.zones.some(({ code }) => code === this.shelving.zone) ? this.shelving.zone : plan.zones.find(({ kind }) => kind === "storage")?.code ?? plan.zones[0]?.code ?? "" };
    this.preview = h("p", { class: "hint wide-field", role: "status" });
    this.problem = h("p", { class: "error wide-field", role: "alert" });
    this.form = /** @type {HTMLFormElement} */ (h("form", { class: "plan-form", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.add(); }, oninput: () => this.tellRange() },
      h("h2", {}, `New: ${WORDS[this.kind].toLowerCase()}`), h("p", { class: "hint wide-field" }, HINTS[tool]), ...this.fields(), this.preview, this.problem,
      h("p", { class: "actions wide-field" }, h("button", { class: "plain" }, tool === "walkway" ? "Finish" : tool === "depot" ? "Put it there" : "Add"))));
    this.root.replaceChildren(this.form);
    this.tellRange();
  }

  fields() {
    const { plan } = this.editor;
    const { kind } = this;
    const isGate = kind === "depot" || kind === "drop";
    const [x, y] = kind === "depot" ? plan.depot : snapPoint(this.sheet.middle, this.editor.grid);
    const depth = 5_000;
    const proposed = /** @type {Record<string, string>} */ ({ left: meters(x), front: meters(y), back: meters(y + depth), right: meters(x + depth), wide: this.values.wide, deep: this.values.deep });
    const list = isGate ? [] : [field("Code", textInput("code", proposedCode(plan, kind), { maxlength: 64, required: true }))];
    list.push(...PLACES[kind].map(([name, label]) => field(label, lengthInput(name, proposed[name], { required: true }))));
    if (["aisle", "cross_aisle", "walkway"].includes(kind)) list.push(field("Width, m", lengthInput("width", this.values.width, { required: true })));
    if (DIRECTIONS[kind]) list.push(field("Direction", choiceInput("one_way", this.values.one_way, DIRECTIONS[kind])));
    if (kind === "walkway") list.push(field("Corners: x; y in m, one a line", linesInput("corners", ""), { wide: true }));
    if (kind === "zone") list.push(field("Kind", choiceInput("zone_kind", this.values.zone_kind, [["storage", "Storage"], ["pack", "Packing"], ["receiving", "Receiving"], ["lane", "Carrier's lane"]])));
    if (kind === "obstacle") list.push(field("Why it is there", textInput("note", "", { maxlength: 200 })));
    if (kind === "rack") {
      list.push(field("Depth, m", lengthInput("depth", this.values.depth)), field("Bays run", choiceInput("along", this.values.along, [["y", "Away from the docks"], ["x", "Along the docks"]])),
        ...shelvingFields(plan, this.shelving, true));
    }
    return list;
  }

  /** Read the fields, and keep them for the next part. */
  wish() {
    const values = this.form ? said(this.form) : {};
    this.values = { ...this.values, ...values };
    if (this.kind === "rack") this.shelving = readShelving(values, values.along === "x" ? "x" : "y", fromMeters(values.bay_width));
    return {
      code: values.code ?? "", width: fromMeters(this.values.width), oneWay: this.values.one_way, zoneKind: this.values.zone_kind,
      note: values.note ?? "", shelving: this.shelving,
    };
  }

  tellRange() {
    if (!this.form || !this.preview || this.kind !== "rack") return;
    const { code, shelving } = this.wish();
    const wrong = shelvingProblem(this.editor.plan, shelving);
    const { first, last, count } = codeRange(shelving, code);
    this.preview.textContent = wrong || (shelving.bays ? `${count.toLocaleString("en-US")} locations: ${first} to ${last}` : "A rack without locations.");
  }

  /** Draw by numbers. */
  add() {
    const values = this.form ? said(this.form) : {};
    if (this.kind === "walkway") return this.finish(readCorners(values.corners ?? "") ?? []);
    const [left, front] = [fromMeters(values.left), fromMeters(values.front)];
    if (this.kind === "depot" || this.kind === "drop") return this.gate([left, front]);
    const wish = this.wish();
    const [right, back] = [fromMeters(values.right ?? ""), fromMeters(values.back ?? "")];
    const box = this.kind === "rack" ? rowBox([left, front], fromMeters(values.depth), wish.shelving)
      : this.kind === "aisle" ? { left, right: left, front: Math.min(front, back), back: Math.max(front, back) }
        : this.kind === "cross_aisle" ? { left: Math.min(left, right), right: Math.max(left, right), front, back: front }
          : { left, front, right: left + fromMeters(values.wide), back: front + fromMeters(values.deep) };
    return this.put(box, wish);
  }

  /** @param {Point} start @param {Box} box */
  dragged(start, box) {
    const wish = this.wish();
    const isLine = this.kind === "aisle" || this.kind === "cross_aisle";
    const isFlat = box.right === box.left || box.back === box.front;
    if (isLine ? box.right === box.left && box.back === box.front : isFlat) {
      if (this.kind === "rack") return this.put(rowBox(start, fromMeters(this.values.depth), wish.shelving), wish);
      return this.refuse("Drag it to its size, or enter numbers.");
    }
    return this.put(box, this.kind === "rack" ? { ...wish, shelving: shelvingFor(box, wish.shelving) } : wish);
  }

  /** @param {Box} box @param {ReturnType<Toolbox["wish"]>} wish */
  put(box, wish) {
    const { plan } = this.editor;
    const isLine = this.kind === "aisle" || this.kind === "cross_aisle";
    const sizes = isLine ? [Math.max(box.right - box.left, box.back - box.front)] : [box.right - box.left, box.back - box.front];
    if (!Object.values(box).every(Number.isFinite) || sizes.some((size) => size < 1)) return this.refuse("Enter its place and size in meters, such as 3.4.");
    const wrong = wishProblem(plan, this.kind, wish);
    if (wrong) return this.refuse(wrong);
    const taken = this.kind === "rack" && wish.shelving.bays ? takenBy(plan, box, wish) : [];
    if (taken.length) return this.refuse(`${taken.slice(0, 3).join(", ")} would be there twice. Name the locations otherwise.`);
    return this.take(draw(plan, this.kind, box, wish));
  }

  /** @param {Point} at */
  gate(at) {
    if (!at.every(Number.isFinite)) return this.refuse("Enter its place in meters, such as 3.4.");
    return this.take(drawGate(this.editor.plan, this.kind, at));
  }

  /** @param {Point} at */
  corner(at) {
    const last = this.corners[this.corners.length - 1];
    if (last && distance(last, at) === 0) return;
    this.corners.push(at);
    const area = /** @type {HTMLTextAreaElement | undefined} */ (this.form?.querySelector("textarea") ?? undefined);
    if (area) area.value = cornersText(this.corners);
    this.editor.say(`Corner ${this.corners.length}: ${meters(at[0])}, ${meters(at[1])} m.`);
    this.hover(at);
  }

  /** Show a walkway as it would go on. @param {Point} at */
  hover(at) {
    if (this.editor.tool !== "walkway" || !this.corners.length) return;
    const points = [...this.corners, at].map(([x, y]) => `${x},${-y}`).join(" ");
    this.sheet.sketch(s("polyline", { class: "ghost", points }));
  }

  /** @param {Point[]} [points] */
  finish(points = this.corners) {
    if (this.editor.tool !== "walkway") return;
    if (points.length < 2) return void this.refuse("A walkway has at least two corners, each x; y in meters.");
    const wish = this.wish();
    const wrong = wishProblem(this.editor.plan, "walkway", wish);
    if (wrong) return void this.refuse(wrong);
    this.take(drawWalkway(this.editor.plan, points, wish));
  }

  /** @param {import("./drafting.js").Drawn} drawn */
  take({ plan, part }) {
    this.editor.edit(plan, `Drawn. ${whereIs(plan, part)}`, [part]);
    this.build();
  }

  /** @param {string} words */
  refuse(words) {
    if (this.problem) this.problem.textContent = words;
    this.editor.say(words);
  }
}
