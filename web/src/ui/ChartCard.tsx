// A chart with its title, what it counts, and the same numbers as a table for those who cannot see it.
import { Card, Group, Skeleton, Stack, Text, Title, VisuallyHidden } from "@mantine/core";
import { type ReactNode, Suspense } from "react";

interface Props {
  title: string;
  /** The unit and the span: "US dollars a day, last 30 days". */
  description?: string;
  actions?: ReactNode;
  height?: number;
  /** Column heads and rows of what the chart shows. The chart is hidden from readers then: give it `accessibilityLayer: false`. */
  table?: { head: string[]; rows: (string | number)[][] };
  children: ReactNode;
}

export function ChartCard({ title, description, actions, height = 240, table, children }: Props) {
  return (
    <Card component="section" aria-label={title}>
      <Group justify="space-between" mb="md" align="flex-start">
        <Stack gap={2}>
          <Title order={2} fz="md">{title}</Title>
          {description && <Text size="sm" c="dimmed">{description}</Text>}
        </Stack>
        {actions}
      </Group>
      <div aria-hidden={table ? true : undefined}>
        <Suspense fallback={<Skeleton height={height} />}>{children}</Suspense>
      </div>
      {table && (
        <VisuallyHidden>
          <table>
            <caption>{title}</caption>
            <thead><tr>{table.head.map((one) => <th key={one} scope="col">{one}</th>)}</tr></thead>
            <tbody>{table.rows.map((row, index) => <tr key={index}>{row.map((cell, place) => <td key={place}>{cell}</td>)}</tr>)}</tbody>
          </table>
        </VisuallyHidden>
      )}
    </Card>
  );
}
