// The way of a new brand to its first email: what is done, and the next step.
import { Button, Card, Group, Progress, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { type Icon, IconAddressBook, IconAt, IconCheck, IconMail, IconMapPin, IconPlugConnected, IconRoute } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { useInBrand } from "@/app/places";

import type { Overview } from "./buckets";
import classes from "./home.module.css";

type Step = Overview["setup"]["steps"][number];
const STEPS: Record<Step["key"], { mark: Icon; title: string; why: string; action: string; path: string }> = {
  sender: { mark: IconAt, title: "Say who writes", why: "The name and the address that people see as the sender.", action: "Set the sender", path: "/settings/senders" },
  postal_address: { mark: IconMapPin, title: "Add your postal address", why: "It stands at the foot of every marketing email; the law asks for it.", action: "Add the address", path: "/settings/brand" },
  people: { mark: IconAddressBook, title: "Bring in your people", why: "Import a CSV file from your shop or your last email tool, with consent.", action: "Import people", path: "/imports/new" },
  events: { mark: IconPlugConnected, title: "Connect your shop", why: "Orders, carts and page views start flows and shape segments.", action: "See the keys", path: "/settings/keys" },
  flow: { mark: IconRoute, title: "Set your first flow live", why: "Begin with a recipe, such as a welcome series or an abandoned cart.", action: "Choose a recipe", path: "/flows/recipes" },
  campaign: { mark: IconMail, title: "Send your first campaign", why: "One email to a list or a segment, now or at a time you choose.", action: "Make a campaign", path: "/campaigns/new" },
};

export function SetupCard({ steps }: { steps: Step[] }) {
  const done = steps.filter((step) => step.done).length;
  const next = steps.find((step) => !step.done)?.key;
  return (
    <Card component="section" aria-label="Set up" className={classes.card}>
      <Group justify="space-between" mb="xs">
        <Title order={2} fz="md">Set up</Title>
        <Text size="sm" c="dimmed">{done} of {steps.length} done</Text>
      </Group>
      <Progress value={(100 * done) / steps.length} aria-label={`${done} of ${steps.length} steps done`} mb="xs" />
      <Stack gap={0} component="ol" p={0} m={0} style={{ listStyle: "none" }}>{steps.map((step) => <Line key={step.key} step={step} next={step.key === next} />)}</Stack>
    </Card>
  );
}

function Line({ step, next }: { step: Step; next: boolean }) {
  const inBrand = useInBrand();
  const { mark: Mark, title, why, action, path } = STEPS[step.key];
  return (
    <li className={classes.step}>
      <ThemeIcon variant={step.done ? "filled" : "light"} color={step.done ? "green.8" : undefined} radius="xl" size={40} aria-hidden>{step.done ? <IconCheck size={20} /> : <Mark size={20} stroke={1.7} />}</ThemeIcon>
      <div style={{ flex: 1, minWidth: 180 }}>
        <Text fw={600} c={step.done ? "dimmed" : undefined}>{title}{step.done && <Text span inherit fw={400}> – done</Text>}</Text>
        <Text size="sm" c="dimmed">{why}</Text>
      </div>
      {!step.done && <Button component={Link} to={inBrand(path)} variant={next ? "filled" : "default"}>{action}</Button>}
    </li>
  );
}
