import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetHeartbeatResponse } from "@sentinel/contracts";
import { findProgram, startHttpTarget, startRawTarget } from "@sentinel/testkit";
import { createSeeDomain } from "../../services/prober/src/probes/domain.ts";
import { createSeeIcmp } from "../../services/prober/src/probes/icmp.ts";
import { probe } from "../../services/prober/src/probes/index.ts";
import { resultOf } from "../../services/prober/src/probes/probe.ts";
import { gated, type Opening } from "./world.ts";

/** A mail server as far as a check goes: greeting, EHLO, STARTTLS refused where it does not offer it. */
export const tcp: Opening = async () => {
  let greeting = "220 mail.test ESMTP";
  const target = await startRawTarget(
    (socket) => {
      socket.write(`${greeting}\r\n`);
      socket.on("data", (data) => {
        const asked = data.toString();
        socket.write(asked.startsWith("EHLO") ? "250-mail.test\r\n250 SIZE 1000000\r\n" : "502 5.5.2 not known\r\n");
      });
    },
    { at: "connection" },
  );
  const { gate, common } = await gated(target.port);
  const hello = { steps: [{ expect: "^220 " }, { send: "EHLO probe.test\r\n", expect: "^250 " }] };
  return {
    kind: "tcp",
    endpoint: {
      url: `tcp://127.0.0.1:${gate.port}`,
      tcp: { steps: [{ expect: "^220 " }, { send: "EHLO probe.test\r\n", expect: "250 " }] },
    },
    changes: [
      ...common,
      {
        how: "the mail server takes no mail",
        make: () => {
          greeting = "554 5.3.2 try again tomorrow";
        },
        undo: () => {
          greeting = "220 mail.test ESMTP";
        },
        asks: { tcp: hello },
        timeoutMs: 1000,
      },
      { how: "it does not offer STARTTLS", asks: { tcp: { starttls: "smtp" } } },
    ],
    stop: async () => {
      await gate.shut();
      await target.stop();
    },
  };
};

export const udp: Opening = async () => {
  const socket = createSocket("udp4");
  let answer: string | undefined = "pong";
  socket.on("message", (_, from) => {
    if (answer !== undefined) socket.send(answer, from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const say = (next: string | undefined) => () => {
    answer = next;
  };
  const other = createSocket("udp4").bind(0, "127.0.0.1");
  await once(other, "listening");
  const closed = other.address().port;
  other.close();
  return {
    kind: "udp",
    endpoint: { url: `udp://127.0.0.1:${socket.address().port}`, udp: { send: "ping", expect: "^pong$" } },
    changes: [
      { how: "it says nothing", make: say(undefined), undo: say("pong"), timeoutMs: 600 },
      { how: "it answers something else", make: say("go away"), undo: say("pong") },
      { how: "nothing is on the port", asks: { url: `udp://127.0.0.1:${closed}` } },
    ],
    stop: () => socket.close(),
  };
};

const summary = (received: number, more: string): string =>
  `echo "3 packets transmitted, ${received} received, ${Math.round(100 - received * 33.4)}% packet loss, time 9ms"; ${more}`;

/** Debian's ping where nothing is broken; what a network does to it is printed as it prints it. */
export const icmp: Opening = async () => {
  const ping = findProgram("ping");
  if (ping === undefined) return { lacks: "ping" };
  const folder = await mkdtemp(join(tmpdir(), "sentinel-ping-"));
  let program = ping;
  const by = (name: string, lines: string) => async () => {
    program = join(folder, name);
    await writeFile(program, `#!/bin/sh\n${lines}\n`);
    await chmod(program, 0o755);
  };
  const undo = (): void => {
    program = ping;
  };
  return {
    kind: "icmp",
    endpoint: { url: "icmp://127.0.0.1", icmp: { count: 2 } },
    see: (request) => {
      const { check } = request.endpoint;
      if (check?.$case !== "icmp") throw new Error("no ICMP check");
      return resultOf(request, () => createSeeIcmp(program)(check.value, request));
    },
    changes: [
      { how: "nothing comes back", make: by("silent", summary(0, "exit 1")), undo },
      {
        how: "a router says that there is no way",
        make: by("router", `echo "From 192.0.2.1 icmp_seq=1 Destination Host Unreachable"; ${summary(0, "exit 1")}`),
        undo,
      },
      {
        how: "a third of the packets is lost",
        make: by("lossy", summary(2, 'echo "rtt min/avg/max/mdev = 1/2/3/1 ms"')),
        undo,
        asks: { assert: [{ subject: "value", of: "loss", is: 0, severity: "degraded" }] },
      },
      {
        how: "there is no ping program",
        make: () => {
          program = join(folder, "none");
        },
        undo,
      },
    ],
    stop: () => rm(folder, { recursive: true, force: true }),
  };
};

const DAY_MS = 86_400_000;

/** A registry that speaks RDAP; each way asks it anew. */
export const domain: Opening = async () => {
  let days = 300;
  let status = 200;
  const registry = await startHttpTarget((_, response) => {
    const events = [
      { eventAction: "expiration", eventDate: new Date(Date.now() + (days + 0.5) * DAY_MS).toISOString() },
    ];
    response.writeHead(status, { "content-type": "application/rdap+json" });
    response.end(JSON.stringify({ objectClassName: "domain", status: ["active"], events }));
  });
  const set =
    (left: number, code = 200) =>
    () => {
      [days, status] = [left, code];
    };
  const undo = set(300);
  return {
    kind: "domain",
    endpoint: { url: "domain://shop.test" },
    see: (request) => {
      const { check } = request.endpoint;
      if (check?.$case !== "domain") throw new Error("no domain check");
      const see = createSeeDomain({ servers: { [`${registry.url}/`]: ["test"] }, fallback: registry.url });
      return resultOf(request, () => see(check.value, request));
    },
    changes: [
      { how: "it ends in ten days", make: set(10), undo },
      { how: "it ends in two days", make: set(2), undo },
      { how: "it ended yesterday", make: set(-2), undo },
      { how: "the registry does not know it", make: set(300, 404), undo },
      { how: "the registry fails", make: set(300, 500), undo },
    ],
    stop: () => registry.stop(),
  };
};

const MINUTE_MS = 60_000;

/** What a job has told is recorded by the incidents service, which its own tests cover; here it is said. */
export const heartbeat: Opening = () => {
  const nowMs = Date.parse("2026-03-01T12:00:00Z");
  const ago = (minutes: number): number => nowMs - minutes * MINUTE_MS;
  const well = { seq: 1, lastPingAtMs: ago(3), succeededAtMs: ago(3) };
  let heard = GetHeartbeatResponse.fromPartial({ nowMs, state: well });
  let reachable = true;
  const say =
    (state: object | undefined, more: object = {}) =>
    () => {
      heard = GetHeartbeatResponse.fromPartial({
        nowMs,
        ...(state === undefined ? {} : { state: { ...well, ...state } }),
        ...more,
      });
    };
  const undo = say({});
  return Promise.resolve({
    kind: "heartbeat",
    endpoint: { url: "heartbeat://backup", heartbeat: { every: "10m", grace: "5m" } },
    see: (request) =>
      probe({
        ...request,
        hears: {
          sinceMs: ago(2),
          seq: 0,
          heard: () => (reachable ? Promise.resolve(heard) : Promise.reject(new Error("away"))),
        },
      }),
    changes: [
      { how: "the job did not call", make: say({ lastPingAtMs: ago(20), succeededAtMs: ago(20) }), undo },
      {
        how: "the job says that it failed",
        make: say({ failedAtMs: ago(1), lastPingAtMs: ago(1), exitCode: "2" }),
        undo,
      },
      {
        how: "the job began and did not end",
        make: say({ runs: [{ rid: "", startedAtMs: ago(7) }], lastPingAtMs: ago(7) }),
        undo,
      },
      { how: "the job never called", make: say(undefined), undo },
      {
        how: "Sentinel could not be called meanwhile",
        make: say({ lastPingAtMs: ago(20), succeededAtMs: ago(20) }, { deafFromMs: ago(12), deafUntilMs: ago(4) }),
        undo,
      },
      {
        how: "the record of calls cannot be read",
        make: () => {
          reachable = false;
        },
        undo: () => {
          reachable = true;
        },
      },
    ],
    stop: () => undefined,
  });
};
