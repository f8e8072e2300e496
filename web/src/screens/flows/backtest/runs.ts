// Backtests that run: one for each flow, outside of any screen, so that one can leave and come back. The last report
// stays in this tab's memory.
import { useSyncExternalStore } from "react";

import { ApiError, headers, refusal } from "@/api/client";
import { tellDone, tellRefused } from "@/app/notices";

import { linesOf, type Progress, type Report } from "./report";

export interface Asked {
  days: number;
  version: "live" | "draft";
  compare: boolean;
}

export interface Finished {
  asked: Asked;
  reports: Report[];
}

export interface Run {
  asked: Asked;
  progress: Progress | null;
  /** Events replayed a second so far. */
  pace: number;
  stop: () => void;
}

interface State {
  run: Run | null;
  last: Finished | null;
  error: unknown;
}

const states = new Map<string, State>();
const listeners = new Set<() => void>();

function read(key: string): State {
  const known = states.get(key);
  if (known) return known;
  let last: Finished | null = null;
  try {
    last = JSON.parse(sessionStorage.getItem(`headwater:backtest:${key}`) ?? "null") as Finished | null;
  } catch {
    // What cannot be read is as good as none.
  }
  const fresh = { run: null, last, error: null };
  states.set(key, fresh);
  return fresh;
}

function change(key: string, by: Partial<State>): void {
  states.set(key, { ...read(key), ...by });
  for (const tell of listeners) tell();
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** `key`: brand and flow. */
export function useBacktest(key: string): State {
  return useSyncExternalStore(subscribe, () => read(key));
}

export function begin(key: string, flow: { slug: string; name: string }, asked: Asked): void {
  const control = new AbortController();
  const run = { asked, progress: null, pace: 0, stop: () => control.abort() };
  change(key, { run, error: null });
  void follow(key, flow, run, control.signal);
}

async function follow(key: string, flow: { slug: string; name: string }, run: Run, signal: AbortSignal): Promise<void> {
  const begun = Date.now();
  const tell = (progress: Progress) => change(key, { run: { ...run, progress, pace: Math.round((1000 * progress.events) / Math.max(1, Date.now() - begun)) } });
  try {
    const reports = await streamed(flow.slug, run.asked, signal, tell);
    const last = { asked: run.asked, reports };
    change(key, { run: null, last });
    try {
      sessionStorage.setItem(`headwater:backtest:${key}`, JSON.stringify(last));
    } catch {
      // The store is full: the report is there until the page is loaded anew.
    }
    tellDone(`The backtest of “${flow.name}” is done.`);
  } catch (error) {
    change(key, { run: null, error: signal.aborted ? null : error });
    if (!signal.aborted) tellRefused(error);
  }
}

async function streamed(slug: string, asked: Asked, signal: AbortSignal, tell: (progress: Progress) => void): Promise<Report[]> {
  const answer = await fetch(`/api/v1/flows/${encodeURIComponent(slug)}/backtest`, {
    method: "POST",
    headers: { ...headers(), "Content-Type": "application/json" },
    credentials: "same-origin",
    body: JSON.stringify(asked),
    signal,
  });
  if (!answer.ok || !answer.body) throw await refusal(answer);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new ApiError(0, "broken_off", "The backtest broke off", "The connection was lost before the report came. Run it again; nothing was changed.");
    const found = linesOf(rest + value);
    rest = found.rest;
    for (const line of found.lines) {
      if ("reports" in line) return line.reports;
      tell(line.progress);
    }
  }
}
