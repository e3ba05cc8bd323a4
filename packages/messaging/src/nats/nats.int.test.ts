import { describe } from "@jest/globals";
import { silentLog } from "@sentinel/service-kit";
import { findNats, startNats } from "@sentinel/testkit";
import { busContract } from "../contract.ts";
import { createNatsBus } from "./nats-bus.ts";

for (const { version, missing } of await findNats()) {
  if (missing !== undefined) {
    console.warn(`nats-server ${version} is left out: ${missing}`);
    describe.skip(`bus contract: nats-server ${version}`, () => undefined);
    continue;
  }
  busContract(`nats-server ${version}`, async () => {
    const server = await startNats({ version });
    const bus = await createNatsBus({ servers: [server.url], name: "contract", log: silentLog });
    const stop = async (): Promise<void> => {
      await bus.close();
      await server.stop();
    };
    return { bus, stop };
  });
}
