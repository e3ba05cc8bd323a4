import type { Clock, Log } from "@sentinel/service-kit";
import type { ConsumeOptions, Message, WorkMessage } from "../bus.ts";
import { subjectFilter } from "../subject-filter.ts";
import type { MessageLog } from "./message-log.ts";
import type { Pulse } from "./pulse.ts";

/** What the consumers of one name share: who has which message, and what has to come again. */
export class WorkQueue {
  readonly #messages: MessageLog;
  readonly #pulse: Pulse;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Sequences to deliver again, before new ones. */
  readonly #again: number[] = [];
  readonly #deliveries = new Map<number, number>();
  /** Ends the waiting of a delivery for its answer, or of a retry for its delay. */
  readonly #waits = new Map<number, AbortController>();
  #lastNew = 0;
  #options: ConsumeOptions | undefined;
  #wanted: (subject: string) => boolean = () => false;

  constructor(messages: MessageLog, pulse: Pulse, clock: Clock, log: Log) {
    this.#messages = messages;
    this.#pulse = pulse;
    this.#clock = clock;
    this.#log = log;
  }

  get filter(): string {
    return this.#options?.filter ?? "";
  }

  configure(options: ConsumeOptions): void {
    this.#options = options;
    this.#wanted = subjectFilter(options.filter);
  }

  async *consume(signal: AbortSignal): AsyncGenerator<WorkMessage, void, undefined> {
    while (!signal.aborted) {
      const message = this.#take();
      if (message === undefined) await this.#pulse.next(signal);
      else yield this.#deliver(message);
    }
  }

  close(): void {
    for (const wait of this.#waits.values()) wait.abort("answered");
  }

  #take(): Message | undefined {
    for (let seq = this.#again.shift(); seq !== undefined; seq = this.#again.shift()) {
      const message = this.#messages.get(seq);
      if (message !== undefined) return message;
      this.#deliveries.delete(seq);
    }
    for (;;) {
      const message = this.#messages.after(this.#lastNew);
      if (message === undefined) return undefined;
      this.#lastNew = message.seq;
      if (this.#wanted(message.subject)) return message;
    }
  }

  #deliver(message: Message): WorkMessage {
    const deliveries = (this.#deliveries.get(message.seq) ?? 0) + 1;
    this.#deliveries.set(message.seq, deliveries);
    const answered = this.#comeAgain(message, this.#options?.ackWaitMs ?? 0);
    return {
      ...message,
      deliveries,
      // An answer that comes late still ends the message, as long as it is there.
      ack: () => Promise.resolve(this.#end(message.seq)),
      retry: (delayMs) => {
        if (!answered.aborted) this.#comeAgain(message, delayMs);
        return Promise.resolve();
      },
      park: (reason) => {
        this.#log.warn("bus.message_parked", { subject: message.subject, seq: message.seq, reason });
        return Promise.resolve(this.#end(message.seq));
      },
    };
  }

  /** Delivers the message again after this time, unless an answer comes first; the signal ends with the wait. */
  #comeAgain(message: Message, afterMs: number): AbortSignal {
    this.#waits.get(message.seq)?.abort("answered");
    const wait = new AbortController();
    this.#waits.set(message.seq, wait);
    const expire = async (): Promise<void> => {
      await this.#clock.sleep(afterMs, wait.signal);
      if (wait.signal.aborted) return;
      wait.abort("answered");
      this.#waits.delete(message.seq);
      this.#expired(message);
    };
    void expire();
    return wait.signal;
  }

  #expired(message: Message): void {
    const { seq, subject } = message;
    if ((this.#deliveries.get(seq) ?? 0) >= (this.#options?.maxDeliveries ?? 1)) {
      this.#log.warn("bus.message_given_up", { subject, seq, deliveries: this.#deliveries.get(seq) });
      this.#end(seq);
      return;
    }
    this.#again.push(seq);
    this.#pulse.beat();
  }

  #end(seq: number): void {
    this.#waits.get(seq)?.abort("answered");
    this.#waits.delete(seq);
    this.#deliveries.delete(seq);
    this.#messages.remove(seq);
  }
}
