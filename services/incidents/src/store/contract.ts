import { afterAll, beforeAll, describe } from "@jest/globals";
import { checksContract } from "./contract/checks.ts";
import { heartbeatsContract } from "./contract/heartbeats.ts";
import { incidentsContract } from "./contract/incidents.ts";
import { packedChecksContract } from "./contract/packed-checks.ts";
import type { OpenFoldStore } from "./contract/open-fold-store.ts";
import { kpisContract } from "./contract/kpis.ts";
import { membersContract } from "./contract/members.ts";
import { outboxContract } from "./contract/outbox.ts";
import { partitionsContract } from "./contract/partitions.ts";
import { windowsContract } from "./contract/windows.ts";
import { countersContract, monitorsContract, rollbackContract, smallTablesContract } from "./contract/small-tables.ts";

/** What every store of the fold promises. */
export function foldStoreContract(name: string, open: () => Promise<OpenFoldStore>): void {
  describe(`fold store contract: ${name}`, () => {
    let opened: OpenFoldStore | undefined;
    const handle = {
      get current(): OpenFoldStore {
        if (opened === undefined) throw new Error("the store is not open yet");
        return opened;
      },
    };
    beforeAll(async () => {
      opened = await open();
    }, 60_000);
    afterAll(async () => await opened?.close());

    membersContract(handle);
    partitionsContract(handle);
    checksContract(handle);
    packedChecksContract(handle);
    monitorsContract(handle);
    incidentsContract(handle);
    countersContract(handle);
    outboxContract(handle);
    smallTablesContract(handle);
    rollbackContract(handle);
    kpisContract(handle);
    heartbeatsContract(handle);
    windowsContract(handle);
  });
}
