// The frame of everything that comes before one is in a brand.
import { Box, Center, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";

interface Props {
  title: string;
  description?: ReactNode;
  children: ReactNode;
  /** Other ways on, below the form. */
  below?: ReactNode;
}

export function EntrancePage({ title, description, children, below }: Props) {
  useEffect(() => {
    document.title = `${title} · Headwater`;
  }, [title]);
  return (
    <Center component="main" mih="100dvh" p="md">
      <Stack w="100%" maw={420} gap="lg">
        <Group gap="sm" justify="center">
          <img src="/app/icon.svg" width={32} height={32} alt="" />
          <Text fw={700} fz="lg">Headwater</Text>
        </Group>
        <Paper withBorder radius="lg" p={{ base: "lg", xs: "xl" }} style={{ boxShadow: "var(--hw-shadow)" }}>
          <Stack gap="md">
            <Box>
              <Title order={1} fz={22}>{title}</Title>
              {description && <Text c="dimmed" size="sm" mt={4} component="div">{description}</Text>}
            </Box>
            {children}
          </Stack>
        </Paper>
        {below && <Text size="sm" ta="center" component="div">{below}</Text>}
      </Stack>
    </Center>
  );
}
