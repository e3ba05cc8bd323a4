"use client";

import { type RefObject, useEffect, useRef } from "react";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, dialog, [contenteditable]") !== null;
}

/** j and k move the focus along the links of a list; Enter then opens one, as any link. */
export function useListKeys<T extends HTMLElement = HTMLUListElement>(length: number): RefObject<T | null> {
  const list = useRef<T>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const step = event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
      if (step === 0 || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      const links = [...(list.current?.querySelectorAll<HTMLAnchorElement>("a.row-link") ?? [])];
      const at = links.findIndex((link) => link === document.activeElement);
      links[Math.max(0, Math.min(links.length - 1, at + step))]?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [length]);
  return list;
}
