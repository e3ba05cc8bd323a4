import type { Catalogue } from "../catalogue.ts";

export const reasons = {} as const satisfies Catalogue;
