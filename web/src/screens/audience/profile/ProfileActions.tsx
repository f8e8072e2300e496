// What can be done with a person: consent, suppression, lists, and erasing them for good.
import { Button, Menu, Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { IconArrowsJoin, IconChevronDown, IconListCheck, IconMailCheck, IconMailOff, IconShieldOff, IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import { api, query } from "@/api/client";
import { tellDone } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";

import { ListChoice } from "../lists/ListChoice";
import { called, type Profile } from "../people";
import { MergeProfile } from "./MergeProfile";

type Act = "subscribe" | "unsubscribe" | "suppress" | "list" | "merge" | "erase";

export function ProfileActions({ profile }: { profile: Profile }) {
  const [act, setAct] = useState<Act | null>(null);
  const mayErase = useMay("admin");
  const close = () => setAct(null);
  const state = profile.consent.state;
  const byHand = profile.consent.suppressions.some((one) => one.reason === "user_suppressed");
  return (
    <>
      <Button variant="default" leftSection={<IconListCheck size={16} aria-hidden />} onClick={() => setAct("list")}>Add to list</Button>
      <Menu position="bottom-end" shadow="md" width={220}>
        <Menu.Target><Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden />}>More</Button></Menu.Target>
        <Menu.Dropdown>
          {state !== "subscribed" && <Menu.Item leftSection={<IconMailCheck size={16} />} disabled={!profile.email} onClick={() => setAct("subscribe")}>Subscribe to email</Menu.Item>}
          {state !== "unsubscribed" && <Menu.Item leftSection={<IconMailOff size={16} />} onClick={() => setAct("unsubscribe")}>Unsubscribe</Menu.Item>}
          {!byHand && <Menu.Item leftSection={<IconShieldOff size={16} />} onClick={() => setAct("suppress")}>Suppress</Menu.Item>}
          <Menu.Item leftSection={<IconArrowsJoin size={16} />} onClick={() => setAct("merge")}>Merge a profile into it</Menu.Item>
          {mayErase && <Menu.Divider />}
          {mayErase && <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setAct("erase")}>Erase</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      <Subscribe profile={profile} opened={act === "subscribe"} onClose={close} />
      <Stop profile={profile} act={act === "suppress" ? "suppress" : "unsubscribe"} opened={act === "unsubscribe" || act === "suppress"} onClose={close} />
      <AddToList profile={profile} opened={act === "list"} onClose={close} />
      <MergeProfile profile={profile} opened={act === "merge"} onClose={close} />
      <Erase profile={profile} opened={act === "erase"} onClose={close} />
    </>
  );
}

interface Props {
  profile: Profile;
  opened: boolean;
  onClose: () => void;
}

function useSettled(): (said: string) => Promise<void> {
  const client = useQueryClient();
  return async (said) => {
    await client.invalidateQueries({ queryKey: ["get"] });
    tellDone(said);
  };
}

function Subscribe({ profile, opened, onClose }: Props) {
  const [source, setSource] = useState("");
  const settled = useSettled();
  const go = async () => {
    if (!source.trim()) throw new Error("Say how they consented: it is kept as the proof.");
    await api.POST("/api/v1/consent/subscribe", { body: { profiles: [{ id: profile.id }], method: "app", detail: { source: source.trim() }, confirmed: false, historical: false } });
    await settled(`${called(profile)} is subscribed.`);
  };
  const again = profile.consent.state === "unsubscribed";
  return (
    <ConfirmModal opened={opened} onClose={onClose} onConfirm={go} title="Subscribe to email" action="Subscribe">
      <Text size="sm" mb="sm">
        {again ? "They unsubscribed. Subscribe them only if they have asked for it themselves since. " : "Only for people who have agreed to get marketing email. "}
        It also lifts a complaint or a suppression by hand, but not that of an address that does not exist.
      </Text>
      <Textarea label="How did they consent?" description="Kept as proof, with the time: a call, a form on paper, an email of theirs." value={source} maxLength={500} autosize minRows={2} required onChange={(event) => setSource(event.currentTarget.value)} data-autofocus />
    </ConfirmModal>
  );
}

function Stop({ profile, act, opened, onClose }: Props & { act: "unsubscribe" | "suppress" }) {
  const settled = useSettled();
  const go = async () => {
    const profiles = [{ id: profile.id }];
    if (act === "unsubscribe") await api.POST("/api/v1/consent/unsubscribe", { body: { profiles, method: "app", detail: {} } });
    else await api.POST("/api/v1/consent/suppress", { body: { profiles, reason: "user_suppressed", detail: {} } });
    await settled(`${called(profile)} is ${act === "unsubscribe" ? "unsubscribed" : "suppressed"}.`);
  };
  return act === "unsubscribe" ? (
    <ConfirmModal opened={opened} onClose={onClose} onConfirm={go} title="Unsubscribe" action="Unsubscribe">
      No marketing email goes to {called(profile)} any more, from any flow or campaign, also of those planned already. It is recorded as a decision of theirs, told to you. Transactional email still goes.
    </ConfirmModal>
  ) : (
    <ConfirmModal opened={opened} onClose={onClose} onConfirm={go} title="Suppress" action="Suppress" danger>
      Nothing at all goes to {called(profile)} any more, transactional email neither, also of what is planned already. You can lift it again.
    </ConfirmModal>
  );
}

function AddToList({ profile, opened, onClose }: Props) {
  const lists = query.useQuery("get", "/api/v1/lists");
  const [list, setList] = useState<string | null>(null);
  const settled = useSettled();
  const chosen = lists.data?.find((one) => String(one.id) === list);
  const go = async () => {
    if (!list) throw new Error("Choose a list.");
    const { data } = await api.POST("/api/v1/lists/{list_id}/members", { params: { path: { list_id: Number(list) } }, body: { profiles: [{ id: profile.id }], method: "app", detail: {}, confirmed: false, historical: false } });
    if (data?.refused[0]) throw new Error(data.refused[0].detail);
    await settled(data?.pending ? "They are asked by email to confirm." : data?.added ? `Added to ${chosen?.name}.` : `They were on ${chosen?.name} already.`);
  };
  return (
    <ConfirmModal opened={opened} onClose={onClose} onConfirm={go} title="Add to a list" action="Add to list">
      <ListChoice value={list} onChange={setList} />
      <Text size="xs" c="dimmed" mt="xs">
        {chosen?.opt_in === "double" ? "This list has double opt-in: they get an email that asks them to confirm first." : "Flows that begin with this list start for them. Their consent stays as it is."}
      </Text>
    </ConfirmModal>
  );
}

function Erase({ profile, opened, onClose }: Props) {
  const navigate = useNavigate();
  const inBrand = useInBrand();
  const client = useQueryClient();
  const typed = profile.email ?? profile.external_id ?? String(profile.id);
  const go = async () => {
    await api.DELETE("/api/v1/profiles/{profile_id}", { params: { path: { profile_id: profile.id } } });
    void navigate({ to: inBrand("/profiles") });
    await client.invalidateQueries({ queryKey: ["get", "/api/v1/profiles/table"] });
    tellDone("The profile is erased.");
  };
  return (
    <ConfirmModal opened={opened} onClose={onClose} onConfirm={go} title="Erase this person for good" action="Erase" danger typed={typed}>
      <Text size="sm" mb="sm">Everything that is known of {called(profile)} is deleted: facts, events, consent, list and segment memberships, what was sent. Email that is planned does not go. This cannot be undone.</Text>
      <Text size="sm">A keyed hash of the address is kept, so that a later import does not take them in again.</Text>
    </ConfirmModal>
  );
}
