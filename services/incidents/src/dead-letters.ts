import { DeadLetter, type SentinelApi } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { Bus } from "@sentinel/messaging";
import type { ServiceKit } from "@sentinel/service-kit";
import type { FoldStore, StoredDeadLetter } from "./store/port.ts";

type DeadLetterOperations = Pick<
  SentinelApi,
  "listDeadLetters" | "getDeadLetter" | "replayDeadLetter" | "discardDeadLetter"
>;

const USUAL = 100;
const MOST = 1000;

/** Messages that were kept aside: to be looked at, published again, or forgotten. Unknown ids are `dead_letter_not_found`. */
export function createDeadLetterOperations(deps: {
  readonly kit: ServiceKit;
  readonly bus: Bus;
  readonly store: FoldStore;
}): DeadLetterOperations {
  const { kit, bus, store } = deps;
  const take = async (id: number, also: (letter: StoredDeadLetter) => Promise<void>): Promise<StoredDeadLetter> =>
    await store.transaction(async (tx) => {
      const letter = demand(await tx.deadLetters.take(id), id);
      await also(letter);
      return letter;
    });
  const note = (message: string, { id, subject, reason }: StoredDeadLetter, actor: string): void =>
    kit.log.info(message, { id, subject, reason, actor });
  return {
    listDeadLetters: async ({ beforeId, limit }) => {
      const count = limit === 0 ? USUAL : Math.min(limit, MOST);
      const before = beforeId === 0 ? undefined : beforeId;
      const letters = await store.transaction((tx) => tx.deadLetters.list(count, before));
      return { deadLetters: letters.map((letter) => ({ ...toMessage(letter), payload: new Uint8Array() })) };
    },
    getDeadLetter: async ({ id }) => ({
      deadLetter: toMessage(demand(await store.transaction((tx) => tx.deadLetters.find(id)), id)),
    }),
    replayDeadLetter: async ({ id, actor }) => {
      // Forgotten only when the bus has it; should that be lost, it is published twice, which is harmless.
      const letter = await take(id, async ({ subject, payload }) => {
        await bus.publish(subject, payload, { id: `dead-letter.${id}` });
      });
      note("incidents.dead_letter_replayed", letter, actor);
      return {};
    },
    discardDeadLetter: async ({ id, actor }) => {
      note("incidents.dead_letter_discarded", await take(id, async () => undefined), actor);
      return {};
    },
  };
}

function demand(letter: StoredDeadLetter | undefined, id: number): StoredDeadLetter {
  if (letter === undefined) throw new SentinelError("dead_letter_not_found", { id: String(id) });
  return letter;
}

const toMessage = (letter: StoredDeadLetter): DeadLetter =>
  DeadLetter.fromPartial({ ...letter, payload: Uint8Array.from(letter.payload), payloadBytes: letter.payload.length });
