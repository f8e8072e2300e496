// The one table of lists: columns, sorting, selection and paging by the server, with its empty and loading states.
import { Button, Checkbox, Group, Paper, Skeleton, Table, Text, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useRef, useState } from "react";

import classes from "./DataTable.module.css";
import { Failed } from "./states";

export interface Column<Row> {
  key: string;
  title: ReactNode;
  render: (row: Row) => ReactNode;
  /** Numbers stand right. */
  align?: "left" | "right";
  /** The name under which the server sorts; without it the column cannot sort. */
  sort?: string;
  /** Sorted first from the smallest on, as names are; otherwise from the largest, as numbers and times are. */
  rising?: boolean;
  width?: number | string;
  /** Left out on a phone. */
  wide?: boolean;
}

export interface Sorting {
  /** "name" or "-name". */
  value: string;
  onChange: (value: string) => void;
}

export interface Selection {
  chosen: ReadonlySet<string | number>;
  onChange: (chosen: Set<string | number>) => void;
}

export interface Paging {
  /** What part this is, and of how many: "1–50 of 124,316". */
  label: ReactNode;
  onPrevious?: () => void;
  onNext?: () => void;
}

interface Props<Row> {
  /** What the rows are, for those who cannot see the table. */
  label: string;
  columns: Column<Row>[];
  rows: Row[] | undefined;
  rowKey: (row: Row) => string | number;
  /** Where a row leads. */
  rowLink?: (row: Row) => string;
  loading?: boolean;
  error?: unknown;
  retry?: () => void;
  empty: ReactNode;
  sorting?: Sorting;
  selection?: Selection;
  paging?: Paging;
  /** Search and filters, above the table. */
  toolbar?: ReactNode;
}

export function DataTable<Row>(props: Props<Row>) {
  const { columns, rows, error, retry, empty, loading, toolbar, paging, label } = props;
  const nothing = !loading && !error && rows?.length === 0;
  return (
    <Frame
      label={label}
      above={
        <>
          {toolbar && <Group p="sm" gap="sm" className={classes.toolbar}>{toolbar}</Group>}
          {error ? <div style={{ padding: 16 }}><Failed error={error} retry={retry} /></div> : null}
          {nothing && empty}
        </>
      }
      below={paging && !nothing && (
        <Group justify="space-between" p="sm" className={classes.foot}>
          <Text size="sm" c="dimmed" className="numbers">{paging.label}</Text>
          {(paging.onPrevious || paging.onNext) && (
            <Group gap="xs">
              <Button size="xs" variant="default" disabled={!paging.onPrevious} onClick={paging.onPrevious}>Previous</Button>
              <Button size="xs" variant="default" disabled={!paging.onNext} onClick={paging.onNext}>Next</Button>
            </Group>
          )}
        </Group>
      )}
    >
      {!nothing && !error && (
        <Table highlightOnHover aria-label={label} aria-busy={loading || undefined}>
          <Head {...props} />
          <Table.Tbody style={{ opacity: loading && rows ? 0.5 : 1 }}>
            {rows ? rows.map((row) => <Line key={props.rowKey(row)} row={row} {...props} />) : <Waiting columns={columns.length + (props.selection ? 1 : 0)} />}
          </Table.Tbody>
        </Table>
      )}
    </Frame>
  );
}

interface FrameProps {
  label: string;
  above: ReactNode;
  below: ReactNode;
  children: ReactNode;
}

/** Measures the table that it is given, and so must not be what makes its rows: they would be made twice. */
function Frame({ label, above, below, children }: FrameProps) {
  const [frame, fits] = useFits();
  return (
    <Paper withBorder className={classes.frame} ref={frame} data-fits={fits || undefined}>
      {above}
      {children && <Table.ScrollContainer minWidth={0} type="native" aria-label={label} tabIndex={fits ? undefined : 0} className={classes.scroller}>{children}</Table.ScrollContainer>}
      {below}
    </Paper>
  );
}

/** Whether the table is as narrow as its frame: then its head can stay in sight while the page scrolls. */
function useFits() {
  const frame = useRef<HTMLDivElement>(null);
  const [fits, setFits] = useState(false);
  useEffect(() => {
    if (!frame.current) return;
    const held = frame.current;
    const measured = new ResizeObserver(() => setFits((held.querySelector("table")?.offsetWidth ?? 0) <= held.clientWidth));
    measured.observe(held);
    return () => measured.disconnect();
  }, []);
  return [frame, fits] as const;
}

function Head<Row>({ columns, rows = [], rowKey, sorting, selection }: Props<Row>) {
  const keys = rows.map(rowKey);
  const all = keys.length > 0 && keys.every((key) => selection?.chosen.has(key));
  const some = keys.some((key) => selection?.chosen.has(key));
  return (
    <Table.Thead className={classes.head}>
      <Table.Tr>
        {selection && (
          <Table.Th w={44}>
            <Checkbox size="xs" aria-label="Choose all on this page" checked={all} indeterminate={some && !all} onChange={() => selection.onChange(all ? new Set() : new Set([...selection.chosen, ...keys]))} />
          </Table.Th>
        )}
        {columns.map((column) => (
          <Table.Th key={column.key} ta={column.align} w={column.width} className={column.wide ? classes.wide : undefined} aria-sort={order(column, sorting)}>
            {column.sort && sorting ? <Sorter column={column} sorting={sorting} /> : column.title}
          </Table.Th>
        ))}
      </Table.Tr>
    </Table.Thead>
  );
}

function order<Row>({ sort }: Column<Row>, sorting?: Sorting): "ascending" | "descending" | undefined {
  if (!sort || !sorting) return undefined;
  if (sorting.value === sort) return "ascending";
  return sorting.value === `-${sort}` ? "descending" : undefined;
}

function Sorter<Row>({ column, sorting }: { column: Column<Row>; sorting: Sorting }) {
  const now = order(column, sorting);
  const Mark = now === "ascending" ? IconArrowUp : now === "descending" ? IconArrowDown : IconArrowsSort;
  const rises = now ? now === "descending" : column.rising;
  const next = rises ? column.sort! : `-${column.sort}`;
  return (
    <UnstyledButton onClick={() => sorting.onChange(next)} className={classes.sorter} data-on={now ? true : undefined}>
      {column.title} <Mark size={13} aria-hidden />
    </UnstyledButton>
  );
}

function Line<Row>({ row, columns, rowKey, rowLink, selection }: Props<Row> & { row: Row }) {
  const navigate = useNavigate();
  const key = rowKey(row);
  const to = rowLink?.(row);
  // As with any link: with Ctrl or ⌘ it opens beside this page.
  const open = (event: MouseEvent | KeyboardEvent) => {
    if (!to) return;
    if (event.ctrlKey || event.metaKey) window.open(to, "_blank");
    else void navigate({ to });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && event.target === event.currentTarget) open(event);
  };
  const chosen = selection?.chosen.has(key) ?? false;
  const toggle = () => {
    const next = new Set(selection?.chosen);
    if (!next.delete(key)) next.add(key);
    selection?.onChange(next);
  };
  return (
    <Table.Tr onClick={to ? open : undefined} onKeyDown={to ? onKeyDown : undefined} tabIndex={to ? 0 : undefined} className={to ? classes.leads : undefined} data-chosen={chosen || undefined}>
      {selection && (
        <Table.Td onClick={(event) => event.stopPropagation()}>
          <Checkbox size="xs" aria-label="Choose this row" checked={chosen} onChange={toggle} />
        </Table.Td>
      )}
      {columns.map((column) => (
        <Table.Td key={column.key} ta={column.align} className={`${column.wide ? classes.wide : ""} ${column.align === "right" ? `numbers ${classes.number}` : ""}`}>
          {column.render(row)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}

function Waiting({ columns }: { columns: number }) {
  return Array.from({ length: 8 }, (_, row) => (
    <Table.Tr key={row}>
      {Array.from({ length: columns }, (_unused, column) => <Table.Td key={column}><Skeleton height={14} my={4} radius="sm" /></Table.Td>)}
    </Table.Tr>
  ));
}
