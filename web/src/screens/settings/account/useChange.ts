// One change to the account: whether it runs, what was refused, and the page's facts read anew afterwards.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { ApiError } from "@/api/client";

import { GivenUp, useSecured } from "./Proof";

export interface Change {
  busy: boolean;
  refused: ApiError | null;
  /** Answers whether it was done. */
  run: (what: () => Promise<unknown>) => Promise<boolean>;
}

export function useChange(): Change {
  const secured = useSecured();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const run = async (what: () => Promise<unknown>) => {
    setBusy(true);
    setRefused(null);
    try {
      await secured(what);
      await Promise.all([client.invalidateQueries({ queryKey: ["get", "/api/v1/me"] }), client.invalidateQueries({ queryKey: ["account"] })]);
      return true;
    } catch (error) {
      if (!(error instanceof GivenUp)) setRefused(error instanceof ApiError ? error : new ApiError(0, "", "It did not work", "Nothing was changed. Try again."));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, refused, run };
}
