// @ts-check
/** Draws the dock: the choice of a truck, the scan onto it, how far it is, and what is still missing. */

import { h } from "../h.js";
import { plain, trouble } from "./screens.js";
import { currentTask } from "./steps.js";
import { lastLoaded, loadedParcels } from "./truck.js";

/** @typedef {import("./types.js").Work} Work */
/** @typedef {import("./view.js").State} State */
/** @typedef {import("./view.js").Actions} Actions */
/** @typedef {import("./view.js").Screen} Screen */

const SHOWN_MISSING = 2;

/** @param {State} state @param {Work} work @param {Actions} actions @returns {Screen} */
export function atDock(state, work, actions) {
  if (state.screen === "missing" && work.truck) return missing(state, work, actions);
  if (state.verdict && state.verdict.tone !== "ok") return stopped(state, state.verdict, actions);
  return work.truck ? loading(state, work, work.truck, actions) : trucks(work, actions);
}

/** @param {State} state @param {import("./types.js").Verdict} verdict @param {Actions} actions @returns {Screen} */
function stopped(state, verdict, actions) {
  return { verb: "Go on", act: actions.goOn, tone: verdict.tone, main: [trouble(verdict)], below: [keys(state, actions)] };
}

/** @param {Work} work @param {Actions} actions @returns {Screen} */
function trucks(work, actions) {
  if (!work.trucks?.length) return plain("Nothing to load", "Parcels appear here when they stand on a lane.", "Look again", actions.reload, actions);
  const rows = work.trucks.map((truck) => h("button", { type: "button", "data-truck": truck.id, onclick: () => actions.truck(truck.id) },
    `${truck.name}: ${truck.loaded} of ${truck.parcels}`, h("small", {}, truck.where)));
  return {
    verb: "Type it", act: actions.keyboard, tone: "",
    main: [h("h1", { class: "place words" }, "Which truck?"), h("p", { class: "where" }, "Tap it, or scan the sign of its lane."), h("div", { class: "choices one" }, ...rows)],
    below: [h("div", { class: "choices one" }, h("button", { type: "button", onclick: () => actions.show("more") }, "More"))],
  };
}

/** @param {State} state @param {Work} work @param {NonNullable<Work["truck"]>} truck @param {Actions} actions @returns {Screen} */
function loading(state, work, truck, actions) {
  const waits = currentTask(work, state.progress) !== null;
  const left = leftOut(state, work);
  const title = waits ? "Scan onto truck" : left.length ? "Not all loaded" : "All loaded";
  const last = lastLoaded(work, state.progress);
  return {
    verb: waits ? "Scan unit" : "Look again", act: waits ? actions.keyboard : actions.reload, tone: "",
    main: [
      h("h1", { class: "place words" }, title),
      h("p", { class: "where" }, `${truck.name}. ${truck.where}`),
      h("p", { class: "loaded" }, `${loadedParcels(work, state.progress)} of ${truck.parcels} loaded`),
      last ? h("p", { class: "good" }, `✓ ${last.title}`) : null,
      left.length ? h("ul", { class: "lines", "aria-label": "Still missing" }, ...left.slice(0, SHOWN_MISSING).map(row)) : null,
      left.length > SHOWN_MISSING ? h("button", { type: "button", class: "guide", onclick: () => actions.show("missing") }, `All ${left.length} missing`) : null,
    ].filter((node) => node !== null),
    below: [keys(state, actions)],
  };
}

/** What is not on the truck: first what one scan loads, then what something stops. @param {State} state @param {Work} work @returns {{name: string, words: string}[]} */
function leftOut(state, work) {
  const tasks = state.progress.order.map((id) => work.tasks.find((task) => task.task === id));
  const waiting = tasks.flatMap((task) => task ? [{ name: task.title, words: task.show.where ?? "" }] : []);
  return [...waiting, ...(work.truck?.missing ?? [])];
}

/** @param {{name: string, words: string}} unit @returns {HTMLElement} */
const row = (unit) => h("li", {}, h("span", {}, unit.name), h("span", {}, unit.words));

/** @param {State} state @param {Work} work @param {Actions} actions @returns {Screen} */
function missing(state, work, actions) {
  return {
    verb: "Back", act: () => actions.show("task"), quiet: true, tone: "",
    main: [h("h1", { class: "place words" }, "Still missing"), h("ul", { class: "lines" }, ...leftOut(state, work).map(row))],
    below: [],
  };
}

/** @param {State} state @param {Actions} actions @returns {HTMLElement} */
function keys(state, actions) {
  const key = (/** @type {string} */ label, /** @type {() => void} */ act, more = {}) => h("button", { type: "button", ...more, onclick: act }, label);
  const last = state.work && lastLoaded(state.work, state.progress);
  return h("div", { class: "keys" },
    ...(last ? [key("Take off", actions.undo, { "aria-label": `Take off ${last.title}` })] : []),
    key("Type", actions.keyboard), key("More", () => actions.show("more")));
}
