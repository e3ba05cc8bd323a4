"use client";

import type { SseFrame } from "@sentinel/contracts/api";
import type { Locale } from "@sentinel/contracts/text/screen";
import { useEffect, useSyncExternalStore } from "react";
import { systemNowMs, useTick } from "./clock.ts";
import { openStream, type Stream } from "./live-connection.ts";
import { initialLiveState, loseConnection, type LiveState, reduceFrame } from "./live-state.ts";

let state: LiveState = initialLiveState;
const listeners = new Set<() => void>();
let scheduled = false;

/** Frames of a burst are painted together. */
function publish(next: LiveState): void {
  if (next === state) return;
  state = next;
  if (scheduled) return;
  scheduled = true;
  const paint = (): void => {
    scheduled = false;
    for (const listener of listeners) listener();
  };
  if (document.visibilityState === "visible") requestAnimationFrame(paint);
  else setTimeout(paint);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Everything heard so far, live. */
export function useLive(): LiveState {
  return useSyncExternalStore(
    subscribe,
    () => state,
    () => initialLiveState,
  );
}

/** The server's present, once a second; 0 while prerendering. */
export function useNow(): number {
  const tick = useTick();
  const { clockOffsetMs } = useLive();
  return tick === 0 ? 0 : tick + clockOffsetMs;
}

/** Applies a change that came by REST, so that the page need not wait for its echo on the stream. */
export function updateLive(change: (current: LiveState) => LiveState): void {
  publish(change(state));
}

let stream: Stream | undefined;
let language: Locale = "en";
let watched: string | undefined;

function connect(): void {
  stream?.close();
  stream = openStream({
    url: streamUrl(language, watched),
    onFrame: (frame: SseFrame) => publish(reduceFrame(state, frame, systemNowMs())),
    onLost: () => publish(loseConnection(state)),
    onDenied: () => publish({ ...state, connection: "denied" }),
  });
}

function streamUrl(locale: Locale, monitorId: string | undefined): string {
  const query = new URLSearchParams({ lang: locale });
  if (monitorId !== undefined) query.set("monitor", monitorId);
  return `/api/v1/events?${query}`;
}

/** Opens the one stream of this page; mounted once, by the shell. */
export function useLiveConnection(locale: Locale): void {
  useEffect(() => {
    language = locale;
    connect();
    return () => {
      stream?.close();
      stream = undefined;
    };
  }, [locale]);
}

/** Also hears each round of this monitor while the component is mounted. */
export function useWatchedChecks(monitorId: string | undefined): void {
  useEffect(() => {
    if (monitorId === undefined || monitorId === watched) return;
    watched = monitorId;
    publish({ ...state, checks: [] });
    if (stream !== undefined) connect();
  }, [monitorId]);
}
