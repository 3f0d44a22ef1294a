// @ts-check
/** Where the server is asked for work; the page says the addresses. */

import { uuid7 } from "./operation.js";

const TIMEOUT_MS = 5000;

export const root = /** @type {HTMLElement} */ (document.getElementById("scan"));
export const address = { work: `${root.dataset.work ?? ""}${location.search}`, ops: root.dataset.ops ?? "", claim: root.dataset.claim ?? "", zone: root.dataset.zone ?? "" };
export const build = root.dataset.build ?? "";

export class Refused extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`The server answered ${status}`);
    this.signedOut = status === 401;
  }
}

/** @returns {Promise<import("./types.js").Work>} @throws {Refused} */
export function askForWork() {
  return ask(address.work, { headers: { Accept: "application/json" } });
}

/** Claims the offered batch, or the one with this tote. @param {string} csrf @param {string} tote @returns {Promise<import("./types.js").Work>} @throws {Refused} */
export function askForBatch(csrf, tote) {
  return tell(address.claim, csrf, { op_id: uuid7(Date.now()), tote });
}

/** Says in which zone the person picks. @param {string} csrf @param {string} zone @returns {Promise<import("./types.js").Work>} @throws {Refused} */
export function tellZone(csrf, zone) {
  return tell(address.zone, csrf, { zone });
}

/** @param {string} url @param {string} csrf @param {unknown} body @returns {Promise<import("./types.js").Work>} */
function tell(url, csrf, body) {
  return ask(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify(body),
  });
}

/** @param {string} url @param {RequestInit} request @returns {Promise<import("./types.js").Work>} */
async function ask(url, request) {
  const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) throw new Refused(answer.status);
  return answer.json();
}
