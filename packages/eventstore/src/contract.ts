import { afterAll, beforeAll, describe } from "@jest/globals";
import { appendContract } from "./contract/append.ts";
import { concurrencyContract } from "./contract/concurrency.ts";
import { exportImportContract } from "./contract/export-import.ts";
import { idempotencyContract } from "./contract/idempotency.ts";
import { modelContract } from "./contract/model.ts";
import { readContract } from "./contract/read.ts";
import type { OpenStore, StoreHandle } from "./contract/store-handle.ts";
import { stateAtContract } from "./contract/state-at.ts";
import { subscribeContract } from "./contract/subscribe.ts";
import { verifyContract } from "./contract/verify.ts";

/** What every event store promises, as a Jest suite: the same for each adapter. `open` gives an empty store. */
export function eventStoreContract<Tx>(name: string, open: () => Promise<OpenStore<Tx>>): void {
  describe(`${name} as an event store`, () => {
    let opened: OpenStore<Tx> | undefined;
    const handle: StoreHandle<Tx> = {
      get current() {
        if (opened === undefined) throw new Error("The store is open only while a test runs.");
        return opened;
      },
    };
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => {
      await opened?.close();
    });
    appendContract(handle);
    idempotencyContract(handle);
    readContract(handle);
    concurrencyContract(handle);
    modelContract(handle);
    stateAtContract(handle);
    subscribeContract(handle);
    verifyContract(handle);
    exportImportContract(handle, open);
  });
}
