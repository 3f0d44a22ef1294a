// @ts-check
/** What lasts while the page is open: the store, the queue, and what was scanned here that the server has not seen. */

import { signal } from "./feedback.js";
import { operation } from "./operation.js";
import { build, root } from "./server.js";
import { state, update } from "./stage.js";
import { currentTask } from "./steps.js";
import { write } from "./store.js";

/**
 * `scans` counts the changes of the progress, when they begin and when they are on the disk: an answer asked for before
 * the last one, or in the middle of it, is too old. `asked` counts the questions for work, `taken` is the last one whose
 * answer was taken: answers overtake each other. `stale` says that the work is to be read again once all is sent.
 * Once somebody is `leaving`, nothing more is kept.
 * @type {{database: IDBDatabase, queue: import("./queue.js").Queue, skew: number, scans: number, asked: number, taken: number,
 *   stale: boolean, leaving: boolean, pending: import("./types.js").Pending | null}}
 */
export const device = /** @type {any} */ ({ skew: 0, scans: 0, asked: 0, taken: 0, stale: false, leaving: false, pending: null });

/** @typedef {{scans: number, asked: number}} Mark how much was scanned, and the number of the question, when work was asked for */

/** Numbers a question for work, right before it is asked; a claim when it is answered. @returns {Mark} */
export function mark() {
  device.asked += 1;
  return { scans: device.scans, asked: device.asked };
}

/** Scans are taken one after the other, so that a fast trigger never meets half-written progress. @type {Promise<void>} */
let line = Promise.resolve();

/** @param {() => Promise<void>} job */
export function inLine(job) {
  line = line.then(job).catch((error) => {
    console.error("The scan could not be stored.", error);
    signal("stop");
    update({ screen: "full" });
  });
}

/** @returns {string} */
export const csrf = () => state.work?.csrf ?? root.dataset.csrf ?? "";

/** @returns {string} whose scans these are */
export const person = () => state.work?.person.id ?? "";

/** @returns {import("./types.js").Task | null} */
export const nextTask = () => state.work && currentTask(state.work, state.progress);

/**
 * Stores an op with the progress it makes; with `isAwaited` also that its answer decides how the step goes on.
 * @param {import("./types.js").Task} task @param {import("./types.js").Progress} progress @param {any} fact @param {boolean} [isAwaited]
 */
export async function store(task, progress, fact, isAwaited = false) {
  const work = /** @type {import("./types.js").Work} */ (state.work);
  const op = operation(work, task, build, device.skew, fact);
  const pending = isAwaited ? { op: op.op_id, task: task.task, step: fact.step } : device.pending;
  device.scans += 1;
  await write(device.database, { progress, pending }, op);
  device.scans += 1;
  device.pending = pending;
  state.queue = { ...state.queue, waiting: state.queue.waiting + 1 };
}

/** @param {import("./types.js").Progress} progress @param {Record<string, unknown>} [others] */
export async function keep(progress, others = {}) {
  device.scans += 1;
  await write(device.database, { progress, ...others });
  device.scans += 1;
}
