import type { Catalogue } from "../catalogue.ts";

export const status = {} as const satisfies Catalogue;
