import { CheckResult, STREAM_WATERMARKS, Verdict, Watermark } from "@sentinel/contracts";
import type { Egress } from "@sentinel/egress";
import type { FoldStore } from "@sentinel/incidents";
import { type Bus, fingerprintOf, type Message, packFingerprints, type PublishAck } from "@sentinel/messaging";
import { toSpooled } from "@sentinel/prober";
import { partitionsOf } from "../../services/incidents/src/rendezvous.ts";
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
  "whoever lost its lease folds on": { store: believingItsLeases },
  "a message that is due is taken again while it is being sent": {
    store: inTx((tx) => ({
      outbox: {
        ...tx.outbox,
        claimNotifications: async (claim) => {
          const rows = await tx.outbox.claimNotifications(claim);
          for (const { id, maybeSent } of rows) await tx.outbox.retry(id, { inMs: 0, maybeSent });
          return rows;
        },
      },
    })),
  },
  "a message is done before it is sent": {
    store: inTx((tx, process) => ({
      outbox: {
        ...tx.outbox,
        claimNotifications: async (claim) => {
          const rows = await tx.outbox.claimNotifications(claim);
          await tx.outbox.finish(
            rows.map(({ key }) => key),
            process.kit.clock.now(),
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
      append: async (result: CheckResult) =>
        result.verdict === Verdict.MISSED
          ? { ...toSpooled(result, CheckResult.encode(result).finish(), 0), dropped: true }
          : await spool.append(result),
    }),
  },
};

type Partition = Awaited<ReturnType<FoldTx["partitions"]["all"]>>[number];

const isProber = ({ name }: SimProcess): boolean => /^(?:prober|far)-/.test(name);

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

/** Gives up what is another's, and still sees itself own each partition that it ever took, under the epoch it had then. */
function believingItsLeases(store: FoldStore, process: SimProcess): FoldStore {
  const epochs = new Map<number, number>();
  const asMine = (each: Partition): Partition => ({
    ...each,
    owner: process.name,
    epoch: epochs.get(each.part) ?? each.epoch,
  });
  const believed = inTx((tx) => ({
    members: {
      ...tx.members,
      standing: async () => {
        const { lead, owners } = await tx.members.standing();
        const mine = owners.map((owner, part) => (epochs.has(part) ? process.name : owner));
        return { lead, members: [process.name], owners: mine };
      },
    },
    // It knows of no others, whose messages are theirs all the same.
    outbox: { ...tx.outbox, abandonOthers: async () => undefined },
    partitions: {
      ...tx.partitions,
      hold: async (...args) => {
        for (const { part, epoch } of await tx.partitions.hold(...args)) epochs.set(part, epochs.get(part) ?? epoch);
        const { members } = await tx.members.standing();
        await tx.partitions.release(process.name, partitionsOf(process.name, members));
        return (await tx.partitions.all()).filter(({ part }) => epochs.has(part)).map(asMine);
      },
      lock: async (parts) => (await tx.partitions.lock(parts)).map(asMine),
    },
  }));
  return believed(store, process);
}

const ack = (state: { readonly epoch: string; readonly lastSeq: number }) => ({
  stream: "SENTINEL_EVENTS",
  epoch: state.epoch,
  seq: state.lastSeq,
  duplicate: false,
});
