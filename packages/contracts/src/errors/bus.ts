import type { ErrorTable } from "./error.ts";

export const busErrors = {} as const satisfies ErrorTable;
