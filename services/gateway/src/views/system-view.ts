import type { Channel, ConfigStatus, Totals } from "@sentinel/contracts";
import type { ChannelView, ConfigView, TotalsView } from "@sentinel/contracts/api";
import { type Locale, renderProblem } from "@sentinel/contracts/text";
import { instantOrNull, numberOrNull, textOrNull } from "./absent.ts";

export function totalsView({ checks, incidents, autoFixes }: Totals): TotalsView {
  return { checks, incidents, autoFixes };
}

export function configView(message: ConfigStatus, locale: Locale): ConfigView {
  return {
    file: message.file,
    exists: message.exists,
    appliedAt: instantOrNull(message.appliedAtMs),
    problems: message.problems.map((problem) => ({
      path: problem.params["path"] ?? "",
      code: problem.code,
      message: renderProblem(locale, problem),
      line: numberOrNull(problem.line),
      column: numberOrNull(problem.column),
    })),
  };
}

export function channelView(message: Channel): ChannelView {
  return {
    name: message.name,
    type: message.type === "slack" || message.type === "smtp" ? message.type : "webhook",
    target: message.target,
    secret: textOrNull(message.secret),
    lastDeliveredAt: instantOrNull(message.lastDeliveredAtMs),
    lastError: textOrNull(message.lastError),
  };
}
