import type { ErrorTable } from "./error.ts";

export const incidentsErrors = {} as const satisfies ErrorTable;
