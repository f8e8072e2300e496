// Where one is logged in, and logging out elsewhere.
import { Alert, Badge, Button, Group, Skeleton, Text } from "@mantine/core";
import { IconDeviceDesktop, IconDeviceMobile } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { account } from "@/api/account";
import { tellDone } from "@/app/notices";

import { Part } from "../SettingsPage";
import classes from "../settings.module.css";
import { browserName } from "./browserName";
import { dayOf } from "./dayOf";
import { useChange } from "./useChange";

interface Session {
  id: number;
  user_agent: string;
  ip: string;
  created_at: number;
  is_current: boolean;
}

const FEW = 5;

export function SessionsPart() {
  const found = useQuery({ queryKey: ["account", "sessions"], queryFn: async () => (await account<Session[]>("GET", "/auth/sessions")).data });
  const sessions = found.data?.toSorted((one, other) => Number(other.is_current) - Number(one.is_current) || other.created_at - one.created_at);
  const others = sessions?.filter((one) => !one.is_current) ?? [];
  const [all, setAll] = useState(false);
  const { busy, refused, run } = useChange();
  const end = async (which: Session[]) => {
    if (await run(() => account("DELETE", "/auth/sessions", { sessions: which.map((one) => one.id) }))) tellDone(which.length === 1 ? "That session is over." : `${which.length} sessions are over.`);
  };
  return (
    <Part title="Where you are logged in" words="Is one of them not yours? End it, and change your password.">
      {found.error && <Alert color="red" title="They could not be shown">Reload the page to try again.</Alert>}
      {found.isPending && <Skeleton height={60} />}
      <div>
        {(all ? sessions : sessions?.slice(0, FEW))?.map((one) => (
          <div key={one.id} className={classes.line}>
            <Group gap="sm" wrap="nowrap">
              {/Mobi|Android|iPhone/.test(one.user_agent) ? <IconDeviceMobile size={22} stroke={1.6} aria-hidden /> : <IconDeviceDesktop size={22} stroke={1.6} aria-hidden />}
              <div>
                <Text size="sm" fw={550}>{browserName(one.user_agent)}</Text>
                <Text size="xs" c="dimmed" className="numbers">{one.ip}, since {dayOf(one.created_at)}</Text>
              </div>
            </Group>
            {one.is_current ? <Badge color="green">This one</Badge> : <Button size="xs" variant="default" loading={busy} onClick={() => void end([one])}>Log out</Button>}
          </div>
        ))}
      </div>
      {sessions && sessions.length > FEW && <Group><Button variant="subtle" size="xs" onClick={() => setAll(!all)}>{all ? "Show fewer" : `Show ${sessions.length - FEW} more`}</Button></Group>}
      {refused && <Text size="sm" c="red" role="alert">{refused.detail}</Text>}
      {others.length > 1 && <Group><Button variant="default" loading={busy} onClick={() => void end(others)}>Log out everywhere else</Button></Group>}
    </Part>
  );
}
