// @ts-check
/** IndexedDB behind four verbs. An op and the progress it makes are written in one strict transaction, or not at all. */

/** @typedef {import("./types.js").Op} Op */

const NAME = "pickstream-scan";

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

/** @returns {Promise<IDBDatabase>} */
export function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("ops", { keyPath: "seq" });
    request.result.createObjectStore("tray", { keyPath: "op_id" });
    request.result.createObjectStore("values");
  };
  return answer(request);
}

/**
 * Stores values, and an op if there is one; resolves when they are on the disk. The op's number is taken inside the
 * transaction, so that two tabs never take the same one; a `next_seq` among the values can only raise it.
 * @param {IDBDatabase} database @param {Record<string, unknown>} values @param {Omit<Op, "seq"> | null} [op]
 * @returns {Promise<Op | null>}
 */
export async function write(database, values, op = null) {
  const transaction = database.transaction(["ops", "values"], "readwrite", { durability: "strict" });
  const done = finished(transaction);
  const store = transaction.objectStore("values");
  const { next_seq: floor, ...others } = values;
  for (const [key, value] of Object.entries(others)) store.put(value, key);
  const seq = Math.max(Number(await answer(store.get("next_seq"))) || 1, Number(floor) || 1);
  store.put(op ? seq + 1 : seq, "next_seq");
  if (!op) {
    await done;
    return null;
  }
  const numbered = { ...op, seq };
  transaction.objectStore("ops").add(numbered);
  await done;
  return numbered;
}

/** @param {IDBDatabase} database @param {string} key @returns {Promise<any>} */
export function read(database, key) {
  return answer(database.transaction("values").objectStore("values").get(key));
}

/** @param {IDBDatabase} database */
export async function clearValues(database) {
  const transaction = database.transaction("values", "readwrite");
  const done = finished(transaction);
  const store = transaction.objectStore("values");
  const next = await answer(store.get("next_seq"));
  store.clear();
  if (next) store.put(next, "next_seq");
  await done;
}

/**
 * The oldest ops of a person first; another person's wait until they sign in again, because they did that work.
 * @param {IDBDatabase} database @param {string} person @returns {Promise<Op[]>}
 */
export async function oldest(database, person) {
  const all = await answer(database.transaction("ops").objectStore("ops").getAll());
  return all.filter((/** @type {Op} */ op) => !op.person || op.person === person);
}

/** @param {IDBDatabase} database @returns {Promise<any[]>} */
export function tray(database) {
  return answer(database.transaction("tray").objectStore("tray").getAll());
}

/**
 * Removes what the server has, and keeps what it held or rejected where a person sees it.
 * @param {IDBDatabase} database @param {Op[]} sent @param {import("./types.js").Ack[]} acks
 */
export async function settle(database, sent, acks) {
  const transaction = database.transaction(["ops", "tray"], "readwrite", { durability: "strict" });
  const done = finished(transaction);
  for (const op of sent) {
    const ack = acks.find((candidate) => candidate.op_id === op.op_id);
    if (!ack) continue;
    transaction.objectStore("ops").delete(op.seq);
    if (ack.status === "held" || ack.status === "rejected") transaction.objectStore("tray").put({ ...op, ...ack });
  }
  await done;
}

/** @param {IDBDatabase} database @param {string} id */
export async function dismiss(database, id) {
  const transaction = database.transaction("tray", "readwrite");
  const done = finished(transaction);
  transaction.objectStore("tray").delete(id);
  await done;
}
