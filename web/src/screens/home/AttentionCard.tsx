// What somebody should look at, the gravest first, each leading to where it is put right.
import { Button, Card, Group, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { type Icon, IconAlertTriangle, IconCircleCheck, IconExclamationCircle, IconInfoCircle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { useInBrand } from "@/app/places";

import { attentionLink } from "./attentionLink";
import type { Overview } from "./buckets";
import classes from "./home.module.css";

const LOOK: Record<string, { mark: Icon; color: string; name: string }> = {
  error: { mark: IconExclamationCircle, color: "red", name: "Problem" },
  warning: { mark: IconAlertTriangle, color: "orange", name: "Warning" },
  note: { mark: IconInfoCircle, color: "gray", name: "Note" },
};
const FEW = 5;

export function AttentionCard({ items }: { items: Overview["attention"] }) {
  const [all, setAll] = useState(false);
  const shown = all ? items : items.slice(0, FEW);
  return (
    <Card component="section" aria-label="Needs attention" className={classes.card}>
      <Title order={2} fz="md" mb="xs">Needs attention</Title>
      {items.length === 0 && (
        <Group gap="sm" wrap="nowrap" py="xs">
          <ThemeIcon variant="light" color="green" radius="xl"><IconCircleCheck size={18} /></ThemeIcon>
          <Text size="sm" c="dimmed">Nothing. Everything runs as it should.</Text>
        </Group>
      )}
      <Stack gap={0}>{shown.map((item) => <Line key={item.kind + item.target + item.title} item={item} />)}</Stack>
      {items.length > FEW && <Button variant="subtle" size="xs" mt="xs" onClick={() => setAll(!all)}>{all ? "Show fewer" : `Show ${items.length - FEW} more`}</Button>}
    </Card>
  );
}

function Line({ item }: { item: Overview["attention"][number] }) {
  const inBrand = useInBrand();
  const { mark: Mark, color, name } = LOOK[item.level] ?? LOOK.note!;
  return (
    <Link to={inBrand(attentionLink(item.kind, item.target))} className={classes.row}>
      <ThemeIcon variant="light" color={color} radius="xl" size={28} style={{ flexShrink: 0 }} role="img" aria-label={name}><Mark size={17} aria-hidden /></ThemeIcon>
      <div style={{ minWidth: 0 }}>
        <Text size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>{item.title}</Text>
        <Text size="xs" c="dimmed">{item.detail}</Text>
      </div>
    </Link>
  );
}
