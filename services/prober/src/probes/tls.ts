import type { TlsCheck } from "@sentinel/contracts";
import type { AgreedTls, Conversation } from "@sentinel/egress";
import { judgeCertificate, judgeCipher, type Lifetime } from "../core/judge-tls.ts";
import { WELL } from "../core/assertions.ts";
import type { See } from "./probe.ts";
import { startTls } from "./starttls.ts";
import { tlsSettings } from "./tls-settings.ts";
import { hostOf, whereTo } from "./where-to.ts";

/** Secures a connection and looks at what was agreed on, and at how long the certificates last. */
export const seeTls: See<"tls"> = async (check, request) => {
  const { deps, endpoint } = request;
  const tls = tlsSettings(check.tls, true, deps.secret) ?? { protocols: [] };
  const later = check.starttls !== "";
  const { value, facts } = await deps.egress.converse(
    { ...whereTo(request), tls: later ? undefined : tls },
    async (conversation) => {
      if (later) await startTls(check.starttls, conversation, tls);
      return lifetimesOf(conversation);
    },
  );
  const host = hostOf(new URL(endpoint.url));
  return {
    facts,
    judgement: judge(check, facts.tls, { host, chain: value, nowMs: deps.clock.now() }),
    look: (subject) => (subject === "version" && facts.tls !== undefined ? [facts.tls.protocol] : undefined),
  };
};

function judge(
  check: TlsCheck,
  agreed: AgreedTls | undefined,
  of: { readonly host: string; readonly chain: readonly Lifetime[]; readonly nowMs: number },
) {
  const cipher = agreed === undefined ? WELL : judgeCipher(check.ciphers, agreed, of.host);
  return cipher === WELL ? judgeCertificate(check, of.chain, of.nowMs) : cipher;
}

/** The certificate shown and its issuers, up to the one that is its own. */
function lifetimesOf(conversation: Conversation): readonly Lifetime[] {
  const socket = conversation.socket();
  if (!("getPeerCertificate" in socket)) return [];
  const chain = new Map<string, Lifetime>();
  const shown = () => socket.getPeerCertificate(true);
  let each: ReturnType<typeof shown> | undefined = shown();
  while (each?.fingerprint256 !== undefined && !chain.has(each.fingerprint256)) {
    const subject = String(each.subject?.CN ?? each.subject?.O ?? "");
    chain.set(each.fingerprint256, { subject, validToMs: Date.parse(each.valid_to) });
    each = each.issuerCertificate;
  }
  return [...chain.values()];
}
