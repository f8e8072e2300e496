// What a screen shows when there is nothing, not yet, or something went wrong.
import { Alert, Button, Center, Group, Paper, Skeleton, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { type Icon, IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { ApiError } from "@/api/client";

interface EmptyProps {
  icon: Icon;
  title: string;
  /** What this is for, and the next step. */
  children: ReactNode;
  action?: ReactNode;
}

export function Empty({ icon: Mark, title, children, action }: EmptyProps) {
  return (
    <Center py={56} px="md">
      <Stack align="center" gap="sm" maw={460} ta="center">
        <ThemeIcon size={56} radius="xl" variant="light"><Mark size={28} stroke={1.6} /></ThemeIcon>
        <Title order={2} fz="lg">{title}</Title>
        <Text c="dimmed" size="sm" component="div">{children}</Text>
        {action && <Group mt="xs" justify="center">{action}</Group>}
      </Stack>
    </Center>
  );
}

/** An error in words: what happened, what was kept, what to do. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const said = error instanceof ApiError ? error : null;
  return (
    <Alert color="red" icon={<IconAlertTriangle />} title={said?.title ?? "This could not be shown"} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{said?.detail || "Something unexpected happened. Nothing was changed."}</Text>
        {retry && <Button size="xs" variant="default" onClick={retry}>Try again</Button>}
      </Stack>
    </Alert>
  );
}

/** Lines that stand for rows which are on their way. */
export function LoadingRows({ rows = 8, height = 40 }: { rows?: number; height?: number }) {
  return (
    <Stack gap="xs" role="status" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => <Skeleton key={index} height={height} radius="sm" />)}
    </Stack>
  );
}

export function LoadingPage() {
  return (
    <Stack gap="lg" role="status" aria-busy="true" aria-label="Loading">
      <Skeleton height={32} width={260} />
      <Paper withBorder p="md"><LoadingRows /></Paper>
    </Stack>
  );
}
