"use client";

import type { Locale } from "@sentinel/contracts/text/screen";
import dynamic from "next/dynamic";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { type GatewayApi, gatewayApi } from "../lib/api.ts";
import { type Translate, translate } from "../lib/i18n.ts";

interface Reader {
  readonly locale: Locale;
  readonly t: Translate;
  readonly api: GatewayApi;
}

function readerOf(locale: Locale): Reader {
  return { locale, t: (key, params) => translate(locale, key, params), api: gatewayApi(locale) };
}

/** One file of words for each language, so that a page loads its reader's and no other. */
const WORDS = {
  en: dynamic(() => import("./words-en.tsx")),
  fr: dynamic(() => import("./words-fr.tsx")),
};

const ReaderContext = createContext<Reader>(readerOf("en"));

export function LocaleProvider({ locale, children }: { readonly locale: Locale; readonly children: ReactNode }) {
  const reader = useMemo(() => readerOf(locale), [locale]);
  const Words = WORDS[locale];
  return (
    <Words>
      <ReaderContext value={reader}>{children}</ReaderContext>
    </Words>
  );
}

/** The reader's language, its words, and the gateway answering in it. */
export function useReader(): Reader {
  return useContext(ReaderContext);
}
