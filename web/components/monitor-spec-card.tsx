"use client";

import type { MonitorView } from "@sentinel/contracts/api";
import { spanOf } from "../lib/format.ts";
import { optionLines, optionsOf } from "../lib/monitor-form.ts";
import { Card, Facts } from "./card.tsx";
import { useReader } from "./locale.tsx";

/** Other kinds of check have no method. */
const isHttp = (url: string): boolean => /^https?:/i.test(url);

type EndpointView = MonitorView["spec"]["endpoints"][number];

/** What is asked beside the address, and what must hold of the answer. */
function EndpointOptions({ endpoint }: { readonly endpoint: EndpointView }) {
  const { t } = useReader();
  const { assert: _assert, ...options } = optionsOf(endpoint);
  const lines = Object.keys(options).length === 0 ? "" : optionLines(options);
  return (
    <>
      {endpoint.assert.length === 0 ? null : (
        <ul className="asserts" aria-label={t("monitor.spec.asserts")}>
          {endpoint.assert.map((each) => {
            const { severity, ...rest } = each;
            const words = Object.values(rest).map((value) => (Array.isArray(value) ? value.join(", ") : String(value)));
            const [subject = "", ...others] = words;
            const key = Object.keys(rest).at(-1) ?? "";
            const of = others.length > 1 ? ` ${others[0]}` : "";
            return (
              <li key={JSON.stringify(each)}>
                <code>{`${subject}${of} ${key} ${others.at(-1) ?? ""}`}</code>
                {severity === "degraded" ? <small> {t("monitor.spec.onlyDegrades")}</small> : null}
              </li>
            );
          })}
        </ul>
      )}
      {lines === "" ? null : (
        <details>
          <summary>{t("monitor.spec.options")}</summary>
          <pre tabIndex={0}>{lines}</pre>
        </details>
      )}
    </>
  );
}

/** What most monitors do not have is only shown of those that have it. */
const known = (name: string, value: string): readonly (readonly [string, string])[] =>
  value === "" ? [] : [[name, value]];

/** What the monitor was told to do, in words. */
export function MonitorSpecCard({ monitor }: { readonly monitor: MonitorView }) {
  const { locale, t } = useReader();
  const { spec } = monitor;
  const confirm = { n: String(spec.failuresToConfirm) };
  return (
    <Card title={t("monitor.spec.title")} note={t(`source.${monitor.source}`)}>
      <div className="pad">
        <ul className="endpoints">
          {spec.endpoints.map((endpoint) => (
            <li key={`${endpoint.method} ${endpoint.url}`}>
              {isHttp(endpoint.url) ? <span className="method">{endpoint.method} </span> : null}
              {endpoint.url}
              {endpoint.expect.status.length === 0 ? null : (
                <small>{t("monitor.spec.expectStatus", { status: endpoint.expect.status.join(", ") })}</small>
              )}
              <EndpointOptions endpoint={endpoint} />
            </li>
          ))}
        </ul>
        <Facts
          facts={[
            [t("monitor.spec.every"), spanOf(locale, spec.every)],
            [t("monitor.spec.timeout"), spanOf(locale, spec.timeout)],
            [t("monitor.spec.slowAfter"), spanOf(locale, spec.slowAfter)],
            [t("monitor.spec.confirm"), t("monitor.spec.confirmValue", confirm)],
            [t("monitor.spec.repair"), t("monitor.spec.repairValue", { mode: t(`mode.${spec.repair.mode}`) })],
            [t("monitor.spec.nature"), t(`nature.${spec.nature}`)],
            [t("monitor.spec.owner"), spec.owner ?? "–"],
            ...known(t("monitor.spec.group"), spec.group ?? ""),
            ...known(t("monitor.spec.dependsOn"), spec.dependsOn.join(", ")),
            ...known(t("monitor.spec.tags"), spec.tags.join(", ")),
            [t("monitor.spec.notify"), spec.notify.join(", ") || t("monitor.spec.notifyAll")],
          ]}
        />
        {monitor.source === "api" ? null : (
          <p className="spec-source">{t(monitor.source === "file" ? "monitor.fromFile" : "monitor.fromDemo")}</p>
        )}
      </div>
    </Card>
  );
}
