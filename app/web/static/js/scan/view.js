// @ts-check
/** Draws one screen at a time: one prompt, one verb. It keeps no state and decides nothing. */

import { h } from "../h.js";
import { currentTask, needed, openSteps, VERBS, wanted } from "./steps.js";

/** @typedef {import("./types.js").Task} Task */
/** @typedef {import("./types.js").Verdict} Verdict */
/**
 * @typedef {{screen: "task" | "short" | "more" | "tray" | "full", work: import("./types.js").Work | null,
 *   progress: import("./types.js").Progress, verdict: Verdict | null, found: number, awaiting: boolean, busy: string,
 *   queue: import("./queue.js").QueueState, tray: any[], document: import("./types.js").Document | null, sound: boolean}} State
 * @typedef {{claim: () => void, show: (screen: State["screen"]) => void, skip: () => void, found: (n: number) => void,
 *   short: (reason: string) => void, choose: (code: string) => void, sound: () => void, reload: () => void, goOn: () => void,
 *   dismiss: (id: string) => void, keyboard: () => void}} Actions
 * @typedef {{verb: string, act: () => void, main: Node[], below: Node[], tone: string}} Screen
 */

export const REASONS = /** @type {Record<string, string>} */ ({
  BIDF: "Bin empty", BIDP: "Too few", DAMAGED: "Damaged", WRONG_ITEM: "Wrong item", UNREACHABLE: "Cannot reach",
});
const PARTS = /** @type {Record<string, string>} */ ({
  scan_location: "location", scan_item: "item", scan_tote: "tote", scan_carton: "carton", read_weight: "weight", scan_label: "label",
});
const SHAPES = /** @type {Record<string, string>} */ ({
  square: "M1 1h12v12H1z", circle: "M7 1a6 6 0 100 12A6 6 0 007 1z", triangle: "M7 1l6.5 12h-13z", diamond: "M7 0l7 7-7 7-7-7z",
});

/** @param {State} state @param {Actions} actions @returns {Screen} */
export function draw(state, actions) {
  if (state.screen === "full") return storageFull();
  if (state.screen === "more") return more(state, actions);
  if (state.screen === "tray") return tray(state, actions);
  if (!state.work) return plain("Loading your work", state.busy || "One moment.", "Try again", actions.reload);
  const task = currentTask(state.work, state.progress);
  if (!task) return between(state, actions);
  if (state.screen === "short") return short(state, task, actions);
  return work(state, task, actions);
}

/** @param {State} state @param {Task} task @param {Actions} actions @returns {Screen} */
function work(state, task, actions) {
  const step = openSteps(task, state.progress)[0] ?? task.steps[0];
  const verdict = state.verdict && state.verdict.tone !== "ok" ? state.verdict : null;
  return {
    verb: state.awaiting ? "Asking the scale check" : VERBS[step.prompt],
    act: actions.keyboard,
    tone: verdict?.tone ?? "",
    main: verdict ? [trouble(verdict)] : prompt(state, task),
    below: [step.choices?.length && !verdict ? choices(step.choices, actions) : null, keys(task, actions)].filter((node) => node !== null),
  };
}

/** @param {State} state @param {Task} task @returns {Node[]} */
function prompt(state, task) {
  const step = openSteps(task, state.progress)[0] ?? task.steps[0];
  const heading = headline(task, step);
  const good = state.verdict?.tone === "ok" && /\d/.test(state.verdict.title) ? state.verdict.title : "";
  return [
    h("h1", { class: heading.length > 12 ? "place words" : "place" }, heading),
    task.show.where && task.kind === "pick" ? h("p", { class: "where" }, task.show.where) : null,
    task.kind === "pack" ? packLines(state, task) : thing(task),
    good ? h("p", { class: "good" }, `✓ ${good}`) : null,
    parts(state, task, step),
    state.document ? h("p", {}, h("a", { href: state.document.href, target: "_blank", rel: "noopener" }, `Print ${state.document.label}`)) : null,
    task.show.next ? h("p", { class: "upcoming" }, `then ${task.show.next}`) : null,
  ].filter((node) => node !== null);
}

/** @param {Task} task @param {import("./types.js").Step} step @returns {string} */
function headline(task, step) {
  if (task.kind === "bind") return `Slot ${task.show.tote?.slot ?? ""}`;
  if (task.kind === "pick") return task.title;
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
    const done = state.progress.counts[task.task]?.[line.step] ?? 0;
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

/** @param {Verdict} verdict @returns {HTMLElement} */
function trouble(verdict) {
  const row = (/** @type {string} */ label, /** @type {string | undefined} */ value) =>
    value ? [h("p", { class: "label" }, label), h("p", { class: "value" }, value)] : [];
  return h("div", { class: "verdict", role: "alert" },
    h("h1", {}, h("span", { "aria-hidden": "true" }, verdict.tone === "stop" ? "✕" : "⚠"), verdict.title),
    ...row("Scanned", verdict.scanned), ...row("Needed", verdict.needed),
    verdict.advice ? h("p", { class: "advice" }, verdict.advice) : null);
}

/** @param {import("./types.js").Choice[]} offered @param {Actions} actions @returns {HTMLElement} */
function choices(offered, actions) {
  return h("div", { class: "choices" }, ...offered.slice(0, 4).map((choice) =>
    h("button", { type: "button", "data-code": choice.code, class: choice.suggested ? "best" : "", onclick: () => actions.choose(choice.code) }, choice.suggested ? `✓ ${choice.name}` : choice.name)));
}

/** @param {Task} task @param {Actions} actions @returns {HTMLElement} */
function keys(task, actions) {
  const key = (/** @type {string} */ label, /** @type {() => void} */ act) => h("button", { type: "button", onclick: act }, label);
  return h("div", { class: "keys" },
    ...(task.exceptions.length ? [key("Short", () => actions.show("short"))] : []),
    key("Skip", actions.skip), key("Type", actions.keyboard), key("More", () => actions.show("more")));
}

/** @param {State} state @param {Task} task @param {Actions} actions @returns {Screen} */
function short(state, task, actions) {
  const step = openSteps(task, state.progress).find((open) => open.prompt === "scan_item") ?? openSteps(task, state.progress)[0];
  const most = Math.max(0, wanted(step) - 1);
  return {
    verb: "Back", act: () => actions.show("task"), tone: "",
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

/** @param {State} state @param {Actions} actions @returns {Screen} */
function between(state, actions) {
  if (state.verdict && state.verdict.tone !== "ok") {
    return { verb: "Go on", act: actions.goOn, tone: state.verdict.tone, main: [trouble(state.verdict)], below: [] };
  }
  const offer = state.work?.offer;
  if (state.queue.waiting) return plain("Sending", `${state.queue.waiting} scans are on their way.`, "Send now", actions.reload);
  if (!offer) return plain("Nothing to pick", "New work appears here as soon as orders are released.", "Look again", actions.reload, actions);
  const figure = (/** @type {string} */ label, /** @type {string | number} */ value) => h("div", {}, h("dt", {}, label), h("dd", {}, value));
  return {
    verb: "Next batch", act: actions.claim, tone: "",
    main: [
      h("h1", { class: "place words" }, "Your next batch"),
      h("dl", { class: "offer" }, figure("Orders", offer.orders), figure("Lines", offer.lines), figure("Stops", offer.stops), figure("Walk", `${offer.meters} m`)),
      offer.cut_off_at ? h("p", { class: "upcoming" }, `Cut-off in ${minutesUntil(offer.cut_off_at)} min`) : h("span"),
    ],
    below: [h("div", { class: "choices one" }, h("button", { type: "button", onclick: () => actions.show("more") }, "More"))],
  };
}

/** @param {string} at @returns {number} */
const minutesUntil = (at) => Math.max(0, Math.round((Date.parse(at) - Date.now()) / 60_000));

/** @param {string} title @param {string} text @param {string} verb @param {() => void} act @param {Actions} [actions] @returns {Screen} */
function plain(title, text, verb, act, actions) {
  const below = actions ? [h("div", { class: "choices one" }, h("button", { type: "button", onclick: () => actions.show("more") }, "More"))] : [];
  return { verb, act, tone: "", main: [h("h1", { class: "place words" }, title), h("p", { class: "where" }, text)], below };
}

/** @param {State} state @param {Actions} actions @returns {Screen} */
function more(state, actions) {
  const row = (/** @type {string} */ label, /** @type {() => void} */ act) => h("button", { type: "button", onclick: act }, label);
  return {
    verb: "Back", act: () => actions.show("task"), tone: "",
    main: [
      h("h1", { class: "place words" }, "More"),
      h("div", { class: "choices one" },
        row(state.sound ? "Sound is on: test it" : "Sound is off: switch it on", actions.sound),
        row(`Needs attention: ${state.tray.length}`, () => actions.show("tray")),
        row("Read my work again", actions.reload)),
      h("p", { class: "upcoming" }, h("a", { href: "/" }, "Leave scanning")),
    ],
    below: [],
  };
}

/** @param {State} state @param {Actions} actions @returns {Screen} */
function tray(state, actions) {
  const rows = state.tray.map((item) => h("li", {}, h("b", {}, item.title ?? "Held by the server"), h("p", {}, item.text ?? `${item.task}: ${item.code ?? item.kind}`),
    h("button", { type: "button", "data-op": item.op_id, onclick: () => actions.dismiss(item.op_id) }, "Seen")));
  return {
    verb: "Back", act: () => actions.show("task"), tone: "",
    main: [h("h1", { class: "place words" }, "Needs attention"), rows.length ? h("ul", { class: "tray" }, ...rows)
      : h("p", { class: "where" }, "Nothing. Scans that the floor office must look at appear here.")],
    below: [],
  };
}

/** @returns {Screen} */
function storageFull() {
  const verdict = /** @type {Verdict} */ ({ tone: "stop", title: "Storage full", advice: "Your last scan is not saved. Tell your supervisor, and do not scan on." });
  return { verb: "Reload", act: () => location.reload(), tone: "stop", main: [trouble(verdict)], below: [] };
}

/** @param {import("./queue.js").QueueState} queue @param {number} now @returns {string} */
export function stripWords(queue, now) {
  if (queue.signedOut) return "sign in again";
  const age = queue.lastAck ? `${Math.round((now - queue.lastAck) / 1000)} s` : "";
  return [queue.waiting ? `${queue.waiting} waiting` : "all sent", age].filter(Boolean).join(" · ");
}

/** How far the batch is. @param {State} state @returns {string} */
export function progressWords(state) {
  const { work, progress } = state;
  if (!work?.batch) return "";
  const left = work.tasks.filter((task) => task.kind === "pick" && progress.order.includes(task.task)).length;
  const task = currentTask(work, progress);
  if (task?.kind === "pick") return `${work.batch.lines - left + 1} / ${work.batch.lines}`;
  return task ? { bind: "totes", pick: "", pack: "packing" }[task.kind] : "";
}
