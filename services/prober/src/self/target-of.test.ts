import { describe, expect, test } from "@jest/globals";
import { type Endpoint, Evidence } from "@sentinel/contracts";
import { parseMonitorInput } from "@sentinel/contracts/config";
import { addressesOf, failingAddress, hostOf } from "./target-of.ts";

function endpointOf(given: object): Endpoint {
  const parsed = parseMonitorInput({ name: "x", endpoints: [given] });
  const [endpoint] = parsed.ok ? parsed.spec.endpoints : [];
  if (endpoint === undefined) throw new Error(JSON.stringify(parsed));
  return endpoint;
}

const scenario = endpointOf({
  url: "scenario://login",
  scenario: {
    steps: [
      { name: "form", url: "https://shop.example/login" },
      { name: "account", url: "https://id.example/account" },
    ],
  },
});

describe("the resolver is asked, and judged, by hosts only", () => {
  test.each([
    ["https://shop.example/health", "shop.example"],
    ["tcp://[::1]:25", "::1"],
    ["dns://1.1.1.1/shop.example", "1.1.1.1"],
    ["browser+https://shop.example/", "shop.example"],
    ["heartbeat://invoices", ""],
    ["scenario://login", ""],
    ["domain://shop.example", ""],
    ["no address", ""],
  ])("%s leads to “%s”", (url, host) => {
    expect(hostOf(url)).toBe(host);
  });
});

describe("a scenario stands for the addresses of its steps", () => {
  test("of which each is asked, and the one that the evidence names has failed", () => {
    expect(addressesOf(scenario)).toEqual(["https://shop.example/login", "https://id.example/account"]);
    const evidence = Evidence.fromPartial({ requestLine: "account: GET https://id.example/account" });
    expect(failingAddress(scenario, { evidence })).toBe("https://id.example/account");
    expect(failingAddress(scenario, { evidence: undefined })).toBe("");
  });

  test("and any other check for its own", () => {
    const plain = endpointOf({ url: "https://shop.example/" });
    expect(addressesOf(plain)).toEqual(["https://shop.example/"]);
    expect(failingAddress(plain, { evidence: undefined })).toBe("https://shop.example/");
  });
});
