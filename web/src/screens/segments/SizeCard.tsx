// How many people meet the definition, of how many, and how many of them can get email.
import { Badge, Box, Card, Group, Loader, Skeleton, Text } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";

import { ApiError } from "@/api/client";
import { count, rate } from "@/ui/formats";
import { Failed } from "@/ui/states";

import type { Preview } from "./usePreview";

export function SizeCard({ preview: { found, counting, open, error } }: { preview: Preview }) {
  return (
    <Card component="section" aria-label="Size" aria-live="polite" p="md">
      <Group justify="space-between" mb={6}>
        <Text component="h2" fw={650} fz="sm" c="dimmed">{found && !found.exact ? "Estimated size" : "Size"}</Text>
        {counting && !open && <Loader size={14} aria-label="Counting" />}
      </Group>
      {error ? <Refused error={error} /> : !found ? <Empty open={open} /> : (
        <Box c={open ? "dimmed" : undefined}>
          <Group gap={8} align="center">
            <IconUsers size={24} aria-hidden />
            <Text fz={30} fw={700} lh={1.1} className="numbers">{found.exact ? count(found.count) : `≈ ${count(found.count)}`}</Text>
          </Group>
          <Text size="sm" c="dimmed" mt={4} className="numbers">
            of {found.exact ? "" : "about "}{count(found.people)} profiles · {rate(found.count, found.people)}
          </Text>
          {!found.exact && !open && <Text size="xs" c="dimmed" className="numbers">Between {count(found.low)} and {count(found.high)}; counting exactly…</Text>}
          <Group mt="sm" gap="xs">
            <Badge color="green" size="lg" className="numbers">{count(found.can_receive)} can get email</Badge>
          </Group>
          {open && <Text size="xs" c="dimmed" mt="xs">Without what is not finished yet.</Text>}
        </Box>
      )}
    </Card>
  );
}

/** What is wrong with the definition stands at its condition. */
function Refused({ error }: { error: unknown }) {
  if (error instanceof ApiError && error.status === 400) return <Text size="sm" c="dimmed">It can be counted once the definition is right.</Text>;
  return <Failed error={error} />;
}

function Empty({ open }: { open: boolean }) {
  if (open) return <Text size="sm" c="dimmed">Finish the conditions to see how many people meet them.</Text>;
  return <><Skeleton height={30} width={140} mb={8} /><Skeleton height={14} width={180} /></>;
}
