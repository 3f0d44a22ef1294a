// @ts-check
/** Undo and redo over plans that are never changed in place. */

const MOST = 200;

/** @template T @typedef {{past: T[], present: T, future: T[]}} History */

/** @template T @param {T} present @returns {History<T>} */
export const begin = (present) => ({ past: [], present, future: [] });

/** @template T @param {History<T>} history @param {T} next @returns {History<T>} */
export function record(history, next) {
  if (next === history.present) return history;
  return { past: [...history.past, history.present].slice(-MOST), present: next, future: [] };
}

/** @template T @param {History<T>} history @returns {History<T>} */
export function undo({ past, present, future }) {
  if (!past.length) return { past, present, future };
  return { past: past.slice(0, -1), present: past[past.length - 1], future: [present, ...future] };
}

/** @template T @param {History<T>} history @returns {History<T>} */
export function redo({ past, present, future }) {
  if (!future.length) return { past, present, future };
  return { past: [...past, present], present: future[0], future: future.slice(1) };
}
