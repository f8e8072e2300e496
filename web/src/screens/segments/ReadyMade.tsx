// Segments that most shops want, to take over as they are or to begin from.
import { Badge, Button, Card, Group, SimpleGrid, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api, query } from "@/api/client";
import type { components } from "@/api/schema";
import { tellDone, tellRefused } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { Failed, LoadingRows } from "@/ui/states";

import { refreshSegments } from "./refresh";

type ReadyMadeSegment = components["schemas"]["ReadyMadeOut"];

/** `taken`: names of the brand's segments, in small letters. */
export function ReadyMade({ taken }: { taken: ReadonlySet<string> }) {
  const shelf = query.useQuery("get", "/api/v1/segments/ready-made", {}, { staleTime: Infinity });
  const retry = () => void shelf.refetch();
  return (
    <section aria-labelledby="ready-made">
      <Title order={2} fz="lg" mt="xl" mb={4} id="ready-made">Ready-made</Title>
      <Text size="sm" c="dimmed" mb="md">Take one over as it is, or begin from it. Once it is yours it is a segment like any other.</Text>
      {shelf.isError && <Failed error={shelf.error} retry={retry} />}
      {shelf.isPending && <LoadingRows rows={3} height={110} />}
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="md">
        {shelf.data?.map((one) => <Offer key={one.slug} one={one} taken={taken.has(one.name.toLowerCase())} />)}
      </SimpleGrid>
    </section>
  );
}

function Offer({ one, taken }: { one: ReadyMadeSegment; taken: boolean }) {
  const inBrand = useInBrand();
  const may = useMay("marketer");
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const install = async () => {
    setBusy(true);
    try {
      await api.POST("/api/v1/segments/ready-made/{slug}", { params: { path: { slug: one.slug } } });
      await refreshSegments(client);
      tellDone(`${one.name} is yours and is being built.`);
    } catch (error) {
      tellRefused(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card p="md" style={{ display: "flex", flexDirection: "column" }}>
      <Group justify="space-between" wrap="nowrap" mb={4} align="flex-start">
        <Text component="h3" fw={600} fz="sm">{one.name}</Text>
        {taken && <Badge color="gray" style={{ flexShrink: 0 }}>Installed</Badge>}
      </Group>
      <Text size="sm" c="dimmed" flex={1} mb="sm">{one.description}</Text>
      {may && !taken && (
        <Group gap="xs">
          <Button size="compact-sm" variant="light" loading={busy} onClick={() => void install()} aria-label={`Install ${one.name}`}>Install</Button>
          <Button size="compact-sm" variant="subtle" color="gray" component={Link} to={inBrand("/segments/new")} search={{ from: one.slug } as never} aria-label={`Change it first: ${one.name}`}>Change it first</Button>
        </Group>
      )}
    </Card>
  );
}
