// A recipe in full: what it does in words, its emails as they look, and its tests.
import { Alert, Badge, Button, Code, Divider, Group, Stack, Tabs, Text } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useMemo, useState } from "react";

import { query } from "@/api/client";
import type { components } from "@/api/schema";
import { FormDrawer } from "@/ui/FormDrawer";
import { Failed, LoadingRows } from "@/ui/states";

import { read } from "../builder/document";
import { capital } from "../flow";
import { FlowInWords } from "../FlowInWords";
import { TestResults } from "../TestResults";
import { MiniTree } from "./MiniTree";
import type { Recipe } from "./RecipeCard";
import classes from "./recipes.module.css";
import { StarterPreview } from "./StarterPreview";
import { UseRecipe } from "./UseRecipe";

type Detail = components["schemas"]["RecipeDetail"];

export function RecipeDrawer({ recipe, onClose }: { recipe: Recipe | undefined; onClose: () => void }) {
  return (
    <FormDrawer opened={recipe !== undefined} onClose={onClose} title={recipe?.name ?? ""} size="xl">
      {recipe && <Whole key={recipe.slug} recipe={recipe} />}
    </FormDrawer>
  );
}

function Whole({ recipe }: { recipe: Recipe }) {
  const found = query.useQuery("get", "/api/v1/flows/recipes/{recipe}", { params: { path: { recipe: recipe.slug } } });
  return (
    <Stack>
      <Text>{recipe.description}</Text>
      <UseRecipe recipe={recipe} />
      <Divider />
      {found.isError ? <Failed error={found.error} retry={() => void found.refetch()} /> : !found.data ? <LoadingRows /> : <Parts detail={found.data} />}
    </Stack>
  );
}

function Parts({ detail }: { detail: Detail }) {
  const passed = detail.tests.filter((one) => one.passed).length;
  return (
    <Tabs defaultValue="steps" keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="steps">Steps</Tabs.Tab>
        <Tabs.Tab value="emails" rightSection={<Badge size="sm" color="gray">{detail.mails.length}</Badge>}>Emails</Tabs.Tab>
        <Tabs.Tab value="tests" rightSection={passed === detail.tests.length ? <IconCheck size={14} aria-hidden /> : <IconX size={14} aria-hidden />}>Tests</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="steps" pt="md"><Steps detail={detail} /></Tabs.Panel>
      <Tabs.Panel value="emails" pt="md"><Emails detail={detail} /></Tabs.Panel>
      <Tabs.Panel value="tests" pt="md">
        <Text size="sm" c="dimmed" mb="sm">They come with the flow and run on the engine that runs it, with a clock of their own.</Text>
        <TestResults results={detail.tests} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Steps({ detail }: { detail: Detail }) {
  const flow = useMemo(() => read(detail.definition), [detail.definition]);
  return (
    <Stack>
      <FlowInWords words={detail.words} />
      <div className={classes.whole}><MiniTree flow={flow} /></div>
    </Stack>
  );
}

function Emails({ detail }: { detail: Detail }) {
  const [open, setOpen] = useState(detail.mails[0]?.step);
  return (
    <Stack gap="sm">
      {detail.mails.map((one) => (
        <Stack key={one.step} gap="xs">
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <Stack gap={0} miw={0}>
              <Text size="sm" fw={600}>{one.name}</Text>
              <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>Subject: {one.subject}</Text>
            </Stack>
            <Button size="compact-sm" variant="default" aria-expanded={open === one.step} onClick={() => setOpen(open === one.step ? undefined : one.step)}>{open === one.step ? "Hide" : "Show"}</Button>
          </Group>
          {open === one.step && <StarterPreview starter={one.starter} />}
        </Stack>
      ))}
      {detail.mails.length === 0 && <Alert color="gray" title="No emails">This flow sends nothing itself. {capital("its steps are above")}.</Alert>}
      <Text size="xs" c="dimmed">Shown for nobody in particular, about one of your products. Names and codes such as <Code>{"{{ person.first_name }}"}</Code> are filled in for each person.</Text>
    </Stack>
  );
}
