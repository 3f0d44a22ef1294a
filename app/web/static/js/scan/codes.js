// @ts-check
/** What a scanner sends, made comparable: AIM identifier off, GS1 element strings read, trade item numbers to 14 digits. */

/** @typedef {{code: string, raw: string, count: number | null, lot: string | null, expiry: string | null, serial: string | null, problem: string | null}} Scan */

const SEPARATOR = /\x1d|\||\{GS\}/g;
const FIXED = /** @type {Record<string, number>} */ ({ "00": 18, "01": 14, "02": 14, 11: 6, 12: 6, 13: 6, 15: 6, 16: 6, 17: 6 });
const LONGEST = /** @type {Record<string, number>} */ ({ 10: 20, 21: 20, 30: 8, 37: 8 });

/** The check digit of GS1 numbers: weights 3 and 1 from the right. @param {string} digits @returns {boolean} */
export function hasValidCheckDigit(digits) {
  let sum = 0;
  for (let index = digits.length - 2, weight = 3; index >= 0; index -= 1, weight = 4 - weight) sum += Number(digits[index]) * weight;
  return (10 - (sum % 10)) % 10 === Number(digits.at(-1));
}

/** @param {string} text @returns {boolean} */
function isTradeNumber(text) {
  return /^\d+$/.test(text) && [8, 12, 13, 14].includes(text.length) && hasValidCheckDigit(text);
}

/**
 * Reads one frame of a scanner. Bare EAN, UPC and GTIN win over GS1 identifiers, because an EAN-13 that begins with 400
 * would otherwise be read as an order number.
 * @param {string} raw
 * @returns {Scan}
 */
export function readCode(raw) {
  const text = raw.trim();
  const aim = /^\](E0|E4|C0|C1|d2|Q3|e0|d1|Q1|Q0|A0)/.exec(text)?.[0] ?? "";
  const body = text.slice(aim.length);
  const bare = { code: body.toUpperCase(), raw: text, count: null, lot: null, expiry: null, serial: null, problem: null };
  const saysGs1 = ["]C1", "]d2", "]Q3", "]e0"].includes(aim);
  if (!saysGs1 && isTradeNumber(body)) return { ...bare, code: body.padStart(14, "0") };
  if (saysGs1 || /^\(?01\)?\d{14}/.test(body)) return readElements(body, bare);
  return bare;
}

/** @param {string} body @param {Scan} bare @returns {Scan} */
function readElements(body, bare) {
  const found = /** @type {Record<string, string>} */ ({});
  let rest = body.replace(SEPARATOR, "\x1d").replace(/\((\d{2,4})\)/g, "\x1d$1").replace(/^\x1d+/, "");
  while (rest) {
    const identifier = rest.slice(0, 2);
    const value = rest.slice(2);
    const end = value.indexOf("\x1d");
    const length = FIXED[identifier] ?? (end < 0 ? value.length : end);
    if (!(identifier in FIXED) && !(identifier in LONGEST)) break;
    if (value.length < length) return { ...bare, problem: "The code is cut short. Scan it again." };
    if (LONGEST[identifier] !== undefined && length > LONGEST[identifier]) {
      return { ...bare, problem: "The scanner drops the separator of this code. Switch on its GS replacement." };
    }
    found[identifier] = value.slice(0, length);
    rest = value.slice(length).replace(/^\x1d+/, "");
  }
  const number = found["01"] ?? found["02"] ?? found["00"];
  if (!number) return bare;
  if (!hasValidCheckDigit(number)) return { ...bare, problem: "The code was misread. Scan it again." };
  const count = Number(found["37"] ?? found["30"]) || null;
  return { ...bare, code: number, count, lot: found["10"] ?? null, expiry: found["17"] ?? null, serial: found["21"] ?? null };
}
