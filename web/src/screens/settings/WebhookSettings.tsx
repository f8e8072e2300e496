// What flows call in vain, and what receivers of webhooks check them with.
import { Alert, Button, Skeleton, Stack, Text } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";

import { type ApiError, query } from "@/api/client";
import type { components } from "@/api/schema";
import { useMay } from "@/app/session";
import { Failed } from "@/ui/states";

import { CopyField } from "./CopyField";
import { FailingCalls } from "./FailingCalls";
import { Part, SettingsPage } from "./SettingsPage";

const CHECK = `import hashlib, hmac

def is_genuine(secret: str, header: str, body: bytes) -> bool:
    """Headwater-Signature: t=1767225600,v1=5257a8…"""
    parts = dict(part.split("=", 1) for part in header.split(","))
    signed = parts["t"].encode() + b"." + body
    wanted = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, parts["v1"])`;

export function WebhookSettings() {
  const admin = useMay("admin");
  return (
    <SettingsPage title="Webhooks" description="Flows call other systems with the step “webhook”.">
      <Part title="Calls that fail" words="What passes by itself is tried again for a day. A host that fails ten times in a row is left alone for a while.">
        <FailingCalls />
      </Part>
      <Part title="Signing secret" words="Every call carries the header Headwater-Signature. Receivers check it with this secret, so that nobody else can call them in your name.">
        {admin ? <Secret /> : <Alert color="gray" icon={<IconLock size={18} />}>Admins and owners of the brand see the secret.</Alert>}
      </Part>
      <Part title="Checking a call" words="The signature is an HMAC-SHA256 over the time, a dot and the body. Refuse a call whose time is more than a few minutes old.">
        <CopyField label="In Python" value={CHECK} />
        <Text size="sm" c="dimmed">The header Headwater-Delivery names the call. It stays the same when a call is tried again: who has seen it already does nothing.</Text>
      </Part>
    </SettingsPage>
  );
}

function Secret() {
  const [shown, setShown] = useState(false);
  const found = query.useQuery("get", "/api/v1/webhooks/secret", {}, { enabled: shown, staleTime: 0, gcTime: 0 }) as UseQueryResult<components["schemas"]["SecretOut"], ApiError>;
  if (!shown) return <Stack align="flex-start"><Button variant="default" onClick={() => setShown(true)}>Show the secret</Button></Stack>;
  if (found.error) return <Failed error={found.error} retry={() => void found.refetch()} />;
  return found.data ? <CopyField label="Secret" value={found.data.secret} /> : <Skeleton height={60} />;
}
