import type { Certificate, DnsAnswer, EndpointResult, Evidence } from "@sentinel/contracts";

/** Shorter values would blot out what has nothing to do with them. */
const MIN_CHARACTERS = 4;
const HIDDEN = "(hidden)";
const HEAD_BYTES = 4096;

/** The result without these values, wherever the target or the way to it repeated them. */
export function hideIn(result: EndpointResult, values: Iterable<string>): EndpointResult {
  const { evidence } = result;
  if (evidence === undefined) return result;
  const written = [...new Set([...values].flatMap(formsOf))].toSorted((a, b) => b.length - a.length);
  if (written.length === 0) return result;
  return { ...result, evidence: hideInEvidence(evidence, written) };
}

/** As it stands, in an address, in a form, in JSON and in Base64. */
function formsOf(value: string): readonly string[] {
  if (value.length < MIN_CHARACTERS) return [];
  const inAddress = encodeURIComponent(value);
  const forms = [
    value,
    inAddress,
    inAddress.replaceAll("%20", "+"),
    JSON.stringify(value).slice(1, -1),
    Buffer.from(value).toString("base64"),
  ];
  return forms.filter((form) => form.length >= MIN_CHARACTERS);
}

function hideInEvidence(evidence: Evidence, values: readonly string[]): Evidence {
  const hide = (text: string): string => values.reduce((rest, value) => rest.replaceAll(value, HIDDEN), text);
  const each = (texts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, hide(text)]));
  const inCertificate = (certificate: Certificate): Certificate => ({
    ...certificate,
    subject: hide(certificate.subject),
    issuer: hide(certificate.issuer),
    names: certificate.names.map(hide),
  });
  const { certificate, dnsAnswer } = evidence;
  return {
    ...evidence,
    certificate: certificate === undefined ? undefined : inCertificate(certificate),
    certificateChain: evidence.certificateChain.map(inCertificate),
    dnsAnswer: dnsAnswer === undefined ? undefined : hideInAnswer(dnsAnswer, hide),
    requestLine: hide(evidence.requestLine),
    headers: each(evidence.headers),
    params: each(evidence.params),
    redirects: evidence.redirects.map(hide),
    console: evidence.console.map(hide),
    steps: evidence.steps.map((step) => ({ ...step, name: hide(step.name) })),
    bodyHead: hideInBytes(evidence.bodyHead, values),
  };
}

const hideInAnswer = (answer: DnsAnswer, hide: (text: string) => string): DnsAnswer => ({
  ...answer,
  name: hide(answer.name),
  records: answer.records.map((each) => ({ ...each, value: hide(each.value) })),
});

/** The head may end within a value: what could be the beginning of one is cut. */
function hideInBytes(bytes: Uint8Array, values: readonly string[]): Uint8Array {
  let text = Buffer.from(bytes).toString("latin1");
  for (const value of values) {
    const sought = Buffer.from(value).toString("latin1");
    text = text.replaceAll(sought, HIDDEN);
    if (bytes.length < HEAD_BYTES) continue;
    for (let length = sought.length - 1; length >= MIN_CHARACTERS; length -= 1) {
      if (text.endsWith(sought.slice(0, length))) text = text.slice(0, -length);
    }
  }
  return Buffer.from(text, "latin1").subarray(0, HEAD_BYTES);
}
