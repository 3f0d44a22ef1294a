// @ts-check
/** How locations are named by a pattern, and how a copy's name follows from its original's. */

const FIELD = /\{(bay|level|code)(?::0?(\d))?\}/g;

/**
 * What is wrong with a pattern, or nothing.
 * @param {string} pattern @param {number} bays @param {number} levels @returns {string}
 */
export function patternProblem(pattern, bays, levels) {
  if (!pattern.trim()) return "Say how locations are named, such as A-{bay:02}-{level}.";
  if (/[{}]/.test(pattern.replace(FIELD, ""))) return "Only {bay}, {level} and {code} stand for something, {bay:02} with two digits.";
  if (bays > 1 && !pattern.includes("{bay")) return "Without {bay} all bays would have one name.";
  if (levels > 1 && !pattern.includes("{level")) return "Without {level} all levels would have one name.";
  return "";
}

/** @param {string} pattern @param {{bay: number, level: number, code: string}} values @returns {string} */
export function nameBin(pattern, values) {
  return pattern.trim().replace(FIELD, (_, name, digits) =>
    String(values[/** @type {"bay" | "level" | "code"} */ (name)]).padStart(Number(digits ?? 0), "0"));
}

/**
 * The pattern by which codes were named, as far as each part between their separators is the same in all, the level, or
 * a number that counts the bays; null where it cannot be told.
 * @param {{code: string, bay: number, level: number}[]} named bays counted from 0
 * @returns {{pattern: string, firstBay: number, step: number} | null}
 */
export function patternOf(named) {
  const split = named.map(({ code }) => code.split(/([^A-Za-z0-9]+)/));
  const bays = { first: 1, step: 1, isFound: false };
  if (!named.length || split.some((parts) => parts.length !== split[0].length)) return null;
  const told = split[0].map((part, at) => {
    const texts = split.map((parts) => parts[at]);
    if (texts.every((text, index) => Number(text) === named[index].level) && named.some(({ level }) => level > 1)) return "{level}";
    if (texts.every((text) => text === part)) return part;
    const first = Number(texts[named.findIndex(({ bay }) => bay === 0)]);
    const other = named.findIndex(({ bay }) => bay > 0);
    const step = other < 0 ? 1 : (Number(texts[other]) - first) / named[other].bay;
    if (!Number.isInteger(step) || texts.some((text, index) => Number(text) !== first + named[index].bay * step)) return null;
    Object.assign(bays, { first, step, isFound: true });
    return /^0/.test(texts.find((text) => text.startsWith("0")) ?? "") ? `{bay:0${part.length}}` : "{bay}";
  });
  if (told.includes(null) || (!bays.isFound && named.some(({ bay }) => bay > 0))) return null;
  return { pattern: told.join(""), firstBay: bays.first, step: bays.step };
}

/** The name `by` places later: 07 -> 08, A-9 -> A-10, A -> B, Z -> AA. @param {string} code @param {number} [by] @returns {string} */
export function nextCode(code, by = 1) {
  const number = /(\d+)(\D*)$/.exec(code);
  if (number) return code.slice(0, number.index) + bump(number[1], by) + number[2];
  const letters = /([A-Z]+|[a-z]+)([^A-Za-z]*)$/.exec(code);
  if (letters) return code.slice(0, letters.index) + nextLetters(letters[1], by) + letters[2];
  return `${code}${by + 1}`;
}

/** @param {string} digits @param {number} by @returns {string} */
const bump = (digits, by) => String(Number(digits) + by).padStart(digits.length, "0");

/** @param {string} letters @param {number} by @returns {string} */
function nextLetters(letters, by) {
  const first = letters >= "a" ? 97 : 65;
  let number = by;
  for (let index = 0, place = 1; index < letters.length; index += 1, place *= 26) {
    number += (letters.charCodeAt(letters.length - 1 - index) - first + 1) * place;
  }
  let named = "";
  for (; number > 0; number = Math.floor((number - 1) / 26)) named = String.fromCharCode(first + ((number - 1) % 26)) + named;
  return named;
}

/**
 * A code in which the part that was the original's name is the copy's; where none is, its first number counts on.
 * @param {string} code @param {Map<string, string>} renamed @param {number} by @returns {string}
 */
export function renameWithin(code, renamed, by) {
  let found = false;
  const parts = code.split(/([^A-Za-z0-9]+)/).map((part) => {
    const next = found ? undefined : renamed.get(part);
    if (next !== undefined) found = true;
    return next ?? part;
  });
  if (found) return parts.join("");
  for (const [from, to] of renamed) {
    if (from && code.startsWith(from)) return to + code.slice(from.length);
  }
  const first = /\d+/.exec(code);
  return first ? code.slice(0, first.index) + bump(first[0], by) + code.slice(first.index + first[0].length) : nextCode(code, by);
}

/** A code that nothing has yet, counting on from one. @param {string} code @param {Set<string>} taken @returns {string} */
export function freeCode(code, taken) {
  let free = code;
  while (taken.has(free)) free = nextCode(free);
  return free;
}
