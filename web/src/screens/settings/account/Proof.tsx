// Changes to how one logs in ask for a fresh proof. This asks for it when the server does, and goes on with what was begun.
import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { createContext, type FormEvent, type ReactNode, useContext, useRef, useState } from "react";

import { account, ProveAgain } from "@/api/account";
import { ApiError } from "@/api/client";

/** Runs what may ask for a proof. Throws ApiError where it is refused, and Given up if no proof is given. */
export type Secured = <Result>(what: () => Promise<Result>) => Promise<Result>;

export class GivenUp extends Error {}

const Context = createContext<Secured | null>(null);

export function useSecured(): Secured {
  const secured = useContext(Context);
  if (!secured) throw new Error("useSecured is for what stands inside a ProofProvider.");
  return secured;
}

interface Asked {
  /** "password" or "code". */
  way: "password" | "code";
  settle: (proved: boolean) => void;
}

export function ProofProvider({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const open = useRef(false);
  const ask = (ways: string[]) =>
    new Promise<boolean>((resolve) => {
      open.current = true;
      setAsked({ way: ways.includes("reauthenticate") ? "password" : "code", settle: resolve });
    });
  const secured: Secured = async (what) => {
    try {
      return await what();
    } catch (error) {
      if (!(error instanceof ProveAgain)) throw error;
      if (!(await ask(error.ways.map((way) => way.id)))) throw new GivenUp("Nothing was changed.");
      return what();
    }
  };
  const end = (proved: boolean) => {
    if (!open.current) return;
    open.current = false;
    asked?.settle(proved);
    setAsked(null);
  };
  return (
    <Context.Provider value={secured}>
      {children}
      <Modal opened={asked !== null} onClose={() => end(false)} title="Is it you?" closeButtonProps={{ "aria-label": "Close" }}>
        {asked && <Question way={asked.way} onProved={() => end(true)} onClose={() => end(false)} />}
      </Modal>
    </Context.Provider>
  );
}

function Question({ way, onProved, onClose }: { way: Asked["way"]; onProved: () => void; onClose: () => void }) {
  const [given, setGiven] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setBusy(true);
    setRefused(null);
    try {
      await (way === "password" ? account("POST", "/auth/reauthenticate", { password: given }) : account("POST", "/auth/2fa/reauthenticate", { code: given.replaceAll(" ", "") }));
      onProved();
    } catch (error) {
      setRefused(error instanceof ApiError ? error.detail : "It did not work. Try again.");
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">Changes to how you log in need a fresh proof.</Text>
        {way === "password"
          ? <PasswordInput label="Your password" autoComplete="current-password" required value={given} error={refused} onChange={(event) => setGiven(event.currentTarget.value)} data-autofocus />
          : <TextInput label="Code of your authenticator app" inputMode="numeric" autoComplete="one-time-code" required value={given} error={refused} onChange={(event) => setGiven(event.currentTarget.value)} data-autofocus />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Not now</Button>
          <Button type="submit" loading={busy}>Go on</Button>
        </Group>
      </Stack>
    </form>
  );
}
