import { connect } from "node:net";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { findNats, startNats } from "./nats.ts";

/** The first line a server sends to a new connection. */
function greeting(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString("utf8"));
    });
    socket.once("error", reject);
  });
}

const found = await findNats();
for (const { version, missing } of found) {
  if (missing !== undefined) console.warn(`nats-server ${version} is left out: ${missing}`);
}
const versions = found.filter(({ missing }) => missing === undefined).map(({ version }) => version);

test.each(versions)("nats-server %s with JetStream takes connections, and is gone after stop", async (version) => {
  const server = await startNats({ version });
  expect(await greeting(server.port)).toMatch(/"version":"2\.\d+\.\d+".*"jetstream":true/);
  await server.stop();
  await expect(greeting(server.port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await expect(stat(server.storeDir)).rejects.toMatchObject({ code: "ENOENT" });
});

test("it comes back on the same port with the same store, also after a kill", async () => {
  const storeDir = await mkdtemp(join(tmpdir(), "sentinel-nats-store-"));
  const first = await startNats({ storeDir });
  await first.stop("SIGKILL");
  const second = await startNats({ storeDir, port: first.port });
  expect(second).toMatchObject({ port: first.port, url: first.url, storeDir });
  await second.stop();
  await expect(stat(storeDir)).resolves.toBeDefined();
  await rm(storeDir, { recursive: true });
});

test("a server that cannot start says why", async () => {
  const server = await startNats();
  await expect(startNats({ port: server.port })).rejects.toThrow("did not start");
  await server.stop();
});
