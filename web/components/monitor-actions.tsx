"use client";

import type { MonitorView } from "@sentinel/contracts/api";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { updateLive } from "../lib/live.ts";
import { inputOfSpec } from "../lib/monitor-form.ts";
import { paths } from "../lib/paths.ts";
import { replaceSearch } from "../lib/query.ts";
import { Button } from "./button.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { useReader } from "./locale.tsx";
import { useAction } from "./use-action.ts";

/** Check now, pause, edit, delete; what the file defines is changed in the file. */
export function MonitorActions({ monitor }: { readonly monitor: MonitorView }) {
  const { t, api } = useReader();
  const { busy, run } = useAction();
  const [asking, setAsking] = useState(false);
  const editable = monitor.source === "api";
  const checkNow = async (): Promise<string> => {
    await api.checkNow(monitor.id);
    return t("monitor.checking");
  };
  const setPaused = async (): Promise<null> => {
    const input = inputOfSpec({ ...monitor.spec, paused: !monitor.spec.paused });
    const changed = await api.replaceMonitor(monitor.id, monitor.version, input);
    updateLive((state) => ({ ...state, monitors: new Map(state.monitors).set(changed.id, changed) }));
    return null;
  };
  return (
    <div className="actions">
      {editable ? (
        <>
          <Button tone="quiet" onClick={() => setAsking(true)}>
            {t("monitor.delete")}
          </Button>
          <Button onClick={() => replaceSearch("?edit")}>{t("monitor.edit")}</Button>
          <Button busy={busy} onClick={() => run(setPaused)}>
            {t(monitor.spec.paused ? "monitor.resume" : "monitor.pause")}
          </Button>
          <DeleteDialog monitor={monitor} open={asking} onClose={() => setAsking(false)} />
        </>
      ) : null}
      <Button tone="primary" busy={busy} disabled={monitor.spec.paused} onClick={() => run(checkNow)}>
        {t("monitor.checkNow")}
      </Button>
    </div>
  );
}

interface DeleteDialogProps {
  readonly monitor: MonitorView;
  readonly open: boolean;
  readonly onClose: () => void;
}

function DeleteDialog({ monitor, open, onClose }: DeleteDialogProps) {
  const { locale, t, api } = useReader();
  const router = useRouter();
  const { busy, run } = useAction();
  const remove = async (): Promise<string> => {
    await api.deleteMonitor(monitor.id, monitor.version);
    onClose();
    router.push(paths.monitors(locale));
    return t("delete.done", { name: monitor.name });
  };
  return (
    <ConfirmDialog
      open={open}
      title={t("delete.title", { name: monitor.name })}
      confirm={t("delete.confirm")}
      cancel={t("delete.cancel")}
      tone="danger"
      busy={busy}
      onConfirm={() => run(remove)}
      onClose={onClose}
    >
      <p>{t("delete.detail")}</p>
    </ConfirmDialog>
  );
}
