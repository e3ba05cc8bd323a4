"use client";

import type { ChannelView, ConfigView } from "@sentinel/contracts/api";
import { formatDuration, renderText } from "@sentinel/contracts/text/screen";
import { useState } from "react";
import { ago } from "../lib/format.ts";
import type { TestOutcome } from "../lib/api.ts";
import { inLocale } from "../lib/paths.ts";
import { useLive, useNow } from "../lib/live.ts";
import { chooseTheme, useTheme } from "../lib/theme.ts";
import { Button, Segments } from "./button.tsx";
import { Card } from "./card.tsx";
import { EmptyState, Skeleton } from "./empty-state.tsx";
import { type Failure, FailureNote, useFailure } from "./failure.tsx";
import { useReader } from "./locale.tsx";
import { MaintenanceCard } from "./maintenance-card.tsx";
import { Screen } from "./screen.tsx";
import { State } from "./state.tsx";
import { useFetched } from "./use-fetched.ts";

export function SettingsScreen() {
  const { t } = useReader();
  return (
    <div className="narrow">
      <Screen title={t("settings.title")} heading="shown">
        {() => (
          <div className="stack">
            <ChannelsCard />
            <MaintenanceCard />
            <ConfigCard />
            <AppearanceCard />
          </div>
        )}
      </Screen>
    </div>
  );
}

function ChannelsCard() {
  const { t, api } = useReader();
  const { config } = useLive();
  const failureOf = useFailure();
  const asked = useFetched(`channels ${config?.appliedAt ?? ""}`, (signal) => api.channels(signal));
  return (
    <Card title={t("channels.title")} note={t("channels.hint")}>
      {asked.state === "loading" ? <Skeleton rows={2} label={t("channels.title")} /> : null}
      {asked.state === "failed" ? (
        <div className="pad">
          <FailureNote failure={failureOf(asked.thrown)} />
        </div>
      ) : null}
      {asked.state === "ready" && asked.value.data.length === 0 ? (
        <EmptyState
          icon="bell"
          title={t("channels.none.title")}
          detail={t("channels.none.detail", { file: config?.file ?? "sentinel.yaml" })}
        />
      ) : null}
      {asked.state === "ready" ? (
        <ul className="rows">
          {asked.value.data.map((channel) => (
            <Channel key={channel.name} channel={channel} />
          ))}
        </ul>
      ) : null}
    </Card>
  );
}

function Channel({ channel }: { readonly channel: ChannelView }) {
  const { locale, t, api } = useReader();
  const now = useNow();
  const failureOf = useFailure();
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<TestOutcome | Failure | null>(null);
  const test = async (): Promise<void> => {
    setBusy(true);
    setOutcome(null);
    try {
      setOutcome(await api.testChannel(channel.name));
    } catch (thrown) {
      setOutcome(failureOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  const last =
    channel.lastDeliveredAt === null
      ? t("channels.never")
      : t("channels.last", { ago: ago(locale, now - Date.parse(channel.lastDeliveredAt)) });
  return (
    <li className="row channel">
      <div className="need-text">
        <b>{channel.name}</b>
        <small>
          {t(`channel.${channel.type}`)} · {channel.target}
          {channel.secret === null ? "" : ` · ${t("channels.secret", { secret: channel.secret })}`}
        </small>
        <small>{last}</small>
        {channel.lastError === null ? null : (
          <small className="s-down">{reasonSentence(locale, channel.lastError)}</small>
        )}
      </div>
      <Button busy={busy} aria-label={t("channels.testOf", { name: channel.name })} onClick={() => void test()}>
        {t(busy ? "channels.testing" : "channels.test")}
      </Button>
      <div className="channel-outcome" role="status">
        {outcome === null ? null : <Outcome outcome={outcome} />}
      </div>
    </li>
  );
}

function Outcome({ outcome }: { readonly outcome: TestOutcome | Failure }) {
  const { locale, t } = useReader();
  if ("title" in outcome) return <FailureNote failure={outcome} />;
  if (outcome.delivered) {
    return <State shape="up" word={t("channels.delivered", { span: formatDuration(locale, outcome.tookMs) })} />;
  }
  const reason = reasonSentence(locale, outcome.reason ?? "");
  return <State shape="down" word={t("channels.notDelivered", { reason })} />;
}

/** A delivery fails with a code of the reason table or with the words of the other side. */
function reasonSentence(locale: "en" | "fr", reason: string): string {
  const sentence = renderText(locale, `reason.${reason}`);
  return sentence === `reason.${reason}` ? reason : sentence;
}

function ConfigCard() {
  const { t } = useReader();
  const { config } = useLive();
  if (config === null) return null;
  return (
    <Card title={t("config.title")} note={<code>{config.file}</code>}>
      <div className="pad">
        <ConfigState config={config} />
        {config.problems.length === 0 ? null : (
          <ul className="problems">
            {config.problems.map((problem) => (
              <li key={`${problem.path} ${problem.line} ${problem.code}`}>
                <span>{problem.message}</span>
                <small>
                  <code>{problem.path}</code>
                  {problem.line === null
                    ? ""
                    : ` · ${t("config.where", { line: String(problem.line), column: String(problem.column ?? 1) })}`}
                </small>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

function ConfigState({ config }: { readonly config: ConfigView }) {
  const { locale, t } = useReader();
  const now = useNow();
  if (config.problems.length > 0) {
    return <State shape="degraded" word={t(config.appliedAt === null ? "config.badNever" : "config.bad")} />;
  }
  if (!config.exists) return <p className="quiet">{t("config.missing")}</p>;
  if (config.appliedAt === null) return <State shape="up" word={t("config.goodNever")} />;
  return <State shape="up" word={t("config.good", { ago: ago(locale, now - Date.parse(config.appliedAt)) })} />;
}

function AppearanceCard() {
  const { locale, t } = useReader();
  const theme = useTheme();
  return (
    <Card title={t("appearance.title")}>
      <div className="pad appearance">
        <span>{t("appearance.theme")}</span>
        <Segments
          label={t("appearance.theme")}
          value={theme}
          onChange={chooseTheme}
          choices={[
            { value: "system", label: t("theme.system") },
            { value: "light", label: t("theme.light") },
            { value: "dark", label: t("theme.dark") },
          ]}
        />
        <span>{t("appearance.language")}</span>
        <Segments
          label={t("appearance.language")}
          value={locale}
          onChange={(next) => location.assign(inLocale(location.pathname, next))}
          choices={[
            { value: "en", label: "English" },
            { value: "fr", label: "Français" },
          ]}
        />
      </div>
    </Card>
  );
}
