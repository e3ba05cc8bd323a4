import type { Catalogue } from "../catalogue.ts";

export const notify = {} as const satisfies Catalogue;
