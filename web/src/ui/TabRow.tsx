// Tabs in one row: where there is no room for all of them it scrolls, and the one that is open is in sight.
import { Tabs } from "@mantine/core";
import { useEffect, useRef } from "react";

import classes from "./TabRow.module.css";

interface Props {
  /** What the tabs choose, for those who cannot see them. */
  label: string;
  /** Value and title of each. */
  tabs: readonly (readonly [string, string])[];
  open: string;
}

export function TabRow({ label, tabs, open }: Props) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const chosen = row.current?.querySelector<HTMLElement>(`[id$="-tab-${open}"]`);
    if (row.current && chosen) row.current.scrollLeft = chosen.offsetLeft - (row.current.clientWidth - chosen.offsetWidth) / 2;
  }, [open]);
  return (
    <Tabs.List ref={row} aria-label={label} mb="md" className={classes.row}>
      {tabs.map(([value, title]) => <Tabs.Tab key={value} value={value} className={classes.tab}>{title}</Tabs.Tab>)}
    </Tabs.List>
  );
}
