import type { Clock } from "@sentinel/service-kit";
import type { ReadModel } from "../read-model.ts";
import type { Answer } from "./route.ts";

interface Kept {
  readonly revision: number;
  readonly second: number;
  readonly json: string;
}

/** More different questions than this are not worth remembering. */
const MOST_KEPT = 64;

/** Answers made once for all who ask the same within one second and before anything changed. */
export class AnswerCache {
  readonly #model: ReadModel;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor(model: ReadModel, clock: Clock) {
    this.#model = model;
    this.#clock = clock;
  }

  /** `key` names everything the answer depends on beside the model and the time. */
  answer(key: string, make: () => unknown): Answer {
    const { revision } = this.#model;
    const second = Math.floor(this.#clock.now() / 1000);
    const known = this.#kept.get(key);
    if (known?.revision === revision && known.second === second) return { json: known.json };
    const json = JSON.stringify(make());
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(key, { revision, second, json });
    return { json };
  }
}
