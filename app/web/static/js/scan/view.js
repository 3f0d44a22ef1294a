// @ts-check
/** Draws one screen at a time: one prompt, one verb. It keeps no state and decides nothing. */

import { h } from "../h.js";
import { care } from "./care.js";
import { atDock } from "./dock.js";
import { between, cartons, choices, more, note, plain, short, storageFull, tray, trouble, why } from "./screens.js";
import { wires } from "./scale.js";
import { currentTask, openSteps, VERBS } from "./steps.js";
import { loadedParcels } from "./truck.js";
import { typedNote, typedWhy } from "./typed.js";
import { isEmpty, seen } from "./zero.js";

/** @typedef {import("./types.js").Task} Task */
/** @typedef {import("./types.js").Verdict} Verdict */
/**
 * @typedef {{screen: "task" | "short" | "seen" | "cartons" | "why" | "note" | "typed" | "typed-note" | "more" | "missing" | "tray" | "full", work: import("./types.js").Work | null,
 *   progress: import("./types.js").Progress, verdict: Verdict | null, found: number, awaiting: boolean, busy: string,
 *   queue: import("./queue.js").QueueState, tray: any[], sound: boolean,
 *   chosen: (import("./types.js").Choice & {raw: string}) | null, typed: {grams: number, raw: string} | null, hasScale: boolean}} State
 * @typedef {{claim: () => void, zone: (zone: string) => void, show: (screen: State["screen"]) => void, skip: () => void, found: (n: number) => void,
 *   short: (reason: string) => void, choose: (code: string) => void, overrule: (reason: string) => void, typed: (reason: string) => void,
 *   take: () => void, seen: (units: number) => void, truck: (id: string) => void, undo: () => void,
 *   signOut: (form: HTMLFormElement) => void, sound: () => void, reload: () => void, goOn: () => void,
 *   dismiss: (id: string) => void, keyboard: () => void, scale: (wire: import("./scale.js").Wire) => void}} Actions
 * @typedef {{verb: string, act: () => void, main: Node[], below: Node[], tone: string, quiet?: boolean}} Screen
 */

const PARTS = /** @type {Record<string, string>} */ ({
  scan_location: "location", scan_item: "item", scan_tote: "tote", scan_carton: "carton", read_weight: "weight", scan_label: "label", scan_lane: "lane", scan_unit: "unit", zero_check: "answer",
});
const GUIDED = ["scan_item", "scan_carton", "read_weight"];
const TO_DO = ["scan_item", "scan_carton"];
const SHAPES = /** @type {Record<string, string>} */ ({
  square: "M1 1h12v12H1z", circle: "M7 1a6 6 0 100 12A6 6 0 007 1z", triangle: "M7 1l6.5 12h-13z", diamond: "M7 0l7 7-7 7-7-7z",
});

/** @param {State} state @param {Actions} actions @returns {Screen} */
export function draw(state, actions) {
  if (state.screen === "full") return storageFull();
  if (state.screen === "more") return more(state, actions);
  if (state.screen === "tray") return tray(state, actions);
  if (!state.work) return plain("Loading your work", state.busy || "One moment.", "Try again", actions.reload);
  if (state.work.job === "load") return atDock(state, state.work, actions);
  const task = currentTask(state.work, state.progress);
  if (!task) return between(state, actions);
  if (task.kind === "zero") return state.screen === "seen" ? seen(state, task, actions) : isEmpty(state, task, actions);
  if (state.screen === "short") return short(state, task, actions);
  const step = openSteps(task, state.progress)[0] ?? task.steps[0];
  if (state.screen === "cartons") return cartons(step, actions);
  if (state.screen === "why") return why(state, step, actions);
  if (state.screen === "note") return note(state, actions);
  if (state.screen === "typed") return typedWhy(state, step, actions);
  if (state.screen === "typed-note") return typedNote(state, actions);
  return work(state, task, actions);
}

/** @param {State} state @param {Task} task @param {Actions} actions @returns {Screen} */
function work(state, task, actions) {
  const step = openSteps(task, state.progress)[0] ?? task.steps[0];
  const verdict = state.verdict && state.verdict.tone !== "ok" ? state.verdict : null;
  const waits = step.prompt === "read_weight" ? "Checking the weight" : step.prompt === "scan_item" ? "Checking the number" : "Asking who has it";
  return {
    verb: state.awaiting ? waits : verdict?.choice?.label ?? VERBS[step.prompt],
    act: verdict?.choice && !state.awaiting ? actions.take : actions.keyboard,
    tone: verdict?.tone ?? "",
    main: verdict ? [trouble(verdict)] : prompt(state, task),
    below: [task.show.document && step.prompt === "scan_label" ? printKey(task.show.document) : null, step.choices?.length && !verdict ? choices(step.choices, actions) : null, step.prompt === "read_weight" && !state.hasScale ? scales(actions) : null, keys(task, actions)].filter((node) => node !== null),
  };
}

/** @param {State} state @param {Task} task @returns {Node[]} */
function prompt(state, task) {
  const step = openSteps(task, state.progress)[0] ?? task.steps[0];
  const heading = headline(task, step);
  const good = state.verdict?.tone === "ok" && /\d/.test(state.verdict.title) ? state.verdict.title : "";
  return [
    h("h1", { class: heading.length > 12 ? "place words" : "place" }, heading),
    task.show.claim && step.prompt === "scan_tote" ? h("p", { class: "claim" }, `⚠ ${task.show.claim.by} packs this since ${task.show.claim.since}`) : null,
    care(task),
    task.show.where && ["pick", "carry", "pack"].includes(task.kind) ? h("p", { class: "where" }, task.show.where) : null,
    task.kind === "pack" && step.prompt === "scan_tote" ? h("p", { class: "where" }, "Pack it: scan this tote at the bench.") : null,
    task.show.to_do && TO_DO.includes(step.prompt) ? toDoKey(task.show.to_do) : null,
    task.show.where && task.kind === "sort" && step.prompt === "scan_lane" ? h("p", { class: "where" }, task.show.where) : null,
    task.show.guide && GUIDED.includes(step.prompt) ? guideKey(task.show.guide) : null,
    task.kind === "pack" ? packLines(state, task) : task.kind === "carry" || task.kind === "sort" ? null : thing(task),
    good ? h("p", { class: "good" }, `✓ ${good}`) : null,
    parts(state, task, step),
    upcoming(state, task),
  ].filter((node) => node !== null);
}

/** The stop after this one, so that the walk can begin; it is the device's own order that counts. @param {State} state @param {Task} task @returns {Node | null} */
function upcoming(state, task) {
  const next = state.work?.tasks.find((other) => other.task === state.progress.order[1]);
  return task.kind === "pick" && next?.kind === "pick" ? h("p", { class: "upcoming" }, `then ${next.title}`) : null;
}

/** @param {import("./types.js").Document} paper @returns {HTMLElement} */
const printKey = (paper) => h("a", { class: "button print", href: paper.href, target: "_blank", rel: "noopener" }, `Print ${paper.label}`);

/** How the goods lie in the carton, in pictures. @param {string} guide @returns {HTMLElement} */
const guideKey = (guide) => h("a", { class: "button guide", href: guide }, "How to pack it");

/** What is to be done to the goods before the carton is closed. @param {string} page @returns {HTMLElement} */
const toDoKey = (page) => h("a", { class: "button guide", href: page }, "To do before it is closed");

/** @param {Task} task @param {import("./types.js").Step} step @returns {string} */
function headline(task, step) {
  if (task.kind === "bind") return `Slot ${task.show.tote?.slot ?? ""}`;
  if (task.kind === "pick") return task.title;
  if (task.kind === "sort") return step.prompt === "scan_label" ? "Scan a parcel" : task.title;
  if (step.prompt === "read_weight") return "Put it on the scale";
  if (step.prompt === "scan_carton") return "Choose a carton";
  if (step.prompt === "scan_label") return "Stick the label on";
  return task.show.tote?.label ?? task.title;
}

/** @param {Task} task @returns {HTMLElement | null} */
function thing(task) {
  const { show } = task;
  if (task.kind === "bind") return h("p", { class: "where" }, "Put an empty tote there, and scan it.");
  return h("div", { class: "thing" },
    show.picture ? h("img", { src: show.picture, alt: "", width: 88, height: 72 }) : null,
    h("div", {},
      h("p", { class: "name" }, show.item ?? ""),
      h("p", { class: "quantity" }, `${show.qty ?? 1} ${show.unit ?? "each"}`),
      show.tote ? h("p", {}, "into ", tote(show.tote)) : null));
}

/** @param {{label: string, shape: string}} mark @returns {HTMLElement} */
function tote(mark) {
  const label = h("span", { class: "tote" });
  const path = SHAPES[mark.shape];
  if (path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 14 14");
    svg.setAttribute("class", "shape");
    svg.setAttribute("aria-hidden", "true");
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
    shape.setAttribute("d", path);
    svg.append(shape);
    label.append(svg);
  }
  label.append(mark.label);
  return label;
}

/** @param {State} state @param {Task} task @returns {HTMLElement} */
function packLines(state, task) {
  const rows = (task.show.lines ?? []).map((line) => {
    const done = line.step ? state.progress.counts[task.task]?.[line.step] ?? 0 : line.qty;
    return h("li", { class: done >= line.qty ? "full" : "" }, h("span", {}, line.name), h("span", {}, `${done >= line.qty ? "✓ " : ""}${done} of ${line.qty}`));
  });
  return h("ul", { class: "lines" }, ...rows);
}

/** @param {State} state @param {Task} task @param {import("./types.js").Step} current @returns {HTMLElement | null} */
function parts(state, task, current) {
  const open = openSteps(task, state.progress);
  const words = [...new Set(task.steps.map((step) => PARTS[step.prompt]))];
  if (words.length < 2) return null;
  return h("ol", { class: "parts" }, ...words.map((word) => {
    const left = open.some((step) => PARTS[step.prompt] === word);
    return h("li", { class: word === PARTS[current.prompt] ? "current" : left ? "todo" : "done" }, word);
  }));
}

/** Where the browser reaches a scale, it need not be read and typed. @param {Actions} actions @returns {HTMLElement | null} */
function scales(actions) {
  const found = wires().map((wire) => h("button", { type: "button", onclick: () => actions.scale(wire) }, wire === "serial" ? "Serial scale" : "USB scale"));
  return found.length ? h("div", { class: "keys" }, ...found) : null;
}

/** @param {Task} task @param {Actions} actions @returns {HTMLElement} */
function keys(task, actions) {
  const key = (/** @type {string} */ label, /** @type {() => void} */ act) => h("button", { type: "button", onclick: act }, label);
  return h("div", { class: "keys" },
    ...(task.exceptions.length ? [key("Short", () => actions.show("short"))] : []),
    key("Skip", actions.skip), key("Type", actions.keyboard), key("More", () => actions.show("more")));
}

/** @param {import("./queue.js").QueueState} queue @param {number} now @returns {string} */
export function stripWords(queue, now) {
  const age = queue.lastAck ? `${Math.round((now - queue.lastAck) / 1000)} s` : "";
  return [queue.waiting ? `${queue.waiting} waiting` : "all sent", age].filter(Boolean).join(" · ");
}

/**
 * What a person must know when there is no network. The browser's word alone is not enough: it says "online" in front of
 * a dead server.
 * @param {import("./queue.js").QueueState} queue @param {boolean} online @returns {string}
 */
export function offlineWords(queue, online) {
  if (queue.signedOut || (online && queue.failures < 2)) return "";
  const scans = queue.waiting === 1 ? "1 scan" : queue.waiting ? `${queue.waiting} scans` : "no scan";
  return `Offline, ${scans} waiting. ${queue.waiting ? "They are safe here and go out by themselves." : "Scan on."}`;
}

/** How far the batch is. @param {State} state @returns {string} */
export function progressWords(state) {
  const { work, progress } = state;
  if (work?.truck) return `${loadedParcels(work, progress)} / ${work.truck.parcels}`;
  if (!work?.batch) return "";
  const left = work.tasks.filter((task) => task.kind === "pick" && progress.order.includes(task.task)).length;
  const task = currentTask(work, progress);
  if (task?.kind === "pick") return `${work.batch.lines - left + 1} / ${work.batch.lines}`;
  return task ? { bind: "totes", pick: "", zero: "zero check", pack: "packing", carry: "totes", sort: "sorting", load: "loading" }[task.kind] : "";
}
