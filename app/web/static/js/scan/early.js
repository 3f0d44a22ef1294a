// @ts-check
/** What is sent with the plain form while the script makes ready: kept here, for a page that changes loses what is typed. */

import { root } from "./server.js";

/** @type {{form: HTMLFormElement, input: HTMLInputElement | null, code: string}[]} */
let kept = [];

/** @param {SubmitEvent} event */
function keep(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const input = /** @type {HTMLInputElement | null} */ (form.querySelector("input[name=code]"));
  if (!input && new FormData(form).get("task") !== "claim") return;
  event.preventDefault();
  kept.push({ form, input, code: input?.value ?? "" });
  if (input) input.value = "";
}

export function keepEarly() {
  root.addEventListener("submit", keep);
}

/** The letters of a scan that is being typed. @returns {string} */
export function typedSoFar() {
  const input = root.querySelector("input[name=code]");
  return input instanceof HTMLInputElement ? input.value : "";
}

/** The zone that is chosen but was not sent yet; null if none was. @returns {string | null} */
export function zoneSoFar() {
  const select = root.querySelector("select[name=zone]");
  if (!(select instanceof HTMLSelectElement)) return null;
  const before = [...select.options].find((option) => option.defaultSelected) ?? select.options[0];
  return select.selectedOptions[0] === before ? null : select.value;
}

/** The script is ready, and takes what was sent. @param {(code: string) => void} scanned @param {() => void} claim */
export function takeEarly(scanned, claim) {
  root.removeEventListener("submit", keep);
  for (const { input, code } of kept) {
    if (input) scanned(code);
    else claim();
  }
  kept = [];
}

/** The script cannot be made ready: the form goes out as it would have without it. */
export function giveUpEarly() {
  root.removeEventListener("submit", keep);
  const [first] = kept;
  kept = [];
  if (!first) return;
  if (first.input) first.input.value = first.code;
  first.form.submit();
}
