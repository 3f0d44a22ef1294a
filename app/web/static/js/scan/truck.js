// @ts-check
/** What goes onto the chosen truck, what stays and why, and how far it is: pure functions of the work and the progress. */

/** @typedef {import("./types.js").Work} Work */
/** @typedef {import("./types.js").Task} Task */
/** @typedef {import("./types.js").Progress} Progress */
/** @typedef {import("./types.js").Verdict} Verdict */
/** @typedef {import("./codes.js").Scan} Scan */

/** Why a scan at the dock does not go onto the chosen truck; null when it does. @param {Work} work @param {Progress} progress @param {Scan} scan @returns {Verdict | null} */
export function stopAt(work, progress, scan) {
  if (work.job !== "load" || !work.truck) return null;
  const task = work.tasks.find((each) => each.steps[0].expect.includes(scan.code));
  if (task && progress.order.includes(task.task)) return null;
  const name = work.known[scan.code] ?? `Unknown code ${scan.raw}`;
  if (task) return { tone: "attention", title: "Loaded already", scanned: name, advice: "Scan the next one." };
  const stop = work.stops?.[scan.code];
  if (stop) return { ...stop, scanned: name };
  return { tone: "stop", title: "Not on this truck", scanned: name, advice: scan.problem ?? "Put it aside, and take it to the floor office." };
}

/** What was loaded last by this person, here or before, and is still on the truck. @param {Work} work @param {Progress} progress @returns {Task | null} */
export function lastLoaded(work, progress) {
  if (progress.last === null) return null;
  return progress.last ? work.tasks.find((task) => task.task === progress.last) ?? null : work.truck?.last ?? null;
}

/** How many parcels are on the truck, those counted whose scan still waits. @param {Work} work @param {Progress} progress @returns {number} */
export function loadedParcels(work, progress) {
  const here = work.tasks.filter((task) => task.kind === "load" && !progress.order.includes(task.task));
  return (work.truck?.loaded ?? 0) + here.reduce((sum, task) => sum + (task.show.qty ?? 1), 0);
}
