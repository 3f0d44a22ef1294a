// @ts-check
/**
 * Sends stored ops, oldest first, one request in flight over all tabs of the device. A lost answer costs a repetition
 * that the server knows by its op_id; a failure costs one timer with backoff and jitter, never a storm.
 */

import { oldest, settle } from "./store.js";

/** @typedef {import("./types.js").Ack} Ack */
/** @typedef {{waiting: number, lastAck: number | null, signedOut: boolean, failures: number,
 *   otherSession?: boolean}} QueueState */

const BATCH = 50;
const TIMEOUT_MS = 3000;
const SHORTEST_MS = 500;
const LONGEST_MS = 30_000;

/** @param {number} failures @param {number} chance from 0 to 1 @returns {number} milliseconds until the next try */
export function backoff(failures, chance) {
  return Math.min(LONGEST_MS, SHORTEST_MS * 2 ** (failures - 1)) * (0.5 + chance / 2);
}

export class Queue {
  /** @type {QueueState} */
  state = { waiting: 0, lastAck: null, signedOut: false, failures: 0 };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Promise<void> | null} */
  #running = null;
  #again = false;

  /**
   * @param {IDBDatabase} database
   * @param {{url: string, build: string, csrf: () => string, person: () => string, onState: (state: QueueState) => void,
   *   onAcks: (acks: Ack[], workChanged: boolean) => void}} options
   */
  constructor(database, options) {
    this.database = database;
    this.options = options;
  }

  /** Sends what waits. A call during a run makes that run look once more before it ends. @returns {Promise<void>} */
  drain() {
    clearTimeout(this.#timer);
    this.#again = true;
    this.#running ??= this.#alone().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #alone() {
    while (this.#again) {
      this.#again = false;
      await this.#locked();
    }
  }

  async #locked() {
    if (!navigator.locks) return this.#run();
    await navigator.locks.request("pickstream-scan-drain", { ifAvailable: true }, async (lock) => {
      if (lock) return this.#run();
      await this.#count();
      this.#retry();
    });
  }

  async #run() {
    try {
      while (await this.#sendBatch()) this.state.failures = 0;
      this.state.failures = 0;
    } catch (error) {
      this.state.failures += 1;
      console.info("Not sent yet; it stays in the queue.", error);
      this.#retry();
    }
    await this.#count();
  }

  /** @returns {Promise<boolean>} whether more may be waiting */
  async #sendBatch() {
    const person = this.options.person();
    const ops = (await oldest(this.database, person)).slice(0, BATCH);
    if (ops.length === 0) return false;
    const answer = await fetch(this.options.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": this.options.csrf() },
      body: JSON.stringify({ device: ops[0].device, build: this.options.build, person, ops }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    this.state.signedOut = answer.status === 401;
    this.state.otherSession = answer.status === 403 || answer.status === 409;
    if (!answer.ok) throw new Error(`The server answered ${answer.status}`);
    const { acks, work_changed: changed } = await answer.json();
    await settle(this.database, ops, acks);
    this.state.lastAck = Date.now();
    await this.#count();
    this.options.onAcks(acks, Boolean(changed));
    if (acks.length === 0) throw new Error("The server acknowledged nothing");
    return true;
  }

  async #count() {
    this.state.waiting = (await oldest(this.database, this.options.person())).length;
    this.options.onState({ ...this.state });
  }

  #retry() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.drain(), backoff(Math.max(1, this.state.failures), Math.random()));
  }
}
