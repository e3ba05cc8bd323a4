"use client";

import type { MonitorView } from "@sentinel/contracts/api";
import { Card, Facts } from "./card.tsx";
import { useReader } from "./locale.tsx";
import { useFetched } from "./use-fetched.ts";

/** What a job calls to tell of itself; asked for only here, since whoever knows it can call. */
export function PingAddressCard({ monitor }: { readonly monitor: MonitorView }) {
  const { t, api } = useReader();
  const asked = useFetched(`ping address ${monitor.id} ${monitor.version}`, (signal) =>
    api.pingAddress(monitor.id, signal),
  );
  if (asked.state !== "ready") return null;
  const { path, pushPath, slugPath } = asked.value;
  const whole = (of: string | null) =>
    of === null ? t("monitor.ping.own") : <code>{`${globalThis.location.origin}${of}`}</code>;
  return (
    <Card title={t("monitor.ping.title")} note={t("monitor.ping.hint")}>
      <div className="pad addresses">
        <Facts
          facts={[
            [t("monitor.ping.path"), whole(path)],
            [t("monitor.ping.slugPath"), whole(slugPath)],
            [t("monitor.ping.pushPath"), whole(pushPath)],
          ]}
        />
        <p className="spec-source">{t("monitor.ping.more")}</p>
      </div>
    </Card>
  );
}
