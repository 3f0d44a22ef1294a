// @ts-check
/**
 * The shapes of the handheld's contract; `app/web/pages.py` describes them in words.
 *
 * @typedef {{code: string, name: string, suggested?: boolean, note?: string}} Choice
 * @typedef {"scan_location" | "scan_item" | "scan_tote" | "scan_carton" | "read_weight" | "scan_label" | "scan_lane" | "scan_unit" | "zero_check"} Prompt
 * @typedef {{id: string, prompt: Prompt, grammar: string, expect: string[], pattern?: string | null,
 *   case?: Record<string, number>, qty?: number, each_scan?: boolean, serial?: boolean, skip_if?: "same_loc" | null,
 *   confirm?: "device" | "server", advice?: string, any_order?: boolean, choices?: Choice[],
 *   reasons?: {code: string, name: string, note?: boolean}[]}} Step
 * @typedef {{where?: string, item?: string, sku?: string, qty?: number, unit?: string, picture?: string | null,
 *   tote?: {slot: number, label: string, shape: string} | null, order?: string, next?: string,
 *   claim?: {by: string, since: string} | null, guide?: string, to_do?: string, care?: {key: string, label: string}[],
 *   document?: Document | null, lines?: {name: string, qty: number, step: string}[]}} Show
 * @typedef {{task: string, v: number, kind: "bind" | "pick" | "zero" | "pack" | "carry" | "sort" | "load", title: string, offline: boolean,
 *   at?: {step: string, counts: Record<string, number>} | null, steps: Step[], exceptions: string[], show: Show}} Task
 * @typedef {{orders: number, lines: number, stops: number, meters: number, cut_off_at: string | null, from_zone?: string}} Offer
 * @typedef {{schema: number, build: string, now: string, device: string, next_seq: number,
 *   person: {id: string, name: string}, site: string, csrf: string, job?: string, offer: Offer | null,
 *   batch: {id: string, stage: string, lines_done: number, lines: number} | null,
 *   zones?: {mine: string, all: string[]} | null, known: Record<string, string>, tasks: Task[], jobs?: string[],
 *   trucks?: Truck[], truck?: (Truck & {missing: {name: string, words: string}[], last: Task | null}) | null,
 *   stops?: Record<string, {tone: "attention" | "stop", title: string, advice: string}>}} Work
 * @typedef {{id: string, name: string, where: string, loaded: number, parcels: number, codes: string[]}} Truck
 * @typedef {{order: string[], counts: Record<string, Record<string, number>>, location: string | null, last?: string | null}} Progress
 *   `last` is the task that was loaded here last; null when it was taken off again
 * @typedef {{op_id: string, device: string, person?: string, seq: number, task: string, v: number, step: string,
 *   kind: "scan" | "weight" | "short" | "skip" | "take" | "seen" | "undo", code: string | null, raw: string | null, qty: number,
 *   reason: string | null, weight_g: number | null, entry: "wire" | "wedge" | "typed" | null, at: string, skew_ms: number, build: string}} Op
 * @typedef {{label: string, href: string}} Document
 * @typedef {{op_id: string, status: "applied" | "duplicate" | "held" | "rejected", v?: number,
 *   tone?: "ok" | "attention" | "stop", title?: string, text?: string, document?: Document | null,
 *   again?: boolean, label?: {codes: string[], name: string} | null, choice?: {kind: "take", label: string} | null}} Ack
 * @typedef {{tone: "ok" | "attention" | "stop", title: string, scanned?: string, needed?: string, advice?: string,
 *   choice?: {kind: "take", label: string} | null}} Verdict
 * @typedef {{op: string, task: string, step: string}} Pending an op whose answer decides how the step goes on
 */

export {};
