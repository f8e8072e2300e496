// The recovery codes: those that are left, or ten new ones.
import { Alert, Button, CopyButton, Group, Modal, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { account } from "@/api/account";
import { ApiError } from "@/api/client";
import { useFocusBack } from "@/ui/useFocusBack";

import classes from "../settings.module.css";
import { GivenUp, useSecured } from "./Proof";
import { useChange } from "./useChange";

interface Codes {
  unused_codes?: string[];
}
const PATH = "/account/authenticators/recovery-codes";

/** Those that are left. Shown once the server is sure who asks. */
export function CodesLeft({ onClose }: { onClose: () => void }) {
  const secured = useSecured();
  useFocusBack(true);
  const found = useQuery({
    queryKey: ["recovery-codes"],
    queryFn: async () => (await secured(() => account<Codes>("GET", PATH))).data.unused_codes ?? [],
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
  if (found.isPending) return null;
  return (
    <Modal opened onClose={onClose} title="Recovery codes" closeButtonProps={{ "aria-label": "Close" }}>
      {found.data ? <Shown codes={found.data} /> : <Alert color="gray" title="They were not shown">{found.error instanceof ApiError && !(found.error instanceof GivenUp) ? found.error.detail : "No proof was given that it is you."}</Alert>}
    </Modal>
  );
}

/** Ten new ones, after a question. */
export function NewCodes({ onClose }: { onClose: () => void }) {
  const [codes, setCodes] = useState<string[] | null>(null);
  useFocusBack(true);
  const { busy, refused, run } = useChange();
  const make = () => run(async () => setCodes((await account<Codes>("POST", PATH)).data.unused_codes ?? []));
  return (
    <Modal opened onClose={onClose} title={codes ? "Recovery codes" : "Make new recovery codes?"} closeButtonProps={{ "aria-label": "Close" }}>
      {codes ? <Shown codes={codes} /> : (
        <Stack>
          <Text size="sm">The codes that you have stop working.</Text>
          {refused && <Text size="sm" c="red" role="alert">{refused.detail}</Text>}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>Not now</Button>
            <Button loading={busy} onClick={() => void make()}>Make new codes</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

function Shown({ codes }: { codes: string[] }) {
  const text = codes.join("\n");
  return (
    <Stack>
      <Alert color="orange" icon={<IconAlertTriangle size={18} />}>Keep them where your phone is not: in a password manager, or on paper. Each works once; {codes.length} are left.</Alert>
      <ul className={classes.codes}>{codes.map((code) => <li key={code}>{code}</li>)}</ul>
      <Group>
        <CopyButton value={text}>{({ copied, copy }) => <Button variant="default" onClick={copy}>{copied ? "Copied" : "Copy"}</Button>}</CopyButton>
        <Button component="a" href={`data:text/plain,${encodeURIComponent(text)}`} download="headwater-recovery-codes.txt" variant="default" leftSection={<IconDownload size={16} aria-hidden />}>Save as a file</Button>
      </Group>
    </Stack>
  );
}
