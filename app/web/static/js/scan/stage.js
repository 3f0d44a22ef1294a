// @ts-check
/** The lasting parts of the page, and the one way to change what they show. */

import { h } from "../h.js";
import { typedSoFar } from "./early.js";
import { fill, focusName, restoreFocus } from "./redraw.js";
import { root } from "./server.js";
import { draw, offlineWords, progressWords, stripWords } from "./view.js";
import { refocus } from "./wedge.js";

export const input = /** @type {HTMLInputElement} */ (
  h("input", { class: "wedge", inputmode: "none", autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-label": "Scanned code" })
);
export const verb = h("button", { type: "button", class: "verb" });
const below = h("div", { class: "below" });
const main = h("main", { id: "main", tabindex: "-1" });
const live = h("p", { class: "unseen", role: "status" });
const strip = { who: h("p"), where: h("p"), sent: h("p") };
const offline = h("p", { class: "offline", role: "status", hidden: true });

/** @type {import("./view.js").State} */
export const state = {
  screen: "task", work: null, progress: { order: [], counts: {}, location: null }, verdict: null, found: 0, awaiting: false, busy: "",
  queue: { waiting: 0, lastAck: null, signedOut: false, failures: 0 }, tray: [], sound: false, chosen: null, typed: null, hasScale: false,
};
/** @type {import("./view.js").Actions} */
let actions;

/** @param {import("./view.js").Actions} wired what the buttons do */
export function wire(wired) {
  actions = wired;
}

/** Puts the handheld in the place of the plain form, in the middle of a scan if need be: its letters come along. */
export function raise() {
  input.value = typedSoFar();
  root.replaceChildren(
    h("header", { class: "head" }, h("div", { class: "strip" }, strip.who, strip.where, strip.sent), offline), main,
    h("section", { class: "bottom", "aria-label": "Scan and keys" }, input, verb, below), live,
  );
}

/** @param {Partial<import("./view.js").State>} changes */
export function update(changes) {
  Object.assign(state, changes);
  const screen = draw(state, actions);
  const held = focusName(verb);
  main.className = screen.tone;
  fill(main, screen.main);
  fill(below, screen.below);
  if (held) restoreFocus(root, held);
  verb.textContent = screen.verb;
  verb.onclick = screen.act;
  verb.className = screen.quiet ? "verb quiet" : "verb";
  strip.who.textContent = [state.work?.person.name, state.work?.batch?.id].filter(Boolean).join(" · ");
  strip.where.textContent = progressWords(state);
  tick();
  refocus(input);
}

/** What changes with time alone: what waits, how old the last answer is, and whether there is a network. */
export function tick() {
  strip.sent.replaceChildren(state.queue.signedOut ? h("a", { class: "late", href: "/sign-in?next=/scan" }, "sign in again") : stripWords(state.queue, Date.now()));
  strip.sent.className = state.queue.failures > 2 ? "late" : "";
  const words = offlineWords(state.queue, navigator.onLine);
  offline.hidden = !words;
  if (offline.textContent !== words) offline.textContent = words;
}

/** Says a verdict to a screen reader; the same words again are changed, or they would not be said. @param {string} words */
export function announce(words) {
  live.textContent = live.textContent === words ? `${words}.` : words;
}
