// The flow saves itself: a moment after each change, as a draft on the server, and until then in this browser.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useReducer, useRef, useState } from "react";

import { api, ApiError } from "@/api/client";
import { useDraft } from "@/app/drafts";
import { useBrand } from "@/app/session";

import type { FlowDetail, Problem } from "./builder";
import { read } from "./document";
import { begin, type History, type Move, reduce } from "./history";
import type { Definition } from "./steps";

/** Work that has not reached the server, and the revision that it began with. */
interface Unsaved {
  definition: Definition;
  revision: string;
}

export type SaveState = { kind: "saved"; at: string } | { kind: "waiting" } | { kind: "saving" } | { kind: "conflict" } | { kind: "failed"; why: string };

export interface Editing {
  history: History;
  move: (move: Move) => void;
  state: SaveState;
  problem: Problem | null;
  /** Whether it began with work that was found in this browser; undo goes back to what was saved. */
  restored: boolean;
  /** Saves now what is not saved yet. False: it could not. */
  flush: () => Promise<boolean>;
  /** Ends a conflict: keep what is here, over what somebody else saved; or take theirs. */
  settle: (mine: boolean) => Promise<void>;
  /** The flow was changed elsewhere on this page (published, undone): go on from there. */
  reload: () => Promise<void>;
}

const PAUSE = 700;
const AGAIN = 6000;

/** What is edited: the draft, or else what is live, or else nothing yet. */
export function editable(detail: FlowDetail): Definition {
  return read(detail.draft ?? detail.definition ?? { flow: detail.slug, name: detail.name, trigger: {}, steps: [] });
}

/** Work that had not been saved is a change to what was: it can be undone. */
function first(detail: FlowDetail, kept: Unsaved | null): History {
  const history = begin(editable(detail));
  return kept ? reduce(history, { kind: "change", to: kept.definition }) : history;
}

const path = (slug: string) => ({ params: { path: { slug } } });
const key = (slug: string) => ["get", "/api/v1/flows/{slug}", path(slug)];

export function useEditing(detail: FlowDetail): Editing {
  const { slug } = detail;
  const brand = useBrand().slug;
  const client = useQueryClient();
  const { value: kept, change: keep, settle: drop } = useDraft<Unsaved | null>(`flow:${brand}:${slug}`, null);
  const [restored] = useState(kept !== null);
  const [history, dispatch] = useReducer(reduce, null, () => first(detail, kept));
  const [state, setState] = useState<SaveState>(kept ? { kind: "waiting" } : { kind: "saved", at: detail.updated_at });
  const [problem, setProblem] = useState<Problem | null>(detail.problem);
  const revision = useRef(kept?.revision ?? detail.revision);
  const present = useRef(history.present);
  const saved = useRef<Definition | null>(kept ? null : history.present);
  const running = useRef<Promise<boolean> | null>(null);
  present.current = history.present;

  const forget = useCallback(() => void client.invalidateQueries({ queryKey: ["get", "/api/v1/flows"] }), [client]);

  const save = useCallback(async (): Promise<boolean> => {
    const sent = present.current;
    setState({ kind: "saving" });
    try {
      const { data } = await api.PUT("/api/v1/flows/{slug}", { params: { path: { slug }, query: { publish: false, based_on: revision.current } }, body: { ...sent } });
      if (!data || !("revision" in data)) throw new ApiError(500, "", "The draft was not saved", "The server answered something unexpected.");
      revision.current = data.revision;
      saved.current = sent;
      setProblem(data.problem);
      if (present.current === sent) {
        drop(null);
        setState({ kind: "saved", at: data.updated_at });
        client.setQueryData<FlowDetail>(key(slug), (before) => before && { ...before, has_draft: true });
        forget();
      } else setState({ kind: "waiting" });
      return true;
    } catch (error) {
      const said = error instanceof ApiError ? error : null;
      setState(said?.status === 409 ? { kind: "conflict" } : { kind: "failed", why: said?.detail || "The server could not be reached." });
      return false;
    }
  }, [slug, client, drop, forget]);

  const flush = useCallback(async (): Promise<boolean> => {
    await running.current;
    if (saved.current === present.current) return true;
    running.current = save().finally(() => (running.current = null));
    return (await running.current) && flush();
  }, [save]);

  // One save at a time; what is typed meanwhile goes with the next. After a failure it is tried again by itself.
  useEffect(() => {
    if (saved.current === history.present || state.kind === "saving" || state.kind === "conflict") return;
    const timer = window.setTimeout(() => void flush(), state.kind === "failed" ? AGAIN : PAUSE);
    return () => window.clearTimeout(timer);
  }, [history.present, state.kind, flush]);

  const leaving = useRef(flush);
  leaving.current = flush;
  useEffect(() => () => void leaving.current(), []);

  const move = useCallback(
    (next: Move) => {
      const after = reduce(history, next);
      dispatch(next);
      if (after.present === history.present) return;
      keep({ definition: after.present, revision: revision.current });
      setState((before) => (before.kind === "saved" ? { kind: "waiting" } : before));
    },
    [history, keep],
  );

  const start = useCallback(
    (fresh: FlowDetail) => {
      const definition = editable(fresh);
      revision.current = fresh.revision;
      saved.current = definition;
      dispatch({ kind: "reset", to: definition });
      drop(null);
      setProblem(fresh.problem);
      setState({ kind: "saved", at: fresh.updated_at });
      forget();
    },
    [drop, forget],
  );

  const latest = useCallback(async () => (await api.GET("/api/v1/flows/{slug}", path(slug))).data!, [slug]);
  const reload = useCallback(async () => {
    const fresh = await latest();
    client.setQueryData(key(slug), fresh);
    start(fresh);
  }, [latest, start, client, slug]);

  const settle = useCallback(
    async (mine: boolean) => {
      if (!mine) return reload();
      revision.current = (await latest()).revision;
      saved.current = null;
      await save();
    },
    [latest, reload, save],
  );

  return { history, move, state, problem, restored, flush, settle, reload };
}
