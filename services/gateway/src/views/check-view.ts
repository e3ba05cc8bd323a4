import {
  type Certificate,
  type CheckResult,
  type DnsAnswer,
  type EndpointResult,
  type Evidence,
  Phases,
} from "@sentinel/contracts";
import type { CheckView, EndpointResultView } from "@sentinel/contracts/api";
import { type Locale, renderReason } from "@sentinel/contracts/text";
import { instant, instantOrNull, numberOrNull, textOrNull } from "./absent.ts";
import { verdictName } from "./names.ts";

export function checkView(message: CheckResult, locale: Locale): CheckView {
  return {
    monitorId: message.monitorId,
    region: message.region,
    prober: message.prober,
    slot: instant(message.slotMs),
    slotMs: message.slotMs,
    startedAt: instantOrNull(message.startedAtMs),
    durationMs: message.durationMs,
    verdict: verdictName[message.verdict],
    reason: textOrNull(message.reason),
    onDemand: message.onDemand,
    missedSlots: message.missedSlots,
    endpoints: message.endpoints.map((each) => endpointView(each, locale)),
  };
}

function endpointView(message: EndpointResult, locale: Locale): EndpointResultView {
  const { dnsMs, connectMs, tlsMs, firstByteMs, transferMs } = message.phases ?? Phases.fromPartial({});
  return {
    url: message.url,
    verdict: verdictName[message.verdict],
    reason: textOrNull(message.reason),
    reasonText: message.reason === "" ? null : renderReason(locale, message.reason, message.evidence?.params ?? {}),
    status: numberOrNull(message.status),
    durationMs: message.durationMs,
    phases: { dnsMs, connectMs, tlsMs, firstByteMs, transferMs },
    evidence: message.evidence === undefined ? null : evidenceView(message.evidence),
  };
}

function evidenceView(message: Evidence): NonNullable<EndpointResultView["evidence"]> {
  const { certificate, dnsAnswer } = message;
  return {
    requestLine: message.requestLine,
    remoteAddress: textOrNull(message.remoteAddress),
    status: numberOrNull(message.status),
    headers: message.headers,
    bodyHead: new TextDecoder().decode(message.bodyHead),
    certificate: certificate === undefined ? null : certificateView(certificate),
    certificateChain: message.certificateChain.map(certificateView),
    dnsAnswer: dnsAnswer === undefined ? null : dnsAnswerView(dnsAnswer),
    addressesTried: message.addressesTried.map(({ address, port, outcome, durationMs }) => ({
      address,
      port,
      outcome: textOrNull(outcome),
      durationMs,
    })),
    redirects: message.redirects,
    params: message.params,
    screenshot: message.screenshot.length === 0 ? null : Buffer.from(message.screenshot).toString("base64"),
    console: message.console,
    steps: message.steps,
  };
}

type EvidenceView = NonNullable<EndpointResultView["evidence"]>;

const certificateView = (certificate: Certificate): NonNullable<EvidenceView["certificate"]> => ({
  subject: certificate.subject,
  issuer: certificate.issuer,
  validFrom: instant(certificate.validFromMs),
  validTo: instant(certificate.validToMs),
  fingerprint256: certificate.fingerprint256,
  names: certificate.names,
});

const dnsAnswerView = (answer: DnsAnswer): NonNullable<EvidenceView["dnsAnswer"]> => ({
  name: answer.name,
  records: answer.records.map(({ type, value, ttlSeconds }) => ({ type, value, ttlSeconds })),
  resolver: answer.resolver,
  durationMs: answer.durationMs,
  outcome: textOrNull(answer.outcome),
  fromCache: answer.fromCache,
});
