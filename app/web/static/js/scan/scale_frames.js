// @ts-check
/** What a scale on a wire sends, cut into frames; the server reads what they say. Here only is told when one is worth sending. */

const SAME = 3;
const SMA_HEAD = /^\s*[ZOUEIT]?[1-9][GN]/i;
const NCI = /^\n\s*[+-]?[\d.,]+\s*(?:kg|g|lbs?|oz)\s*\r\n?S?[0-?]{2,3}\r?(?=\x03)/i;
const NCI_SO_FAR = /^\n\s*[+-]?[\d.,]+\s*(?:kg|g|lbs?|oz)\s*(?:\r\n?S?[0-?]{0,3}\r?)?$/i;
const LONGEST = 200;
/** Units of HID scales (HID Point of Sale Usage Tables, page 0x8D). */
const UNITS = /** @type {Record<number, string>} */ ({ 2: "g", 3: "kg", 11: "oz", 12: "lb" });

/**
 * Cuts what came over the wire into frames. One ends with a carriage return or a line feed; that of an NCI scale, whose
 * status follows its weight on a line of its own, with ETX.
 * @param {string} text @returns {{frames: string[], rest: string}}
 */
export function cut(text) {
  const frames = [];
  let rest = text.replace(/^[\r\x03]+/, "");
  while (rest) {
    if (NCI_SO_FAR.test(rest)) break;
    const end = NCI.exec(rest)?.[0].length ?? rest.slice(1).search(/[\r\n\x03]/) + 1;
    if (end <= 0) break;
    const frame = rest.slice(0, end);
    if (frame.trim()) frames.push(frame);
    rest = rest.slice(end).replace(/^[\r\x03]+/, "");
    if (/^\n?$/.test(rest)) rest = "";
  }
  return { frames, rest: rest.slice(-LONGEST) };
}

/** Whether something is on the scale, or it says why it tells no weight. @param {string} frame @returns {boolean} */
function shows(frame) {
  if (/^\s*S\s+[+-]\s*$|^\s*OL|^\x02\?|^\s*O[1-9]/i.test(frame)) return true;
  const digits = frame.startsWith("\x02") && frame.length >= 16 ? frame.slice(4, 10) : frame.replace(SMA_HEAD, "");
  return /[1-9]/.test(digits.split(/[\r\n]+S?\d\d/)[0] ?? "");
}

/**
 * Lets a frame through once it came three times in a row, and then none until the scale was empty: what is left standing
 * there is not the next parcel.
 * @returns {(frame: string) => boolean}
 */
export function steady() {
  let last = "";
  let count = 0;
  let isTold = false;
  return (frame) => {
    count = frame === last ? count + 1 : 1;
    last = frame;
    if (!shows(frame)) isTold = false;
    if (isTold || count < SAME || !shows(frame)) return false;
    isTold = true;
    return true;
  };
}

/**
 * What a HID scale reports, as a line of MT-SICS: its status, unit, power of ten, and weight in two bytes.
 * @param {DataView} report @returns {string}
 */
export function hidLine(report) {
  const [status, unit, power] = [report.getUint8(0), UNITS[report.getUint8(1)], report.getInt8(2)];
  const value = report.getUint16(3, true);
  const amount = power < 0 ? `${value}`.padStart(1 - power, "0").replace(new RegExp(`(\\d{${-power}})$`), ".$1") : `${value}${"0".repeat(power)}`;
  if (status === 5) return "S -";
  if (status === 6) return "S +";
  if (!unit || ![2, 3, 4].includes(status)) return "ES";
  return `S ${status === 3 ? "D" : "S"} ${amount} ${unit}`;
}
