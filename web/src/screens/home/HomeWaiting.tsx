// The shape of the home page while its numbers are on their way.
import { Card, Grid, SimpleGrid, Skeleton, Stack } from "@mantine/core";

export function HomeWaiting() {
  return (
    <Stack gap="md" role="status" aria-busy="true" aria-label="Loading">
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="md">
        {[0, 1, 2, 3].map((one) => <Card key={one} padding="md"><Skeleton height={14} width={120} /><Skeleton height={28} width={140} mt="sm" /><Skeleton height={44} mt="md" /></Card>)}
      </SimpleGrid>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 8 }}><Card><Skeleton height={16} width={180} /><Skeleton height={290} mt="md" /></Card></Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}><Card><Skeleton height={16} width={140} />{[0, 1, 2, 3].map((one) => <Skeleton key={one} height={36} mt="md" />)}</Card></Grid.Col>
      </Grid>
    </Stack>
  );
}
