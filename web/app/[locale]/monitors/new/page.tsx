import type { Metadata } from "next";
import { NewMonitorScreen } from "../../../../components/new-monitor-screen.tsx";
import { localeOf, translate } from "../../../../lib/every-language.ts";

interface PageProps {
  readonly params: Promise<{ readonly locale: string }>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: translate(localeOf((await params).locale), "form.new.title") };
}

export default function Page() {
  return <NewMonitorScreen />;
}
