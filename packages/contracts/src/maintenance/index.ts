export { currentOrNext, occurrences, type Recurring, type Span, spansWithin } from "./occurrences.ts";
export { parseRecurrence, writtenOut } from "./recurrence.ts";
export { ALL_MONITORS, covers } from "./targets.ts";
export { isZone, parseWall, wallAt, writeWall } from "./wall-clock.ts";
