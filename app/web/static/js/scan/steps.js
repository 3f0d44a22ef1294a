// @ts-check
/**
 * The verdict on a scan, as a pure function of the task, the progress and the code. It never advances on a wrong scan,
 * and it names what was scanned and what is needed.
 */

/** @typedef {import("./types.js").Task} Task */
/** @typedef {import("./types.js").Step} Step */
/** @typedef {import("./types.js").Work} Work */
/** @typedef {import("./types.js").Progress} Progress */
/** @typedef {import("./types.js").Verdict} Verdict */
/** @typedef {import("./types.js").Choice} Choice */
/** @typedef {import("./codes.js").Scan} Scan */
/** @typedef {{verdict: Verdict, progress: Progress, completed: {step: Step, qty: number} | null, taskDone: boolean}} Judgment */

export const VERBS = /** @type {Record<string, string>} */ ({
  scan_location: "Scan location", scan_item: "Scan item", scan_tote: "Scan tote", scan_carton: "Scan carton",
  read_weight: "Weigh", scan_label: "Scan label", scan_lane: "Scan lane", scan_unit: "Scan unit", zero_check: "Empty",
});
const NOUNS = /** @type {Record<string, string>} */ ({
  scan_location: "location", scan_item: "item", scan_tote: "tote", scan_carton: "carton", read_weight: "weight", scan_label: "label", scan_lane: "lane", scan_unit: "unit", zero_check: "answer",
});

/** How codes of a warehouse look that this work does not name. */
const KINDS = [
  { shape: /^T-\d{2,8}$/, words: "Tote" },
  { shape: /^[A-Z]{1,2}(-\d{1,3}){2,4}$/, words: "Location" },
  { shape: /^(00)?\d{18}$/, words: "Parcel" },
];

/**
 * The progress on a fresh package: the server's counts, and the units counted here towards steps that are not complete,
 * of which the server has not heard because an op is sent only when a step is done.
 * @param {Work} work @param {Progress} before @returns {Progress}
 */
export function resume(work, before) {
  const counts = /** @type {Progress["counts"]} */ ({});
  for (const task of work.tasks) {
    const told = /** @type {Record<string, number>} */ ({ ...task.at?.counts });
    for (const step of task.steps) {
      const here = counted(task, before, step);
      if (!step.serial && here > (told[step.id] ?? 0) && here < wanted(step)) told[step.id] = here;
    }
    counts[task.task] = told;
  }
  return { order: work.tasks.map((task) => task.task), counts, location: before.location };
}

/** @param {Work} work @param {Progress} progress @returns {Task | null} */
export function currentTask(work, progress) {
  return work.tasks.find((task) => task.task === progress.order[0]) ?? null;
}

/** @param {Step} step @returns {number} */
export const wanted = (step) => step.qty ?? 1;

/** @param {Task} task @param {Progress} progress @param {Step} step @returns {number} */
export const counted = (task, progress, step) => progress.counts[task.task]?.[step.id] ?? 0;

/** Steps still to do, in order; a location that was just confirmed is not asked again. @param {Task} task @param {Progress} progress @returns {Step[]} */
export function openSteps(task, progress) {
  return task.steps.filter((step) => counted(task, progress, step) < wanted(step) && !isSkipped(step, progress));
}

/** @param {Step} step @param {Progress} progress @returns {boolean} */
function isSkipped(step, progress) {
  return step.skip_if === "same_loc" && progress.location !== null && step.expect.includes(progress.location);
}

/**
 * How many units the code stands for at this step: those of a case, or of one unit all that are still wanted, unless each
 * is to be scanned; 0 if it does not fit.
 * @param {Step} step @param {Scan} scan @param {number} [have] units that were scanned before @returns {number}
 */
export function units(step, scan, have = 0) {
  const each = step.case?.[scan.code] ?? 0;
  const fits = step.expect.includes(scan.code) || Boolean(step.pattern && new RegExp(`^(?:${step.pattern})$`).test(scan.code));
  if (step.serial) return fits && scan.serial ? 1 : 0;
  if (!fits && !each) return 0;
  if (scan.count) return scan.count * (each || 1);
  if (each) return each;
  return step.each_scan || step.any_order ? 1 : wanted(step) - have;
}

/**
 * @param {Task} task @param {Progress} progress @param {Scan} scan @param {Record<string, string>} known
 * @returns {Judgment}
 */
export function judge(task, progress, scan, known) {
  const open = openSteps(task, progress);
  const first = open[0];
  if (!first) return refuse(progress, { title: "Nothing left to scan", scanned: name(scan, known) });
  if (scan.problem) return refuse(progress, { title: "Not readable", scanned: scan.raw, advice: scan.problem });
  const asked = first.any_order ? open.filter((step) => step.any_order) : [first];
  const step = asked.find((candidate) => units(candidate, scan) > 0) ?? bareSerial(asked, scan, known);
  if (!step) return refuse(progress, wrong(task, progress, asked, scan, known));
  const have = counted(task, progress, step);
  const total = have + (step.serial ? 1 : units(step, scan, have));
  if (total > wanted(step)) return refuse(progress, tooMany(task, progress, step, scan, known));
  return accept(task, progress, step, scan, total);
}

/** @param {Task} task @param {Progress} progress @param {Step} step @param {Scan} scan @param {number} total @returns {Judgment} */
function accept(task, progress, step, scan, total) {
  const counts = { ...progress.counts, [task.task]: { ...progress.counts[task.task], [step.id]: total } };
  const location = step.prompt === "scan_location" ? scan.code : progress.location;
  const moved = { ...progress, counts, location };
  const stepDone = total >= wanted(step);
  const taskDone = stepDone && openSteps(task, { ...moved, location: null }).every((other) => isSkipped(other, moved));
  const title = stepDone ? `Right ${NOUNS[step.prompt]}` : `${total} of ${wanted(step)}`;
  return {
    verdict: { tone: "ok", title },
    progress: taskDone ? leave(task.kind === "load" ? { ...moved, last: task.task } : moved, task.task) : moved,
    completed: step.serial ? { step, qty: 1 } : stepDone ? { step, qty: total } : null,
    taskDone,
  };
}

/**
 * A serial number on its own can be any text; the server knows which item it belongs to. Codes that have a name are not
 * taken for one.
 * @param {Step[]} asked @param {Scan} scan @param {Record<string, string>} known @returns {Step | undefined}
 */
function bareSerial(asked, scan, known) {
  if (known[scan.code] || !/^[^\s]{1,20}$/.test(scan.raw)) return undefined;
  return asked.find((step) => step.serial);
}

/** @param {Progress} progress @param {Omit<Verdict, "tone">} verdict @returns {Judgment} */
function refuse(progress, verdict) {
  return { verdict: { tone: "stop", ...verdict }, progress, completed: null, taskDone: false };
}

/** @param {Task} task @param {Progress} progress @param {Step[]} asked @param {Scan} scan @param {Record<string, string>} known @returns {Omit<Verdict, "tone">} */
function wrong(task, progress, asked, scan, known) {
  const full = task.steps.find((step) => units(step, scan) > 0 && counted(task, progress, step) >= wanted(step));
  if (full && full.any_order) return tooMany(task, progress, full, scan, known);
  const numbered = asked.find((step) => step.serial && step.expect.includes(scan.code));
  if (numbered) return { title: "Scan the serial number", scanned: name(scan, known), needed: `A serial number of ${needed(numbered, known)}`, advice: "Each unit of it has its own." };
  return {
    title: `Wrong ${NOUNS[asked[0].prompt]}`,
    scanned: name(scan, known),
    needed: asked.map((step) => needed(step, known)).join(" or "),
    advice: asked[0].advice ?? advice(task, asked[0]),
  };
}

/** @param {Task} task @param {Progress} progress @param {Step} step @param {Scan} scan @param {Record<string, string>} known @returns {Omit<Verdict, "tone">} */
function tooMany(task, progress, step, scan, known) {
  const left = wanted(step) - counted(task, progress, step);
  return { title: "Too many", scanned: name(scan, known), needed: left ? `${left} more` : "None of these", advice: "Put the extra ones aside." };
}

/** @param {Scan} scan @param {Record<string, string>} known @returns {string} */
function name(scan, known) {
  if (known[scan.code]) return known[scan.code];
  const kind = KINDS.find(({ shape }) => shape.test(scan.code));
  return kind ? `${kind.words} ${scan.raw}, not of this work` : `Unknown code ${scan.raw}`;
}

/** What to do after a wrong scan. @param {Task} task @param {Step} step @returns {string} */
function advice(task, step) {
  if (step.prompt === "scan_location") return `Go to ${step.expect[0] ?? "the location"} and scan the label on its shelf.`;
  if (step.prompt === "scan_tote" && task.kind === "bind") return "Take an empty tote and scan the label on it.";
  if (step.prompt === "scan_tote" && task.kind === "carry") return "Scan a tote of this walk.";
  if (step.prompt === "scan_tote") return task.kind === "pack" ? "Take the tote that is named, or another that waits here." : "Put the goods into the tote that is named, and scan it.";
  if (step.prompt === "scan_item") return "Put it aside: it does not belong into this parcel.";
  return step.prompt === "scan_carton" ? "Scan a carton, or tap one." : "Scan the label that was printed for this parcel.";
}

/** @param {Step} step @param {Record<string, string>} known @returns {string} */
export function needed(step, known) {
  if (step.choices?.length) return step.choices.some((choice) => choice.suggested) ? `${step.choices[0].name}, or another carton` : "Any carton";
  if (step.expect.length) return known[step.expect[0]] ?? step.expect[0];
  return step.prompt === "scan_label" ? "The label of this parcel" : `Any free ${NOUNS[step.prompt]}`;
}

/**
 * The order whose tote was scanned comes to the front: at the bench the packer takes the tote that stands nearest, at the
 * lanes the sorter the parcel, and at the dock the loader.
 * @param {Work} work @param {Progress} progress @param {Scan} scan @returns {Progress}
 */
export function turnTo(work, progress, scan) {
  const current = currentTask(work, progress);
  if (!current || !asksFirst(current, progress) || units(openSteps(current, progress)[0], scan)) return progress;
  const waiting = progress.order.map((id) => work.tasks.find((task) => task.task === id));
  const meant = waiting.find((task) => task && asksFirst(task, progress) && units(openSteps(task, progress)[0], scan));
  return meant ? { ...progress, order: [meant.task, ...progress.order.filter((id) => id !== meant.task)] } : progress;
}

/** Whether a task waits for the scan that says which one it is. @param {Task} task @param {Progress} progress @returns {boolean} */
const asksFirst = (task, progress) => {
  const prompt = openSteps(task, progress)[0]?.prompt;
  if (task.kind === "load") return prompt === "scan_unit";
  return task.kind === "pack" ? prompt === "scan_tote" : task.kind === "sort" && prompt === "scan_label";
};

/** Whether nothing of the task was done yet, so that the page may be changed under it. @param {Task | null} task @param {Progress} progress @returns {boolean} */
export const isUntouched = (task, progress) => task === null || task.steps.every((step) => counted(task, progress, step) === 0);

/** The carton, when it is another than the proposed one and a reason is to be told. @param {Step} step @param {Scan} scan @returns {Choice | null} */
export function overruled(step, scan) {
  if (step.prompt !== "scan_carton" || !step.reasons?.length) return null;
  const chosen = step.choices?.find((choice) => choice.code.toUpperCase() === scan.code);
  return chosen && !chosen.suggested ? chosen : null;
}

/** The task is over on this device. @param {Progress} progress @param {string} task @returns {Progress} */
export function leave(progress, task) {
  return { ...progress, order: progress.order.filter((id) => id !== task) };
}

/** The question whether a bin is empty, once its last pick is done. @param {string} pick @returns {string} */
const zeroCheck = (pick) => `zero:${pick}`;

/** The task ended without emptying its bin, so that nobody is asked about it. @param {Progress} progress @param {string} task @returns {Progress} */
export function abandon(progress, task) {
  return leave(leave(progress, task), zeroCheck(task));
}

/** Skipping moves the task behind the others, with the question that follows it; it is never lost. @param {Progress} progress @param {string} task @returns {Progress} */
export function postpone(progress, task) {
  const moved = progress.order.filter((id) => id === task || id === zeroCheck(task));
  return { ...progress, order: [...progress.order.filter((id) => !moved.includes(id)), ...moved] };
}

/** A question about a bin is asked again at the end of the walk, and then no more. @param {Work} work @param {Progress} progress @param {Task} question @returns {Progress} */
export function answerLater(work, progress, question) {
  const walksOn = work.tasks.some((task) => task.kind === "pick" && progress.order.includes(task.task));
  return walksOn ? postpone(progress, question.task) : leave(progress, question.task);
}
