// @ts-check
/** A scale at the bench on a wire of its own, where the browser can reach it: serial (WebSerial) or USB (WebHID). */

import { cut, hidLine, steady } from "./scale_frames.js";

const BAUD = 9600;
const ASK_MS = 500;
/** Asked in turn when a scale does not speak by itself: MT-SICS, then NCI, SMA and 8213. */
const QUESTIONS = ["S\r\n", "\nW\r"];
const HID_SCALES = [{ usagePage: 0x8d }];

/** @typedef {"serial" | "usb"} Wire */
/** @typedef {(frame: string) => void} OnFrame */

const reach = /** @type {any} */ (navigator);

/** Which wires this browser has. @returns {Wire[]} */
export function wires() {
  return /** @type {Wire[]} */ ([reach.serial ? "serial" : null, reach.hid ? "usb" : null].filter(Boolean));
}

/**
 * Asks the person for a scale, and hands on each weight that stands still once.
 * @param {Wire} wire @param {OnFrame} onFrame @param {() => void} onGone when it was unplugged
 */
export async function connect(wire, onFrame, onGone) {
  if (wire === "serial") return listenSerial(await reach.serial.requestPort(), onFrame, onGone);
  const [found] = await reach.hid.requestDevice({ filters: HID_SCALES });
  if (!found) throw new Error("No scale was chosen.");
  return listenHid(found, onFrame, onGone);
}

/** Takes the scale again that was allowed before. @param {OnFrame} onFrame @param {() => void} onGone @returns {Promise<boolean>} */
export async function reconnect(onFrame, onGone) {
  const [port] = reach.serial ? await reach.serial.getPorts() : [];
  if (port) await listenSerial(port, onFrame, onGone);
  const [found] = !port && reach.hid ? await reach.hid.getDevices() : [];
  if (found) await listenHid(found, onFrame, onGone);
  return Boolean(port || found);
}

/** @param {any} port @param {OnFrame} onFrame @param {() => void} onGone */
async function listenSerial(port, onFrame, onGone) {
  await port.open({ baudRate: BAUD });
  void readSerial(port, onFrame).catch((error) => console.info("The scale is gone.", error)).finally(onGone);
}

/** @param {any} port @param {OnFrame} onFrame */
async function readSerial(port, onFrame) {
  const isSteady = steady();
  let [rest, heard, turn] = ["", 0, 0];
  const writer = port.writable?.getWriter();
  const asking = setInterval(() => {
    if (!writer || performance.now() - heard < ASK_MS) return;
    void writer.write(new TextEncoder().encode(QUESTIONS[turn++ % QUESTIONS.length])).catch(() => clearInterval(asking));
  }, ASK_MS);
  const reader = port.readable.getReader();
  const decoder = new TextDecoder("latin1");
  try {
    for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
      heard = performance.now();
      const got = cut(rest + decoder.decode(value, { stream: true }));
      rest = got.rest;
      for (const frame of got.frames) if (isSteady(frame)) onFrame(frame);
    }
  } finally {
    clearInterval(asking);
  }
}

/** @param {any} found @param {OnFrame} onFrame @param {() => void} onGone */
async function listenHid(found, onFrame, onGone) {
  if (!found.opened) await found.open();
  const isSteady = steady();
  found.addEventListener("inputreport", (/** @type {any} */ event) => {
    if (event.data.byteLength < 5) return;
    const line = hidLine(event.data);
    if (isSteady(line)) onFrame(line);
  });
  reach.hid.addEventListener("disconnect", (/** @type {any} */ event) => { if (event.device === found) onGone(); });
}
