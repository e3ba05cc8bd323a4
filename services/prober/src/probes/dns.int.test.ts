import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { renderReason } from "@sentinel/contracts/text";
import { createEgress } from "@sentinel/egress";
import { systemClock } from "@sentinel/service-kit";
import { createCertificate, findProgram } from "@sentinel/testkit";
import { type Answer, AUTHORITATIVE_ANSWER, decode, type DecodedPacket, encode, TRUNCATED_RESPONSE } from "dns-packet";
import { createSeeDns } from "./dns.ts";
import { probe } from "./index.ts";
import { type ProbeRequest, resultOf, type See } from "./probe.ts";
import { describeAgainst, inShort, requestFor } from "./test-checks.ts";

const egress = createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock });
const stops: (() => void)[] = [];
afterAll(() => {
  egress.close();
  for (const stop of stops) stop();
});

type Say = (asked: DecodedPacket, over: "udp" | "tcp") => readonly Uint8Array[];
const certificate = createCertificate({
  commonName: "dns.test",
  names: ["127.0.0.1"],
  validFromMs: systemClock.now() - 3_600_000,
  validToMs: systemClock.now() + 40 * 86_400_000,
});

async function listenOn(server: Server, port: number): Promise<number> {
  server.on("connection", (socket: Socket) => {
    stops.push(() => socket.destroy());
    socket.on("error", () => undefined);
  });
  stops.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** The messages of a stream are cut between the bytes of their length, as networks may. */
function talk(say: Say, socket: Socket): void {
  socket.once("data", (data) => {
    for (const message of say(decode(data.subarray(2)), "tcp")) {
      const size = Buffer.alloc(2);
      size.writeUInt16BE(message.length);
      socket.write(size.subarray(0, 1));
      socket.write(Buffer.concat([size.subarray(1), message]));
    }
  });
}

/** A name server on one port, over UDP and TCP. */
async function serve(say: Say): Promise<number> {
  const port = await listenOn(
    createServer((socket) => talk(say, socket)),
    0,
  );
  const udp = createSocket("udp4");
  stops.push(() => udp.close());
  udp.on("message", (bytes, from) => {
    for (const message of say(decode(bytes), "udp")) udp.send(message, from.port, from.address);
  });
  udp.bind(port, "127.0.0.1");
  await once(udp, "listening");
  return port;
}

const reply = (asked: DecodedPacket, answers: Answer[], flags = 0): Buffer =>
  encode({ type: "response", id: asked.id ?? 0, flags, questions: asked.questions ?? [], answers });
const a = (data: string, name = "shop.test"): Answer => ({ type: "A", name, ttl: 30, data });

function seen(see: See<"dns">, request: ProbeRequest) {
  const { check } = request.endpoint;
  if (check?.$case !== "dns") throw new Error("no DNS check");
  return resultOf(request, () => see(check.value, request));
}

const check = (port: number, dns: object = {}, assert: object[] = [], timeoutMs = 2000) =>
  probe(requestFor({ url: `dns://127.0.0.1:${port}/Shop.test`, dns, assert }, { egress, timeoutMs }));

describe("an answer", () => {
  test("is well with records of the type asked for, whatever else stands beside them", async () => {
    const port = await serve((asked) => [
      reply(asked, [{ type: "CNAME", name: "shop.test", data: "web.test" }, a("192.0.2.1"), a("192.0.2.2")]),
    ]);
    const assert = [
      { subject: "rows", is: 2 },
      { subject: "answer", matches: "^192\\.0\\.2\\." },
      { subject: "status", is: "NOERROR" },
    ];
    expect(inShort(await check(port, { expect: ["192.0.2.2"] }, assert))).toBe("HEALTHY");
    const other = await check(port, { expect: ["192.0.2.9"] });
    expect(inShort(other)).toBe("DOWN answer_mismatch");
    expect(other.evidence?.params).toMatchObject({ expected: "192.0.2.9", actual: "192.0.2.1, 192.0.2.2" });
    expect(other.evidence?.requestLine).toBe("A shop.test @127.0.0.1 (udp)");
  });

  test("without a record is down, unless that is what is wanted", async () => {
    const port = await serve((asked) => [reply(asked, [])]);
    const none = await check(port);
    expect(inShort(none)).toBe("DOWN dns_no_records");
    expect(renderReason("en", none.reason, none.evidence?.params)).toBe("The name shop.test has no A record.");
    expect(inShort(await check(port, {}, [{ subject: "rows", is: 0 }]))).toBe("HEALTHY");
  });

  test.each([
    [2, "DOWN dns_rcode"],
    [3, "DOWN dns_nxdomain"],
    [5, "DOWN dns_rcode"],
    [9, "DOWN dns_rcode"],
  ])("with code %i is %s, and well where that code is wanted", async (code, verdict) => {
    const port = await serve((asked) => [reply(asked, [], code)]);
    const result = await check(port);
    expect(inShort(result)).toBe(verdict);
    const rcode = ["", "", "SERVFAIL", "NXDOMAIN", "", "REFUSED"][code];
    if (rcode === undefined) return expect(result.evidence?.params["actual"]).toBe("RCODE9");
    expect(inShort(await check(port, { rcode }))).toBe("HEALTHY");
  });

  test("must have the flags that are wanted", async () => {
    const port = await serve((asked) => [reply(asked, [a("192.0.2.1")], AUTHORITATIVE_ANSWER)]);
    expect(inShort(await check(port, { flags: ["aa"] }))).toBe("HEALTHY");
    const result = await check(port, { flags: ["aa", "ad"] });
    expect(inShort(result)).toBe("DOWN dns_flag");
    expect(result.evidence?.params).toMatchObject({ expected: "ad", actual: "aa" });
  });

  test("to another question or with another number is passed over", async () => {
    const forged = (asked: DecodedPacket): Uint8Array[] => [
      reply({ ...asked, id: ((asked.id ?? 0) + 1) % 65536 }, [a("203.0.113.1")]),
      reply({ ...asked, questions: [{ type: "A", name: "other.test" }] }, [a("203.0.113.2")]),
      encode({ type: "query", id: asked.id ?? 0, questions: asked.questions ?? [] }),
    ];
    const real = await serve((asked) => [...forged(asked), reply(asked, [a("192.0.2.1")])]);
    for (const transport of ["udp", "tcp"]) {
      expect(inShort(await check(real, { transport, expect: ["192.0.2.1"] }))).toBe("HEALTHY");
      const none = await check(await serve(forged), { transport }, [], 150);
      expect(inShort(none)).toBe(transport === "udp" ? "DOWN timeout_no_answer" : "DOWN timeout_in_transfer");
    }
  });

  test("cut short over UDP is asked for again over TCP, within the same time", async () => {
    const many = Array.from({ length: 200 }, (_, index) => a(`192.0.2.${index}`));
    const over: string[] = [];
    const port = await serve((asked, way) => {
      over.push(way);
      return [way === "udp" ? reply(asked, [], TRUNCATED_RESPONSE) : reply(asked, many)];
    });
    expect(inShort(await check(port, {}, [{ subject: "rows", is: 200 }]))).toBe("HEALTHY");
    expect(over).toEqual(["udp", "tcp"]);
    const mute = await serve((asked, way) => (way === "udp" ? [reply(asked, [], TRUNCATED_RESPONSE)] : []));
    expect(inShort(await check(mute, {}, [], 200))).toBe("DOWN timeout_in_first_byte");
  });

  test("that nobody can read is named so", async () => {
    const garbled = (asked: DecodedPacket): Uint8Array[] => {
      const message = reply(asked, [a("192.0.2.1")]);
      message.writeUInt16BE(900, 6);
      return [message];
    };
    expect(inShort(await check(await serve(garbled)))).toBe("DOWN dns_message");
    expect(inShort(await check(await serve(garbled), { transport: "tcp" }))).toBe("DOWN dns_message");
  });
});

describe("the way to the server", () => {
  test("over TLS, with its certificate", async () => {
    const say: Say = (asked) => [reply(asked, [a("192.0.2.1")])];
    const port = await listenOn(
      createServer((socket) => {
        const tls = new TLSSocket(socket, { isServer: true, ...certificate });
        tls.on("error", () => socket.destroy());
        talk(say, tls);
      }),
      0,
    );
    const tls = { authorities: certificate.cert };
    const assert = [{ subject: "certificate_days", atLeast: 39 }];
    expect(inShort(await check(port, { transport: "tls", tls }, assert))).toBe("HEALTHY");
    expect(inShort(await check(port, { transport: "tls" }))).toBe("DOWN tls_self_signed");
  });

  test("to the resolvers of the system, in turn; where there is none, nothing is known", async () => {
    const asking = async (resolvConf: string, policy = { allowPrivate: true, allowCidrs: [] as string[] }) => {
      const way = createEgress({ policy, clock: systemClock });
      const request = requestFor({ url: "dns:///shop.test" }, { egress: way, timeoutMs: 400 });
      const see = createSeeDns(() => Promise.resolve(resolvConf));
      const result = await seen(see, request);
      way.close();
      return result;
    };
    expect(inShort(await asking("# none\n"))).toBe("UNKNOWN resolver_unusable");
    expect(inShort(await asking("nameserver 127.0.0.53\n", { allowPrivate: false, allowCidrs: [] }))).toBe(
      "UNKNOWN resolver_unusable",
    );
  });

  test("name servers and the start of a zone are written as zone files write them", async () => {
    const soa = { mname: "ns.test", rname: "host.test", serial: 7, refresh: 1200, retry: 180, expire: 9, minimum: 600 };
    const port = await serve((asked) => [
      reply(asked, [
        { type: "NS", name: "shop.test", data: "ns1.test" },
        { type: "SOA", name: "shop.test", data: soa },
      ]),
    ]);
    expect(inShort(await check(port, { type: "NS", expect: ["NS1.test."] }))).toBe("HEALTHY");
    const start = await check(port, { type: "SOA", expect: ["ns.test. host.test. 7 1200 180 9 600"] });
    expect(inShort(start)).toBe("HEALTHY");
  });
});

const dnsmasq = findProgram("dnsmasq");
/** Each type, what is asked for, and the value that dnsmasq gives. */
const RECORDS: readonly (readonly [string, string, string])[] = [
  ["A", "shop.test", "192.0.2.7"],
  ["AAAA", "shop.test", "2001:DB8:0::7"],
  ["CNAME", "www.test", "Shop.test."],
  ["MX", "test", "10 mail.test"],
  ["TXT", "test", "v=spf1 -all; and more"],
  ["SRV", "_sip._tcp.test", "5 10 5060 sip.test"],
  ["CAA", "test", '0 issue "letsencrypt.org"'],
  ["PTR", "192.0.2.7", "shop.test"],
];

describeAgainst(
  "dnsmasq",
  dnsmasq,
  "a script stands for it",
)("against dnsmasq", () => {
  let server: ChildProcess | undefined;
  let port = 0;
  beforeAll(async () => {
    const finding = createServer();
    port = await listenOn(finding, 0);
    await new Promise((resolve) => finding.close(resolve));
    const listening = [`--port=${port}`, "--listen-address=127.0.0.1", "--bind-interfaces"];
    const alone = ["--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--pid-file=", "--keep-in-foreground"];
    const records = [
      "--host-record=shop.test,192.0.2.7,2001:db8::7",
      "--cname=www.test,shop.test",
      "--mx-host=test,mail.test,10",
      "--txt-record=test,v=spf1 -all; ,and more",
      "--srv-host=_sip._tcp.test,sip.test,5060,5,10",
      "--caa-record=test,0,issue,letsencrypt.org",
    ];
    server = spawn(dnsmasq ?? "", [...listening, ...alone, ...records, "--log-facility=-", "--user=root"], {
      stdio: "pipe",
    });
    await new Promise<void>((resolve, reject) => {
      server?.stderr?.on("data", (data: Buffer) => (data.includes("started") ? resolve() : undefined));
      server?.once("exit", () => reject(new Error("dnsmasq ended")));
    });
  });
  afterAll(() => {
    server?.kill();
  });

  test.each(RECORDS)("%s of %s", async (type, name, value) => {
    for (const transport of ["udp", "tcp"]) {
      const endpoint = { url: `dns://127.0.0.1:${port}/${name}`, dns: { type, transport, expect: [value] } };
      const result = await probe(requestFor(endpoint, { egress }));
      expect([inShort(result), result.evidence?.params ?? {}]).toEqual(["HEALTHY", {}]);
    }
  });

  test("a name outside its records is refused", async () => {
    const result = await probe(requestFor({ url: `dns://127.0.0.1:${port}/other.example` }, { egress }));
    expect(inShort(result)).toBe("DOWN dns_rcode");
    expect(result.evidence?.params).toMatchObject({ actual: "REFUSED", expected: "NOERROR" });
  });
});
