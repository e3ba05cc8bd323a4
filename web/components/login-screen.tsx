"use client";

import { type FormEvent, useState } from "react";
import { safeReturnPath } from "../lib/paths.ts";
import { Button } from "./button.tsx";
import { type Failure, FailureNote, useFailure } from "./failure.tsx";
import { TextField } from "./field.tsx";
import { Logo } from "./icons.tsx";
import { useReader } from "./locale.tsx";
import { useTitle } from "./screen.tsx";

/** Trades the access token for a session of this browser; the token itself is kept nowhere. */
export function LoginScreen() {
  const { locale, t, api } = useReader();
  const failureOf = useFailure();
  const [token, setToken] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [failure, setFailure] = useState<Failure | null>(null);
  useTitle(t("login.title"));
  const signIn = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setProblem(token.trim() === "" ? t("login.missing") : undefined);
    if (token.trim() === "") return;
    setBusy(true);
    setFailure(null);
    try {
      await api.signIn(token.trim());
      location.assign(safeReturnPath(new URLSearchParams(location.search).get("next"), locale));
    } catch (thrown) {
      setFailure(failureOf(thrown));
      setBusy(false);
    }
  };
  return (
    <div className="login">
      <Logo />
      <h1>{t("login.title")}</h1>
      <p>{t("login.lead")}</p>
      <form className="card form" noValidate onSubmit={(event) => void signIn(event)}>
        {failure === null ? null : <FailureNote failure={failure} />}
        <TextField
          label={t("login.token")}
          problem={problem}
          type="password"
          autoComplete="current-password"
          value={token}
          onChange={(event) => setToken(event.target.value)}
        />
        <Button tone="primary" type="submit" busy={busy}>
          {t("login.submit")}
        </Button>
      </form>
    </div>
  );
}
