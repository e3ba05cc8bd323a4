import { type CheckResult, STREAM_WATERMARKS, Watermark } from "@sentinel/contracts";
import type { Egress } from "@sentinel/egress";
import type { FoldStore } from "@sentinel/incidents";
import { type Bus, fingerprintOf, type Message, packFingerprints, type PublishAck } from "@sentinel/messaging";
import type { SimProcess } from "./sim-process.ts";
import type { FoldTx } from "./sim-store.ts";
import type { Plant } from "./world.ts";

/** The same store with something in its transactions replaced. */
const inTx =
  (change: (tx: FoldTx, process: SimProcess) => Partial<FoldTx>): NonNullable<Plant["store"]> =>
  (store, process) => ({
    ...store,
    transaction: (fn) => store.transaction((tx) => fn({ ...tx, ...change(tx, process) })),
  });

const onBus =
  (change: (bus: Bus) => Partial<Bus>): NonNullable<Plant["bus"]> =>
  (bus) => ({ ...bus, ...change(bus) });

async function* mapped(source: AsyncIterable<Message>, map: (message: Message) => Message): AsyncGenerator<Message> {
  for await (const message of source) yield map(message);
}

/** Mistakes that somebody could make, each as a port that makes it. */
export const PLANTS: Readonly<Record<string, Plant>> = {
  "rows that were there already are folded again": {
    store: inTx((tx) => ({
      checks: {
        ...tx.checks,
        insert: async (rows) => {
          await tx.checks.insert(rows);
          return rows.map(() => true);
        },
      },
    })),
  },
  "the cursor is advanced in a transaction of its own, before the fold": { store: advancingFirst },
  "a place confirms a result, whichever life of the stream it is of": {
    bus: (bus, process) => (isProber(process) ? confirmingPlaces(bus) : bus),
  },
  "results leave the spool as soon as they are in it": {
    spool: (spool) => ({
      ...spool,
      append: async (result: CheckResult) => {
        const entry = await spool.append(result);
        await spool.release([entry]);
        return entry;
      },
    }),
  },
  "results leave the spool when the bus has them, folded or not": { bus: releasingOnAck },
  "a claim is given to whoever asks, and a repair that runs may be started": {
    store: inTx((tx) => ({
      claims: {
        ...tx.claims,
        claim: async (claim) => {
          await tx.claims.claim(claim);
          return true;
        },
      },
      incidents: {
        ...tx.incidents,
        lock: async (ids) => {
          const states = await tx.incidents.lock(ids);
          const again = (state: string): string => (state === "running" || state === "failed" ? "requested" : state);
          return new Map(
            [...states].map(([id, each]) => [
              id,
              { ...each, repairs: each.repairs.map((repair) => ({ ...repair, state: again(repair.state) })) },
            ]),
          );
        },
      },
    })),
  },
  "a wake-up is sent twice": { egress: knockingTwice },
  "whoever lost its lease folds on": {
    store: inTx((tx, process) => {
      const epochs = epochsOf(process);
      const asOwner = <T extends { readonly part: number; readonly owner: string; readonly epoch: number }>(
        each: T,
      ): T => ({
        ...each,
        owner: process.name,
        epoch: epochs.get(each.part) ?? each.epoch,
      });
      return {
        partitions: {
          ...tx.partitions,
          hold: async (...args) => {
            const held = await tx.partitions.hold(...args);
            for (const { part, epoch } of held) if (!epochs.has(part)) epochs.set(part, epoch);
            return epochs.size === 0 ? held : (await tx.partitions.all()).map(asOwner);
          },
          lock: async (parts) => (await tx.partitions.lock(parts)).map(asOwner),
        },
      };
    }),
  },
  "a message is done before it is sent": {
    store: inTx((tx) => ({
      outbox: {
        ...tx.outbox,
        claimNotifications: async (claim) => {
          const rows = await tx.outbox.claimNotifications(claim);
          await tx.outbox.finish(
            rows.map(({ key }) => key),
            claim.nowMs,
          );
          return rows;
        },
      },
    })),
  },
  "the try is not recorded before the message is sent": {
    store: inTx((tx) => ({
      outbox: {
        ...tx.outbox,
        claimNotifications: async (claim) => {
          const rows = await tx.outbox.claimNotifications(claim);
          return rows.map((row) => ({ ...row, maybeSent: false }));
        },
      },
    })),
  },
  "events are marked as published without being published": {
    bus: onBus((bus) => ({
      publish: (subject, data, options) =>
        subject.startsWith("evt.")
          ? bus.state("SENTINEL_EVENTS").then((state) => ack(state))
          : bus.publish(subject, data, options),
    })),
  },
  "the cooldown is forgotten": {
    store: inTx((tx) => ({
      states: {
        ...tx.states,
        save: (states) =>
          tx.states.save(new Map([...states].map(([id, state]) => [id, { ...state, repairsAtMs: [] }]))),
        load: async (ids) => {
          const states = await tx.states.load(ids);
          return new Map([...states].map(([id, state]) => [id, { ...state, repairsAtMs: [] }]));
        },
      },
    })),
  },
  "an incident recovers while its repair runs": {
    store: inTx((tx) => ({
      incidents: {
        ...tx.incidents,
        lock: async (ids) => {
          const states = await tx.incidents.lock(ids);
          const settled = (state: string): string => (state === "running" ? "failed" : state);
          return new Map(
            [...states].map(([id, each]) => [
              id,
              { ...each, repairs: each.repairs.map((repair) => ({ ...repair, state: settled(repair.state) })) },
            ]),
          );
        },
      },
    })),
  },
  "what is opened or mended is counted twice": {
    store: inTx((tx) => ({
      totals: {
        ...tx.totals,
        add: (deltas) =>
          tx.totals.add(
            new Map(
              [...deltas].map(([part, delta]) => [
                part,
                { ...delta, incidents: delta.incidents * 2, autoFixes: delta.autoFixes * 2 },
              ]),
            ),
          ),
      },
    })),
  },
  "the outbox loses messages": {
    store: inTx((tx) => ({
      outbox: { ...tx.outbox, add: (rows) => tx.outbox.add(rows.filter(({ kind }) => kind !== "notification")) },
    })),
  },
  "missed slots are not recorded": {
    spool: (spool) => ({
      ...spool,
      append: async (result: CheckResult) => {
        const entry = await spool.append(result);
        return result.verdict === "VERDICT_MISSED" ? { ...entry, dropped: true } : entry;
      },
    }),
  },
};

const isProber = ({ name }: SimProcess): boolean => /^(?:prober|far)-/.test(name);

/** Confirms to the prober what is published where the fold has ever been, whichever life of the stream that was. */
function confirmingPlaces(bus: Bus): Bus {
  const prints = new Map<number, string>();
  let furthest = 0;
  return confirming(
    bus,
    ({ seq }, data) => void prints.set(seq, fingerprintOf(data)),
    (mark) => {
      furthest = Math.max(furthest, mark.seq);
      return [...prints].flatMap(([seq, print]) => (seq <= furthest ? [print] : []));
    },
  );
}

/** Confirms to the prober whatever the bus has. */
function releasingOnAck(bus: Bus, process: SimProcess): Bus {
  if (!isProber(process)) return bus;
  const prints = new Set<string>();
  return confirming(
    bus,
    (_, data) => void prints.add(fingerprintOf(data)),
    () => [...prints],
  );
}

function confirming(
  bus: Bus,
  onPublished: (ack: PublishAck, data: Uint8Array) => void,
  confirmed: (mark: Watermark) => readonly string[],
): Bus {
  return {
    ...bus,
    publish: async (subject, data, options) => {
      const ack = await bus.publish(subject, data, options);
      onPublished(ack, data);
      return ack;
    },
    read: (stream, options) =>
      mapped(bus.read(stream, options), (message) => {
        if (stream !== STREAM_WATERMARKS) return message;
        const mark = Watermark.decode(message.data);
        return { ...message, data: Watermark.encode({ ...mark, folded: packFingerprints(confirmed(mark)) }).finish() };
      }),
  };
}

/** Splits each transaction that moves a cursor in two, the cursor first. */
function advancingFirst(store: FoldStore): FoldStore {
  return {
    ...store,
    transaction: async (fn) => {
      let ends: Parameters<FoldTx["partitions"]["advance"]>[0] = [];
      let undone = false;
      // A first run finds out where it would end, and is taken back.
      await store
        .transaction(async (tx) => {
          const advance: FoldTx["partitions"]["advance"] = async (wanted) => {
            ends = wanted;
          };
          await fn({ ...tx, partitions: { ...tx.partitions, advance } });
          undone = ends.length > 0;
          throw new Error("only looking");
        })
        .catch(() => undefined);
      if (undone) await store.transaction((tx) => tx.partitions.advance(ends));
      return await store.transaction(fn);
    },
  };
}

function knockingTwice(egress: Egress): Egress {
  return {
    ...egress,
    request: (asked) => {
      if (asked.headers?.["sentinel-purpose"] === "wake-up") egress.request(asked).catch(() => undefined);
      return egress.request(asked);
    },
  };
}

const held = new WeakMap<SimProcess, Map<number, number>>();

function epochsOf(process: SimProcess): Map<number, number> {
  const epochs = held.get(process) ?? new Map<number, number>();
  held.set(process, epochs);
  return epochs;
}

const ack = (state: { readonly epoch: string; readonly lastSeq: number }) => ({
  stream: "SENTINEL_EVENTS",
  epoch: state.epoch,
  seq: state.lastSeq,
  duplicate: false,
});
