"use client";

import { type ProductionView, renderText } from "@sentinel/contracts/text/screen";
import { ShapeIcon, type Shape } from "./icons.tsx";
import { useReader } from "./locale.tsx";
import { Announcer } from "./toast.tsx";

const SHAPE: Readonly<Record<ProductionView["state"], Shape>> = {
  up: "up",
  degraded: "degraded",
  down: "down",
  unknown: "unknown",
  empty: "unknown",
};

interface VerdictProps {
  readonly production: ProductionView;
  /** Changes exactly when there is something new to say aloud. */
  readonly change: string;
}

/** The first sentence of the product, then its five answers. */
export function Verdict({ production, change }: VerdictProps) {
  const { locale, t } = useReader();
  const { answers, state } = production;
  const conclusion = renderText(locale, `overview.headline.${state}`).replace(/\.$/, "");
  const questions: readonly (readonly [string, string, string])[] = [
    ["up", t("overview.question.up"), answers.up],
    ["why", t("overview.question.why"), production.cause ?? answers.why],
    ["since", t("overview.question.since"), answers.since],
    ["nature", t("overview.question.nature"), answers.nature],
    ["who", t("overview.question.who"), answers.who],
  ];
  return (
    <section className={`card verdict v-${state}`} data-state={state}>
      <h1>
        <ShapeIcon shape={SHAPE[state]} />
        <span>{conclusion}</span>
      </h1>
      <p className="verdict-rest">{production.lead}</p>
      <dl className="answers">
        {questions.map(([key, question, answer]) => (
          <div key={key} data-answer={key}>
            <dt>{question}</dt>
            <dd>{answer}</dd>
          </div>
        ))}
      </dl>
      <Announcer change={change} text={production.headline} />
    </section>
  );
}
