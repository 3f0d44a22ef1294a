// @ts-check
/** Labeled fields, built one like the other. */

import { h } from "../h.js";

let made = 0;

/**
 * A labeled field. @param {string} label @param {HTMLElement} control @param {{hint?: string, wide?: boolean}} [more]
 * @returns {HTMLElement}
 */
export function field(label, control, { hint = "", wide = false } = {}) {
  made += 1;
  control.id = `plan-field-${made}`;
  if (hint) control.setAttribute("aria-describedby", `${control.id}-hint`);
  return h("div", { class: wide ? "field wide-field" : "field" }, h("label", { for: control.id }, label), control,
    hint ? h("p", { class: "hint", id: `${control.id}-hint` }, hint) : null);
}

/** @param {string} name @param {string} value @param {Record<string, unknown>} [more] */
export function textInput(name, value, more = {}) {
  const input = /** @type {HTMLInputElement} */ (h("input", { name, type: "text", autocomplete: "off", spellcheck: "false", ...more }));
  input.value = value;
  return input;
}

/** @param {string} name @param {string} value @param {Record<string, unknown>} [more] */
export const lengthInput = (name, value, more = {}) => textInput(name, value, { inputmode: "decimal", ...more });

/** @param {string} name @param {number} value @param {number} least @param {number} most */
export function countInput(name, value, least, most) {
  return textInput(name, String(value), { type: "number", min: least, max: most, step: 1 });
}

/** @param {string} name @param {string} value @param {[string, string][]} options */
export function choiceInput(name, value, options) {
  const select = /** @type {HTMLSelectElement} */ (h("select", { name }, ...options.map(([code, words]) => h("option", { value: code }, words))));
  select.value = value;
  return select;
}

/** @param {string} name @param {string} value */
export function linesInput(name, value) {
  const area = /** @type {HTMLTextAreaElement} */ (h("textarea", { name, rows: "5", spellcheck: "false" }));
  area.value = value;
  return area;
}

/** What a form says, by the names of its fields. @param {HTMLFormElement} form @returns {Record<string, string>} */
export function said(form) {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
}

/** How a rack's locations are counted and named. @param {import("./types.js").Plan} plan @param {import("./types.js").Shelving} shelving @param {boolean} withBay */
export function shelvingFields(plan, shelving, withBay) {
  const zones = /** @type {[string, string][]} */ (plan.zones.map((zone) => [zone.code, zone.code]));
  return [
    field("Bays", countInput("bays", shelving.bays, 0, 999)),
    withBay ? field("Bay width, m", lengthInput("bay_width", String(shelving.bayMm / 1000))) : null,
    field("Levels", countInput("levels", shelving.levels, 1, 99)),
    field("First bay", countInput("first_bay", shelving.firstBay, 0, 99_999)),
    field("Count bays by", countInput("step", shelving.step, -10, 10)),
    field("Zone", choiceInput("zone", shelving.zone, zones)),
    field("Names of locations", textInput("pattern", shelving.pattern), { hint: "{code}: the rack, {bay:02}: two digits", wide: true }),
  ].filter((each) => each !== null);
}

/** @param {Record<string, string>} values @param {"x" | "y"} along @param {number} bayMm @returns {import("./types.js").Shelving} */
export function readShelving(values, along, bayMm) {
  return {
    along, bayMm, bays: whole(values.bays), levels: whole(values.levels), pattern: values.pattern, firstBay: whole(values.first_bay),
    step: whole(values.step), zone: values.zone ?? "",
  };
}

/** @param {string} text */
const whole = (text) => (/^-?\d+$/.test(text ?? "") ? Number(text) : Number.NaN);
