"use client";

import { screenCatalogue } from "@sentinel/contracts/text/en";
import { registerCatalogue } from "@sentinel/contracts/text/screen";
import type { ReactNode } from "react";
import { registerMessages } from "../lib/i18n.ts";
import { en } from "../messages/en.ts";

registerCatalogue("en", screenCatalogue);
registerMessages("en", en);

/** Everything below it can be read in English. */
export default function English({ children }: { readonly children: ReactNode }) {
  return children;
}
