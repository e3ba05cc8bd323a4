import { expect, test } from "@jest/globals";
import { evidenceLines } from "./index.ts";

const tried = (address: string, outcome: string | null) => ({ address, port: 443, outcome, durationMs: 3 });
const certificate = (subject: string, issuer: string) => ({
  subject,
  issuer,
  validFrom: "2026-01-01T00:00:00Z",
  validTo: "2026-12-31T00:00:00Z",
  fingerprint256: "AA:BB",
  names: [],
});
const nothing = { dnsAnswer: null, addressesTried: [], certificateChain: [] };
const answer = {
  name: "shop.test",
  records: [{ type: "A", value: "192.0.2.1", ttlSeconds: 30 }],
  resolver: "192.0.2.53",
  durationMs: 12,
  outcome: null,
  fromCache: false,
};

test("says where the name led, what each address did, and who signed whom", () => {
  const seen = {
    dnsAnswer: answer,
    addressesTried: [tried("192.0.2.1", "connect_refused"), tried("2001:db8::1", null)],
    certificateChain: [certificate("shop.test", "Test CA"), certificate("Test CA", "Test Root")],
  };
  const [dns, addresses, chain] = evidenceLines("en", seen);
  expect(dns).toEqual({
    title: "DNS answer",
    lines: ["shop.test, answered by 192.0.2.53 in 12 ms", "A 192.0.2.1, for 30 s"],
  });
  expect(addresses?.lines).toEqual([
    "192.0.2.1:443: after 3 ms, The host refuses connections.",
    "[2001:db8::1]:443: connected in 3 ms",
  ]);
  expect(chain?.lines[0]).toMatch(/^1\. shop\.test, issued by Test CA, valid from .* 2026.* to .*, SHA-256 AA:BB$/);
  expect(chain?.lines[1]).toMatch(/^2\. Test CA, issued by Test Root/);
  expect(evidenceLines("fr", seen).map(({ title }) => title)).toEqual([
    "Réponse DNS",
    "Adresses essayées",
    "Chaîne de certificats",
  ]);
});

test("a name that was not found is told with who was asked, and what is not known is left out", () => {
  const dnsAnswer = { ...answer, records: [], outcome: "dns_nxdomain" };
  const [part, ...others] = evidenceLines("en", { ...nothing, dnsAnswer });
  expect(part?.lines).toEqual(["shop.test, asked of 192.0.2.53 for 12 ms: The name does not exist."]);
  expect(others).toEqual([]);
  expect(evidenceLines("en", nothing)).toEqual([]);
});

test("an answer from before, and one that nobody gave, say so", () => {
  const first = (given: object) => evidenceLines("en", { ...nothing, dnsAnswer: { ...answer, ...given } })[0]?.lines[0];
  expect(first({ fromCache: true })).toBe("shop.test, known from before from 192.0.2.53");
  expect(first({ resolver: "" })).toBe("shop.test, which always names this machine");
});
