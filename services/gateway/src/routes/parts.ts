import type { SentinelApi } from "@sentinel/contracts";
import type { Clock } from "@sentinel/service-kit";
import type { AnswerCache } from "../http/answer-cache.ts";
import type { ReadModel } from "../read-model.ts";

/** What the operations of REST are made of. */
export interface Parts {
  readonly api: SentinelApi;
  readonly model: ReadModel;
  readonly clock: Clock;
  readonly cache: AnswerCache;
}
