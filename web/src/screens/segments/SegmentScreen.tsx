// One segment: who is in it, how it grows, what it asks, what uses it, and why somebody is in it or not.
import { Alert, Button, Card, Grid, Group, Stack, Text } from "@mantine/core";
import { IconEdit } from "@tabler/icons-react";
import { Link, useParams } from "@tanstack/react-router";

import { query } from "@/api/client";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { people } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { PageHeader } from "@/ui/PageHeader";
import { LoadingPage } from "@/ui/states";

import { ExportsCard } from "./ExportsCard";
import { GrowthCard } from "./GrowthCard";
import { MembersTable } from "./MembersTable";
import { NoSegment } from "./NoSegment";
import { SegmentMenu } from "./SegmentMenu";
import { patience, type Segment, State } from "./State";
import { UsesCard } from "./UsesCard";
import { WhyCard } from "./WhyCard";

export function SegmentScreen() {
  const { segment } = useParams({ strict: false });
  const id = Number(segment);
  const found = query.useQuery("get", "/api/v1/segments/{segment_id}", { params: { path: { segment_id: id } } }, { refetchInterval: ({ state }) => patience(state.data ? [state.data as Segment] : undefined) });
  const retry = () => void found.refetch();
  if (found.isError && !found.data) return <NoSegment error={found.error} retry={retry} />;
  if (!found.data) return <LoadingPage />;
  return <Shown segment={found.data} />;
}

function Shown({ segment }: { segment: Segment }) {
  const inBrand = useInBrand();
  const may = useMay("marketer");
  const edit = (
    <Button component={Link} to={inBrand(`/segments/${segment.id}/edit`)} leftSection={<IconEdit size={16} />} variant={may ? "filled" : "default"}>{may ? "Edit" : "See the conditions"}</Button>
  );
  return (
    <>
      <PageHeader
        title={segment.name}
        badge={<State segment={segment} />}
        description={<>{people(segment.members)} in it. Made <Moment at={segment.created_at} as="date" />.</>}
        trail={[{ label: "Segments", to: inBrand("/segments") }]}
        actions={<Group gap="sm">{edit}{may && <SegmentMenu segment={segment} />}</Group>}
      />
      <Building segment={segment} />
      <Grid gap="lg" align="flex-start">
        <Grid.Col span={{ base: 12, lg: 8 }} order={{ base: 2, lg: 1 }}>
          <Stack gap="lg">
            <GrowthCard segment={segment} />
            <MembersTable segment={segment} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }} order={{ base: 1, lg: 2 }}>
          <Stack gap="lg">
            <Card component="section" aria-label="Definition" p="md">
              <Text component="h2" fw={650} fz="md" mb={6}>Who is in it</Text>
              <Text size="sm" style={{ overflowWrap: "anywhere" }}>{segment.description.charAt(0).toUpperCase() + segment.description.slice(1)}.</Text>
            </Card>
            <WhyCard segment={segment} />
            <UsesCard segment={segment} />
            <ExportsCard segment={segment} may={may} />
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}

function Building({ segment }: { segment: Segment }) {
  if (segment.state === "failed") {
    return <Alert color="red" mb="lg" title="It could not be built">{segment.error ?? "Something unexpected happened."} The membership from before stands. Change the definition, or rebuild it from the menu.</Alert>;
  }
  if (segment.state !== "building") return null;
  const first = segment.as_of === null;
  return (
    <Alert color="blue" mb="lg" title="It is being built">
      {first ? "Its members are being found from all that is known. You can leave this page." : "The membership from before stands until the new one is whole. Nobody enters or leaves by an edit as an event, so no flow starts."}
    </Alert>
  );
}
