import { eventstoreMigrations, openDatabase } from "@sentinel/eventstore/postgres";
import { createTestDatabase } from "@sentinel/testkit";
import { foldContract } from "./fold-contract.ts";
import { incidentsMigrations } from "./store/postgres/migrations.ts";
import { createPostgresFoldStore } from "./store/postgres/postgres-fold-store.ts";

foldContract(
  "postgres",
  async () => {
    const test = await createTestDatabase([...eventstoreMigrations, ...incidentsMigrations]);
    const database = await openDatabase(test.url, { max: 4 });
    return {
      store: createPostgresFoldStore(database),
      close: async () => {
        await database.close();
        await test.drop();
      },
    };
  },
  25,
);
