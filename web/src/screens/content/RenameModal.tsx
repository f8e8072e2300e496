// Another name for an email: for its whole brand.
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { api, ApiError } from "@/api/client";
import { useFocusBack } from "@/ui/useFocusBack";

interface Props {
  template: { id: number; name: string } | null;
  onClose: () => void;
}

export function RenameModal({ template, onClose }: Props) {
  useFocusBack(template !== null);
  return (
    <Modal opened={template !== null} onClose={onClose} title="Rename" closeButtonProps={{ "aria-label": "Close" }}>
      {template && <Renaming template={template} onClose={onClose} />}
    </Modal>
  );
}

function Renaming({ template, onClose }: { template: NonNullable<Props["template"]>; onClose: () => void }) {
  const [name, setName] = useState(template.name);
  const [refused, setRefused] = useState("");
  const [busy, setBusy] = useState(false);
  const client = useQueryClient();
  const rename = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await api.PATCH("/api/v1/templates/{template_id}", { params: { path: { template_id: template.id } }, body: { name: name.trim() } });
      await client.invalidateQueries({ queryKey: ["get", "/api/v1/templates"] });
      await client.invalidateQueries({ queryKey: ["get", "/api/v1/templates/{template_id}"] });
      onClose();
    } catch (error) {
      setRefused(error instanceof ApiError ? error.detail : "It was not renamed.");
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={rename}>
      <Stack>
        <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} error={refused || undefined} maxLength={200} data-autofocus required />
        <Text size="xs" c="dimmed">Readers never see it. Flows and campaigns that send it go on doing so.</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" loading={busy} disabled={!name.trim()}>Rename</Button>
        </Group>
      </Stack>
    </form>
  );
}
