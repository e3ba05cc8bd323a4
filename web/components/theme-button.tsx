"use client";

import { chooseTheme, type Theme, useTheme } from "../lib/theme.ts";
import { Icon } from "./icons.tsx";
import { useReader } from "./locale.tsx";

const NEXT: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };
const ICON = { system: "screen", light: "sun", dark: "moon" } as const;

/** Steps through system, light and dark. */
export function ThemeButton() {
  const { t } = useReader();
  const theme = useTheme();
  const label = t("theme.now", { theme: t(`theme.${theme}`) });
  return (
    <button type="button" className="square" aria-label={label} title={label} onClick={() => chooseTheme(NEXT[theme])}>
      <Icon name={ICON[theme]} />
    </button>
  );
}
