// @ts-check
/** What the server says: the work, the answers to what was sent, and who is signed in. */

import { csrf, device, inLine, keep, mark, nextTask, person } from "./device.js";
import { signal } from "./feedback.js";
import { askForBatch, askForWork, build, Refused, tellZone } from "./server.js";
import { lookForRelease } from "./shell.js";
import { state, tick, update } from "./stage.js";
import { leave, openSteps, resume } from "./steps.js";
import { oldest, tray, write } from "./store.js";

/** @typedef {import("./types.js").Ack} Ack */

/**
 * Asks for the server's view of the work, once it has every scan of this device; the view is taken in line, and only if
 * nothing was scanned since it was asked for.
 * @param {boolean} [inNewSession] whether somebody signed in anew, so that scans wait for what the answer brings
 */
export async function readWork(inNewSession = false) {
  const before = device.scans;
  device.stale = (await oldest(device.database, person())).length > 0;
  if (device.stale && !inNewSession) return;
  try {
    const question = { ...mark(), scans: before };
    const work = await askForWork();
    inLine(() => take(work, question));
  } catch (error) {
    state.queue.signedOut = error instanceof Refused && error.signedOut;
    console.info("The work could not be read; the stored one stays.", error);
    update({ busy: "No connection to the server. Your stored scans are safe." });
  }
}

/** The next batch, or the one whose tote was scanned where it waits. @param {string} [tote] */
export async function claim(tote = "") {
  update({ busy: "Asking for a batch." });
  const before = device.scans;
  try {
    const work = await askForBatch(csrf(), tote);
    // Whatever was asked for until now may have been answered before the batch was ours.
    const question = { ...mark(), scans: before };
    inLine(() => take(work, question));
  } catch (error) {
    console.info("No batch could be claimed.", error);
    signal("stop");
    update({ verdict: { tone: "stop", title: "No batch yet", advice: "A new batch needs the network. Try again where it is stronger." } });
  }
}

/** The zone in which this person picks from now on; the answer is the work there. @param {string} zone */
export async function chooseZone(zone) {
  update({ busy: "Asking for work there." });
  const question = mark();
  try {
    const work = await tellZone(csrf(), zone);
    inLine(() => take(work, question));
  } catch (error) {
    console.info("The zone could not be chosen.", error);
    signal("stop");
    update({ verdict: { tone: "stop", title: "Zone not chosen", advice: "Choosing a zone needs the network. Try again where it is stronger." } });
  }
}

/**
 * Work that is older than what was scanned here is not taken; who has nothing to do asks for it again. Another person's
 * always is: the scans of the one before wait until they sign in again. Nor is the answer to an older question than the
 * one answered last: it would take a batch away that was claimed meanwhile.
 * @param {import("./types.js").Work} work @param {import("./device.js").Mark} question
 */
export async function take(work, question) {
  if (device.leaving || question.asked < device.taken) return;
  const isOthers = state.work !== null && work.person.id !== person();
  const waiting = (await oldest(device.database, work.person.id)).length;
  device.stale = question.scans !== device.scans || waiting > 0;
  if (device.stale && state.work && !isOthers) {
    if (waiting === 0 && !nextTask()) void readWork();
    return renew(state.work, work.csrf);
  }
  device.taken = question.asked;
  device.skew = Date.now() - Date.parse(work.now);
  const sameWalk = !isOthers && work.batch?.id === state.work?.batch?.id;
  const progress = resume(work, { ...(isOthers ? { order: [], counts: {} } : state.progress), location: sameWalk ? state.progress.location : null });
  if (isOthers) device.pending = null;
  await write(device.database, { work, progress, pending: device.pending, next_seq: work.next_seq });
  state.queue = { ...state.queue, signedOut: false, otherSession: false, lastAck: Date.now() };
  const verdict = isOthers || state.verdict?.tone === "ok" ? null : state.verdict;
  update({ work, progress, verdict, busy: "", awaiting: device.pending !== null });
  if (work.build !== build) void lookForRelease();
  if (isOthers || device.stale) void device.queue.drain();
}

/** The same person signed in anew: what waits goes out with the new session's token. @param {import("./types.js").Work} work @param {string} csrf */
async function renew(work, csrf) {
  if (work.csrf === csrf) return;
  state.work = { ...work, csrf };
  await write(device.database, { work: state.work });
  void device.queue.drain();
}

export async function readTray() {
  const items = await tray(device.database);
  if (items.length !== state.tray.length) update({ tray: items });
}

/** @param {import("./queue.js").QueueState} next */
export function queued(next) {
  const finished = state.queue.waiting > 0 && next.waiting === 0;
  state.queue = next;
  // These screens tell of the queue themselves; the others only carry the strip.
  if (state.screen === "more" || !nextTask()) update({});
  else tick();
  const isIdle = next.waiting === 0 && (device.stale || (finished && !nextTask()));
  if (isIdle || next.otherSession) void readWork(next.otherSession);
}

/** @param {Ack[]} acks @param {boolean} workChanged */
export function acknowledged(acks, workChanged) {
  const awaited = acks.find((ack) => ack.op_id === device.pending?.op);
  if (awaited) inLine(() => answered(awaited));
  const trouble = acks.find((ack) => ack !== awaited && (ack.status === "held" || ack.status === "rejected"));
  if (trouble) {
    signal("attention");
    update({ verdict: { tone: "attention", title: trouble.title ?? "Needs attention", advice: trouble.text } });
  }
  void readTray();
  if (workChanged) device.stale = true;
}

/**
 * The server's word on a weight, a claim or a serial number. Right, and the step is done; with a choice or to be done again, and the step
 * stays; else the task is over here.
 * @param {Ack} ack
 */
async function answered(ack) {
  if (device.pending?.op !== ack.op_id) return;
  const { task, step } = device.pending;
  const tone = ack.tone ?? (ack.status === "applied" || ack.status === "duplicate" ? "ok" : "stop");
  const work = state.work && ack.label ? withLabel(state.work, task, ack) : state.work;
  const whole = work?.tasks.find((candidate) => candidate.task === task);
  const done = { ...state.progress, counts: { ...state.progress.counts, [task]: { ...state.progress.counts[task], [step]: (state.progress.counts[task]?.[step] ?? 0) + 1 } } };
  const stays = tone !== "ok" && (ack.choice || ack.again);
  const over = !stays && (tone !== "ok" || !whole || openSteps(whole, done).length === 0);
  const progress = stays ? state.progress : over ? leave(done, task) : done;
  device.pending = null;
  await keep(progress, { pending: null, ...(work ? { work } : {}) });
  signal(tone);
  const verdict = { tone, title: ack.title ?? "Done", advice: ack.text, choice: ack.choice };
  update({ awaiting: false, work, progress, verdict });
}

/**
 * The work with the label of the parcel just weighed: where it is printed, and the codes that only it carries.
 * @param {import("./types.js").Work} work @param {string} id @param {Ack} ack @returns {import("./types.js").Work}
 */
function withLabel(work, id, ack) {
  const { codes, name } = /** @type {{codes: string[], name: string}} */ (ack.label);
  const tasks = work.tasks.map((task) => task.task === id ? {
    ...task, show: { ...task.show, document: ack.document },
    steps: task.steps.map((step) => step.prompt === "scan_label" ? { ...step, expect: codes, pattern: undefined } : step),
  } : task);
  return { ...work, tasks, known: { ...work.known, ...Object.fromEntries(codes.map((code) => [code, name])) } };
}

/** An answer that another page of this device got, or that was lost with its page: the server's view tells the rest. */
export async function giveUpWaiting() {
  const waiting = await oldest(device.database, person());
  if (!device.pending || waiting.some((op) => op.op_id === device.pending?.op)) return;
  device.pending = null;
  await write(device.database, { pending: null });
  update({ awaiting: false });
  await readWork();
}
