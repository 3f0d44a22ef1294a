// @ts-check
/** What a loader does at the dock beside scanning: chooses the truck, and takes the last unit off it again. */

import { readCode } from "./codes.js";
import { device, mark, store } from "./device.js";
import { signal } from "./feedback.js";
import { address, askForWork } from "./server.js";
import { announce, state, update } from "./stage.js";
import { leave } from "./steps.js";
import { lastLoaded } from "./truck.js";
import { take } from "./work.js";

/** @typedef {import("./codes.js").Scan} Scan */

/** Reads a scan; at the dock a license plate without its identifier. @param {string} raw @returns {Scan} */
export function readAt(raw) {
  const scan = readCode(raw);
  const plate = state.work?.job === "load" ? /^(?:\(00\)|00)(\d{18})$/.exec(scan.code)?.[1] : undefined;
  return plate ? { ...scan, code: plate } : scan;
}

/** The truck whose lane, manifest or carrier was scanned or tapped. @param {string} code */
export async function chooseTruck(code) {
  const truck = state.work?.trucks?.find((each) => each.id === code || each.codes.includes(code));
  if (!truck) {
    signal("stop");
    return update({ screen: "task", verdict: { tone: "stop", title: "Which truck?", scanned: code, advice: "Scan the sign of a lane, or tap a truck." } });
  }
  const before = address.work;
  const query = new URLSearchParams({ job: "load", truck: truck.id });
  address.work = `${before.split("?")[0]}?${query}`;
  const question = mark();
  try {
    const work = await askForWork();
    history.replaceState(null, "", `?${query}`);
    signal("ok");
    update({ screen: "task", verdict: null });
    await take(work, question);
  } catch (error) {
    console.info("The truck could not be chosen.", error);
    address.work = before;
    signal("stop");
    update({ screen: "task", verdict: { tone: "stop", title: "Truck not chosen", advice: "Choosing a truck needs the network. Try again where it is stronger." } });
  }
}

/** Takes the unit that was loaded last off the truck again. */
export async function takeOff() {
  const { work, progress } = state;
  const task = work && lastLoaded(work, progress);
  if (!task) return;
  const isHere = work.tasks.includes(task);
  const counts = { ...progress.counts, [task.task]: {} };
  const back = { ...leave(progress, task.task), counts, last: null };
  const after = isHere ? { ...back, order: [task.task, ...back.order] } : back;
  await store(task, after, { step: task.steps[0].id, kind: "undo", code: task.steps[0].expect[0], raw: task.steps[0].expect[0], qty: 1 });
  signal("attention");
  announce(`${task.title} is off the truck`);
  update({ progress: after, verdict: null, screen: "task" });
  void device.queue.drain();
}
