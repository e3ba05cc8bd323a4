import { createTestDatabase } from "@sentinel/testkit";
import { eventStoreContract } from "../contract.ts";
import { createPostgresEventStore, eventstoreMigrations, openDatabase } from "./index.ts";

eventStoreContract("postgres", async () => {
  const test = await createTestDatabase(eventstoreMigrations);
  const database = await openDatabase(test.url, { max: 12 });
  const close = async (): Promise<void> => {
    await database.close();
    await test.drop();
  };
  return { store: createPostgresEventStore(), database, close };
});
