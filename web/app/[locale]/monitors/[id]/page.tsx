import type { Metadata } from "next";
import { MonitorScreen } from "../../../../components/monitor-screen.tsx";
import { localeOf, translate } from "../../../../lib/every-language.ts";

interface PageProps {
  readonly params: Promise<{ readonly locale: string }>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: translate(localeOf((await params).locale), "monitors.title") };
}

/** One shell for every id: the gateway answers any id with it, and the page reads its own address. */
export function generateStaticParams() {
  return [{ id: "_" }];
}

export default function Page() {
  return <MonitorScreen />;
}
