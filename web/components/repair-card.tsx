"use client";

import type { RepairView } from "@sentinel/contracts/api";
import { renderText } from "@sentinel/contracts/text/screen";
import { useEffect, useRef } from "react";
import { useNow } from "../lib/live.ts";
import { Filled } from "./attention.tsx";
import { Card } from "./card.tsx";
import { Icon, type Shape } from "./icons.tsx";
import { useReader } from "./locale.tsx";
import { State } from "./state.tsx";
import { ClockTime, Countdown, Duration } from "./time.tsx";

const SHAPE: Readonly<Record<"succeeded" | "failed" | "unknown", Shape>> = {
  succeeded: "up",
  failed: "down",
  unknown: "unknown",
};

/** Each repair with its outcome; a running one with the time it has left. */
export function RepairCard({ repairs }: { readonly repairs: readonly RepairView[] }) {
  const { t } = useReader();
  return (
    <Card title={t("repair.title")}>
      {repairs.length === 0 ? (
        <p className="quiet-line">{t("repair.none")}</p>
      ) : (
        <ul className="repairs">
          {repairs.map((repair) => (
            <Repair key={`${repair.action}-${repair.attempt}-${repair.requestedAt}`} repair={repair} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Repair({ repair }: { readonly repair: RepairView }) {
  const { locale, t } = useReader();
  const running = repair.state === "running" || repair.state === "requested";
  return (
    <li>
      <div className="repair-line">
        <b>{t(`repair.${repair.action}`)}</b>
        <small>{t("repair.attempt", { n: String(repair.attempt) })}</small>
        <ClockTime at={repair.requestedAt} />
      </div>
      <div className="repair-line">
        <RepairState state={repair.state} />
        {repair.finishedAt === null ? null : (
          <small>
            <Filled template={t("repair.took", { span: "\u0000" })}>
              <Duration from={repair.startedAt ?? repair.requestedAt} to={repair.finishedAt} />
            </Filled>
          </small>
        )}
      </div>
      {running && repair.deadline !== null ? (
        <RepairProgress from={repair.startedAt ?? repair.requestedAt} deadline={repair.deadline} />
      ) : null}
      {repair.reason === null ? null : (
        <small className="repair-reason">{renderText(locale, `reason.${repair.reason}`)}</small>
      )}
    </li>
  );
}

function RepairState({ state }: { readonly state: RepairView["state"] }) {
  const { t } = useReader();
  const word = t(`repair.state.${state}`);
  if (state !== "requested" && state !== "running") return <State shape={SHAPE[state]} word={word} />;
  return (
    <span className="state mark-accent">
      <Icon name="wrench" />
      {word}
    </span>
  );
}

function RepairProgress({ from, deadline }: { readonly from: string; readonly deadline: string }) {
  const { t } = useReader();
  const now = useNow();
  const bar = useRef<HTMLSpanElement>(null);
  const start = Date.parse(from);
  const end = Date.parse(deadline);
  const part = Math.min(1, Math.max(0, (now - start) / Math.max(1, end - start)));
  useEffect(() => bar.current?.style.setProperty("--part", part.toFixed(3)), [part]);
  return (
    <div className="repair-progress">
      <span className="progress" aria-hidden="true">
        <span ref={bar} />
      </span>
      <small>
        {now > end ? (
          t("repair.over")
        ) : (
          <Filled template={t("repair.left", { left: "\u0000" })}>
            <Countdown to={deadline} over="0 s" />
          </Filled>
        )}
      </small>
    </div>
  );
}
