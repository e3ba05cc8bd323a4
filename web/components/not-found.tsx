"use client";

import { paths } from "../lib/paths.ts";
import { ButtonLink } from "./button.tsx";
import { EmptyState } from "./empty-state.tsx";
import { useReader } from "./locale.tsx";

export function NotFound() {
  const { locale, t } = useReader();
  return (
    <EmptyState icon="search" heading="h1" title={t("notFound.title")} detail={t("notFound.detail")}>
      <ButtonLink tone="primary" href={paths.overview(locale)}>
        {t("notFound.action")}
      </ButtonLink>
    </EmptyState>
  );
}
