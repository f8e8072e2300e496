// The top of a screen: where one is, what it is, and what can be done here. It names the browser's tab.
import { Anchor, Breadcrumbs, Group, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";

interface Props {
  title: string;
  /** A status or the like, beside the title. */
  badge?: ReactNode;
  description?: ReactNode;
  /** Where this screen belongs: from the outside in. */
  trail?: { label: string; to: string }[];
  actions?: ReactNode;
}

export function PageHeader({ title, badge, description, trail, actions }: Props) {
  useEffect(() => {
    document.title = `${title} · Headwater`;
  }, [title]);
  return (
    <Group component="header" justify="space-between" align="flex-end" gap="md" mb="lg">
      <Stack gap={4} style={{ minWidth: 0 }}>
        {trail && (
          <Breadcrumbs separatorMargin={6} fz="sm">
            {trail.map((one) => (
              <Anchor key={one.to} component={Link} to={one.to} size="sm">{one.label}</Anchor>
            ))}
          </Breadcrumbs>
        )}
        <Group gap="sm">
          <Title order={1} fz={26} lh={1.25} style={{ overflowWrap: "anywhere" }}>{title}</Title>
          {badge}
        </Group>
        {description && <Text c="dimmed" size="sm" component="div">{description}</Text>}
      </Stack>
      {actions && <Group gap="sm">{actions}</Group>}
    </Group>
  );
}
