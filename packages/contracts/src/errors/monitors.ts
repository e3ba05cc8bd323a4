import type { ErrorTable } from "./error.ts";

export const monitorsErrors = {} as const satisfies ErrorTable;
