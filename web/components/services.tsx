"use client";

import type { MonitorView } from "@sentinel/contracts/api";
import Link from "next/link";
import { memo } from "react";
import { BEATS_SHOWN } from "../lib/beats.ts";
import { count, currentLatency, percent } from "../lib/format.ts";
import { paths } from "../lib/paths.ts";
import { Beats } from "./beats.tsx";
import { useReader } from "./locale.tsx";
import { StatusState } from "./state.tsx";
import { Countdown } from "./time.tsx";

/** Services in columns; on a phone each row becomes a small block. */
export function ServicesTable({ monitors }: { readonly monitors: readonly MonitorView[] }) {
  const { t } = useReader();
  return (
    <table className="services">
      <caption className="visually-hidden">{t("services.caption", { rounds: String(BEATS_SHOWN) })}</caption>
      <thead>
        <tr>
          <th scope="col">{t("services.service")}</th>
          <th scope="col">{t("services.state")}</th>
          <th scope="col">
            <span className="visually-hidden">{t("services.history")}</span>
          </th>
          <th scope="col" className="num">
            {t("services.latency")}
          </th>
          <th scope="col" className="num">
            {t("services.uptime")}
          </th>
          <th scope="col" className="num">
            {t("services.next")}
          </th>
        </tr>
      </thead>
      <tbody>
        {monitors.map((monitor) => (
          <ServiceRow key={monitor.id} monitor={monitor} />
        ))}
      </tbody>
    </table>
  );
}

const ServiceRow = memo(function ServiceRow({ monitor }: { readonly monitor: MonitorView }) {
  const { locale, t } = useReader();
  return (
    <tr className="service" data-monitor={monitor.name}>
      <th scope="row" className="service-name">
        <Link className="row-link" href={paths.monitor(locale, monitor.id)} prefetch={false}>
          {monitor.name}
        </Link>
        <small>
          {monitor.spec.group === null ? "" : `${monitor.spec.group} · `}
          {addressOf(monitor, t("services.endpoints", { n: String(monitor.spec.endpoints.length) }))}
        </small>
      </th>
      <td className="service-state">
        <StatusState status={monitor.status} />
      </td>
      <td className="service-beats">
        <Beats beats={monitor.beats} />
      </td>
      <td className="num service-latency">{currentLatency(locale, monitor)}</td>
      <td className="num service-uptime">{monitor.uptime24h === null ? "–" : percent(locale, monitor.uptime24h)}</td>
      <td className="num service-next">
        <NextCheck monitor={monitor} />
      </td>
    </tr>
  );
});

function NextCheck({ monitor }: { readonly monitor: MonitorView }) {
  const { t } = useReader();
  if (monitor.nextDueAt === null || monitor.spec.paused) return "–";
  return <Countdown to={monitor.nextDueAt} over={t("services.checking")} />;
}

/** One address is shown as such, several as their number. */
function addressOf(monitor: MonitorView, several: string): string {
  const [only, second] = monitor.spec.endpoints;
  if (only === undefined || second !== undefined) return several;
  return only.url.replace(/^https?:\/\//, "");
}

/** The way to the whole list, where only some are shown. */
export function AllMonitorsLink({ total }: { readonly total: number }) {
  const { locale, t } = useReader();
  return (
    <Link className="card-more" href={paths.monitors(locale)}>
      {t("services.all", { count: count(locale, total) })}
    </Link>
  );
}
