import type { Catalogue } from "../catalogue.ts";

export const events = {} as const satisfies Catalogue;
