// One person: who they are, whether they want email, what happened, what was sent and what was not, and what comes next.
import { Alert, Badge, Group, Tabs } from "@mantine/core";
import { Navigate, useParams } from "@tanstack/react-router";
import { IconArrowsJoin } from "@tabler/icons-react";

import { ApiError, query } from "@/api/client";
import { useAddress } from "@/app/address";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { Moment } from "@/ui/Moment";
import { PageHeader } from "@/ui/PageHeader";
import { Failed, LoadingPage } from "@/ui/states";
import { TabRow } from "@/ui/TabRow";

import { ConsentBadges } from "./ConsentBadges";
import { called } from "./people";
import { ConsentHistory } from "./profile/ConsentHistory";
import { Emails } from "./profile/Emails";
import { Groups } from "./profile/Groups";
import { Overview } from "./profile/Overview";
import { ProfileActions } from "./profile/ProfileActions";
import { Timeline } from "./profile/Timeline";
import { Ways } from "./profile/Ways";

const TABS = [
  ["overview", "Overview"],
  ["timeline", "Timeline"],
  ["emails", "Emails"],
  ["flows", "Flows"],
  ["groups", "Lists and segments"],
  ["consent", "Consent"],
] as const;

export function ProfileScreen() {
  const params = useParams({ strict: false }) as { profile?: string };
  const asked = Number(params.profile);
  const inBrand = useInBrand();
  const mayChange = useMay("marketer");
  const [{ tab = "overview" }, setAddress] = useAddress();
  const valid = Number.isSafeInteger(asked) && asked > 0;
  const found = query.useQuery("get", "/api/v1/profiles/{profile_id}", { params: { path: { profile_id: asked } } }, { enabled: valid, retry: false });
  // Taken apart here: a result that is passed on whole renders anew only for what was read of it at once.
  const { data, error, refetch } = query.useQuery("get", "/api/v1/profiles/{profile_id}/timeline", { params: { path: { profile_id: asked } } }, { enabled: valid });
  const timeline = { data, error, refetch };
  if (!valid || found.isError) {
    const none = new ApiError(404, "not_found", "There is no such profile", "The address of this page names none.");
    return (
      <>
        <PageHeader title="Profile" trail={[{ label: "Profiles", to: inBrand("/profiles") }]} />
        <Failed error={valid ? found.error : none} retry={valid ? () => found.refetch() : undefined} />
      </>
    );
  }
  if (!found.data) return <LoadingPage />;
  const profile = found.data;
  if (profile.id !== asked) return <Navigate to={inBrand(`/profiles/${profile.id}`)} search={{ merged: String(asked) } as never} replace />;
  const shown = TABS.some(([value]) => value === tab) ? tab : "overview";
  return (
    <>
      <PageHeader
        title={called(profile)}
        trail={[{ label: "Profiles", to: inBrand("/profiles") }]}
        badge={<ConsentBadges consent={profile.consent.state} suppressed={profile.consent.suppressions.map((one) => one.reason)} />}
        description={
          <Group gap="xs">
            {profile.email && profile.email !== called(profile) && <span style={{ overflowWrap: "anywhere" }}>{profile.email}</span>}
            <span>Known since <Moment at={profile.created_at} as="date" /></span>
            {!profile.email && <Badge color="yellow">No email address</Badge>}
          </Group>
        }
        actions={mayChange && <ProfileActions profile={profile} />}
      />
      <Merged />
      <Tabs value={shown} onChange={(value) => setAddress({ tab: value === "overview" || !value ? undefined : value }, { push: true })} keepMounted={false}>
        <TabRow label="Parts of this profile" tabs={TABS} open={shown} />
        <Tabs.Panel value="overview"><Overview profile={profile} timeline={timeline} /></Tabs.Panel>
        <Tabs.Panel value="timeline"><Timeline found={timeline} /></Tabs.Panel>
        <Tabs.Panel value="emails"><Emails profileId={profile.id} timeline={timeline} /></Tabs.Panel>
        <Tabs.Panel value="flows"><Ways profileId={profile.id} /></Tabs.Panel>
        <Tabs.Panel value="groups"><Groups profileId={profile.id} /></Tabs.Panel>
        <Tabs.Panel value="consent"><ConsentHistory profile={profile} /></Tabs.Panel>
      </Tabs>
    </>
  );
}

function Merged() {
  const [{ merged }, setAddress] = useAddress();
  if (!merged) return null;
  return (
    <Alert icon={<IconArrowsJoin />} mb="md" withCloseButton closeButtonLabel="Close" onClose={() => setAddress({ merged: undefined })}>
      Profile {merged} was merged into this one.
    </Alert>
  );
}
