import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { renderReason } from "@sentinel/contracts/text";
import { createEgress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { findProgram } from "@sentinel/testkit";
import { createSeeIcmp } from "./icmp.ts";
import { probe } from "./index.ts";
import { resultOf } from "./probe.ts";
import { describeAgainst, inShort, requestFor } from "./test-checks.ts";

const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
let folder = "";
let made = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ping-"));
});
afterAll(async () => {
  egress.close();
  await rm(folder, { recursive: true });
});

/** A check by a program of the test's own that prints and ends as Debian's does. */
async function checkBy(script: string, endpoint: object, timeoutMs = 2000) {
  const program = join(folder, `ping-${(made += 1)}`);
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  return checkWith(program, endpoint, timeoutMs);
}

function checkWith(program: string, endpoint: object, timeoutMs = 2000) {
  const request = requestFor(endpoint, { egress, timeoutMs });
  const { check } = request.endpoint;
  if (check?.$case !== "icmp") throw new Error("no ICMP check");
  return resultOf(request, () => createSeeIcmp(program)(check.value, request));
}

const summary = (received: number, rest = "") =>
  `echo "3 packets transmitted, ${received} received, ${100 - Math.round(received * 33.4)}% packet loss, time 9ms"; ${rest}`;
const host = { url: "icmp://127.0.0.1" };

describe("an answer", () => {
  test("says how much was lost and how long it took", async () => {
    const assert = [
      { subject: "value", of: "loss", atMost: 33 },
      { subject: "value", of: "rtt", is: 2.5 },
    ];
    const script = summary(2, 'echo "rtt min/avg/max/mdev = 1/2.5/4/1 ms"');
    const result = await checkBy(script, { ...host, assert });
    expect(inShort(result)).toBe("HEALTHY");
    expect(result.phases?.firstByteMs).toBe(2.5);
    const strict = [{ subject: "value", of: "loss", is: 0, severity: "degraded" }];
    expect(inShort(await checkBy(script, { ...host, assert: strict }))).toBe("DEGRADED assertion");
  });

  test("the program is given the address that was judged, and nothing of the shell's", async () => {
    const at = join(folder, "arguments");
    const endpoint = { url: "icmp://localhost", icmp: { count: 3, sizeBytes: 100, ipFamily: 6 } };
    await checkBy(`printf "%s " "$@" "$LC_ALL" > ${at}; ${summary(3)}`, endpoint, 1000);
    expect(await readFile(at, "utf8")).toMatch(/^-n -c 3 -i 0\.1\d* -W 0\.\d+ -s 100 ::1 C $/);
  });
});

describe("no answer", () => {
  test.each([
    ["Destination Host Unreachable", "DOWN ping_unreachable"],
    ["Time to live exceeded", "DOWN ping_ttl_exceeded"],
  ])("%s: %s", async (words, verdict) => {
    const result = await checkBy(`echo "From 198.51.100.1 icmp_seq=1 ${words}"; ${summary(0, "exit 1")}`, host);
    expect(inShort(result)).toBe(verdict);
    expect(result.evidence?.params).toMatchObject({ host: "127.0.0.1", from: "198.51.100.1" });
  });

  test("a program that hangs is interrupted when the time is over, which is charged to the answer", async () => {
    const script = `trap '${summary(0, "exit 1")}' INT; while true; do sleep 0.01; done`;
    const result = await checkBy(script, host, 150);
    expect(inShort(result)).toBe("DOWN timeout_no_answer");
    expect(result.phases?.firstByteMs).toBeGreaterThan(100);
  });

  test("a name that does not exist, and an address that may not be contacted, come before it", async () => {
    const strict = createEgress({ policy: { allowPrivate: false, allowCidrs: [] }, clock: systemClock });
    const result = await probe(requestFor(host, { egress: strict }));
    strict.close();
    expect(inShort(result)).toBe("UNKNOWN address_forbidden");
  });
});

describe("a check that cannot be made says so and blames nobody", () => {
  test("without a ping program", async () => {
    const result = await checkWith(join(folder, "none"), host);
    expect(inShort(result)).toBe("UNKNOWN ping_missing");
    expect(renderReason("en", result.reason)).toContain("iputils-ping");
  });

  test("without the right to open its socket", async () => {
    const refusal = 'echo "ping: socktype: SOCK_RAW" >&2; echo "ping: socket: Operation not permitted" >&2; exit 2';
    expect(inShort(await checkBy(refusal, host))).toBe("UNKNOWN ping_not_allowed");
    await writeFile(join(folder, "closed"), "#!/bin/sh\n", { mode: 0o600 });
    expect(inShort(await checkWith(join(folder, "closed"), host))).toBe("UNKNOWN ping_not_allowed");
  });

  test("with a program that takes other options", async () => {
    const result = await checkBy('echo "ping: invalid option -- i" >&2; exit 2', host);
    expect(inShort(result)).toBe("UNKNOWN ping_failed");
    expect(result.evidence?.params).toEqual({ detail: "ping: invalid option -- i" });
  });
});

describeAgainst(
  "ping",
  findProgram("ping"),
  "scripts stand for it",
)("Debian's ping", () => {
  test.each(["127.0.0.1", "[::1]"])("reaches %s, or says that it may not", async (address) => {
    const assert = [{ subject: "value", of: "loss", is: 0 }];
    const result = await probe(requestFor({ url: `icmp://${address}`, icmp: { count: 2 }, assert }, { egress }));
    expect(["HEALTHY", "UNKNOWN ping_not_allowed"]).toContain(inShort(result));
  });
});
