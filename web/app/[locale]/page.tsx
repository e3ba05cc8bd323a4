import type { Metadata } from "next";
import { OverviewScreen } from "../../components/overview-screen.tsx";
import { localeOf, translate } from "../../lib/every-language.ts";

interface PageProps {
  readonly params: Promise<{ readonly locale: string }>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  // A template of the layout does not reach the page beside it.
  const title = translate(localeOf((await params).locale), "overview.title");
  return { title: { absolute: `${title} · Sentinel` } };
}

export default function Page() {
  return <OverviewScreen />;
}
