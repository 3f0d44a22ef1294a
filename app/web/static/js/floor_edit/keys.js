// @ts-check
/** The keyboard: moving, deleting, undoing; each is a labeled button too. */

import { whereIs } from "./fields.js";
import { LISTS, moveParts, removeParts } from "./plan.js";

/** @typedef {import("./editor.js").Editor} Editor */
/** @typedef {import("./sheet.js").Sheet} Sheet */
/** @typedef {import("./toolbox.js").Toolbox} Toolbox */

const ARROWS = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] });
const PAN_PX = 60;
const FAR = 10;

/** @param {EventTarget | null} target */
const isTyping = (target) => target instanceof HTMLElement && /^(input|select|textarea)$/i.test(target.tagName);

/** @param {Editor} editor @param {Sheet} sheet @param {Toolbox} toolbox */
export function listenToKeys(editor, sheet, toolbox) {
  document.addEventListener("keydown", (event) => {
    if (isTyping(event.target) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key !== "z" && key !== "y") return;
      event.preventDefault();
      editor.step(key === "y" || event.shiftKey ? "redo" : "undo");
    } else if (event.key === "Escape") {
      editor.use("select");
      editor.select([]);
    }
  });
  sheet.svg.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (arrow && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      nudge(editor, sheet, arrow, event.shiftKey ? FAR : 1);
    } else if (event.key === "Delete" || event.key === "Backspace") remove(editor);
    else if (event.key === "Enter") toolbox.finish();
    else if (event.key === "+") sheet.zoom(1.5);
    else if (event.key === "-") sheet.zoom(1 / 1.5);
  });
}

/** @param {Editor} editor @param {Sheet} sheet @param {[number, number]} arrow @param {number} steps */
export function nudge(editor, sheet, [x, y], steps) {
  const { parts } = editor;
  if (!parts.length) return sheet.pan(-x * PAN_PX, y * PAN_PX);
  const plan = moveParts(editor.plan, parts, x * editor.grid * steps, y * editor.grid * steps);
  editor.edit(plan, parts.length === 1 ? whereIs(plan, parts[0]) : `${parts.length} parts moved.`);
}

/** @param {Editor} editor */
export function remove(editor) {
  const parts = editor.parts.filter(({ kind }) => kind in LISTS);
  if (!parts.length) return editor.say(editor.parts.length ? "The floor and the depot stay." : "Select what to delete.");
  const plan = removeParts(editor.plan, parts);
  const bins = editor.plan.bins.length - plan.bins.length;
  editor.edit(plan, `${parts.length} deleted${bins ? `, with ${bins.toLocaleString("en-US")} locations` : ""}. Undo brings them back.`, []);
}
