// One recipe: a picture of its steps, what it is for, how many emails it has and when it stops.
import { Badge, Card, Group, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { IconDoorExit, IconMail } from "@tabler/icons-react";
import { useMemo } from "react";

import type { components } from "@/api/schema";
import { counted } from "@/ui/formats";
import { StatusBadge } from "@/ui/StatusBadge";

import { read } from "../builder/document";
import { MiniTree } from "./MiniTree";
import classes from "./recipes.module.css";

export type Recipe = components["schemas"]["RecipeOut"];

export function RecipeCard({ recipe, onOpen }: { recipe: Recipe; onOpen: () => void }) {
  const flow = useMemo(() => read(recipe.definition), [recipe.definition]);
  return (
    <Card p={0} className={classes.card} component="article">
      <div className={classes.open}>
        <div className={classes.picture}><MiniTree flow={flow} /></div>
        <Stack gap="xs" p="md" className={classes.words}>
          <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
            <Title order={2} fz="md"><UnstyledButton onClick={onOpen} className={classes.name} aria-haspopup="dialog">{recipe.name}</UnstyledButton></Title>
            {recipe.installed && <StatusBadge status={recipe.installed} label={`In use: ${recipe.installed}`} />}
          </Group>
          <Text size="sm" c="dimmed">{recipe.description}</Text>
          <Group gap="xs" mt="auto" pt={4}>
            <Badge color="blue" leftSection={<IconMail size={12} aria-hidden />}>{counted(recipe.emails, "email")}</Badge>
            {recipe.stops.length > 0 && (
              <Text size="xs" c="dimmed" className={classes.stops}>
                <IconDoorExit size={13} aria-hidden /> <span>Stops on {listed(recipe.stops.map((one) => one.split(" where ")[0]!))}</span>
              </Text>
            )}
          </Group>
        </Stack>
      </div>
    </Card>
  );
}

const listing = new Intl.ListFormat("en", { type: "disjunction" });

export function listed(all: readonly string[]): string {
  return listing.format(all);
}
