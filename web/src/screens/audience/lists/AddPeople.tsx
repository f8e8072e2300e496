// People put on a list by hand: their addresses, and how they consented, if they did.
import { Alert, Anchor, Checkbox, List as Bullets, Stack, Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api, ApiError } from "@/api/client";
import type { components } from "@/api/schema";
import { useInBrand } from "@/app/places";
import { FormDrawer } from "@/ui/FormDrawer";
import { counted, people } from "@/ui/formats";

import { addresses, MOST } from "../addresses";

type List = components["schemas"]["ListOut"];
type Added = components["schemas"]["Added"];

export function AddPeople({ list, onClose }: { list: List; onClose: () => void }) {
  const [text, setText] = useState("");
  const [consented, setConsented] = useState(false);
  const [source, setSource] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const [done, setDone] = useState<{ added: Added; given: string[] } | null>(null);
  const client = useQueryClient();
  const inBrand = useInBrand();
  const given = addresses(text);
  const save = async () => {
    if (given.length === 0) return setRefused("Write at least one address.");
    if (given.length > MOST) return setRefused(`At most ${counted(MOST, "address", "addresses")} at once; import a file for more.`);
    if (consented && !source.trim()) return setRefused("Say how they consented: it is kept as the proof.");
    setBusy(true);
    setRefused(null);
    try {
      const { data } = await api.POST("/api/v1/lists/{list_id}/members", {
        params: { path: { list_id: list.id } },
        body: {
          profiles: given.map((email) => ({ email })), method: "app", detail: consented ? { source: source.trim() } : {},
          // A clock that runs ahead of the server's counts as now.
          consented_at: consented ? new Date().toISOString() : undefined, confirmed: false, historical: false,
        },
      });
      await client.invalidateQueries({ queryKey: ["get"] });
      if (data) setDone({ added: data, given });
    } catch (error) {
      setRefused(error instanceof ApiError ? error.detail : "Nobody was added.");
    } finally {
      setBusy(false);
    }
  };
  if (done) return <FormDrawer opened onClose={onClose} title="Add people"><Result {...done} /></FormDrawer>;
  return (
    <FormDrawer opened onClose={onClose} title={`Add people to ${list.name}`} action={given.length ? `Add ${people(given.length)}` : "Add"} busy={busy} refused={refused} onSubmit={save}>
      <Textarea label="Email addresses" description="One a line, or with commas between." autosize minRows={5} maxRows={14} value={text} onChange={(event) => setText(event.currentTarget.value)} data-autofocus />
      <Checkbox label="They have consented to marketing email" checked={consented} onChange={(event) => setConsented(event.currentTarget.checked)} />
      {consented && <Textarea label="How did they consent?" description="Kept as proof, with the time." value={source} maxLength={500} autosize minRows={2} onChange={(event) => setSource(event.currentTarget.value)} />}
      <Text size="xs" c="dimmed">
        {list.opt_in === "double" ? "This list has double opt-in: each gets an email, and is on the list once they confirm." : "Flows that begin with this list start for those who were not on it."}
        {" "}More than {counted(MOST, "person", "people")}, or people who joined long ago? <Anchor component={Link} to={inBrand("/imports/new")} search={{ list: String(list.id) } as never} size="xs">Import a file</Anchor>.
      </Text>
    </FormDrawer>
  );
}

function Result({ added, given }: { added: Added; given: string[] }) {
  const same = given.length - added.added - added.pending - added.refused.length;
  return (
    <Stack>
      <Alert color={added.added + added.pending > 0 ? "green" : "gray"} title={added.pending > 0 && added.added === 0 ? `${people(added.pending)} asked to confirm` : `${people(added.added)} joined the list`}>
        {added.pending > 0 && <Text size="sm">{added.added > 0 && `${people(added.pending)} asked to confirm. `}They get an email, and are on the list once they confirm.</Text>}
        {same > 0 && <Text size="sm">{people(same)} were on it already.</Text>}
      </Alert>
      {added.refused.length > 0 && (
        <Alert color="red" title={`${counted(added.refused.length, "address was", "addresses were")} refused`}>
          <Bullets size="sm">{added.refused.slice(0, 50).map((one) => <Bullets.Item key={one.index}>{given[one.index]}: {one.detail}</Bullets.Item>)}</Bullets>
        </Alert>
      )}
    </Stack>
  );
}
