import { createTestDatabase } from "@sentinel/testkit";
import { eventStoreContract } from "../contract.ts";
import { createPostgresEventStore, eventstoreMigrations, openDatabase, openPostgresHints } from "./index.ts";

eventStoreContract("postgres", async () => {
  const test = await createTestDatabase(eventstoreMigrations);
  const database = await openDatabase(test.url, { max: 12 });
  const hints = await openPostgresHints(test.url);
  const close = async (): Promise<void> => {
    await hints.close();
    await database.close();
    await test.drop();
  };
  return { store: createPostgresEventStore(), database, hints, close };
});
