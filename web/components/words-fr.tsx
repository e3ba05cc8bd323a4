"use client";

import { screenCatalogue } from "@sentinel/contracts/text/fr";
import { registerCatalogue } from "@sentinel/contracts/text/screen";
import type { ReactNode } from "react";
import { registerMessages } from "../lib/i18n.ts";
import { fr } from "../messages/fr.ts";

registerCatalogue("fr", screenCatalogue);
registerMessages("fr", fr);

/** Everything below it can be read in French. */
export default function French({ children }: { readonly children: ReactNode }) {
  return children;
}
