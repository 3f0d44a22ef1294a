// @ts-check
/** Facts about what a person did, ready for the store. The id is made at scan time: made at send time it would repeat. */

/** @typedef {import("./types.js").Op} Op */
/** @typedef {Omit<Op, "seq">} NewOp */

/** A time-ordered UUID (RFC 9562, version 7); works where `crypto.randomUUID` is withheld. @param {number} now @returns {string} */
export function uuid7(now) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let index = 0, rest = now; index < 6; index += 1, rest = Math.floor(rest / 256)) bytes[5 - index] = rest % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * @param {import("./types.js").Work} work @param {import("./types.js").Task} task @param {string} build
 * @param {number} skew milliseconds that this device's clock runs ahead of the server's
 * @param {Partial<NewOp> & Pick<NewOp, "step" | "kind" | "qty">} fact
 * @returns {NewOp}
 */
export function operation(work, task, build, skew, fact) {
  const now = Date.now();
  return {
    op_id: uuid7(now), device: work.device, person: work.person.id, task: task.task, v: task.v, code: null, raw: null, reason: null, weight_g: null, entry: null,
    at: new Date(now).toISOString(), skew_ms: skew, build, ...fact,
  };
}

/** Reads a scale that types, or a person: "1.92 kg", "1920 g", "1920" (grams), "1,92" (kilograms). @param {string} raw @returns {number | null} grams */
export function readWeight(raw) {
  const match = /^\+?\s*(\d{1,6})(?:[.,](\d{1,3}))?\s*(k?g)?$/i.exec(raw.trim());
  if (!match) return null;
  const [, whole, fraction, unit] = match;
  const kilograms = unit ? unit.toLowerCase() === "kg" : fraction !== undefined;
  const grams = Number(`${whole}.${fraction ?? 0}`) * (kilograms ? 1000 : 1);
  return grams > 0 ? Math.round(grams) : null;
}

/** What else a scale types or sends: its unit or its state tell it from a code; the server reads it. @param {string} raw @returns {boolean} */
export function isScaleLine(raw) {
  return /\d\s*(?:kg|g|lbs?|oz)\s*(?:[\r\n]+.*)?$/i.test(raw) || /^\s*(?:S\s+[SDILV+-]|SI\s|(?:ST|US|OL)\s*,|E[STL]\s*$|\x02|\?.$|[ZOUEIT]?[1-9][GN]\s)/i.test(raw);
}
