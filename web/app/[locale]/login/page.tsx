import type { Metadata } from "next";
import { LoginScreen } from "../../../components/login-screen.tsx";
import { localeOf, translate } from "../../../lib/every-language.ts";

interface PageProps {
  readonly params: Promise<{ readonly locale: string }>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: translate(localeOf((await params).locale), "login.title") };
}

export default function Page() {
  return <LoginScreen />;
}
