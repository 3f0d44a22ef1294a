// @ts-check
/** The screens beside the task itself: shortages, cartons, verdicts, what is between two tasks, and the rest. */

import { h } from "../h.js";
import { needed, openSteps, wanted } from "./steps.js";

/** @typedef {import("./types.js").Task} Task */
/** @typedef {import("./types.js").Verdict} Verdict */
/** @typedef {import("./view.js").State} State */
/** @typedef {import("./view.js").Actions} Actions */
/** @typedef {import("./view.js").Screen} Screen */

export const REASONS = /** @type {Record<string, string>} */ ({
  BIDF: "Bin empty", BIDP: "Too few", DAMAGED: "Damaged", WRONG_ITEM: "Wrong item", UNREACHABLE: "Cannot reach",
});

const SHOWN_CARTONS = 3;

/** @param {Verdict} verdict @returns {HTMLElement} */
export function trouble(verdict) {
  const row = (/** @type {string} */ label, /** @type {string | undefined} */ value) =>
    value ? [h("p", { class: "label" }, label), h("p", { class: "value" }, value)] : [];
  return h("div", { class: "verdict", role: "alert" },
    h("h1", {}, h("span", { "aria-hidden": "true" }, verdict.tone === "stop" ? "✕" : "⚠"), verdict.title.replace(/(\d) (k?g)\b/, "$1\u00a0$2")),
    ...row("Scanned", verdict.scanned), ...row("Needed", verdict.needed),
    verdict.advice ? h("p", { class: "advice" }, verdict.advice) : null);
}

/** @param {State} state @param {Task} task @param {Actions} actions @returns {Screen} */
export function short(state, task, actions) {
  const step = openSteps(task, state.progress).find((open) => open.prompt === "scan_item") ?? openSteps(task, state.progress)[0];
  const most = Math.max(0, wanted(step) - 1);
  return {
    verb: "Back", act: () => actions.show("task"), quiet: true, tone: "",
    main: [
      h("h1", { class: "place words" }, "How many are there?"),
      h("p", { class: "where" }, `Needed: ${wanted(step)} × ${task.show.item ?? needed(step, state.work?.known ?? {})}`),
      h("div", { class: "stepper" },
        h("button", { type: "button", "aria-label": "One less", onclick: () => actions.found(Math.max(0, state.found - 1)) }, "−"),
        h("output", { "aria-label": "Found" }, state.found),
        h("button", { type: "button", "aria-label": "One more", onclick: () => actions.found(Math.min(most, state.found + 1)) }, "+")),
      h("p", { class: "upcoming" }, "Tap the reason to save."),
    ],
    below: [h("div", { class: "choices reasons" }, ...task.exceptions.map((reason) =>
      h("button", { type: "button", onclick: () => actions.short(reason) }, REASONS[reason] ?? reason)))],
  };
}

/** The proposed carton and the next ones, one tap each; the others are a tap away. @param {import("./types.js").Choice[]} offered @param {Actions} actions @returns {HTMLElement} */
export function choices(offered, actions) {
  const shown = offered.slice(0, SHOWN_CARTONS).map((choice) => carton(choice, actions));
  const rest = offered.length > SHOWN_CARTONS ? [h("button", { type: "button", onclick: () => actions.show("cartons") }, "Another carton")] : [];
  return h("div", { class: "choices" }, ...shown, ...rest);
}

/** @param {import("./types.js").Choice} choice @param {Actions} actions @returns {HTMLElement} */
function carton(choice, actions) {
  const words = choice.suggested ? "proposed" : choice.note;
  return h("button", { type: "button", "data-code": choice.code, class: choice.suggested ? "best" : "", onclick: () => actions.choose(choice.code) },
    choice.suggested ? `✓ ${choice.name}` : choice.name, words ? h("small", {}, words) : null);
}

/** @param {import("./types.js").Step} step @param {Actions} actions @returns {Screen} */
export function cartons(step, actions) {
  return {
    verb: "Back", act: () => actions.show("task"), quiet: true, tone: "",
    main: [h("h1", { class: "place words" }, "Which carton?"), h("div", { class: "choices" }, ...(step.choices ?? []).map((choice) => carton(choice, actions)))],
    below: [],
  };
}

/** @param {State} state @param {import("./types.js").Step} step @param {Actions} actions @returns {Screen} */
export function why(state, step, actions) {
  const proposed = step.choices?.find((choice) => choice.suggested)?.name ?? "";
  return {
    verb: "Back", act: () => actions.show("task"), quiet: true, tone: "attention",
    main: [
      h("div", { class: "verdict", role: "alert" },
        h("h1", {}, h("span", { "aria-hidden": "true" }, "⚠"), "Another carton: why?"),
        h("p", { class: "label" }, "Chosen"), h("p", { class: "value" }, state.chosen?.name ?? ""),
        h("p", { class: "label" }, "Proposed"), h("p", { class: "value" }, proposed),
        h("p", { class: "advice" }, "Tap the reason, or scan the proposed one.")),
    ],
    below: [h("div", { class: "choices" }, ...(step.reasons ?? []).map((reason) =>
      h("button", { type: "button", onclick: () => reason.note ? actions.show("note") : actions.overrule(reason.code) }, reason.name)))],
  };
}

/** A reason that is on no list is typed. @param {State} state @param {Actions} actions @returns {Screen} */
export function note(state, actions) {
  return {
    verb: "Type it", act: actions.keyboard, tone: "attention",
    main: [
      h("div", { class: "verdict", role: "alert" },
        h("h1", {}, h("span", { "aria-hidden": "true" }, "⚠"), "What is it?"),
        h("p", { class: "label" }, "Chosen"), h("p", { class: "value" }, state.chosen?.name ?? ""),
        h("p", { class: "advice" }, "Type a few words, then Enter.")),
    ],
    below: [h("div", { class: "choices one" }, h("button", { type: "button", onclick: () => actions.show("why") }, "Back"))],
  };
}

/** @param {State} state @param {Actions} actions @returns {Screen} */
export function between(state, actions) {
  if (state.verdict && state.verdict.tone !== "ok") {
    return { verb: "Go on", act: actions.goOn, tone: state.verdict.tone, main: [trouble(state.verdict)], below: [] };
  }
  const offer = state.work?.offer;
  if (state.queue.waiting && state.queue.failures) return plain("Nothing left to do offline", "Stay signed in. New work comes with the network.", "Try now", actions.reload, actions);
  if (state.queue.waiting) return plain("Sending", `${state.queue.waiting === 1 ? "1 scan is" : `${state.queue.waiting} scans are`} on the way.`, "Send now", actions.reload);
  if (state.work?.tasks.length) return plain("All done here", "Asking what comes next.", "Ask again", actions.reload, actions);
  if (state.work?.job) return plain("Nothing to sort", "Parcels appear here as soon as they have their label.", "Look again", actions.reload, actions);
  if (!offer) {
    const nothing = plain("Nothing to pick", "New work appears here as soon as orders are released.", "Look again", actions.reload, actions);
    return { ...nothing, below: [...zones(state, actions), ...nothing.below] };
  }
  const figure = (/** @type {string} */ label, /** @type {string | number} */ value) => h("div", {}, h("dt", {}, label), h("dd", {}, value));
  return {
    verb: "Next batch", act: actions.claim, tone: "",
    main: [
      h("h1", { class: "place words" }, "Your next batch"),
      h("dl", { class: "offer" }, figure("Orders", offer.orders), figure("Lines", offer.lines), figure("Stops", offer.stops), figure("Walk", `${offer.meters} m`)),
      offer.from_zone ? h("p", { class: "where" }, `Its totes stand where zone ${offer.from_zone} hands over. Scan one, or tap.`) : null,
      offer.cut_off_at ? h("p", { class: "upcoming" }, `Cut-off in ${timeUntil(offer.cut_off_at)}`) : h("span"),
    ].filter((node) => node !== null),
    below: [...zones(state, actions), h("div", { class: "choices one" }, h("button", { type: "button", onclick: () => actions.show("more") }, "More"))],
  };
}

/** Where this person picks, if walks are passed from zone to zone. @param {State} state @param {Actions} actions @returns {Node[]} */
function zones(state, actions) {
  const known = state.work?.zones;
  if (!known) return [];
  const option = (/** @type {string} */ zone, /** @type {string} */ words) => h("option", { value: zone, selected: zone === known.mine }, words);
  const select = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "Where you pick", class: "zones" }, option("", "Any zone"), ...known.all.map((zone) => option(zone, `Zone ${zone}`))));
  select.addEventListener("change", () => actions.zone(select.value));
  return [select];
}

/** @param {string} at @returns {string} the time left, such as "1 h 20 min" */
function timeUntil(at) {
  const minutes = Math.max(0, Math.round((Date.parse(at) - Date.now()) / 60_000));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** @param {string} title @param {string} text @param {string} verb @param {() => void} act @param {Actions} [actions] @returns {Screen} */
export function plain(title, text, verb, act, actions) {
  const below = actions ? [h("div", { class: "choices one" }, h("button", { type: "button", onclick: () => actions.show("more") }, "More"))] : [];
  return { verb, act, tone: "", main: [h("h1", { class: "place words" }, title), h("p", { class: "where" }, text)], below };
}

/** @param {State} state @param {Actions} actions @returns {Screen} */
export function more(state, actions) {
  const row = (/** @type {string} */ label, /** @type {() => void} */ act) => h("button", { type: "button", onclick: act }, label);
  return {
    verb: "Back", act: () => actions.show("task"), quiet: true, tone: "",
    main: [
      h("h1", { class: "place words" }, "More"),
      h("div", { class: "choices one" },
        row(state.sound ? "Sound is on: test it" : "Sound is off: switch it on", actions.sound),
        row(`Needs attention: ${state.tray.length}`, () => actions.show("tray")),
        row("Read my work again", actions.reload),
        ...jobs(state),
        h("a", { class: "button", href: "/batches" }, "All batches"),
        signOut(state, actions)),
    ],
    below: [],
  };
}

const JOBS = /** @type {Record<string, string>} */ ({ "": "Pick and pack", sort: "Sort parcels", load: "Load a truck" });

/** The other jobs that this person may do, and at the dock the other trucks. @param {State} state @returns {HTMLElement[]} */
function jobs(state) {
  const { work } = state;
  if (!work?.jobs?.length) return [];
  const others = ["", ...work.jobs].filter((job) => job !== (work.job ?? "") || work.truck);
  const link = (/** @type {string} */ job) => h("a", { class: "button", href: job ? `/scan?job=${job}` : "/scan" }, job && job === work.job ? "Another truck" : JOBS[job] ?? job);
  return [h("div", { class: "choices" }, ...others.map(link))];
}

/** Scans that wait are this person's: they go out first. @param {State} state @param {Actions} actions @returns {HTMLElement} */
function signOut(state, actions) {
  const left = state.queue.waiting;
  if (left) return h("p", { class: "upcoming" }, `Signing out waits until ${left === 1 ? "1 scan is" : `${left} scans are`} sent.`);
  const leave = (/** @type {Event} */ event) => { event.preventDefault(); actions.signOut(/** @type {HTMLFormElement} */ (event.target)); };
  return h("form", { method: "post", action: "/sign-out", onsubmit: leave }, h("button", {}, "Sign out"));
}

/** @param {State} state @param {Actions} actions @returns {Screen} */
export function tray(state, actions) {
  const rows = state.tray.map((item) => h("li", {}, h("b", {}, item.title ?? "Held by the server"), h("p", {}, item.text ?? `${item.task}: ${item.code ?? item.kind}`),
    h("button", { type: "button", "data-op": item.op_id, onclick: () => actions.dismiss(item.op_id) }, "Seen")));
  return {
    verb: "Back", act: () => actions.show("task"), quiet: true, tone: "",
    main: [h("h1", { class: "place words" }, "Needs attention"), rows.length ? h("ul", { class: "tray" }, ...rows)
      : h("p", { class: "where" }, "Nothing. Scans that the floor office must look at appear here.")],
    below: [],
  };
}

/** @returns {Screen} */
export function storageFull() {
  const verdict = /** @type {Verdict} */ ({ tone: "stop", title: "Storage full", advice: "Your last scan is not saved. Tell your supervisor, and do not scan on." });
  return { verb: "Reload", act: () => location.reload(), tone: "stop", main: [trouble(verdict)], below: [] };
}
