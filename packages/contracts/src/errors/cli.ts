import type { ErrorTable } from "./error.ts";

export const cliErrors = {} as const satisfies ErrorTable;
