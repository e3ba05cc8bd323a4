import type { TcpCheck } from "@sentinel/contracts";
import type { Conversation } from "@sentinel/egress";
import { matchesPattern } from "../core/assertions.ts";
import type { SecretSource } from "../core/secrets.ts";
import type { See } from "./probe.ts";
import { createReader } from "./reader.ts";
import { startTls } from "./starttls.ts";
import { reveal, tlsSettings } from "./tls-settings.ts";
import { whereTo } from "./where-to.ts";

/** Connects, secures where asked, and goes through the steps: send, then wait for what is expected. */
export const seeTcp: See<"tcp"> = async (check, request) => {
  const { deps } = request;
  const tls = tlsSettings(check.tls, false, deps.secret);
  const later = check.starttls !== "";
  const { value, facts } = await deps.egress.converse(
    { ...whereTo(request), tls: later ? undefined : tls },
    async (conversation) => {
      if (later) await startTls(check.starttls, conversation, tls ?? { protocols: [] });
      return goThrough(check, conversation, deps.secret);
    },
  );
  return { facts, look: (subject) => (subject === "answer" ? [value] : undefined) };
};

async function goThrough(check: TcpCheck, conversation: Conversation, secret: SecretSource): Promise<string> {
  const reader = createReader(conversation);
  let answers = "";
  for (const { send, expect } of check.steps) {
    if (send !== "") conversation.socket().write(reveal(send, secret));
    if (expect === "") continue;
    answers += await reader.take(
      (buffered) => (matchesPattern(expect, buffered) ? buffered.length : undefined),
      expect,
    );
  }
  return answers;
}
