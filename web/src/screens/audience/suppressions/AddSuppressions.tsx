// People to whom nothing must be sent, by their addresses.
import { Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ApiError } from "@/api/client";
import { tellDone } from "@/app/notices";
import { FormDrawer } from "@/ui/FormDrawer";
import { counted, people } from "@/ui/formats";

import { addresses, MOST } from "../addresses";

export function AddSuppressions({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const client = useQueryClient();
  const given = addresses(text);
  const save = async () => {
    if (given.length === 0) return setRefused("Write at least one address.");
    if (given.length > MOST) return setRefused(`At most ${counted(MOST, "address", "addresses")} at once.`);
    setBusy(true);
    setRefused(null);
    try {
      const { data } = await api.POST("/api/v1/consent/suppress", { body: { profiles: given.map((email) => ({ email })), reason: "user_suppressed", detail: note.trim() ? { note: note.trim() } : {} } });
      await client.invalidateQueries({ queryKey: ["get"] });
      tellDone(`${people(data?.profiles ?? 0)} suppressed.`);
      const bad = data?.refused ?? [];
      if (bad.length === 0) return onClose();
      setText(bad.map((one) => given[one.index]).join("\n"));
      setRefused(`${counted(bad.length, "address was", "addresses were")} refused: ${bad[0]!.detail} They are left above; the others are suppressed.`);
    } catch (error) {
      setRefused(error instanceof ApiError ? error.detail : "Nobody was suppressed.");
    } finally {
      setBusy(false);
    }
  };
  return (
    <FormDrawer opened onClose={onClose} title="Suppress people" action={given.length ? `Suppress ${people(given.length)}` : "Suppress"} busy={busy} refused={refused} onSubmit={save}>
      <Textarea label="Email addresses" description="One a line, or with commas between. Who is not known yet is made, so that nothing goes to them later either." autosize minRows={5} maxRows={14} value={text} onChange={(event) => setText(event.currentTarget.value)} data-autofocus />
      <Textarea label="Note" description="Why, for whoever asks later." value={note} maxLength={500} autosize minRows={2} onChange={(event) => setNote(event.currentTarget.value)} />
      <Text size="xs" c="dimmed">Nothing is sent to them any more, transactional email neither, also of what is planned already. You can lift it again.</Text>
    </FormDrawer>
  );
}
