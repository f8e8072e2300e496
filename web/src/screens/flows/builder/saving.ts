// The flow that is edited: its history, kept in this browser until the server has it, and saved there as a draft.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useReducer, useState, useSyncExternalStore } from "react";

import { api, ApiError } from "@/api/client";
import { useDraft } from "@/app/drafts";
import { useBrand } from "@/app/session";

import type { FlowDetail, Problem } from "./builder";
import { read } from "./document";
import { begin, type History, type Move, reduce } from "./history";
import { type Answer, Saver, type SaveState } from "./saver";
import type { Definition } from "./steps";

/** Work that has not reached the server, and the revision that it began with. */
interface Unsaved {
  definition: Definition;
  revision: string;
}

export interface Editing {
  history: History;
  move: (move: Move) => void;
  state: SaveState;
  problems: readonly Problem[];
  /** Whether it began with work that was found in this browser; undo goes back to what was saved. */
  restored: boolean;
  /** Saves now what is not saved yet. False: it could not. */
  flush: () => Promise<boolean>;
  /** Ends a conflict: keep what is here, over what somebody else saved; or take theirs. */
  settle: (mine: boolean) => Promise<void>;
  /** The flow was changed elsewhere on this page (published, undone): go on from there. */
  reload: () => Promise<void>;
}

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

async function put(slug: string, definition: Definition, revision: string): Promise<Answer> {
  const { data } = await api.PUT("/api/v1/flows/{slug}", { params: { path: { slug }, query: { publish: false, based_on: revision } }, body: { ...definition } });
  if (!data || !("revision" in data)) throw new ApiError(500, "", "The draft was not saved", "The server answered something unexpected.");
  return data;
}

export function useEditing(detail: FlowDetail): Editing {
  const { slug } = detail;
  const brand = useBrand().slug;
  const client = useQueryClient();
  const { value: kept, change: keep, settle: drop } = useDraft<Unsaved | null>(`flow:${brand}:${slug}`, null);
  const [restored] = useState(kept !== null);
  const [history, dispatch] = useReducer(reduce, null, () => first(detail, kept));
  const [saver] = useState(() => {
    const begins = { ...detail, revision: kept?.revision ?? detail.revision };
    return new Saver((definition, revision) => put(slug, definition, revision), history.present, begins, kept === null, () => {
      drop(null);
      client.setQueryData<FlowDetail>(key(slug), (before) => before && { ...before, has_draft: true });
      void client.invalidateQueries({ queryKey: ["get", "/api/v1/flows"] });
      void client.invalidateQueries({ queryKey: ["get", "/api/v1/flows/table"] });
    });
  });
  const { state, problems } = useSyncExternalStore(saver.subscribe, saver.look);
  useEffect(() => () => void saver.flush(), [saver]);

  const move = useCallback(
    (next: Move) => {
      const after = reduce(history, next);
      dispatch(next);
      if (after.present === history.present) return;
      keep({ definition: after.present, revision: saver.revision });
      saver.change(after.present);
    },
    [history, keep, saver],
  );

  const latest = async () => (await api.GET("/api/v1/flows/{slug}", path(slug))).data!;
  const reload = async () => {
    const fresh = await latest();
    const definition = editable(fresh);
    dispatch({ kind: "reset", to: definition });
    saver.restart(definition, fresh);
    client.setQueryData(key(slug), fresh);
  };
  const settle = async (mine: boolean) => {
    if (!mine) return reload();
    await saver.overwrite((await latest()).revision);
  };
  return { history, move, state, problems, restored, flush: () => saver.flush(), settle, reload };
}
