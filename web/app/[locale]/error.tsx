"use client";

import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { useReader } from "../../components/locale.tsx";

/** A view that failed says so and can be tried again; the watching goes on elsewhere. */
export default function ErrorPage({ reset }: { readonly reset: () => void }) {
  const { t } = useReader();
  return (
    <EmptyState icon="incidents" heading="h1" title={t("error.title")} detail={t("error.detail")}>
      <Button tone="primary" onClick={reset}>
        {t("error.action")}
      </Button>
    </EmptyState>
  );
}
