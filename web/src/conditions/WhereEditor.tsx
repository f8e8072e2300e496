// The filter of a condition's event, as lines under its sentence: "where price is more than 50, and …"; and the button that begins one.
import { ActionIcon, Button } from "@mantine/core";
import { IconFilterPlus, IconX } from "@tabler/icons-react";
import { useMemo } from "react";

import classes from "./conditions.module.css";
import { EditingContext, useEditing } from "./editing";
import { EventTest } from "./EventTest";
import { choices, Choice } from "./fields";
import { GroupEditor } from "./GroupEditor";
import { asGroup, asOutermost, childPath, withChildren, withMode } from "./groups";
import { follows, nameOf } from "./identity";
import type { Filter, PropertyTest } from "./language";
import { read } from "./reading";

interface Props {
  metric: string;
  value: Filter | null | undefined;
  /** undefined: there is no filter any more. */
  onChange: (value: Filter | undefined) => void;
  path: string;
}

const JOINTS = { all: "and", any: "or" };

/** Begins a filter where there is none; stands in the sentence. */
export function AddFilter({ metric, value, onChange, children = "Filter" }: Pick<Props, "metric" | "value" | "onChange"> & { children?: string }) {
  const { readOnly } = useEditing();
  if (readOnly || metric === "" || (value != null && !isPlain(value))) return null;
  return (
    <Button size="compact-xs" variant="subtle" color="gray" leftSection={<IconFilterPlus size={14} />} onClick={() => onChange(withTest(value))}>{children}</Button>
  );
}

export function WhereEditor({ metric, value, onChange, path }: Props) {
  const outer = useEditing();
  const editing = useMemo(() => ({ ...outer, context: "event-filter" as const, metric }), [outer, metric]);
  const tests = value == null ? [] : asOutermost(value).children;
  return (
    <EditingContext value={editing}>
      {tests.length > 0 && (isPlain(value!) ? <Lines value={value!} onChange={onChange} path={path} /> : <div className={classes.filters}><GroupEditor tree={value} path={path} onChange={(next) => onChange(next as Filter)} onRemove={() => onChange(undefined)} /></div>)}
      {tests.length > 0 && <div className={classes.another}><AddFilter metric={metric} value={value} onChange={onChange}>Another filter</AddFilter></div>}
    </EditingContext>
  );
}

/** Tests one under the other, all joined in one way. */
function isPlain(value: Filter): boolean {
  const { mode, children } = asOutermost(value);
  return (mode === "all" || mode === "any") && children.every((child) => !asGroup(child) && !read(child, "event-filter").negated && read(child, "event-filter").kind === "property");
}

function withTest(value: Filter | null | undefined): Filter {
  const blank = { property: "", equals: "" };
  return value == null ? [blank] : (withChildren(value, [...asOutermost(value).children, blank]) as Filter);
}

function Lines({ value, onChange, path }: { value: Filter; onChange: (value: Filter | undefined) => void; path: string }) {
  const { readOnly, problems } = useEditing();
  const { mode, children } = asOutermost(value);
  const put = (next: unknown[]) => onChange(next.length === 0 ? undefined : (withChildren(value, next) as Filter));
  const replace = (index: number, child: unknown) => {
    follows(children[index], child);
    put(children.map((one, place) => (place === index ? child : one)));
  };
  return (
    <div className={classes.filters}>
      {children.map((child, index) => (
        <div key={nameOf(child, index)} className={classes.filter} data-wrong={problems.some((one) => one.field.startsWith(childPath(value, path, index))) || undefined}>
          <div className={classes.connector}>
            {index === 1 ? (
              <Choice label="How the filters are joined" value={mode === "any" ? "any" : "all"} data={choices(JOINTS)} onChange={(next) => onChange(withMode(value, next) as Filter)} />
            ) : (
              <span className={classes.where}>{index === 0 ? "where" : JOINTS[mode === "any" ? "any" : "all"]}</span>
            )}
          </div>
          <EventTest node={child as PropertyTest} onChange={(next) => replace(index, next)} />
          {!readOnly && <ActionIcon size="md" aria-label="Remove this filter" onClick={() => put(children.toSpliced(index, 1))}><IconX size={14} /></ActionIcon>}
        </div>
      ))}
    </div>
  );
}
