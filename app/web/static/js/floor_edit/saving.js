// @ts-check
/** Keeping the drawing as a version, putting it in force, and not losing it on the way. */

import { h } from "../h.js";
import { Refused, newKey, told } from "./server.js";
import { forget, remember } from "./waiting.js";

/** @typedef {import("./editor.js").Editor} Editor */
/** @typedef {import("./checking.js").Checking} Checking */
/** @typedef {import("./types.js").Plan} Plan */

const SETTLED_MS = 500;
const NAMED = 5;

export class Saving {
  /** @param {HTMLFormElement} form @param {Editor} editor @param {Checking} checking @param {import("./server.js").Server} server @param {{site: string, base: number, inForce: number}} from */
  constructor(form, editor, checking, server, { site, base, inForce }) {
    this.form = form;
    this.editor = editor;
    this.checking = checking;
    this.server = server;
    this.site = site;
    this.base = base;
    this.inForce = inForce;
    this.version = base;
    this.attempt = /** @type {{plan: Plan, note: string, key: string} | null} */ (null);
    this.isBusy = false;
    this.timer = 0;
    this.status = /** @type {HTMLElement} */ (form.querySelector("[role=status]"));
    this.advice = /** @type {HTMLElement} */ (form.querySelector("[data-advice]"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const which = /** @type {HTMLButtonElement | null} */ (/** @type {SubmitEvent} */ (event).submitter)?.value;
      void this.#alone(() => (which === "force" ? this.enforce() : this.keep().then(() => {})));
    });
    window.addEventListener("beforeunload", (event) => { if (editor.isChanged) event.preventDefault(); });
    editor.on(["plan"], () => this.#later());
    checking.listeners.push(() => this.advise());
  }

  get note() { return /** @type {HTMLInputElement} */ (this.form.elements.namedItem("note")).value.trim(); }

  #later() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      // What an earlier page left behind stays until somebody says what becomes of it.
      if (document.querySelector("[data-waiting]:not([hidden])")) return;
      if (!this.editor.isChanged) forget(this.site);
      else if (!remember(this.site, this.editor.plan, this.base)) this.#say("This plan is too large to be kept in the browser: save it as a draft now and then.", "warn");
    }, SETTLED_MS);
  }

  /** @param {string} words @param {"ok" | "warn" | "stop" | ""} [tone] @param {...Node} more */
  #say(words, tone = "", ...more) {
    this.status.className = tone ? `notice ${tone}` : "muted";
    this.status.replaceChildren(h("div", {}, h("p", {}, words), ...more));
  }

  /** @param {() => Promise<void>} work */
  async #alone(work) {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      await work();
    } catch (error) {
      this.#say(told(error), "stop");
    } finally {
      this.isBusy = false;
    }
  }

  /** Store the drawing whole as a new version; the same drawing asked for twice is one version. @returns {Promise<number>} its number */
  async keep() {
    const { plan } = this.editor;
    const { note } = this;
    if (!this.editor.isChanged && this.version !== this.base) return this.version;
    if (this.attempt?.plan !== plan || this.attempt.note !== note) this.attempt = { plan, note, key: newKey() };
    this.#say("Saving …");
    const { head, faults } = await this.server.keep(plan, note, this.base, this.attempt.key);
    this.version = head.version;
    this.editor.kept = plan;
    if (!this.editor.isChanged) forget(this.site);
    const link = h("a", { href: `/floor/${head.version}` }, `Look at version ${head.version}`);
    const wrong = faults.length ? ` It has ${faults.length} ${faults.length === 1 ? "fault" : "faults"}.` : "";
    this.#say(`Kept as version ${head.version}.${wrong} The plan in force stays.`, faults.length ? "warn" : "ok", h("p", {}, link));
    this.editor.say(`Kept as version ${head.version}.`);
    return head.version;
  }

  async enforce() {
    const found = this.checking.isCurrent ? this.checking.latest : await this.checking.now();
    if (!found) return this.#say("It could not be checked. Try again.", "stop");
    if (found.faults.length) return this.#say("It has faults: correct what is listed first, or save it as a draft.", "stop");
    if (found.stocked_count && !this.#ticked("confirmed")) {
      return this.#say(`Stock lies in ${named(found.stocked_locations, found.stocked_count)}, which this plan leaves out. Confirm it below, or draw them.`, "warn");
    }
    const version = this.editor.isChanged || !this.version ? await this.keep() : this.version;
    await this.#putInForce(version);
  }

  /** @param {number} version */
  async #putInForce(version) {
    try {
      await this.server.enforce(version, { instead_of: this.inForce, add_locations: this.#ticked("add_locations"), confirmed: this.#ticked("confirmed") });
    } catch (error) {
      if (!(error instanceof Refused) || error.problem.code !== "floor_plan_stale") throw error;
      this.#conflict(version, error.problem.version ?? 0);
      return;
    }
    this.inForce = version;
    this.base = version;
    this.#say(`Version ${version} is in force: walks are computed on it from now on.`, "ok", h("p", {}, h("a", { href: "/floor" }, "Look at it")));
    this.editor.say(`Version ${version} is in force.`);
    await this.checking.now();
  }

  /** Somebody was faster: nothing is overwritten unless it is asked for. @param {number} version @param {number} other */
  #conflict(version, other) {
    const look = h("a", { class: "button", href: `/floor/${other}` }, `Look at version ${other}`);
    const anyway = h("button", { type: "button", onclick: () => { this.inForce = other; void this.#alone(() => this.#putInForce(version)); } }, "Put mine in force instead");
    this.#say(`Version ${other} came into force since you opened this. Yours is kept as version ${version}; nothing was overwritten.`, "warn", h("p", { class: "actions" }, look, anyway));
    this.editor.say(`Version ${other} came into force meanwhile.`);
  }

  /** @param {string} name */
  #ticked(name) {
    const box = this.form.elements.namedItem(name);
    return box instanceof HTMLInputElement && box.checked;
  }

  /** Tell what putting it in force would come to. */
  advise() {
    const found = this.checking.latest;
    const button = /** @type {HTMLButtonElement} */ (this.form.querySelector("[value=force]"));
    button.toggleAttribute("data-faulty", Boolean(found?.faults.length));
    if (!found || !this.checking.isCurrent) return;
    const ticked = { add: this.#ticked("add_locations"), leave: this.#ticked("confirmed") };
    this.advice.replaceChildren(
      ...(found.missing_count ? [tick("add_locations", ticked.add, `Add ${found.missing_count.toLocaleString("en-US")} ${found.missing_count === 1 ? "location" : "locations"} that the site lacks: ${named(found.missing_locations, found.missing_count)}`)] : []),
      ...(found.stocked_count ? [tick("confirmed", ticked.leave, `Leave out ${found.stocked_count === 1 ? "a location" : `${found.stocked_count.toLocaleString("en-US")} locations`} with stock: ${named(found.stocked_locations, found.stocked_count)}`)] : []),
    );
  }
}

/** @param {string} name @param {boolean} checked @param {string} words */
function tick(name, checked, words) {
  const id = `plan-${name}`;
  return h("div", { class: "field check" }, h("input", { type: "checkbox", id, name, checked }), h("label", { for: id }, words));
}

/** @param {string[]} names @param {number} count */
export function named(names, count) {
  const shown = names.slice(0, NAMED);
  return shown.join(", ") + (count > shown.length ? ` and ${(count - shown.length).toLocaleString("en-US")} more` : "");
}
