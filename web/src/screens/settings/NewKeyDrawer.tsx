// Making a key. A private one is shown once.
import { Alert, Radio, Stack, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useState } from "react";

import { api, ApiError } from "@/api/client";
import { FormDrawer } from "@/ui/FormDrawer";

import { CopyField } from "./CopyField";

type Kind = "private" | "write";

export function NewKeyDrawer({ opened, onClose, onMade }: { opened: boolean; onClose: () => void; onMade: () => void }) {
  const [kind, setKind] = useState<Kind>("private");
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const [made, setMade] = useState<string | null>(null);
  const close = () => {
    setMade(null);
    setName("");
    setRefused(null);
    onClose();
  };
  const make = async () => {
    setBusy(true);
    setRefused(null);
    try {
      const { data } = await api.POST("/api/v1/keys", { body: { kind, name: name.trim() } });
      setMade(data?.key ?? null);
      onMade();
    } catch (error) {
      setRefused(error instanceof ApiError ? error.detail : "It did not work. No key was made.");
    } finally {
      setBusy(false);
    }
  };
  if (made) {
    return (
      <FormDrawer opened={opened} onClose={close} title="The key is made">
        {kind === "private" ? (
          <Alert color="orange" icon={<IconAlertTriangle size={18} />} title="Copy it now">It is not shown again: only a digest of it is kept. Lost it? Make another, and revoke this one.</Alert>
        ) : (
          <Alert color="green" icon={<IconCheck size={18} />} title="It stays in the list">A write key is public by nature, and can be copied again at any time.</Alert>
        )}
        <CopyField label="Key" value={made} />
      </FormDrawer>
    );
  }
  return (
    <FormDrawer opened={opened} onClose={close} title="New key" action="Make key" busy={busy} refused={refused} onSubmit={() => void make()}>
      <TextInput label="Name" description="Where it will be used, so that you know what stops when you revoke it." placeholder="Shop server" maxLength={200} value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
      <Radio.Group label="Kind" value={kind} onChange={(next) => setKind(next as Kind)}>
        <Stack gap="sm" mt="xs">
          <Radio value="private" label="Private" description="The whole API of this brand, as an admin. For servers only." />
          <Radio value="write" label="Write" description="Sends events and tells who somebody is, nothing else. May stand in a web page." />
        </Stack>
      </Radio.Group>
    </FormDrawer>
  );
}
