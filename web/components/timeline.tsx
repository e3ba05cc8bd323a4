"use client";

import type { TimelineEntryView } from "@sentinel/contracts/api";
import { describeEntry } from "@sentinel/contracts/text/screen";
import { Icon, type IconName, ShapeIcon, type Shape } from "./icons.tsx";
import { useReader } from "./locale.tsx";
import { ClockTime } from "./time.tsx";

type Mark = { readonly shape: Shape } | { readonly icon: IconName; readonly tone: "plain" | "accent" | "down" };

const MARKS: Readonly<Record<string, Mark>> = {
  incident_opened: { shape: "down" },
  incident_diagnosed: { icon: "lens", tone: "plain" },
  incident_verdict_changed: { shape: "degraded" },
  incident_reopened: { shape: "down" },
  flapping_started: { icon: "wave", tone: "down" },
  repair_requested: { icon: "wrench", tone: "accent" },
  repair_withheld: { icon: "wrench", tone: "plain" },
  repair_started: { icon: "wrench", tone: "accent" },
  repair_succeeded: { shape: "up" },
  repair_failed: { icon: "wrench", tone: "down" },
  repair_outcome_unknown: { shape: "unknown" },
  recommendation_added: { icon: "bulb", tone: "plain" },
  notification_delivered: { icon: "bell", tone: "plain" },
  notification_failed: { icon: "bell", tone: "down" },
  incident_acknowledged: { icon: "person", tone: "accent" },
  comment_added: { icon: "comment", tone: "plain" },
  incident_resolved: { shape: "up" },
};

const OTHER: Mark = { icon: "dot", tone: "plain" };

interface TimelineProps {
  readonly entries: readonly TimelineEntryView[];
  /** Whether more may come: the list then announces what is added. */
  readonly live: boolean;
}

/** What happened, oldest first, each event with its hour and its form. */
export function Timeline({ entries, live }: TimelineProps) {
  return (
    <ol className="timeline" aria-live={live ? "polite" : "off"} aria-relevant="additions">
      {entries.map((entry) => (
        <Entry key={entry.version} entry={entry} />
      ))}
    </ol>
  );
}

function Entry({ entry }: { readonly entry: TimelineEntryView }) {
  const mark = MARKS[entry.type] ?? OTHER;
  const { locale } = useReader();
  const { title, detail } = splitEntry(entry.type, describeEntry(locale, entry));
  return (
    <li data-type={entry.type}>
      <ClockTime at={entry.at} />
      <span className={`mark ${"shape" in mark ? `s-${mark.shape}` : `mark-${mark.tone}`}`}>
        {"shape" in mark ? <ShapeIcon shape={mark.shape} /> : <Icon name={mark.icon} />}
      </span>
      <div>
        <p>{title}</p>
        {detail === "" ? null : <small>{detail}</small>}
      </div>
    </li>
  );
}

/** A comment is the words of a person; any other event opens with its first sentence. */
function splitEntry(type: string, text: string): { readonly title: string; readonly detail: string } {
  const end = type === "comment_added" ? -1 : text.search(/[.!?]\s/);
  if (end === -1) return { title: text, detail: "" };
  return { title: text.slice(0, end + 1), detail: text.slice(end + 2) };
}
