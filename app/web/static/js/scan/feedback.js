// @ts-check
/** Ears and hands first: one high beep for right, two for a choice, a long low one for stop; the buzzes follow. */

const TONES = {
  ok: [{ at: 0, hertz: 1320, seconds: 0.08 }],
  attention: [{ at: 0, hertz: 880, seconds: 0.12 }, { at: 0.18, hertz: 660, seconds: 0.12 }],
  stop: [{ at: 0, hertz: 196, seconds: 0.6 }],
};
const BUZZES = { ok: [40], attention: [80, 60, 80], stop: [150, 80, 150, 80, 150] };
const LOUDNESS = 0.25;

/** @type {AudioContext | null} */
let context = null;
/** @type {WakeLockSentinel | null} */
let lock = null;

/** Browsers allow sound only after a touch or a key; call it from one. */
export async function unlock() {
  context ??= new AudioContext();
  if (context.state !== "running") await context.resume();
}

/** @returns {boolean} */
export const isAudible = () => context?.state === "running";

/** @param {"ok" | "attention" | "stop"} tone */
export function signal(tone) {
  navigator.vibrate?.(BUZZES[tone]);
  if (context?.state !== "running") return;
  for (const { at, hertz, seconds } of TONES[tone]) play(context, context.currentTime + at, hertz, seconds);
}

/** @param {AudioContext} audio @param {number} start @param {number} hertz @param {number} seconds */
function play(audio, start, hertz, seconds) {
  const oscillator = new OscillatorNode(audio, { frequency: hertz, type: hertz < 400 ? "square" : "sine" });
  const volume = new GainNode(audio, { gain: LOUDNESS });
  volume.gain.setTargetAtTime(0, start + seconds * 0.8, 0.015);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + seconds + 0.1);
}

/** Keeps the screen on while the page is visible; a refusal (battery saver) only dims it. */
export async function keepAwake() {
  if (!navigator.wakeLock || document.visibilityState !== "visible" || (lock && !lock.released)) return;
  try {
    lock = await navigator.wakeLock.request("screen");
  } catch (error) {
    console.info("The screen may dim: the browser refused to keep it on.", error);
  }
}
