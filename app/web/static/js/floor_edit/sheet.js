// @ts-check
/** The sheet on which the plan lies: what of it is seen, and where on it a pointer is. */

import { drawing, summary } from "./drawing.js";
import { outlineBox } from "./geometry.js";
import { s } from "./svg.js";

/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("./types.js").Box} Box */
/** @typedef {import("./drawing.js").View} View */
/** @typedef {import("./editor.js").Editor} Editor */

const MARGIN = 0.06;
const LEAST_MM_PER_PX = 0.5;
const MOST_MM_PER_PX = 1_000;

export class Sheet {
  /** @param {SVGSVGElement} svg @param {Editor} editor */
  constructor(svg, editor) {
    this.svg = svg;
    this.editor = editor;
    this.ghost = s("g", { class: "plan-ghost" });
    this.view = /** @type {View} */ ({ left: 0, top: 0, width: 1, height: 1, mmPerPx: 1 });
    this.isDue = false;
    editor.on(["plan", "selection", "faults"], () => this.redraw());
    new ResizeObserver(() => this.look(this.middle, this.view.mmPerPx)).observe(svg);
  }

  get middle() { return /** @type {Point} */ ([this.view.left + this.view.width / 2, -(this.view.top + this.view.height / 2)]); }

  /** @param {Box} box @param {number} [leastMmPerPx] */
  show({ left, front, right, back }, leastMmPerPx = LEAST_MM_PER_PX) {
    const wide = this.svg.clientWidth * (1 - 2 * MARGIN) || 1;
    const deep = this.svg.clientHeight * (1 - 2 * MARGIN) || 1;
    this.look([(left + right) / 2, (front + back) / 2], Math.max(leastMmPerPx, (right - left) / wide, (back - front) / deep));
  }

  whole() { this.show(outlineBox(this.editor.plan.floor)); }

  /** @param {Point} middle @param {number} mmPerPx */
  look([x, y], mmPerPx) {
    const scale = Math.min(MOST_MM_PER_PX, Math.max(LEAST_MM_PER_PX, mmPerPx));
    const [width, height] = [this.svg.clientWidth * scale || 1, this.svg.clientHeight * scale || 1];
    const isSameScale = scale === this.view.mmPerPx;
    this.view = { left: x - width / 2, top: -y - height / 2, width, height, mmPerPx: scale };
    this.svg.setAttribute("viewBox", `${this.view.left} ${this.view.top} ${width} ${height}`);
    if (!isSameScale) this.svg.style.setProperty("--mm", String(scale));
    this.redraw();
    this.editor.tell("view");
  }

  /** @param {number} by @param {Point} [about] the place that stays where it is */
  zoom(by, about = this.middle) {
    const scale = Math.min(MOST_MM_PER_PX, Math.max(LEAST_MM_PER_PX, this.view.mmPerPx / by));
    const share = scale / this.view.mmPerPx;
    const [x, y] = this.middle;
    this.look([about[0] + (x - about[0]) * share, about[1] + (y - about[1]) * share], scale);
  }

  /** @param {number} dxPx @param {number} dyPx */
  pan(dxPx, dyPx) {
    const [x, y] = this.middle;
    this.look([x - dxPx * this.view.mmPerPx, y + dyPx * this.view.mmPerPx], this.view.mmPerPx);
  }

  /** Where on the floor a pointer is. @param {{clientX: number, clientY: number}} event @returns {Point} */
  at({ clientX, clientY }) {
    const box = this.svg.getBoundingClientRect();
    const { left, top, mmPerPx } = this.view;
    return [left + (clientX - box.left) * mmPerPx, -(top + (clientY - box.top) * mmPerPx)];
  }

  redraw() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      const { plan, selected, faults } = this.editor;
      const title = s("title", { id: "plan-title" }, summary(plan));
      this.svg.replaceChildren(title, ...drawing(plan, selected, faults, this.view), this.ghost);
    });
  }

  /** Show selected parts where they would go. @param {Iterable<string>} keys @param {number} dx @param {number} dy */
  lift(keys, dx, dy) {
    for (const key of keys) {
      for (const element of this.svg.querySelectorAll(`[data-part="${key}"], [data-of="${key}"]`)) element.setAttribute("transform", `translate(${dx} ${-dy})`);
    }
    this.svg.querySelector(".plan-handles")?.setAttribute("transform", `translate(${dx} ${-dy})`);
  }

  /** Draw what is not there yet. @param {...SVGElement} shapes */
  sketch(...shapes) { this.ghost.replaceChildren(...shapes); }
}
