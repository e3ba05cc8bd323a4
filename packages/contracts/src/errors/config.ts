import type { ErrorTable } from "./error.ts";

export const configErrors = {} as const satisfies ErrorTable;
