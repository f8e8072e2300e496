// Lines of a report in the order that the address asks for; what has no number comes last, either way.
export type Sortable = string | number | null;

export function sorted<Row>(rows: Row[], order: string, of: Record<string, (row: Row) => Sortable>): Row[] {
  const down = order.startsWith("-");
  const read = of[down ? order.slice(1) : order];
  if (!read) return rows;
  return rows.toSorted((one, other) => {
    const [a, b] = [read(one), read(other)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    const by = typeof a === "string" ? a.localeCompare(String(b), "en", { sensitivity: "base", numeric: true }) : a - Number(b);
    return down ? -by : by;
  });
}
