export { createMemoryEventStore } from "./memory-event-store.ts";
export { createMemoryProjections } from "./memory-projections.ts";
export { MemoryDatabase, type MemoryTx } from "./memory-database.ts";
export type { MemoryTable } from "./memory-table.ts";
