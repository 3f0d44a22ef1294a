// @ts-check
/** What is selected: its fields, its locations, its copies; and the list of all parts, for who does not use the drawing. */

import { h } from "../h.js";
import { shelvingProblem } from "./drafting.js";
import { enter, fieldsOf, whereIs } from "./fields.js";
import { fromMeters, outlineBox } from "./geometry.js";
import { choiceInput, countInput, field, lengthInput, linesInput, readShelving, said, shelvingFields, textInput } from "./inputs.js";
import { LISTS, WORDS, allParts, binsWithin, boxOfPart, keyOf, nameOf, partOf, readKey } from "./plan.js";
import { NamesTaken, repeatParts, withRacks } from "./repeat.js";
import { codeRange, fillRack, makeBins, shelvingOf, takenCodes } from "./shelving.js";

/** @typedef {import("./editor.js").Editor} Editor */
/** @typedef {import("./types.js").Ref} Ref */

const MOST_STEPS = 500;
const opened = /** @type {Set<string>} */ (new Set());

/** @param {HTMLElement} root @param {Editor} editor */
export function showSelected(root, editor) {
  let shown = "";
  const build = () => {
    const { parts } = editor;
    const key = [...editor.selected].join(" ");
    // Fields built anew would lose the focus of who goes from one to the next.
    if (parts.length === 1 && key === shown && refresh(root, editor, parts[0])) return;
    shown = key;
    root.replaceChildren(...(parts.length === 1 ? onePart(editor, parts[0]) : parts.length ? severalParts(editor) : nothing()));
  };
  editor.on(["selection"], build);
  build();
}

/** Bring the fields of a part up to date; false where it has others now. @param {HTMLElement} root @param {Editor} editor @param {Ref} part */
function refresh(root, editor, part) {
  const form = /** @type {HTMLFormElement} */ (root.querySelector("form"));
  const fields = fieldsOf(editor.plan, part);
  const controls = fields.map(({ name }) => /** @type {HTMLInputElement | HTMLSelectElement | null} */ (form.elements.namedItem(name)));
  if (controls.includes(null) || form.elements.length !== fields.length) return false;
  fields.forEach(({ value, options }, index) => {
    const control = /** @type {HTMLInputElement | HTMLSelectElement} */ (controls[index]);
    if (control instanceof HTMLSelectElement) control.replaceChildren(...(options ?? []).map(([code, words]) => h("option", { value: code }, words)));
    control.value = value;
    control.removeAttribute("aria-invalid");
  });
  /** @type {HTMLElement} */ (root.querySelector("h2")).textContent = nameOf(editor.plan, part);
  const summary = root.querySelector("[data-fold=locations] summary");
  if (summary) summary.textContent = locationsTold(editor, part);
  return true;
}

/** @param {Editor} editor @param {Ref} part */
function locationsTold(editor, part) {
  const names = [...binsWithin(editor.plan, partOf(editor.plan, part).polygon)].map((index) => editor.plan.bins[index].code);
  return `Locations: ${names.length ? `${names.length.toLocaleString("en-US")}, from ${names[0]} to ${names[names.length - 1]}` : "none yet"}`;
}

const nothing = () => [h("h2", {}, "Selected"), h("p", { class: "muted" }, "Nothing yet. Click a part on the drawing, or choose it in the list. With Shift, several.")];

/** @param {Editor} editor @param {Ref} part */
function onePart(editor, part) {
  const problem = h("p", { class: "error wide-field", role: "alert" });
  const apply = (/** @type {Event} */ event) => {
    const control = /** @type {HTMLInputElement} */ (event.target);
    const { plan, problem: wrong } = enter(editor.plan, part, control.name, control.value);
    problem.textContent = wrong ?? "";
    control.toggleAttribute("aria-invalid", Boolean(wrong));
    if (wrong) editor.say(wrong);
    else if (plan) editor.edit(plan, whereIs(plan, part));
  };
  const fields = fieldsOf(editor.plan, part).map(({ name, label, kind, value, options }) => {
    if (kind === "choice") return field(label, choiceInput(name, value, options ?? []));
    if (kind === "corners") return folded("Corners", "corners", field(label, linesInput(name, value)));
    return field(label, kind === "length" ? lengthInput(name, value) : textInput(name, value, { maxlength: name === "note" ? 200 : 64 }));
  });
  const form = h("form", { class: "plan-form", onchange: apply, onsubmit: (/** @type {Event} */ event) => event.preventDefault() }, ...fields, problem);
  const more = part.kind === "rack" ? [locations(editor, part)] : [];
  return [h("h2", {}, nameOf(editor.plan, part)), form, ...more, ...(part.kind in LISTS ? [repeating(editor)] : [])];
}

/** @param {Editor} editor */
function severalParts(editor) {
  const counted = new Map();
  for (const { kind } of editor.parts) counted.set(kind, (counted.get(kind) ?? 0) + 1);
  const words = [...counted].map(([kind, many]) => `${many} × ${WORDS[/** @type {Ref["kind"]} */ (kind)].toLowerCase()}`).join(", ");
  return [h("h2", {}, `${editor.parts.length} selected`), h("p", { class: "muted" }, words), repeating(editor)];
}

/** @param {string} words @param {string} name @param {...Node} inside */
function folded(words, name, ...inside) {
  const remember = (/** @type {Event} */ event) => (/** @type {HTMLDetailsElement} */ (event.target).open ? opened.add(name) : opened.delete(name));
  return h("details", { class: "wide-field plan-more", "data-fold": name, open: opened.has(name), ontoggle: remember }, h("summary", {}, words), ...inside);
}

/** @param {Editor} editor @param {Ref} part */
function locations(editor, part) {
  const rack = partOf(editor.plan, part);
  const former = shelvingOf(editor.plan, rack);
  const now = () => partOf(editor.plan, part);
  const told = h("p", { class: "hint wide-field", role: "status" });
  const read = (/** @type {HTMLFormElement} */ form) => readShelving(said(form), former.along, former.bayMm);
  const preview = (/** @type {Event} */ event) => {
    const shelving = read(/** @type {HTMLFormElement} */ (event.currentTarget));
    const { first, last, count } = codeRange(shelving, now().code);
    told.textContent = shelvingProblem(editor.plan, shelving) || (shelving.bays ? `${count.toLocaleString("en-US")} locations: ${first} to ${last}` : "No locations.");
  };
  const renew = (/** @type {Event} */ event) => {
    event.preventDefault();
    const shelving = read(/** @type {HTMLFormElement} */ (event.currentTarget));
    const wrong = shelvingProblem(editor.plan, shelving) || taken(editor, now(), shelving);
    told.textContent = wrong;
    if (wrong) return editor.say(wrong);
    editor.edit(fillRack(editor.plan, now(), shelving), `${now().code} has ${shelving.bays * shelving.levels} locations now.`);
  };
  const isBare = !binsWithin(editor.plan, rack.polygon).size;
  return folded(locationsTold(editor, part), "locations", h("form", { class: "plan-form", onsubmit: renew, oninput: preview }, ...shelvingFields(editor.plan, former, false), told,
    h("p", { class: "actions wide-field" }, h("button", {}, isBare ? "Add them" : "Lay them out anew"))));
}

/** @param {Editor} editor @param {any} rack @param {import("./types.js").Shelving} shelving */
function taken(editor, rack, shelving) {
  const twice = takenCodes(editor.plan, rack, makeBins(editor.plan, rack, shelving));
  return twice.length ? `${twice.slice(0, 3).join(", ")} would be there twice. Name the locations otherwise.` : "";
}

/** @param {Editor} editor */
function repeating(editor) {
  const told = h("p", { class: "error wide-field", role: "alert" });
  const go = (/** @type {Event} */ event) => {
    event.preventDefault();
    const values = said(/** @type {HTMLFormElement} */ (event.currentTarget));
    const [times, every] = [Number(values.times), fromMeters(values.every)];
    const wrong = !Number.isInteger(times) || times < 1 || times > 500 ? "Repeat it 1 to 500 times." : !every ? "Say how far apart, in meters." : "";
    told.textContent = wrong || repeat(editor, times, values.along === "x" ? every : 0, values.along === "y" ? every : 0, Boolean(values.with_racks));
  };
  const isWay = editor.parts.some(({ kind }) => kind === "aisle" || kind === "walkway");
  const racks = h("input", { type: "checkbox", name: "with_racks", id: "plan-with-racks", checked: true });
  const along = editor.parts.some(({ kind }) => kind === "cross_aisle") ? "y" : "x";
  return folded("Repeat", "repeat", h("form", { class: "plan-form", onsubmit: go },
    field("More times", countInput("times", 1, 1, 500)), field("Every, m", lengthInput("every", isWay ? "3.4" : "1.2")),
    field("Toward", choiceInput("along", along, [["x", "The right"], ["y", "The back"]])),
    isWay ? h("div", { class: "check wide-field" }, racks, h("label", { for: "plan-with-racks" }, "With its racks and their locations")) : null,
    told, h("p", { class: "actions wide-field" }, h("button", {}, "Repeat"))));
}

/** @param {Editor} editor @param {number} times @param {number} dx @param {number} dy @param {boolean} withThem @returns {string} what keeps it from being done */
export function repeat(editor, times, dx, dy, withThem) {
  const parts = withThem ? withRacks(editor.plan, editor.parts) : editor.parts;
  try {
    const { plan, parts: copies } = repeatParts(editor.plan, parts, times, dx, dy);
    const named = copies.filter((part) => part.kind !== "drop").map((part) => partOf(plan, part).code);
    const more = plan.bins.length - editor.plan.bins.length;
    editor.edit(plan, `${copies.length} more: ${named[0] ?? "drop points"}${named.length > 1 ? ` to ${named[named.length - 1]}` : ""}${more ? `, ${more.toLocaleString("en-US")} locations` : ""}.`, copies);
    return "";
  } catch (error) {
    if (!(error instanceof NamesTaken)) throw error;
    editor.say(error.message);
    return `${error.message} Name the copied ones so that their numbers can count on.`;
  }
}

/** Copy what is selected beside itself. @param {Editor} editor */
export function duplicate(editor) {
  const boxes = editor.parts.map((part) => boxOfPart(editor.plan, part));
  if (!boxes.length) return editor.say("Select what to copy.");
  const wide = Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.left));
  const step = Math.max(editor.grid, Math.ceil(wide / editor.grid) * editor.grid);
  const taken = editor.plan.racks.map((rack) => outlineBox(rack.polygon));
  const own = editor.parts.filter(({ kind }) => kind === "rack").map((part) => boxOfPart(editor.plan, part));
  // The copy stands where no rack stands yet, as far as there is such a place near.
  const isFree = (/** @type {number} */ dx) => !own.some((box) => taken.some((each) => each.left < box.right + dx && each.right > box.left + dx && each.front < box.back && each.back > box.front));
  const free = Array.from({ length: MOST_STEPS }, (_, index) => step + index * editor.grid).find(isFree) ?? step;
  const wrong = repeat(editor, 1, free, 0, false);
  if (wrong) editor.say(wrong);
}

/** @param {HTMLSelectElement} list @param {Editor} editor @param {(part: Ref) => void} goTo */
export function listParts(list, editor, goTo) {
  const build = () => {
    const groups = new Map();
    for (const part of allParts(editor.plan)) {
      const group = groups.get(part.kind) ?? groups.set(part.kind, []).get(part.kind);
      group.push(h("option", { value: keyOf(part) }, nameOf(editor.plan, part)));
    }
    list.replaceChildren(...[...groups].map(([kind, options]) => h("optgroup", { label: WORDS[/** @type {Ref["kind"]} */ (kind)] }, ...options)));
    mark();
  };
  const mark = () => { for (const option of list.options) option.selected = editor.selected.has(option.value); };
  list.addEventListener("change", () => {
    const parts = [...list.selectedOptions].map((option) => readKey(option.value));
    editor.select(parts);
    if (parts.length) {
      goTo(parts[0]);
      editor.say(whereIs(editor.plan, parts[0]));
    }
  });
  editor.on(["plan"], build);
  editor.on(["selection"], mark);
  build();
}

/** The middle of a part, and how much around it. @param {Editor} editor @param {Ref} part */
export function around(editor, part) {
  const { left, front, right, back } = boxOfPart(editor.plan, part);
  const floor = outlineBox(editor.plan.floor);
  const margin = Math.min(6_000, (floor.right - floor.left) / 4);
  return { left: left - margin, front: front - margin, right: right + margin, back: back + margin };
}
