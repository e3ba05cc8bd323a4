import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Bus, ConsumeOptions, ReadOptions, StreamConfig, WorkMessage } from "./bus.ts";

export interface OpenBus {
  readonly bus: Bus;
  /** Ends the bus and what stands behind it. */
  readonly stop: () => Promise<void>;
}

const text = (data: Uint8Array): string => new TextDecoder().decode(data);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

/** What every bus promises; run over each adapter and each version of its server. */
export function busContract(name: string, open: () => Promise<OpenBus>): void {
  describe(`bus contract: ${name}`, () => {
    let bus: Bus;
    let stop: () => Promise<void> = () => Promise.resolve();
    let streams = 0;

    beforeAll(async () => {
      ({ bus, stop } = await open());
    });
    afterAll(() => stop());

    /** A fresh stream; its subjects begin with the lower-case name. */
    const fresh = async (retention: StreamConfig["retention"], more: Partial<StreamConfig> = {}): Promise<string> => {
      streams += 1;
      const stream = `S${streams}`;
      await bus.ensureStream({ name: stream, subjects: [`s${streams}.>`], retention, ...more });
      return stream;
    };
    const subject = (stream: string, rest: string): string => `${stream.toLowerCase()}.${rest}`;
    const put = (stream: string, rest: string, body = rest): Promise<unknown> =>
      bus.publish(subject(stream, rest), bytes(body));

    /** The next messages, as text, then the reading ends. */
    const take = async (stream: string, count: number, options: Partial<ReadOptions> = {}) => {
      const done = new AbortController();
      const bodies: string[] = [];
      for await (const message of bus.read(stream, { afterSeq: 0, ...options, signal: done.signal })) {
        bodies.push(text(message.data));
        if (bodies.length === count) break;
      }
      done.abort();
      return bodies;
    };

    /** A consumer whose messages are asked for one by one. */
    const worker = (stream: string, more: Partial<ConsumeOptions> = {}) => {
      const done = new AbortController();
      const options = { stream, name: "w", filter: ">", ackWaitMs: 5000, maxDeliveries: 5, ...more };
      const filter = options.filter === ">" ? subject(stream, ">") : options.filter;
      const messages = bus.consume({ ...options, filter, signal: done.signal })[Symbol.asyncIterator]();
      const next = async (): Promise<WorkMessage> => {
        const { value, done: ended } = await messages.next();
        if (ended === true) throw new Error("the consumer ended");
        return value;
      };
      const end = async (): Promise<void> => {
        done.abort();
        await messages.return?.();
      };
      return { next, end };
    };

    describe("publish and read", () => {
      test("a message arrives whole, at the position that was acknowledged", async () => {
        const stream = await fresh("log");
        const headers = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
        const ack = await bus.publish(subject(stream, "a.b"), bytes("é"), { id: "one", headers });
        const signal = new AbortController().signal;
        for await (const message of bus.read(stream, { afterSeq: 0, signal })) {
          const { duplicate, ...position } = ack;
          expect(duplicate).toBe(false);
          expect(message).toMatchObject({ ...position, subject: subject(stream, "a.b"), headers });
          expect(Object.keys(message.headers)).toEqual(["traceparent"]);
          expect(text(message.data)).toBe("é");
          break;
        }
      });

      test("an empty body and a large one pass unchanged", async () => {
        const stream = await fresh("log");
        const large = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
        await bus.publish(subject(stream, "empty"), new Uint8Array());
        await bus.publish(subject(stream, "large"), large);
        const got: Uint8Array[] = [];
        for await (const { data } of bus.read(stream, { afterSeq: 0, signal: new AbortController().signal })) {
          if (got.push(data) === 2) break;
        }
        expect(got.map((data) => data.length)).toEqual([0, 300_000]);
        expect(Buffer.compare(got[1] ?? bytes(""), large)).toBe(0);
      });

      test("the caller may use its buffer again once published", async () => {
        const stream = await fresh("log");
        const buffer = bytes("first");
        const published = bus.publish(subject(stream, "a"), buffer);
        await published;
        buffer.fill(0);
        expect(await take(stream, 1)).toEqual(["first"]);
      });

      test("the same id is stored once and acknowledged with the first position", async () => {
        const stream = await fresh("log");
        const first = await bus.publish(subject(stream, "a"), bytes("1"), { id: "slot-7" });
        const again = await bus.publish(subject(stream, "a"), bytes("1"), { id: "slot-7" });
        expect(again).toEqual({ ...first, duplicate: true });
        await put(stream, "b", "2");
        expect(await take(stream, 2)).toEqual(["1", "2"]);
      });

      test("a thousand at once get gapless sequences and are read in that order", async () => {
        const stream = await fresh("log");
        const numbers = Array.from({ length: 1000 }, (_, i) => i);
        const acks = await Promise.all(numbers.map((i) => bus.publish(subject(stream, `n.${i}`), bytes(String(i)))));
        const bySeq = new Map(acks.map((ack, i) => [ack.seq, String(i)]));
        expect([...bySeq.keys()].sort((a, b) => a - b)).toEqual(numbers.map((i) => i + 1));
        expect(await take(stream, 1000)).toEqual(numbers.map((i) => bySeq.get(i + 1)));
      });

      test("reading resumes after a sequence", async () => {
        const stream = await fresh("log");
        for (const body of ["a", "b", "c", "d"]) await put(stream, body);
        expect(await take(stream, 2, { afterSeq: 2 })).toEqual(["c", "d"]);
      });

      test("a reader that has everything is given what is published later", async () => {
        const stream = await fresh("log");
        await put(stream, "old");
        const later = take(stream, 2, { afterSeq: 1 });
        await put(stream, "new");
        await put(stream, "newer");
        expect(await later).toEqual(["new", "newer"]);
      });

      test("a reader asking beyond the end is given what comes next", async () => {
        const stream = await fresh("log");
        await put(stream, "old");
        const found = new AbortController();
        const later = take(stream, 1, { afterSeq: 1_000_000 }).finally(() => found.abort());
        // Whether the reader has begun cannot be seen from outside, so keep publishing until it got one.
        while (!found.signal.aborted) {
          await put(stream, "next");
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(await later).toEqual(["next"]);
      });

      test("a place in another life of the stream means all that is kept", async () => {
        const stream = await fresh("log");
        for (const body of ["a", "b", "c"]) await put(stream, body);
        const { epoch } = await bus.state(stream);
        expect(await take(stream, 1, { afterSeq: 2, epoch })).toEqual(["c"]);
        expect(await take(stream, 3, { afterSeq: 2, epoch: "an earlier life" })).toEqual(["a", "b", "c"]);
      });

      test("each reader has its own place, and a filter passes only its subjects", async () => {
        const stream = await fresh("log");
        for (const rest of ["1.x", "2.x", "1.y.z", "2.y", "1.w"]) await put(stream, rest);
        const reads = [
          take(stream, 5),
          take(stream, 2, { filter: subject(stream, "1.*") }),
          take(stream, 3, { filter: subject(stream, "1.>") }),
          take(stream, 1, { filter: subject(stream, "2.y") }),
        ];
        expect(await Promise.all(reads)).toEqual([
          ["1.x", "2.x", "1.y.z", "2.y", "1.w"],
          ["1.x", "1.w"],
          ["1.x", "1.y.z", "1.w"],
          ["2.y"],
        ]);
      });

      test("reading ends with its signal, also while it waits", async () => {
        const stream = await fresh("log");
        const done = new AbortController();
        const reading = (async () => {
          let count = 0;
          for await (const _ of bus.read(stream, { afterSeq: 0, signal: done.signal })) {
            count += 1;
            done.abort();
          }
          return count;
        })();
        await put(stream, "only");
        expect(await reading).toBe(1);
        const ended = bus.read(stream, { afterSeq: 0, signal: done.signal });
        expect(await ended[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
      });
    });

    describe("streams", () => {
      test("making a stream again keeps its messages and takes new subjects", async () => {
        const stream = await fresh("log");
        await put(stream, "kept");
        const config: StreamConfig = { name: stream, subjects: [subject(stream, ">")], retention: "log" };
        await bus.ensureStream(config);
        await bus.ensureStream({ ...config, subjects: [subject(stream, ">"), `${stream.toLowerCase()}x.>`] });
        await bus.publish(`${stream.toLowerCase()}x.more`, bytes("more"));
        expect(await take(stream, 2)).toEqual(["kept", "more"]);
      });

      test("two streams cannot take one subject", async () => {
        const stream = await fresh("log");
        const rival: StreamConfig = { name: `${stream}RIVAL`, subjects: [subject(stream, "a.>")], retention: "log" };
        await expect(bus.ensureStream(rival)).rejects.toMatchObject({ code: "bus_stream_mismatch" });
      });

      test("the retention of a stream that exists cannot change", async () => {
        const stream = await fresh("log");
        const work: StreamConfig = { name: stream, subjects: [subject(stream, ">")], retention: "work" };
        await expect(bus.ensureStream(work)).rejects.toMatchObject({
          code: "bus_stream_mismatch",
          params: { stream, setting: "retention", wanted: "work", got: "log" },
        });
      });

      test("the state tells epoch, first and last sequence", async () => {
        const stream = await fresh("log");
        expect(await bus.state(stream)).toMatchObject({ firstSeq: 1, lastSeq: 0 });
        await put(stream, "a");
        const ack = await bus.publish(subject(stream, "b"), bytes("b"));
        expect(await bus.state(stream)).toEqual({ epoch: ack.epoch, firstSeq: 1, lastSeq: 2 });
        expect(ack.epoch).not.toBe("");
      });

      test("over its size a stream drops the oldest first", async () => {
        const stream = await fresh("log", { maxBytes: 100_000 });
        const body = "x".repeat(10_000);
        for (let i = 0; i < 15; i += 1) await put(stream, "a", body);
        const { firstSeq, lastSeq } = await bus.state(stream);
        expect(lastSeq).toBe(15);
        expect(firstSeq).toBeGreaterThan(5);
        expect(firstSeq).toBeLessThan(12);
      });

      test("a stream of latest values keeps the last of each subject", async () => {
        const stream = await fresh("latest");
        for (const [rest, body] of [
          ["1", "old"],
          ["2", "two"],
          ["1", "new"],
          ["3", "three"],
        ] as const) {
          await put(stream, rest, body);
        }
        expect(await take(stream, 3)).toEqual(["two", "new", "three"]);
        expect(await bus.state(stream)).toMatchObject({ firstSeq: 2, lastSeq: 4 });
      });

      test("a queue is not read and a log is not consumed", async () => {
        const [log, work] = [await fresh("log"), await fresh("work")];
        await expect(take(work, 1)).rejects.toMatchObject({ code: "bus_stream_mismatch" });
        await expect(worker(log).next()).rejects.toMatchObject({ code: "bus_stream_mismatch" });
      });
    });

    describe("work queue", () => {
      test("two consumers of one name share the messages; what is acknowledged is gone", async () => {
        const stream = await fresh("work");
        const workers = [worker(stream), worker(stream)];
        for (const body of ["a", "b", "c", "d"]) await put(stream, body);
        const got: string[] = [];
        for (const { next } of [...workers, ...workers]) {
          const message = await next();
          got.push(text(message.data));
          expect(message.deliveries).toBe(1);
          await message.ack();
        }
        expect(got.sort()).toEqual(["a", "b", "c", "d"]);
        expect(await bus.state(stream)).toMatchObject({ firstSeq: 5, lastSeq: 4 });
        await Promise.all(workers.map(({ end }) => end()));
      });

      test("messages wait for the first consumer", async () => {
        const stream = await fresh("work");
        await put(stream, "early");
        const { next, end } = worker(stream);
        const message = await next();
        expect(text(message.data)).toBe("early");
        await message.ack();
        await end();
      });

      test("retry brings a message again after its delay, while others go on", async () => {
        const stream = await fresh("work");
        const { next, end } = worker(stream);
        await put(stream, "a");
        await put(stream, "b");
        const first = await next();
        await first.retry(300);
        const second = await next();
        await second.ack();
        const again = await next();
        await again.ack();
        expect([first, second, again].map((m) => [text(m.data), m.deliveries])).toEqual([
          ["a", 1],
          ["b", 1],
          ["a", 2],
        ]);
        await end();
      });

      test("silence brings a message again after the wait", async () => {
        const stream = await fresh("work");
        const { next, end } = worker(stream, { ackWaitMs: 300 });
        await put(stream, "a");
        const silent = await next();
        const again = await next();
        expect([silent.seq, again.seq, again.deliveries]).toEqual([1, 1, 2]);
        await again.ack();
        await end();
      });

      test("what a consumer left unanswered comes to the next one of its name", async () => {
        const stream = await fresh("work");
        await put(stream, "a");
        const gone = worker(stream, { ackWaitMs: 300 });
        await gone.next();
        await gone.end();
        const { next, end } = worker(stream, { ackWaitMs: 300 });
        const message = await next();
        expect([text(message.data), message.deliveries]).toEqual(["a", 2]);
        await message.ack();
        await end();
      });

      test("after the last delivery a message does not come again", async () => {
        const stream = await fresh("work");
        const { next, end } = worker(stream, { ackWaitMs: 200, maxDeliveries: 2 });
        await put(stream, "poison");
        expect([(await next()).deliveries, (await next()).deliveries]).toEqual([1, 2]);
        const following = next();
        await new Promise((resolve) => setTimeout(resolve, 500));
        await put(stream, "good");
        const message = await following;
        expect(text(message.data)).toBe("good");
        await message.ack();
        await end();
      });

      test("a parked message never comes again", async () => {
        const stream = await fresh("work");
        const { next, end } = worker(stream, { ackWaitMs: 200 });
        await put(stream, "poison");
        await (await next()).park("cannot be decoded");
        const following = next();
        await new Promise((resolve) => setTimeout(resolve, 500));
        await put(stream, "good");
        const message = await following;
        expect(text(message.data)).toBe("good");
        await message.ack();
        await end();
      });

      test("consumers of different filters get their own, and filters must not overlap", async () => {
        const stream = await fresh("work");
        const repair = worker(stream, { name: "repair", filter: subject(stream, "repair.>") });
        const check = worker(stream, { name: "check", filter: subject(stream, "check.>") });
        await put(stream, "check.1");
        await put(stream, "repair.1");
        const [one, other] = [await repair.next(), await check.next()];
        expect([text(one.data), text(other.data)]).toEqual(["repair.1", "check.1"]);
        await Promise.all([one.ack(), other.ack()]);
        const rival = worker(stream, { name: "rival", filter: subject(stream, "*.1") });
        await expect(rival.next()).rejects.toMatchObject({ code: "bus_stream_mismatch" });
        await Promise.all([repair.end(), check.end()]);
      });
    });

    describe("wrong use", () => {
      test.each(["", "a..b", "a.*", "a b"])("publishing on %j is refused with the subject", async (wrong) => {
        await expect(bus.publish(wrong, bytes("x"))).rejects.toMatchObject({
          code: "bus_subject_invalid",
          params: { subject: wrong },
        });
      });

      test("publishing where no stream listens is an error, not a loss", async () => {
        await expect(bus.publish("nobody.here", bytes("x"))).rejects.toMatchObject({
          code: "bus_subject_unknown",
          params: { subject: "nobody.here" },
        });
      });

      test("a message over the limit is refused with both sizes", async () => {
        const stream = await fresh("log");
        const large = new Uint8Array(2 * 1024 * 1024);
        await expect(bus.publish(subject(stream, "a"), large)).rejects.toMatchObject({
          code: "bus_message_too_large",
          params: { bytes: "2097152", limitBytes: "1048576" },
        });
      });

      test("a stream nobody made is missing by name", async () => {
        await expect(bus.state("NOWHERE")).rejects.toMatchObject({
          code: "bus_stream_missing",
          params: { stream: "NOWHERE" },
        });
      });
    });

    test("closing ends readers and consumers, and later calls say so", async () => {
      const other = await open();
      const log: StreamConfig = { name: "LAST", subjects: ["last.>"], retention: "log" };
      const work: StreamConfig = { name: "LASTWORK", subjects: ["lastwork.>"], retention: "work" };
      await other.bus.ensureStream(log);
      await other.bus.ensureStream(work);
      const signal = new AbortController().signal;
      const drain = async (messages: AsyncIterable<unknown>): Promise<string> => {
        for await (const _ of messages) throw new Error("nothing was published");
        return "ended";
      };
      const reading = drain(other.bus.read("LAST", { afterSeq: 0, signal }));
      const queue = { stream: "LASTWORK", name: "w", filter: "lastwork.>", ackWaitMs: 1000, maxDeliveries: 2 };
      const consuming = drain(other.bus.consume({ ...queue, signal }));
      expect(other.bus.connected()).toBe(true);
      await other.bus.close();
      expect(await Promise.all([reading, consuming])).toEqual(["ended", "ended"]);
      expect(other.bus.connected()).toBe(false);
      await expect(other.bus.publish("last.a", bytes("x"))).rejects.toMatchObject({ code: "bus_closed" });
      await other.stop();
    });
  });
}
