import type { SseFrame } from "@sentinel/contracts/api";
import type { Locale } from "@sentinel/contracts/text";
import type { ModelChange } from "../read-model.ts";
import { checkView } from "../views/check-view.ts";
import { incidentView, timelineView } from "../views/incident-view.ts";
import { monitorView } from "../views/monitor-view.ts";
import { configView, totalsView } from "../views/system-view.ts";

export type Change = Exclude<ModelChange, { kind: "reset" }>;

/** A change with its number; its text is made once per language and shared by all readers. */
export class LoggedChange {
  readonly number: number;
  readonly change: Change;
  readonly #id: string;
  readonly #texts = new Map<Locale, string>();

  constructor(id: string, number: number, change: Change) {
    this.#id = id;
    this.number = number;
    this.change = change;
  }

  text(locale: Locale): string {
    const known = this.#texts.get(locale);
    if (known !== undefined) return known;
    const text = frameText(frameOf(this.change, locale), this.#id);
    this.#texts.set(locale, text);
    return text;
  }
}

/** Changes that can still be sent again. */
const KEPT = 1000;

/** The last changes, numbered from the gateway's start; an id names the start too, so that old ids never match. */
export class ChangeLog {
  readonly #bootId: string;
  #kept: LoggedChange[] = [];
  #last = 0;

  constructor(bootId: string) {
    this.#bootId = bootId;
  }

  /** Id of the newest change. */
  get lastId(): string {
    return `${this.#bootId}-${this.#last}`;
  }

  add(change: Change): LoggedChange {
    this.#last += 1;
    const logged = new LoggedChange(this.lastId, this.#last, change);
    this.#kept.push(logged);
    // Cut seldom and by half, so that keeping the log costs next to nothing.
    if (this.#kept.length >= 2 * KEPT) this.#kept = this.#kept.slice(-KEPT);
    return logged;
  }

  /** Nothing before this moment can be resumed from. */
  restart(): void {
    this.#last += 1;
    this.#kept = [];
  }

  /** What came after an id; undefined when that is not known any more, or never was. */
  after(id: string): readonly LoggedChange[] | undefined {
    const [, bootId, digits] = /^(.+)-(\d+)$/.exec(id) ?? [];
    const number = Number(digits);
    if (bootId !== this.#bootId || number > this.#last) return undefined;
    const kept = this.#kept.slice(-KEPT);
    const oldest = kept[0]?.number ?? this.#last + 1;
    if (number < oldest - 1) return undefined;
    return kept.filter((each) => each.number > number);
  }
}

function frameOf(change: Change, locale: Locale): SseFrame {
  switch (change.kind) {
    case "monitor":
      return { event: "monitor", data: monitorView(change.monitor) };
    case "monitor_removed":
      return { event: "monitor_removed", data: { id: change.id } };
    case "incident":
      return { event: "incident", data: incidentView(change.incident, locale) };
    case "timeline": {
      const { incidentId, entry } = change.timeline;
      return { event: "timeline", data: { incidentId, entry: timelineView(entry ?? NO_ENTRY, locale) } };
    }
    case "check":
      return { event: "check", data: checkView(change.check, locale) };
    case "totals":
      return { event: "totals", data: totalsView(change.totals) };
    default:
      return { event: "config", data: configView(change.config, locale) };
  }
}

const NO_ENTRY = { eventId: "", version: 0, atMs: 0, event: undefined };

/** One frame as text/event-stream has it; without an id the reader's place stays where it was. */
export function frameText(frame: SseFrame, id?: string): string {
  const place = id === undefined ? "" : `id: ${id}\n`;
  return `${place}event: ${frame.event}\ndata: ${JSON.stringify(frame.data)}\n\n`;
}
