// @ts-check
/** What is edited: the plan with its history, what is selected, the tool, and who wants to know of changes. */

import { begin, record, redo, undo } from "./history.js";
import { keyOf, partOf, readKey } from "./plan.js";

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").Ref} Ref */
/** @typedef {import("./types.js").Kind} Kind */
/** @typedef {import("./types.js").Fault} Fault */
/** @typedef {"select" | "measure" | Kind} Tool */
/** @typedef {"plan" | "selection" | "tool" | "faults" | "view"} Topic */

export class Editor {
  /** @param {Plan} plan @param {(words: string) => void} say */
  constructor(plan, say) {
    this.history = begin(plan);
    this.kept = plan;
    this.say = say;
    this.selected = /** @type {Set<string>} */ (new Set());
    this.tool = /** @type {Tool} */ ("select");
    this.faults = /** @type {Fault[]} */ ([]);
    this.grid = 100;
    this.listeners = /** @type {[Topic, () => void][]} */ ([]);
  }

  get plan() { return this.history.present; }
  get isChanged() { return this.plan !== this.kept; }
  get parts() { return [...this.selected].map(readKey); }

  /** @param {Topic[]} topics @param {() => void} listener */
  on(topics, listener) { for (const topic of topics) this.listeners.push([topic, listener]); }

  /** @param {...Topic} topics */
  tell(...topics) {
    const due = new Set(this.listeners.filter(([topic]) => topics.includes(topic)).map(([, listener]) => listener));
    for (const listener of due) listener();
  }

  /** Take an edited plan. @param {Plan} plan @param {string} words @param {Ref[]} [parts] what is selected then */
  edit(plan, words, parts) {
    if (plan === this.plan) return;
    this.history = record(this.history, plan);
    if (parts) this.selected = new Set(parts.map(keyOf));
    this.#forgetGone();
    this.say(words);
    this.tell("plan", "selection");
  }

  /** @param {"undo" | "redo"} way */
  step(way) {
    const next = way === "undo" ? undo(this.history) : redo(this.history);
    const isMoved = next.present !== this.plan;
    this.history = next;
    this.#forgetGone();
    this.say(isMoved ? (way === "undo" ? "Undone." : "Done again.") : way === "undo" ? "Nothing to undo." : "Nothing to do again.");
    if (isMoved) this.tell("plan", "selection");
  }

  /** @param {Ref[]} parts @param {boolean} [isMore] beside what is selected already */
  select(parts, isMore = false) {
    const keys = parts.map(keyOf);
    if (isMore && keys.length === 1 && this.selected.has(keys[0])) this.selected.delete(keys[0]);
    else this.selected = new Set(isMore ? [...this.selected, ...keys] : keys);
    this.tell("selection");
  }

  /** @param {Tool} tool */
  use(tool) {
    this.tool = tool;
    if (tool !== "select") this.selected = new Set();
    this.tell("tool", "selection");
  }

  #forgetGone() {
    this.selected = new Set([...this.selected].filter((key) => partOf(this.plan, readKey(key)) !== undefined));
  }
}
