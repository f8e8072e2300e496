// One version, to read: what it changed, and all of its steps in words.
import { Stack, Text, Title } from "@mantine/core";

import { query } from "@/api/client";
import { FormDrawer } from "@/ui/FormDrawer";
import { Moment } from "@/ui/Moment";
import { Failed, LoadingRows } from "@/ui/states";

import { FlowInWords } from "../FlowInWords";
import { Changes } from "./Changes";

export function VersionDrawer({ slug, version, onClose }: { slug: string; version: number | null; onClose: () => void }) {
  return (
    <FormDrawer opened={version !== null} onClose={onClose} title={version === null ? "" : `Version ${version}`} size="lg">
      {version !== null && <Whole key={version} slug={slug} version={version} />}
    </FormDrawer>
  );
}

function Whole({ slug, version }: { slug: string; version: number }) {
  const found = query.useQuery("get", "/api/v1/flows/{slug}/versions/{version}", { params: { path: { slug, version } } }, { staleTime: Infinity });
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <LoadingRows />;
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        Published <Moment at={found.data.published_at} />{found.data.published_by && ` by ${found.data.published_by}`}. To read only: what runs is changed in the builder.
      </Text>
      <Title order={3} fz="sm">What it changed</Title>
      {version === 1 ? <Text size="sm" c="dimmed">The first version.</Text> : <Changes changes={found.data.changes} />}
      <Title order={3} fz="sm">The flow in this version</Title>
      <FlowInWords words={found.data.words} />
    </Stack>
  );
}
