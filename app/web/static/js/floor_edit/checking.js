// @ts-check
/** What is wrong with the plan, asked of the server after changes settle; shown by number beside the drawing. */

import { h } from "../h.js";
import { Refused, told } from "./server.js";

/** @typedef {import("./editor.js").Editor} Editor */
/** @typedef {import("./types.js").Check} Check */
/** @typedef {import("./types.js").Fault} Fault */

const SETTLED_MS = 900;
const MOST_BY_ITSELF = 20_000;
const NAMED = 8;

export class Checking {
  /** @param {Editor} editor @param {import("./server.js").Server} server @param {HTMLElement} root @param {(fault: Fault, place: number) => void} goTo */
  constructor(editor, server, root, goTo) {
    this.editor = editor;
    this.server = server;
    this.root = root;
    this.goTo = goTo;
    this.latest = /** @type {Check | null} */ (null);
    this.checked = /** @type {import("./types.js").Plan | null} */ (null);
    this.listeners = /** @type {(() => void)[]} */ ([]);
    this.timer = 0;
    this.asking = new AbortController();
    editor.on(["plan"], () => this.later());
  }

  later() {
    clearTimeout(this.timer);
    this.#told();
    if (this.editor.plan.bins.length <= MOST_BY_ITSELF) this.timer = window.setTimeout(() => void this.now(), SETTLED_MS);
    else this.#say("Changed since the last check.");
  }

  /** Whether the last check was of the plan as it is. */
  get isCurrent() { return this.checked === this.editor.plan; }

  /** @returns {Promise<Check | null>} null when it could not be asked */
  async now() {
    clearTimeout(this.timer);
    this.asking.abort();
    this.asking = new AbortController();
    const { plan } = this.editor;
    const { signal } = this.asking;
    this.#say("Checking …");
    try {
      const found = await this.server.check(plan, signal);
      this.latest = found;
      this.checked = plan;
      this.editor.faults = found.faults;
      this.#list(found);
      this.editor.tell("faults");
      this.#told();
      return found;
    } catch (error) {
      if (signal.aborted) return null;
      this.#say(told(error));
      if (error instanceof Refused && error.status === 422) this.checked = null;
      return null;
    }
  }

  #told() { for (const listener of this.listeners) listener(); }

  /** @param {string} words */
  #say(words) {
    const status = this.root.querySelector("[role=status]");
    if (status) status.textContent = words;
  }

  /** @param {Check} found */
  #list({ faults, kind }) {
    const many = faults.length;
    this.#say(many ? `${many} ${many === 1 ? "fault" : "faults"}, numbered on the drawing.` : `No faults. Walks: ${kind === "grid" ? "straight aisles" : "one-way or bent ways"}.`);
    this.root.classList.toggle("stop", many > 0);
    this.root.querySelector("ol")?.replaceChildren(...faults.map((fault, index) => this.#item(fault, index + 1)));
  }

  /** @param {Fault} fault @param {number} number */
  #item(fault, number) {
    const shown = fault.names.slice(0, NAMED);
    const more = fault.count > shown.length ? ` and ${(fault.count - shown.length).toLocaleString("en-US")} more` : "";
    const names = shown.map((name) => {
      const place = fault.places.findIndex((each) => each.name === name);
      return place < 0 ? h("span", {}, name) : h("button", { type: "button", class: "plain code", onclick: () => this.goTo(fault, place) }, name);
    });
    return h("li", { value: number }, h("strong", {}, fault.explanation), h("span", { class: "plan-names-of" }, ...names, more));
  }
}
