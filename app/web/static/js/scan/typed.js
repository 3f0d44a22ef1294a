// @ts-check
/** Why a weight is typed: asked on the device before the fact is stored, so that no reading waits for an answer. */

import { h } from "../h.js";

/** @typedef {import("./view.js").State} State */
/** @typedef {import("./view.js").Actions} Actions */
/** @typedef {import("./view.js").Screen} Screen */

/** @param {State} state @param {import("./types.js").Step} step @param {Actions} actions @returns {Screen} */
export function typedWhy(state, step, actions) {
  return {
    verb: "Back", act: () => actions.show("task"), quiet: true, tone: "attention",
    main: [question(state, "Typed by hand: why?", "Tap the reason, or let the scale send it.")],
    below: [h("div", { class: "choices" }, ...(step.reasons ?? []).map((reason) =>
      h("button", { type: "button", onclick: () => reason.note ? actions.show("typed-note") : actions.typed(reason.code) }, reason.name)))],
  };
}

/** A reason that is on no list is typed as well. @param {State} state @param {Actions} actions @returns {Screen} */
export function typedNote(state, actions) {
  return {
    verb: "Type it", act: actions.keyboard, tone: "attention",
    main: [question(state, "Why is it typed?", "Type a few words, then Enter.")],
    below: [h("div", { class: "choices one" }, h("button", { type: "button", onclick: () => actions.show("typed") }, "Back"))],
  };
}

/** @param {State} state @param {string} title @param {string} advice @returns {HTMLElement} */
function question(state, title, advice) {
  return h("div", { class: "verdict", role: "alert" },
    h("h1", {}, h("span", { "aria-hidden": "true" }, "⚠"), title),
    h("p", { class: "label" }, "Weight"), h("p", { class: "value" }, `${state.typed?.grams ?? 0}\u00a0g`),
    h("p", { class: "advice" }, advice));
}
