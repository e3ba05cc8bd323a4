"use client";

import type { Overview } from "@sentinel/contracts/api";
import { ShapeIcon, type Shape } from "./icons.tsx";
import { useReader } from "./locale.tsx";
import { Announcer } from "./toast.tsx";

const SHAPE: Readonly<Record<Overview["state"], Shape>> = {
  up: "up",
  degraded: "degraded",
  down: "down",
  unknown: "unknown",
  empty: "unknown",
};

interface VerdictProps {
  readonly overview: Overview;
  /** Changes exactly when there is something new to say aloud. */
  readonly change: string;
}

/** The first sentence of the product, then its five answers. */
export function Verdict({ overview, change }: VerdictProps) {
  const { t } = useReader();
  const { answers } = overview;
  const [conclusion, ...rest] = splitHeadline(overview.headline);
  const questions: readonly (readonly [string, string, string])[] = [
    ["up", t("overview.question.up"), answers.up],
    ["why", t("overview.question.why"), answers.why],
    ["since", t("overview.question.since"), answers.since],
    ["nature", t("overview.question.nature"), answers.nature],
    ["who", t("overview.question.who"), answers.who],
  ];
  return (
    <section className={`card verdict v-${overview.state}`} data-state={overview.state}>
      <h1>
        <ShapeIcon shape={SHAPE[overview.state]} />
        <span>{conclusion}</span>
      </h1>
      {rest.length === 0 ? null : <p className="verdict-rest">{rest.join(" ")}</p>}
      <dl className="answers">
        {questions.map(([key, question, answer]) => (
          <div key={key} data-answer={key}>
            <dt>{question}</dt>
            <dd>{answer}</dd>
          </div>
        ))}
      </dl>
      <Announcer change={change} text={overview.headline} />
    </section>
  );
}

/** The first sentence is the title, what follows is its explanation. */
export function splitHeadline(headline: string): readonly string[] {
  const end = /[.!?](?:\s|$)/.exec(headline);
  if (end === null || end.index + 1 >= headline.trimEnd().length) return [headline.replace(/\.$/, "")];
  return [headline.slice(0, end.index), headline.slice(end.index + 1).trim()];
}
