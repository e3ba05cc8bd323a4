"use client";

import type { Locale } from "@sentinel/contracts/text";
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

const ReaderContext = createContext<Reader>(readerOf("en"));

export function LocaleProvider({ locale, children }: { readonly locale: Locale; readonly children: ReactNode }) {
  const reader = useMemo(() => readerOf(locale), [locale]);
  return <ReaderContext value={reader}>{children}</ReaderContext>;
}

/** The reader's language, its words, and the gateway answering in it. */
export function useReader(): Reader {
  return useContext(ReaderContext);
}
