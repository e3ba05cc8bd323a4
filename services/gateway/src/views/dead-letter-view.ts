import type { DeadLetter } from "@sentinel/contracts";
import type { DeadLetterView } from "@sentinel/contracts/api";
import { hasText, type Locale, renderText } from "@sentinel/contracts/text";

export function deadLetterView(
  { id, source, subject, reason, atMs, payloadBytes }: DeadLetter,
  locale: Locale,
): DeadLetterView {
  const key = `dead_letter.${reason}`;
  const reasonText = hasText(locale, key) ? renderText(locale, key) : reason;
  return { id, source, subject, reason, reasonText, at: new Date(atMs).toISOString(), payloadBytes };
}
