"use client";

import Link from "next/link";
import { coverageOf, oldestAnswer } from "../lib/coverage.ts";
import { count, shortSpan } from "../lib/format.ts";
import { useLive, useNow } from "../lib/live.ts";
import { paths } from "../lib/paths.ts";
import { type RecentRepair, recentRepairs, repairScore } from "../lib/repairs.ts";
import { Card } from "./card.tsx";
import { useReader } from "./locale.tsx";
import { tickingSpan } from "../lib/format.ts";

const REPAIRS_SHOWN = 5;

export function OverviewAside() {
  return (
    <aside className="stack">
      <RepairsCard />
      <TotalsCard />
      <CoverageCard />
    </aside>
  );
}

function RepairsCard() {
  const { t } = useReader();
  const live = useLive();
  const repairs = recentRepairs(live.incidents.values(), useNow());
  const { worked, total } = repairScore(repairs);
  const note = total === 0 ? undefined : t("repairs.summary", { worked: String(worked), total: String(total) });
  return (
    <Card title={t("repairs.title")} note={note}>
      {repairs.length === 0 ? (
        <p className="quiet-line">{t("repairs.none")}</p>
      ) : (
        <ul className="pairs">
          {repairs.slice(0, REPAIRS_SHOWN).map((recent) => (
            <RepairLine key={`${recent.incident.id}-${recent.repair.attempt}`} recent={recent} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function RepairLine({ recent }: { readonly recent: RecentRepair }) {
  const { locale } = useReader();
  const { incident, repair } = recent;
  const { t } = useReader();
  return (
    <li>
      <Link href={paths.incident(locale, incident.id)} prefetch={false}>
        {incident.monitorName} · {t(`repairs.${repair.action}`)}
      </Link>
      <RepairOutcome recent={recent} />
    </li>
  );
}

function RepairOutcome({ recent: { repair } }: { readonly recent: RecentRepair }) {
  const { locale, t } = useReader();
  switch (repair.state) {
    case "succeeded": {
      const took = Date.parse(repair.finishedAt ?? repair.requestedAt) - Date.parse(repair.requestedAt);
      return <span className="s-up">{t("repairs.fixed", { span: tickingSpan(locale, Math.max(1000, took)) })}</span>;
    }
    case "failed":
      return <span className="s-down">{t("repairs.failed")}</span>;
    case "unknown":
      return <span className="s-unknown">{t("repairs.unknown")}</span>;
    default:
      return <span>{t("repairs.running")}</span>;
  }
}

function TotalsCard() {
  const { locale, t } = useReader();
  const { totals } = useLive();
  const shown = (value: number | undefined): string => (value === undefined ? "–" : count(locale, value));
  return (
    <Card title={t("totals.title")}>
      <ul className="pairs">
        <li>
          <span>{t("totals.checks")}</span>
          <span className="ticking">{shown(totals?.checks)}</span>
        </li>
        <li>
          <span>{t("totals.incidents")}</span>
          <span className="ticking">{shown(totals?.incidents)}</span>
        </li>
        <li>
          <span>{t("totals.autoFixes")}</span>
          <span className="ticking">{shown(totals?.autoFixes)}</span>
        </li>
      </ul>
    </Card>
  );
}

function CoverageCard() {
  const { locale, t } = useReader();
  const live = useLive();
  const now = useNow();
  const { total, missed } = coverageOf(live.monitors.values());
  const oldest = oldestAnswer(live.monitors.values());
  if (total === 0) {
    return (
      <Card title={t("coverage.title")}>
        <p className="quiet-line">{t("coverage.none")}</p>
      </Card>
    );
  }
  const sentences = [
    t("coverage.summary", { n: String(total), done: count(locale, total - missed), total: count(locale, total) }),
    missed === 0 ? "" : t("coverage.missed", { n: String(missed) }),
    oldest === null ? "" : t("coverage.oldest", { age: shortSpan(locale, now - oldest.atMs), name: oldest.name }),
  ];
  return (
    <Card title={t("coverage.title")}>
      <p className="quiet-line">{sentences.filter(Boolean).join(" ")}</p>
    </Card>
  );
}
