// @ts-check
/** Wires the handheld: scans in, verdicts out, ops to the store, the store to the server. */

import { h } from "../h.js";
import { readCode } from "./codes.js";
import { isAudible, keepAwake, signal, unlock } from "./feedback.js";
import { operation, readWeight } from "./operation.js";
import { Queue } from "./queue.js";
import { fill, focusName, restoreFocus } from "./redraw.js";
import { address, askForBatch, askForWork, build, Refused, root } from "./server.js";
import { currentTask, judge, leave, openSteps, postpone, resume, units } from "./steps.js";
import { dismiss, open, read, tray, waiting, write } from "./store.js";
import { draw, progressWords, stripWords } from "./view.js";
import { catchLetters, hideKeyboard, listen, refocus, toggleKeyboard } from "./wedge.js";

const REPEAT_MS = 400;
const LOOK_AGAIN_MS = 15_000;

const input = /** @type {HTMLInputElement} */ (
  h("input", { class: "wedge", inputmode: "none", autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-label": "Scanned code" })
);
const verb = h("button", { type: "button", class: "verb" });
const below = h("div", { class: "below" });
const main = h("main", { id: "main", tabindex: "-1" });
const live = h("p", { class: "unseen", role: "status" });
const strip = { who: h("p"), where: h("p"), sent: h("p") };

/** @type {import("./view.js").State} */
const state = {
  screen: "task", work: null, progress: { order: [], counts: {}, location: null }, verdict: null, found: 0, awaiting: false, busy: "",
  queue: { waiting: 0, lastAck: null, signedOut: false, failures: 0 }, tray: [], document: null, sound: false,
};
/** @type {IDBDatabase} */
let database;
/** @type {Queue} */
let queue;
let skew = 0;
/** How many times the progress changed here: an answer asked for before the last change is too old. */
let scans = 0;
let stale = false;
let last = { code: "", at: 0 };
/** @type {{op: string, task: string, step: string} | null} */
let pending = null;
/** Scans are taken one after the other, so that a fast trigger never meets half-written progress. @type {Promise<void>} */
let line = Promise.resolve();

/** @type {import("./view.js").Actions} */
const actions = {
  claim: () => void claim(),
  show: (screen) => update({ screen, found: 0 }),
  found: (found) => update({ found }),
  skip: () => inLine(skip),
  short: (reason) => inLine(() => shortPick(reason)),
  choose: (code) => inLine(() => scanned(code)),
  sound: () => void unlock().then(() => { signal("ok"); update({ sound: isAudible() }); }),
  goOn: () => { update({ verdict: null }); actions.reload(); },
  reload: () => { update({ screen: "task" }); void queue.drain().then(readWork); },
  dismiss: (id) => void dismiss(database, id).then(readTray),
  keyboard: () => { if (input.classList.contains("typing") && input.value) inLine(() => scanned(takeTyped())); else toggleKeyboard(input); },
};

/** @param {Partial<import("./view.js").State>} changes */
function update(changes) {
  Object.assign(state, changes);
  const screen = draw(state, actions);
  const held = focusName(verb);
  main.className = screen.tone;
  fill(main, screen.main);
  fill(below, screen.below);
  if (held) restoreFocus(root, held);
  verb.textContent = screen.verb;
  verb.onclick = screen.act;
  strip.who.textContent = [state.work?.person.id, state.work?.batch?.id].filter(Boolean).join(" · ");
  strip.where.textContent = progressWords(state);
  tick();
  refocus(input);
}

function tick() {
  strip.sent.replaceChildren(state.queue.signedOut ? h("a", { class: "late", href: "/sign-in?next=/scan" }, "sign in again") : stripWords(state.queue, Date.now()));
  strip.sent.className = state.queue.failures > 2 ? "late" : "";
}

/** @param {() => Promise<void>} job */
function inLine(job) {
  line = line.then(job).catch((error) => {
    console.error("The scan could not be stored.", error);
    signal("stop");
    update({ screen: "full" });
  });
}

/** @returns {string} */
function takeTyped() {
  const text = input.value;
  input.value = "";
  return text;
}

/** @param {string} raw */
async function scanned(raw) {
  void unlock();
  hideKeyboard(input);
  const task = state.work && currentTask(state.work, state.progress);
  if (!state.work || !task || state.awaiting || state.screen === "full") return;
  const step = openSteps(task, state.progress)[0];
  if (step?.prompt === "read_weight") return weighed(task, step, raw);
  const scan = readCode(raw);
  const now = performance.now();
  const repeated = scan.code === last.code && now - last.at < REPEAT_MS && !(step && units(step, scan));
  if (repeated) return;
  const { verdict, progress, completed } = judge(task, state.progress, scan, state.work.known);
  signal(verdict.tone);
  if (verdict.tone === "ok") {
    last = { code: scan.code, at: now };
    // The eye hears at once, as the ear does; the step itself waits until the scan is on the disk.
    verb.textContent = `✓ ${verdict.title}`;
  }
  if (completed) {
    await store(task, progress, { step: completed.step.id, kind: "scan", code: scan.code, raw: scan.raw, qty: completed.qty });
  } else if (verdict.tone === "ok") {
    scans += 1;
    await write(database, { progress });
  }
  if (completed) announce(verdict.title);
  update({ progress, verdict, screen: "task", document: completed ? null : state.document });
  void queue.drain();
}

/** @param {import("./types.js").Task} task @param {import("./types.js").Step} step @param {string} raw */
async function weighed(task, step, raw) {
  const grams = readWeight(raw);
  if (grams === null) {
    signal("stop");
    update({ verdict: { tone: "stop", title: "Not a weight", scanned: raw, needed: "Grams, such as 1920", advice: "Wait until the scale stands still." } });
    return;
  }
  const op = await store(task, state.progress, { step: step.id, kind: "weight", qty: 1, weight_g: grams, raw });
  pending = { op: op.op_id, task: task.task, step: step.id };
  update({ verdict: null, awaiting: true });
  void queue.drain();
}

/** @param {string} reason */
async function shortPick(reason) {
  const task = state.work && currentTask(state.work, state.progress);
  if (!task) return;
  const step = openSteps(task, state.progress).find((open) => open.prompt === "scan_item") ?? openSteps(task, state.progress)[0];
  const progress = leave(state.progress, task.task);
  await store(task, progress, { step: step.id, kind: "short", qty: state.found, reason });
  signal("attention");
  announce("Short pick saved");
  update({ progress, verdict: null, screen: "task", found: 0 });
  void queue.drain();
}

async function skip() {
  const task = state.work && currentTask(state.work, state.progress);
  if (!task) return;
  const progress = postpone(state.progress, task.task);
  await store(task, progress, { step: openSteps(task, state.progress)[0]?.id ?? "", kind: "skip", qty: 0 });
  update({ progress, verdict: null, screen: "task" });
  void queue.drain();
}

/** @param {import("./types.js").Task} task @param {import("./types.js").Progress} progress @param {any} fact */
async function store(task, progress, fact) {
  const work = /** @type {import("./types.js").Work} */ (state.work);
  const op = operation(work, task, build, skew, fact);
  scans += 1;
  await write(database, { progress }, op);
  state.queue = { ...state.queue, waiting: state.queue.waiting + 1 };
  return op;
}

/** @param {string} words */
function announce(words) {
  live.textContent = live.textContent === words ? `${words}.` : words;
}

/** @param {import("./types.js").Ack[]} acks @param {boolean} workChanged */
function acknowledged(acks, workChanged) {
  const awaited = acks.find((ack) => ack.op_id === pending?.op);
  if (awaited) inLine(() => answered(awaited));
  const trouble = acks.find((ack) => ack !== awaited && (ack.status === "held" || ack.status === "rejected"));
  if (trouble) {
    signal("attention");
    update({ verdict: { tone: "attention", title: trouble.title ?? "Needs attention", advice: trouble.text } });
  }
  void readTray();
  if (workChanged) stale = true;
}

/** The server's word on a weight: right, and the label comes; wrong, and the parcel is held. @param {import("./types.js").Ack} ack */
async function answered(ack) {
  const { task, step } = /** @type {{task: string, step: string}} */ (pending);
  pending = null;
  const tone = ack.tone ?? (ack.status === "applied" || ack.status === "duplicate" ? "ok" : "stop");
  const done = { ...state.progress, counts: { ...state.progress.counts, [task]: { ...state.progress.counts[task], [step]: 1 } } };
  const whole = state.work?.tasks.find((candidate) => candidate.task === task);
  const over = tone !== "ok" || !whole || openSteps(whole, done).length === 0;
  const progress = over ? leave(done, task) : done;
  scans += 1;
  await write(database, { progress });
  signal(tone);
  update({ awaiting: false, progress, document: ack.document ?? null, verdict: { tone, title: ack.title ?? "Weighed", advice: ack.text } });
}

/** Asks for the server's view of the work. It is taken in line, and only if nothing was scanned since it was asked for. */
async function readWork() {
  const mark = scans;
  try {
    const work = await askForWork();
    inLine(() => take(work, mark));
  } catch (error) {
    state.queue.signedOut = error instanceof Refused && error.signedOut;
    console.info("The work could not be read; the stored one stays.", error);
    update({ busy: "No connection to the server. Your stored scans are safe." });
  }
}

async function claim() {
  update({ busy: "Asking for a batch." });
  try {
    const work = await askForBatch(csrf());
    inLine(() => take(work, scans));
  } catch (error) {
    console.info("No batch could be claimed.", error);
    signal("stop");
    update({ verdict: { tone: "stop", title: "No batch yet", advice: "A new batch needs the network. Try again where it is stronger." } });
  }
}

/** @param {import("./types.js").Work} work @param {number} mark how many scans there were when it was asked for */
async function take(work, mark) {
  stale = mark !== scans || (await waiting(database)) > 0;
  if (stale) return;
  state.queue.signedOut = false;
  skew = Date.now() - Date.parse(work.now);
  const before = work.batch?.id === state.work?.batch?.id ? state.progress : { ...state.progress, location: null };
  const progress = resume(work, before);
  await write(database, { work, progress, next_seq: work.next_seq });
  const verdict = state.verdict?.tone === "ok" ? null : state.verdict;
  state.queue.lastAck = Date.now();
  update({ work, progress, verdict, busy: "" });
}

async function readTray() {
  const items = await tray(database);
  if (items.length !== state.tray.length) update({ tray: items });
}

/** @returns {string} */
const csrf = () => state.work?.csrf ?? root.dataset.csrf ?? "";

async function start() {
  database = await open();
  queue = new Queue(database, {
    url: address.ops, build, csrf, onAcks: acknowledged,
    onState: (next) => { const finished = state.queue.waiting > 0 && next.waiting === 0; state.queue = next; tick(); if (next.waiting === 0 && (stale || (finished && !nextTask()))) readAgain(); },
  });
  const [work, progress] = await Promise.all([read(database, "work"), read(database, "progress")]);
  if (work) Object.assign(state, { work, progress: progress ?? state.progress });
  else await take(await askForWork(), scans);
  root.replaceChildren(
    h("header", { class: "strip" }, strip.who, strip.where, strip.sent), main,
    h("section", { class: "bottom", "aria-label": "Scan and keys" }, input, verb, below), live,
  );
  update({ tray: await tray(database) });
  catchLetters(input);
  listen(input, (raw) => inLine(() => scanned(raw)));
  await queue.drain();
  await readWork();
}

function readAgain() {
  stale = false;
  void readWork();
}

/** @returns {import("./types.js").Task | null} */
const nextTask = () => state.work && currentTask(state.work, state.progress);

function look() {
  if (document.visibilityState !== "visible" || !queue) return;
  void keepAwake();
  refocus(input);
  void queue.drain().then(() => { if (stale || !nextTask()) readAgain(); });
}

document.addEventListener("visibilitychange", look);
addEventListener("online", look);
addEventListener("pointerdown", () => void unlock().then(() => { state.sound = isAudible(); }), { passive: true });
setInterval(tick, 1000);
setInterval(look, LOOK_AGAIN_MS);

/** Until the work has been read once, the plain form stays; the script takes over as soon as it can. */
function begun() {
  void start().catch((error) => {
    console.info("The plain form stays for now.", error);
    setTimeout(begun, LOOK_AGAIN_MS);
  });
}
begun();
