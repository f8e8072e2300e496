// One try at something that may be refused: whether it runs, and what was said.
import { useState } from "react";

import { ApiError } from "@/api/client";

export interface Attempt {
  busy: boolean;
  refused: string | null;
  /** Which field was refused, if one was. */
  field: string | null;
  run: (what: () => Promise<unknown>) => Promise<void>;
}

export function useAttempt(): Attempt {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const run = async (what: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    try {
      await what();
    } catch (caught) {
      setError(caught instanceof Error ? caught : new Error("It did not work. Try again."));
    } finally {
      setBusy(false);
    }
  };
  return { busy, refused: error?.message ?? null, field: error instanceof ApiError ? error.field : null, run };
}
