import { VirtualClock } from "@sentinel/testkit";
import { foldContract } from "./fold-contract.ts";
import { createMemoryFoldStore } from "./store/memory/memory-fold-store.ts";

foldContract(
  "memory",
  async () => {
    const clock = new VirtualClock();
    return { store: createMemoryFoldStore(() => clock.monotonic()), close: async () => undefined };
  },
  200,
);
