"use client";

import { useRouter } from "next/navigation";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useLive } from "../lib/live.ts";
import { type PaletteEntry, paletteEntries } from "../lib/palette-entries.ts";
import { Icon } from "./icons.tsx";
import { useReader } from "./locale.tsx";

const ICONS = { pages: "chevron", monitors: "monitors", incidents: "incidents" } as const;

/** Everything by name, from the keyboard: a list that narrows as one types. */
export default function Palette({ onClose }: { readonly onClose: () => void }) {
  const { locale, t } = useReader();
  const live = useLive();
  const router = useRouter();
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  useEffect(() => dialog.current?.showModal(), []);
  const entries = paletteEntries(live, locale, t, text);
  const at = Math.min(chosen, Math.max(0, entries.length - 1));
  const go = (entry: PaletteEntry | undefined): void => {
    if (entry === undefined) return;
    onClose();
    router.push(entry.href);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setChosen((at + step + entries.length) % Math.max(1, entries.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(entries[at]);
    }
  };
  return (
    <dialog ref={dialog} className="palette" aria-label={t("palette.title")} onClose={onClose}>
      <div className="palette-field">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={entries.length === 0 ? undefined : `palette-${at}`}
          aria-label={t("palette.title")}
          placeholder={t("palette.placeholder")}
          value={text}
          autoComplete="off"
          spellCheck={false}
          onKeyDown={onKeyDown}
          onChange={(event) => {
            setText(event.target.value);
            setChosen(0);
          }}
        />
      </div>
      <PaletteList entries={entries} at={at} onGo={go} />
      {entries.length === 0 ? <p className="palette-none">{t("palette.none", { text })}</p> : null}
      <p className="palette-keys">{t("palette.keys")}</p>
    </dialog>
  );
}

interface PaletteListProps {
  readonly entries: readonly PaletteEntry[];
  readonly at: number;
  readonly onGo: (entry: PaletteEntry) => void;
}

function PaletteList({ entries, at, onGo }: PaletteListProps) {
  const { t } = useReader();
  return (
    <div id="palette-list" role="listbox" aria-label={t("palette.title")} className="palette-list">
      {entries.map((entry, index) => (
        <div
          key={entry.href}
          id={`palette-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === at}
          onClick={() => onGo(entry)}
          onKeyDown={undefined}
        >
          <Icon name={ICONS[entry.kind]} />
          <span>{entry.label}</span>
          <small>{t(`palette.${entry.kind}`)}</small>
        </div>
      ))}
    </div>
  );
}
