// The sums of a report above its lines: a number, and what it is of.
import { Paper, SimpleGrid, Skeleton, Text } from "@mantine/core";

import classes from "./insights.module.css";

export interface Total {
  label: string;
  value: string;
  note?: string;
}

export function Totals({ totals, columns = 6 }: { totals: Total[] | undefined; columns?: number }) {
  return (
    <Paper withBorder className={classes.totals} mb="md">
      <SimpleGrid cols={{ base: 2, sm: 3, lg: columns }} spacing="lg" verticalSpacing="md" component="dl" m={0}>
        {totals
          ? totals.map((one) => (
              <div key={one.label}>
                <Text component="dt" size="sm" c="dimmed">{one.label}</Text>
                <Text component="dd" m={0} fz={22} fw={650} className="numbers">{one.value}</Text>
                {one.note && <Text component="dd" m={0} size="xs" c="dimmed">{one.note}</Text>}
              </div>
            ))
          : Array.from({ length: columns }, (_, at) => <div key={at}><dt><Skeleton height={14} width={80} /></dt><dd style={{ margin: 0 }}><Skeleton height={26} width={110} mt={8} /></dd></div>)}
      </SimpleGrid>
    </Paper>
  );
}
