import type { Metadata } from "next";
import { SettingsScreen } from "../../../components/settings-screen.tsx";
import { localeOf, translate } from "../../../lib/every-language.ts";

interface PageProps {
  readonly params: Promise<{ readonly locale: string }>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: translate(localeOf((await params).locale), "settings.title") };
}

export default function Page() {
  return <SettingsScreen />;
}
