// @ts-check
/** Wires the handheld: scans in, verdicts out, ops to the store, the store to the server. */

import { readCode } from "./codes.js";
import { csrf, device, inLine, keep, mark, nextTask, person, store } from "./device.js";
import { giveUpEarly, keepEarly, takeEarly, zoneSoFar } from "./early.js";
import { isAudible, keepAwake, signal, unlock } from "./feedback.js";
import { signOut } from "./forget.js";
import { chooseTruck, readAt, takeOff } from "./loading.js";
import { isScaleLine, readWeight } from "./operation.js";
import { Queue } from "./queue.js";
import { connect, reconnect } from "./scale.js";
import { address, askForWork, build, root } from "./server.js";
import { changeRelease, keepOffline } from "./shell.js";
import { announce, input, raise, state, tick, update, verb, wire } from "./stage.js";
import { abandon, answerLater, currentTask, isUntouched, judge, leave, openSteps, overruled, postpone, turnTo, units } from "./steps.js";
import { dismiss, oldest, open, read, tray } from "./store.js";
import { stopAt } from "./truck.js";
import { catchLetters, hideKeyboard, listen, refocus, toggleKeyboard } from "./wedge.js";
import { acknowledged, chooseZone, claim, giveUpWaiting, queued, readTray, readWork, take } from "./work.js";

const REPEAT_MS = 400;
const LOOK_AGAIN_MS = 15_000;

let last = { code: "", at: 0 };

/** @type {import("./view.js").Actions} */
const actions = {
  claim: () => void claim(),
  zone: (zone) => void chooseZone(zone),
  show: (screen) => update({ screen, found: 0 }),
  found: (found) => update({ found }),
  skip: () => inLine(skip),
  short: (reason) => inLine(() => shortPick(reason)),
  choose: (code) => inLine(() => scanned(code)),
  overrule: (reason) => inLine(() => overrule(reason)),
  typed: (reason) => inLine(() => giveReason(reason)),
  take: () => inLine(takeOver),
  scale: (wire) => void connect(wire, fromScale, scaleGone).then(scaleThere, (error) => console.info("No scale was connected.", error)),
  seen: (units) => inLine(() => tellSeen(units)),
  truck: (id) => inLine(() => chooseTruck(id)),
  undo: () => inLine(takeOff),
  signOut: (form) => { device.leaving = true; void signOut(form); },
  sound: () => void unlock().then(() => { signal("ok"); update({ sound: isAudible() }); }),
  goOn: () => { update({ verdict: null }); actions.reload(); },
  reload: () => { update({ screen: "task" }); void device.queue.drain().then(() => readWork()); },
  dismiss: (id) => void dismiss(device.database, id).then(readTray),
  keyboard: () => { if (input.classList.contains("typing") && input.value) inLine(() => scanned(takeTyped())); else toggleKeyboard(input); },
};

/** What the scale says counts where a weight is asked for, and nowhere else. @param {string} frame */
function fromScale(frame) {
  const task = state.work && currentTask(state.work, state.progress);
  const step = task && openSteps(task, state.progress)[0];
  if (step?.prompt === "read_weight" && !state.awaiting && ["task", "typed", "typed-note"].includes(state.screen)) inLine(() => scanned(frame, "wire"));
}

const scaleThere = () => update({ hasScale: true });
const scaleGone = () => update({ hasScale: false });

/** @returns {string} */
function takeTyped() {
  const text = input.value;
  input.value = "";
  return text;
}

/**
 * What a person typed after asking for the keyboard is theirs; all else came from a scanner, or from a scale that types.
 * @param {string} raw @param {"wire" | "wedge" | "typed"} [entry]
 */
async function scanned(raw, entry = input.classList.contains("typing") ? "typed" : "wedge") {
  void unlock();
  hideKeyboard(input);
  if (!state.work || state.awaiting || state.screen === "full") return signal("attention");
  if (state.screen === "note" && state.chosen && !isCarton(raw)) return overrule(`OTHER: ${raw.trim().slice(0, 200)}`);
  const isWeight = readWeight(raw) !== null || isScaleLine(raw);
  if (state.screen === "typed-note" && entry !== "wire" && (entry === "typed" || !isWeight)) return giveReason(`OTHER: ${raw.trim().slice(0, 200)}`);
  const scan = readAt(raw);
  if (state.work.job === "load" && !state.work.truck) return chooseTruck(scan.code);
  const stop = stopAt(state.work, state.progress, scan);
  if (stop) return isEcho(scan) ? undefined : refuse(stop);
  const before = turnTo(state.work, state.progress, scan);
  const task = currentTask(state.work, before);
  if (!task && state.work.zones && /^T-[0-9]{2,8}$/.test(scan.code)) return claim(scan.raw.trim());
  if (!task) return nothingToScan(scan);
  if (task.kind === "zero") return scannedAtBin(task, scan);
  const step = openSteps(task, before)[0];
  if (step?.prompt === "read_weight") return weighed(task, step, raw, entry);
  if (isEcho(scan) && !(step && units(step, scan))) return;
  const { verdict, progress, completed } = judge(task, before, scan, state.work.known);
  const other = completed && overruled(completed.step, scan);
  signal(other ? "attention" : verdict.tone);
  if (verdict.tone === "ok") last = { code: scan.code, at: performance.now() };
  if (other) return update({ screen: "why", chosen: { ...other, raw: scan.raw }, verdict: null });
  // The eye hears at once, as the ear does; the step itself waits until the scan is on the disk.
  if (verdict.tone === "ok") verb.textContent = `✓ ${verdict.title}`;
  const fact = completed && { step: completed.step.id, kind: "scan", code: scan.code, raw: scan.raw, qty: completed.qty };
  if (fact && completed.step.confirm === "server") return ask(task, before, fact);
  if (fact) {
    await store(task, progress, fact);
    announce(verdict.title);
  } else if (verdict.tone === "ok") {
    await keep(progress);
  }
  update({ progress, verdict, screen: "task", chosen: null });
  void device.queue.drain();
}

/** Whether a trigger that bounced sent the last right scan again. @param {import("./codes.js").Scan} scan */
const isEcho = (scan) => scan.code === last.code && performance.now() - last.at < REPEAT_MS;

/** What was scanned does not go. @param {import("./types.js").Verdict} verdict */
function refuse(verdict) {
  signal(verdict.tone);
  update({ screen: "task", verdict });
}

/** No scan falls under the table: who scans before there is work hears it, and sees what to do. @param {import("./codes.js").Scan} scan */
function nothingToScan(scan) {
  signal("attention");
  update({ screen: "task", verdict: { tone: "attention", title: "Nothing to scan yet", scanned: scan.raw, advice: "This scan was not stored. Take a batch, then scan it again." } });
}

/** Stores a fact whose answer decides how the step goes on. @param {import("./types.js").Task} task @param {import("./types.js").Progress} progress @param {any} fact */
async function ask(task, progress, fact) {
  await store(task, progress, fact, true);
  update({ progress, verdict: null, screen: "task", awaiting: true });
  void device.queue.drain();
}

/** @param {import("./types.js").Task} task @param {import("./types.js").Step} step @param {string} raw @param {"wire" | "wedge" | "typed"} entry */
async function weighed(task, step, raw, entry) {
  const grams = readWeight(raw);
  if (grams === null && !isScaleLine(raw)) {
    signal("stop");
    update({ verdict: { tone: "stop", title: "Not a weight", scanned: raw, needed: "Grams, such as 1920", advice: "Wait until the scale stands still, then read it again." } });
    return;
  }
  if (entry === "typed" && grams !== null && step.reasons?.length) {
    signal("attention");
    return update({ screen: "typed", typed: { grams, raw }, verdict: null });
  }
  state.typed = null;
  return ask(task, state.progress, { step: step.id, kind: "weight", qty: 1, weight_g: grams, raw, entry });
}

/** The person says why they typed the weight; only now it is a fact. @param {string} reason */
async function giveReason(reason) {
  const task = nextTask();
  const step = task && openSteps(task, state.progress)[0];
  const { typed } = state;
  if (!task || !typed || step?.prompt !== "read_weight") return update({ screen: "task", typed: null });
  state.typed = null;
  return ask(task, state.progress, { step: step.id, kind: "weight", qty: 1, weight_g: typed.grams, raw: typed.raw, entry: "typed", reason });
}

/**
 * A number answers how many units are in the bin; a scan at the next shelf says that the picker walked on. Nothing else
 * is asked for here.
 * @param {import("./types.js").Task} question @param {import("./codes.js").Scan} scan
 */
async function scannedAtBin(question, scan) {
  const work = /** @type {import("./types.js").Work} */ (state.work);
  if (state.screen === "seen" && /^\d{1,6}$/.test(scan.raw.trim())) return tellSeen(Number(scan.raw));
  const onward = answerLater(work, state.progress, question);
  const next = currentTask(work, onward);
  const step = next?.kind === "pick" ? openSteps(next, onward)[0] : undefined;
  if (!step || !units(step, scan)) {
    signal("attention");
    return announce("Say whether the bin is empty, or tap Later.");
  }
  await skip();
  return scanned(scan.raw);
}

/** What is left in a bin that should be empty; nothing, when it is. @param {number} units */
async function tellSeen(units) {
  const task = nextTask();
  if (!task || task.kind !== "zero") return;
  const progress = leave(state.progress, task.task);
  await store(task, progress, { step: task.steps[0].id, kind: "seen", qty: units });
  signal("ok");
  announce(units ? "Somebody counts it. Thank you." : "Empty. Thank you.");
  update({ progress, verdict: null, screen: "task", found: 0 });
  void device.queue.drain();
}

async function takeOver() {
  const task = nextTask();
  if (task) return ask(task, state.progress, { step: openSteps(task, state.progress)[0].id, kind: "take", qty: 0 });
}

/** Whether a scan at the packing bench is a carton, and no words. @param {string} raw @returns {boolean} */
function isCarton(raw) {
  const task = nextTask();
  const step = task && openSteps(task, state.progress)[0];
  return Boolean(step && units(step, readCode(raw)));
}

/** The packer says why it is another carton than the proposed one. @param {string} reason */
async function overrule(reason) {
  const task = nextTask();
  const { chosen } = state;
  if (!task || !chosen || !state.work) return;
  const scan = readCode(chosen.raw);
  const { verdict, progress, completed } = judge(task, state.progress, scan, state.work.known);
  if (!completed) return update({ screen: "task", chosen: null });
  await store(task, progress, { step: completed.step.id, kind: "scan", code: scan.code, raw: scan.raw, qty: completed.qty, reason });
  signal("ok");
  announce(verdict.title);
  update({ progress, verdict, screen: "task", chosen: null });
  void device.queue.drain();
}

/** @param {string} reason */
async function shortPick(reason) {
  const task = nextTask();
  if (!task) return;
  const step = openSteps(task, state.progress).find((open) => open.prompt === "scan_item") ?? openSteps(task, state.progress)[0];
  const progress = abandon(state.progress, task.task);
  await store(task, progress, { step: step.id, kind: "short", qty: state.found, reason });
  signal("attention");
  announce("Short pick saved");
  update({ progress, verdict: null, screen: "task", found: 0 });
  void device.queue.drain();
}

async function skip() {
  const task = nextTask();
  if (!task) return;
  const progress = task.kind === "zero" && state.work ? answerLater(state.work, state.progress, task) : postpone(state.progress, task.task);
  const following = state.work && currentTask(state.work, progress);
  const place = following?.steps.find((step) => step.prompt === "scan_location")?.expect[0] ?? null;
  await store(task, progress, { step: openSteps(task, state.progress)[0]?.id ?? "", kind: "skip", qty: 0, code: place });
  update({ progress, verdict: null, screen: "task", found: 0, chosen: null, awaiting: false });
  void device.queue.drain();
}

async function start() {
  device.database = await open();
  device.queue = new Queue(device.database, { url: address.ops, build, csrf, person, onAcks: acknowledged, onState: queued });
  const [work, progress, pending] = await Promise.all(["work", "progress", "pending"].map((key) => read(device.database, key)));
  if (work) {
    device.pending = pending ?? null;
    Object.assign(state, { work, progress: progress ?? state.progress, awaiting: device.pending !== null });
    state.queue.waiting = (await oldest(device.database, person())).length;
  }
  // The page itself came from the server just now, so that what is stored is older, unless it has scans to send.
  if (root.dataset.shell === undefined && !state.queue.waiting) await readFirst();
  const zone = zoneSoFar();
  raise();
  catchLetters(input);
  listen(input, (raw) => inLine(() => scanned(raw)));
  takeEarly((raw) => inLine(() => scanned(raw)), () => void claim());
  if (zone !== null) await chooseZone(zone);
  update({ tray: await tray(device.database) });
  await device.queue.drain();
  await giveUpWaiting();
  if (!device.taken) await readWork();
  letReleaseIn();
  if (await reconnect(fromScale, scaleGone).catch(() => false)) scaleThere();
}

/** The plain form stays until the server's view is here; without an answer, what is stored has to do. */
async function readFirst() {
  const question = mark();
  try {
    await take(await askForWork(), question);
  } catch (error) {
    if (!state.work) throw error;
    console.info("The work could not be read; the stored one stays.", error);
  }
}

async function look() {
  if (document.visibilityState !== "visible" || !device.queue) return;
  void keepAwake();
  refocus(input);
  await device.queue.drain();
  await giveUpWaiting();
  if (device.stale || !nextTask() || state.work?.truck) await readWork();
  letReleaseIn();
}

/** Between two lines, with everything sent, the page may change under the picker's hands. */
function letReleaseIn() {
  const isQuiet = state.queue.waiting === 0 && !state.awaiting && state.screen === "task" && !state.verdict?.choice;
  if (isQuiet && isUntouched(nextTask(), state.progress)) changeRelease(Boolean(state.work && state.work.build !== build));
}

wire(actions);
document.addEventListener("visibilitychange", () => void look());
addEventListener("online", () => void look());
addEventListener("offline", tick);
addEventListener("pointerdown", () => void unlock().then(() => { state.sound = isAudible(); }), { passive: true });
setInterval(tick, 1000);
setInterval(() => void look(), LOOK_AGAIN_MS);

/** Until the work has been read once, the plain form stays; the script takes over as soon as it can. */
function begun() {
  void start().catch((error) => {
    console.info("The plain form stays for now.", error);
    giveUpEarly();
    setTimeout(begun, LOOK_AGAIN_MS);
  });
}
keepEarly();
begun();
void keepOffline(() => void look());
