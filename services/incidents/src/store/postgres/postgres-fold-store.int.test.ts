import { setTimeout as realSleep } from "node:timers/promises";
import { eventstoreMigrations, openDatabase } from "@sentinel/eventstore/postgres";
import { createTestDatabase } from "@sentinel/testkit";
import { foldStoreContract } from "../contract.ts";
import { incidentsMigrations } from "./migrations.ts";
import { createPostgresFoldStore } from "./postgres-fold-store.ts";

foldStoreContract("postgres", async () => {
  const test = await createTestDatabase([...eventstoreMigrations, ...incidentsMigrations]);
  const database = await openDatabase(test.url, { max: 6 });
  return {
    store: createPostgresFoldStore(database),
    // Leases run by the server's clock, which only real time moves.
    expire: (ttlMs) => realSleep(ttlMs + 20),
    close: async () => {
      await database.close();
      await test.drop();
    },
  };
});
