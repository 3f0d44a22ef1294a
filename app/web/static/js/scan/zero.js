// @ts-check
/** The question at a bin that should be empty now: one tap, or the number of units that are still there. */

import { h } from "../h.js";
import { trouble } from "./screens.js";

/** @typedef {import("./types.js").Task} Task */
/** @typedef {import("./view.js").State} State */
/** @typedef {import("./view.js").Actions} Actions */
/** @typedef {import("./view.js").Screen} Screen */

const MOST_DIGITS = 5;

/** @param {State} state @param {Task} task @param {Actions} actions @returns {Screen} */
export function isEmpty(state, task, actions) {
  const verdict = state.verdict && state.verdict.tone !== "ok" ? state.verdict : null;
  return {
    verb: "Empty", act: () => actions.seen(0), tone: verdict?.tone ?? "",
    main: [
      ...(verdict ? [trouble(verdict)] : []),
      h("h1", { class: "place words" }, `Is ${task.title} empty now?`),
      h("p", { class: "where" }, task.show.item ?? ""),
      h("p", { class: "upcoming" }, task.show.where ?? ""),
    ],
    below: [
      h("button", { type: "button", class: "twin", onclick: () => actions.show("seen") }, "Not empty"),
      h("div", { class: "keys" },
        h("button", { type: "button", onclick: actions.skip }, "Later"),
        h("button", { type: "button", onclick: () => actions.show("more") }, "More")),
    ],
  };
}

/** @param {State} state @param {Task} task @param {Actions} actions @returns {Screen} */
export function seen(state, task, actions) {
  const add = (/** @type {number} */ digit) => actions.found(Number(`${state.found}${digit}`.slice(0, MOST_DIGITS)));
  const key = (/** @type {string | number} */ label, /** @type {() => void} */ act, more = {}) => h("button", { type: "button", ...more, onclick: act }, label);
  return {
    verb: "Save", act: () => state.found && actions.seen(state.found), tone: "",
    main: [
      h("h1", { class: "place words" }, `How many are in ${task.title}?`),
      h("output", { class: "typed", "aria-label": "Units seen" }, state.found),
      h("div", { class: "pad" }, ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => key(digit, () => add(digit))),
        key("Back", () => actions.show("task")), key(0, () => add(0)), key("⌫", () => actions.found(Math.floor(state.found / 10)), { "aria-label": "Delete a digit" })),
    ],
    below: [],
  };
}
