// @ts-check
/** The drawing kept in this browser against a lost page, until it is stored as a version. */

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {{plan: Plan, at: string, base: number}} Waiting */

const MOST_CHARACTERS = 4_000_000;

/** @param {string} site */
const name = (site) => `pickstream.floor.${site}`;

/** @param {string} site @param {Plan} plan @param {number} base @returns {boolean} whether there was room */
export function remember(site, plan, base) {
  const text = JSON.stringify({ plan, at: new Date().toISOString(), base });
  if (text.length > MOST_CHARACTERS) return false;
  try {
    localStorage.setItem(name(site), text);
    return true;
  } catch (error) {
    if (error instanceof DOMException) return false;
    throw error;
  }
}

/** @param {string} site @returns {Waiting | null} */
export function remembered(site) {
  const text = localStorage.getItem(name(site));
  if (!text) return null;
  try {
    const found = JSON.parse(text);
    return found?.plan?.floor && Array.isArray(found.plan.bins) ? found : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** @param {string} site */
export const forget = (site) => localStorage.removeItem(name(site));
