import type { Catalogue } from "../catalogue.ts";

export const diagnosis = {} as const satisfies Catalogue;
