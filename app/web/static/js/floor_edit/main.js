// @ts-check
/** Puts the editor together on its page. */

import { Checking } from "./checking.js";
import { Editor } from "./editor.js";
import { h } from "../h.js";
import { listenToKeys, nudge, remove } from "./keys.js";
import { around, duplicate, listParts, showSelected } from "./panel.js";
import { allParts, binsWithin, blankPlan, nameOf, partOf, wholePlan } from "./plan.js";
import { listen } from "./pointer.js";
import { Saving } from "./saving.js";
import { Server, told } from "./server.js";
import { Sheet } from "./sheet.js";
import { Toolbox } from "./toolbox.js";
import { forget, remembered } from "./waiting.js";

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").Fault} Fault */

const root = /** @type {HTMLElement} */ (document.getElementById("plan-editor"));
const CLOSE_MM_PER_PX = 20;

/** @param {string} selector @returns {any} */
const one = (selector) => root.querySelector(selector);

const from = { site: root.dataset.site ?? "", base: Number(root.dataset.base), inForce: Number(root.dataset.inForce) };
const server = new Server(from.site);

async function start() {
  const said = one("[data-said]");
  try {
    const plan = from.base ? wholePlan((await server.read(from.base)).document) : blankPlan(root.dataset.name ?? "Floor plan");
    open(plan, (words) => { said.textContent = words; });
  } catch (error) {
    said.textContent = told(error);
  }
}

/** @param {Plan} plan @param {(words: string) => void} say */
function open(plan, say) {
  one("[data-body]").hidden = false;
  one("[data-frame]").after(one("[data-said]"));
  const editor = new Editor(plan, say);
  const sheet = new Sheet(one("svg.plan-sheet"), editor);
  const toolbox = new Toolbox(one("[data-tool-fields]"), editor, sheet);
  const checking = new Checking(editor, server, one("[data-faults]"), (fault, place) => goToFault(editor, sheet, fault, place));
  new Saving(one("[data-saving]"), editor, checking, server, from);
  listen(editor, sheet, toolbox, (words) => { one("[data-tool-fields]").replaceChildren(h("p", {}, words)); say(words); });
  listenToKeys(editor, sheet, toolbox);
  showSelected(one("[data-selected]"), editor);
  listParts(one("[data-parts]"), editor, (part) => sheet.show(around(editor, part), CLOSE_MM_PER_PX / 4));
  listenToButtons(editor, sheet, checking);
  sheet.whole();
  offerWaiting(editor);
  say("Ready.");
  if (from.base) void checking.now();
  else checking.later();
}

/** @param {Editor} editor @param {Sheet} sheet @param {Checking} checking */
function listenToButtons(editor, sheet, checking) {
  const acts = /** @type {Record<string, () => void>} */ ({
    undo: () => editor.step("undo"), redo: () => editor.step("redo"), delete: () => remove(editor), duplicate: () => duplicate(editor),
    in: () => sheet.zoom(1.5), out: () => sheet.zoom(1 / 1.5), whole: () => sheet.whole(), check: () => void checking.now(),
    left: () => nudge(editor, sheet, [-1, 0], 1), right: () => nudge(editor, sheet, [1, 0], 1), up: () => nudge(editor, sheet, [0, 1], 1), down: () => nudge(editor, sheet, [0, -1], 1),
    none: () => editor.select([]),
  });
  root.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button?.dataset.act) acts[button.dataset.act]?.();
    if (button?.dataset.tool) editor.use(/** @type {import("./editor.js").Tool} */ (button.dataset.tool));
  });
  const tools = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-tool]"));
  const press = () => {
    sheet.svg.classList.toggle("draws", editor.tool !== "select");
    one("[data-selected]").hidden = editor.tool !== "select";
    for (const tool of tools) tool.setAttribute("aria-pressed", String(tool.dataset.tool === editor.tool));
  };
  editor.on(["tool"], press);
  press();
  const grid = one("[name=grid]");
  grid.addEventListener("change", () => { editor.grid = Number(grid.value); });
  const scale = one("[data-scale]");
  const tellScale = () => {
    const mm = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000].find((each) => each / sheet.view.mmPerPx >= 60) ?? 100_000;
    scale.style.inlineSize = `${mm / sheet.view.mmPerPx}px`;
    scale.textContent = `${mm / 1000} m`;
  };
  editor.on(["view"], tellScale);
  tellScale();
}

/** @param {Editor} editor @param {Sheet} sheet @param {Fault} fault @param {number} place */
function goToFault(editor, sheet, fault, place) {
  const { name, x_mm, y_mm } = fault.places[place];
  sheet.look([x_mm, y_mm], Math.min(sheet.view.mmPerPx, CLOSE_MM_PER_PX));
  const { plan } = editor;
  const part = allParts(plan).find((each) => partOf(plan, each)?.code === name || nameOf(plan, each).toLowerCase() === name
    || (each.kind === "drop" && `drop ${each.index + 1}` === name) || (each.kind === "floor" && name === "floor"));
  const bin = part ? -1 : plan.bins.findIndex((each) => each.code === name);
  const rack = bin < 0 ? -1 : plan.racks.findIndex((each) => binsWithin(plan, each.polygon).has(bin));
  const found = part ?? (rack >= 0 ? { kind: /** @type {const} */ ("rack"), index: rack } : null);
  editor.use("select");
  editor.select(found ? [found] : []);
  editor.say(`${name}: ${fault.explanation}.${found ? ` ${nameOf(plan, found)} is selected.` : ""}`);
}

/** A drawing that a lost page left behind. @param {Editor} editor */
function offerWaiting(editor) {
  const waiting = remembered(from.site);
  if (!waiting || JSON.stringify(waiting.plan) === JSON.stringify(editor.plan)) return;
  const notice = one("[data-waiting]");
  const close = () => { notice.hidden = true; };
  const at = new Date(waiting.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  const words = waiting.base === from.base ? "" : waiting.base ? ` It was drawn from version ${waiting.base}.` : " It was drawn from nothing.";
  notice.replaceChildren(h("div", {}, h("p", {}, `A drawing of ${at} was not saved.${words}`), h("p", { class: "actions" },
    h("button", { type: "button", onclick: () => { close(); editor.edit(wholePlan(waiting.plan), "The unsaved drawing is back.", []); } }, "Go on with it"),
    h("button", { type: "button", onclick: () => { close(); forget(from.site); } }, "Discard it"))));
  notice.hidden = false;
}

void start();
