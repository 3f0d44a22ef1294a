// @ts-check
/** What the editor asks of the server; a refusal is told in the server's words. */

import { uuid7 } from "../scan/operation.js";

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {{code: string, title: string, detail: string, remedy?: string, version?: number, locations?: string[]}} Problem */

export class Refused extends Error {
  /** @param {number} status @param {Problem} problem */
  constructor(status, problem) {
    super([problem.detail || problem.title, problem.remedy].filter(Boolean).join(" "));
    this.status = status;
    this.problem = problem;
  }
}

export class Server {
  /** @param {string} site */
  constructor(site) { this.site = site; }

  /** @param {string} path @param {Record<string, string>} [asked] */
  #address(path, asked = {}) { return `/v1/floor-plans${path}?${new URLSearchParams({ site_id: this.site, ...asked })}`; }

  /** @param {number} version @returns {Promise<{document: Plan}>} */
  read(version) { return answered(fetch(this.#address(`/${version}`))); }

  /** @param {Plan} plan @param {AbortSignal} signal @returns {Promise<import("./types.js").Check>} */
  check(plan, signal) { return answered(fetch(this.#address("/check"), { method: "POST", headers: SENT, body: JSON.stringify(plan), signal })); }

  /** @param {Plan} plan @param {string} note @param {number} basedOn @param {string} key @returns {Promise<{head: {version: number}, faults: unknown[]}>} */
  keep(plan, note, basedOn, key) {
    const asked = { format: "json", note, ...(basedOn ? { based_on: String(basedOn) } : {}) };
    return answered(fetch(this.#address("/files", asked), { method: "POST", headers: { ...SENT, "Idempotency-Key": key }, body: JSON.stringify(plan) }));
  }

  /** @param {number} version @param {{instead_of: number, add_locations: boolean, confirmed: boolean}} wish @returns {Promise<unknown>} */
  enforce(version, wish) {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": newKey() };
    return answered(fetch(this.#address(`/${version}/put-in-force`), { method: "POST", headers, body: JSON.stringify(wish) }));
  }
}

// A large plan is more than the interface takes as JSON, and is sent as a file.
const SENT = { "Content-Type": "application/octet-stream" };

export const newKey = () => uuid7(Date.now());

/** @param {Promise<Response>} asked @returns {Promise<any>} @throws {Refused} */
async function answered(asked) {
  const answer = await asked;
  if (answer.ok) return answer.json();
  const isProblem = answer.headers.get("content-type")?.includes("problem+json");
  throw new Refused(answer.status, isProblem ? await answer.json() : { code: "", title: `The server answered ${answer.status}.`, detail: "" });
}

/** What went wrong, in words. @param {unknown} error @returns {string} */
export function told(error) {
  if (error instanceof Refused) return error.message;
  if (error instanceof TypeError) return "The server cannot be reached. The drawing is kept in this browser; try again.";
  throw error;
}
