// What is shown where there is nothing, or nothing for this person; who is not logged in is led to the log-in.
import { Button, Center } from "@mantine/core";
import { IconMapQuestion } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";

import { ApiError } from "@/api/client";
import { Empty, Failed } from "@/ui/states";

export function Missing({ error }: { error?: unknown }) {
  const navigate = useNavigate();
  const out = error instanceof ApiError && error.status === 401;
  useEffect(() => {
    if (out) void navigate({ to: "/login", search: { next: location.pathname + location.search } as never });
  }, [out, navigate]);
  if (out) return null;
  const home = <Button component={Link} to="/">Go to the start</Button>;
  if (error && !(error instanceof ApiError && error.status === 404)) return <Center mih="60vh" p="md"><Failed error={error} retry={() => location.reload()} /></Center>;
  return (
    <Center mih="80vh">
      <Empty icon={IconMapQuestion} title="There is nothing here" action={home}>
        {error instanceof ApiError ? error.detail : "The address may be old, or mistyped."}
      </Empty>
    </Center>
  );
}
