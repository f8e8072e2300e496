// Some of the people who meet the definition, and, when asked, why each does.
import { Accordion, Card, Group, Loader, Text } from "@mantine/core";
import { useState } from "react";

import { query } from "@/api/client";
import type { Tree } from "@/conditions";
import { PersonCell } from "@/screens/audience/PersonCell";
import { Failed } from "@/ui/states";

import type { Preview } from "./usePreview";
import { WhyTree } from "./WhyTree";

const SHOWN = 8;

export function ExamplesCard({ definition, preview: { found, open } }: { definition: Tree; preview: Preview }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const people = found?.examples.slice(0, SHOWN) ?? [];
  if (!found) return null;
  return (
    <Card component="section" aria-label="Examples" p={0}>
      <Group justify="space-between" p="md" pb={people.length > 0 ? 4 : "md"}>
        <Text component="h2" fw={650} fz="sm" c="dimmed">Some of them, and why</Text>
      </Group>
      {people.length === 0 && <Text size="sm" c="dimmed" px="md" pb="md">Nobody meets it.</Text>}
      <Accordion value={chosen} onChange={setChosen} order={3} styles={{ control: { paddingBlock: 0 }, label: { paddingBlock: 8 } }}>
        {people.map((one) => (
          <Accordion.Item key={one.id} value={String(one.id)}>
            <Accordion.Control>
              <PersonCell {...one} />
            </Accordion.Control>
            <Accordion.Panel>{chosen === String(one.id) && !open && <Why definition={definition} profile={one.id} />}</Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </Card>
  );
}

function Why({ definition, profile }: { definition: Tree; profile: number }) {
  const { data, error } = query.useQuery("post", "/api/v1/segments/why", { body: { definition, profile } }, { retry: false });
  if (error) return <Failed error={error} />;
  return data ? <WhyTree answer={data.answer} /> : <Loader size="xs" aria-label="Loading" />;
}
