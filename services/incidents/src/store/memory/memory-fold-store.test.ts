import { VirtualClock } from "@sentinel/testkit";
import { foldStoreContract } from "../contract.ts";
import { createMemoryFoldStore } from "./memory-fold-store.ts";

foldStoreContract("memory", async () => {
  const clock = new VirtualClock();
  return {
    store: createMemoryFoldStore(() => clock.monotonic()),
    expire: (ttlMs) => clock.advance(ttlMs + 1),
    close: async () => undefined,
  };
});
