// The flow builder: loads the flow, and gives its parts what they share.
import { Container } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useParams } from "@tanstack/react-router";
import { useCallback, useRef, useState } from "react";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { useMay } from "@/app/session";
import { Failed, LoadingPage } from "@/ui/states";

import { Bar } from "./Bar";
import { type Builder, BuilderContext, type FlowDetail, isHead, type Problem } from "./builder";
import { Canvas } from "./Canvas";
import { find, insert, lost, neighbour, type Place } from "./document";
import classes from "./frame.module.css";
import { toField, toFirstStep, toNewCard } from "./focus";
import { freshStep } from "./fresh";
import { taken } from "./ids";
import { NarrowFlow } from "./NarrowFlow";
import { Notices } from "./Notices";
import { type Span, useNumbers } from "./numbers";
import { Panel } from "./Panel";
import { ofSteps, placeOfProblem } from "./problems";
import { Removal, useRemoval } from "./Removal";
import { useEditing } from "./saving";
import type { Definition, Kind } from "./steps";
import { useShortcuts } from "./shortcuts";

export function FlowBuilder() {
  const { flow = "" } = useParams({ strict: false });
  const { data, error, refetch } = query.useQuery("get", "/api/v1/flows/{slug}", { params: { path: { slug: flow } } }, { staleTime: Infinity, gcTime: 0, refetchOnWindowFocus: false });
  const retry = () => void refetch();
  if (error) return <Container py="lg"><Failed error={error} retry={retry} /></Container>;
  if (!data) return <Container py="lg"><LoadingPage /></Container>;
  return <Editor key={data.slug} detail={data} />;
}

function Editor({ detail }: { detail: FlowDetail }) {
  const editing = useEditing(detail);
  const { history, move } = editing;
  const flow = history.present;
  const narrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const editable = useMay("marketer") && !narrow && detail.status !== "archived";
  const [{ step, span = "30" }, setAddress] = useAddress<{ step?: string; span?: Span }>();
  const numbers = useNumbers(detail, span);
  const [adding, setAdding] = useState<string | null>(null);
  const seen = useRef(taken(flow));
  // The address follows what is selected; it is read when the page opens.
  // A flow that has just been begun asks for its trigger.
  const [selected, setSelected] = useState(() => (step === "trigger" || (step === undefined && editable && isBlank(flow)) ? "" : (step ?? null)));

  const select = (id: string | null) => {
    setSelected(id);
    setAddress({ step: id === null ? undefined : id === "" ? "trigger" : id });
  };
  const show = (problem: Problem) => {
    if (ofSteps(problem)) return toFirstStep();
    select(placeOfProblem(flow, problem));
    toField();
  };
  const edit = useCallback<Builder["edit"]>((to, about) => move({ kind: "change", to, about }), [move]);
  const known = useCallback(() => {
    for (const id of taken(flow)) seen.current.add(id);
    for (const one of numbers?.steps ?? []) seen.current.add(one.step);
    return new Set(seen.current);
  }, [flow, numbers]);
  const add = (place: Place, kind: Kind) => {
    const made = freshStep(kind, known());
    edit(insert(flow, place, made));
    select(made.id);
    toNewCard(made.id);
  };
  const removal = useRemoval(flow, (to) => {
    known();
    edit(to);
    if (selected === null || !lost(flow, to).includes(selected)) return;
    select(null);
    toNewCard(neighbour(flow, selected, "ArrowUp") ?? "");
  }, () => move({ kind: "undo" }), numbers);
  useShortcuts(editable, () => move({ kind: "undo" }), () => move({ kind: "redo" }));
  // Undone, or gone with somebody else's change: nothing is selected that is not there.
  const there = selected === null || isHead(selected) || find(flow, selected) !== undefined;

  const builder: Builder = {
    flow, editable, selected: there ? selected : null, select, edit, known, add, askToRemove: removal.ask, problems: editing.problems, show, numbers, adding, setAdding,
  };
  return (
    <BuilderContext value={builder}>
      <div className={classes.whole}>
        <Bar detail={detail} editing={editing} span={span} onSpan={(next) => setAddress({ span: next === "30" ? undefined : next })} />
        <Notices editing={editing} status={detail.status} />
        <div className={classes.room}>
          {narrow ? <NarrowFlow /> : <Canvas />}
          <Panel narrow={narrow} />
        </div>
      </div>
      <Removal {...removal} flow={flow} />
    </BuilderContext>
  );
}

function isBlank(flow: Definition): boolean {
  return flow.steps.length === 0 && Object.keys(flow.trigger).length === 0;
}
