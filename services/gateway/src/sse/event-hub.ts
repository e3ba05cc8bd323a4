import { SentinelError } from "@sentinel/contracts";
import type { Locale } from "@sentinel/contracts/text";
import type { ServiceKit } from "@sentinel/service-kit";
import type { ModelChange, ReadModel } from "../read-model.ts";
import { instant, instantOrNull } from "../views/absent.ts";
import { incidentView } from "../views/incident-view.ts";
import { monitorView } from "../views/monitor-view.ts";
import { configView, totalsView } from "../views/system-view.ts";
import type { FastifyReply } from "fastify";
import { ChangeLog, frameText, type LoggedChange } from "./change-log.ts";

type Raw = FastifyReply["raw"];

/** What one reader asked for. */
export interface Subscription {
  readonly locale: Locale;
  /** Rounds of this monitor are wanted; undefined for none. */
  readonly monitorId: string | undefined;
  readonly allChecks: boolean;
  /** Last-Event-ID; empty at the first connection. */
  readonly lastEventId: string;
}

interface Reader extends Subscription {
  readonly response: Raw;
  /** Bytes that may wait unsent before the reader counts as lost. */
  allowedBytes: number;
  /** It is over the limit and has until the end of the grace. */
  late: boolean;
  /** Ends with its connection. */
  readonly gone: AbortController;
}

const HEARTBEAT_MS = 15_000;
/** More than this unsent, and still after the grace, is a reader that cannot follow. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** A burst of changes is written at once; a reader that can follow takes it within this time. */
const GRACE_MS = 5000;
/** No grace beyond this. */
const MOST_BUFFERED_BYTES = 32 * MAX_BUFFERED_BYTES;
const MAX_READERS = 4096;

/** Sends every change of the model to everybody who listens. */
export class EventHub {
  readonly #kit: ServiceKit;
  readonly #model: ReadModel;
  readonly #log: ChangeLog;
  readonly #readers = new Set<Reader>();
  readonly #snapshots = new Map<Locale, { readonly id: string; readonly rest: string }>();
  readonly #gauge;
  readonly #dropped;

  constructor(kit: ServiceKit, model: ReadModel) {
    this.#kit = kit;
    this.#model = model;
    this.#log = new ChangeLog(Buffer.from(kit.random.bytes(6)).toString("hex"));
    this.#gauge = kit.metrics.gauge("sentinel_gateway_event_streams", "Live connections open.");
    this.#dropped = kit.metrics.counter(
      "sentinel_gateway_event_streams_dropped_total",
      "Live connections ended because their reader was too slow.",
    );
    model.onFolding(() => this.#beat());
    model.onChange((change) => this.#publish(change));
  }

  /** Beats until the signal ends, then ends all connections. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#kit.clock.sleep(HEARTBEAT_MS, signal);
      if (!signal.aborted) this.#beat();
    }
    for (const { response } of this.#readers) response.end();
  }

  /** Errors: `too_many_streams`. Call it before anything is written. */
  admit(): void {
    if (this.#readers.size >= MAX_READERS) throw new SentinelError("too_many_streams", { limit: String(MAX_READERS) });
  }

  /** Writes the stream to this response until either side ends it. */
  attach(response: Raw, subscription: Subscription): void {
    const gone = new AbortController();
    const reader: Reader = { ...subscription, response, allowedBytes: MAX_BUFFERED_BYTES, late: false, gone };
    this.#readers.add(reader);
    this.#gauge.set(this.#readers.size);
    response.on("drain", () => (reader.allowedBytes = MAX_BUFFERED_BYTES));
    response.on("close", () => {
      gone.abort();
      this.#readers.delete(reader);
      this.#gauge.set(this.#readers.size);
    });
    response.write("retry: 1000\n\n");
    this.#catchUp(reader);
  }

  #catchUp(reader: Reader): void {
    const missed = reader.lastEventId === "" ? undefined : this.#log.after(reader.lastEventId);
    if (missed === undefined) {
      if (this.#model.complete) this.#sendSnapshot(reader);
      else this.#send(reader, this.#heartbeat());
      return;
    }
    for (const logged of missed) if (wants(reader, logged)) this.#send(reader, logged.text(reader.locale));
    this.#send(reader, this.#heartbeat());
  }

  #publish(change: ModelChange): void {
    if (change.kind === "reset") {
      this.#log.restart();
      for (const reader of this.#readers) this.#sendSnapshot(reader);
      return;
    }
    const logged = this.#log.add(change);
    for (const reader of this.#readers) {
      if (wants(reader, logged)) this.#send(reader, logged.text(reader.locale));
    }
  }

  #beat(): void {
    const text = this.#heartbeat();
    for (const reader of this.#readers) this.#send(reader, text);
  }

  #heartbeat(): string {
    const now = instant(this.#kit.clock.now());
    const { upstream, notFoldedSinceMs } = this.#model;
    return frameText({ event: "heartbeat", data: { now, upstream, notFoldedSince: instantOrNull(notFoldedSinceMs) } });
  }

  #sendSnapshot(reader: Reader): void {
    const text = this.#snapshot(reader.locale);
    // A snapshot may be larger than the allowance by itself.
    reader.allowedBytes = MAX_BUFFERED_BYTES + Buffer.byteLength(text);
    this.#send(reader, text);
  }

  /** Made once per state and language; only the instant differs between readers. */
  #snapshot(locale: Locale): string {
    const id = this.#log.lastId;
    let known = this.#snapshots.get(locale);
    const stamp = `${id} ${this.#model.notFoldedSinceMs}`;
    if (known?.id !== stamp) {
      known = { id: stamp, rest: JSON.stringify(this.#picture(locale)).slice(1) };
      this.#snapshots.set(locale, known);
    }
    const now = JSON.stringify(instant(this.#kit.clock.now()));
    return `id: ${id}\nevent: snapshot\ndata: {"now":${now},${known.rest}\n\n`;
  }

  #picture(locale: Locale) {
    const model = this.#model;
    return {
      monitors: model.monitors().map(monitorView),
      incidents: model.incidents().map((each) => incidentView(each, locale)),
      totals: totalsView(model.totals),
      config: configView(model.config, locale),
      notFoldedSince: instantOrNull(model.notFoldedSinceMs),
    };
  }

  #send(reader: Reader, text: string): void {
    const { response, allowedBytes } = reader;
    if (response.destroyed || response.writableEnded) return;
    response.write(text);
    const bufferedBytes = response.writableLength;
    if (bufferedBytes > allowedBytes + MOST_BUFFERED_BYTES) this.#drop(reader);
    else if (bufferedBytes > allowedBytes && !reader.late) void this.#watchLate(reader);
  }

  async #watchLate(reader: Reader): Promise<void> {
    reader.late = true;
    await this.#kit.clock.sleep(GRACE_MS, reader.gone.signal);
    reader.late = false;
    if (reader.response.writableLength > reader.allowedBytes) this.#drop(reader);
  }

  #drop({ response }: Reader): void {
    if (response.destroyed) return;
    this.#dropped.inc();
    this.#kit.log.warn("gateway.event_stream_dropped", { bufferedBytes: response.writableLength });
    response.destroy();
  }
}

function wants(reader: Subscription, { change }: LoggedChange): boolean {
  return change.kind !== "check" || reader.allChecks || reader.monitorId === change.check.monitorId;
}
