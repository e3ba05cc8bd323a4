"use client";

import { useSyncExternalStore } from "react";

/** The browser's clock; the only reader of it in the dashboard. */
export function systemNowMs(): number {
  return Date.now();
}

const TICK_MS = 1000;

let nowMs = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  nowMs = systemNowMs();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    nowMs = systemNowMs();
    timer = setInterval(tick, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function current(): number {
  // Before the first subscription a render must read the same instant twice.
  if (timer === undefined) nowMs = Math.floor(systemNowMs() / TICK_MS) * TICK_MS;
  return nowMs;
}

/** The present, once a second, the same instant for every component of a frame; 0 while prerendering. */
export function useTick(): number {
  return useSyncExternalStore(subscribe, current, () => 0);
}

const never = (): (() => void) => () => undefined;

/** False in the prerendered page and its first paint, true from then on: what depends on the browser waits for it. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
