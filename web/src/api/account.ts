// Logging in and out, and what belongs to a log-in: allauth's headless API, as browsers use it.
import { ApiError, cookie } from "./client";

const ROOT = "/_allauth/browser/v1";

/** What is still to be done before one is logged in: "mfa_authenticate", "verify_email", … */
export interface Pending {
  id: string;
  is_pending?: boolean;
  types?: string[];
}

export interface Answer<Data = unknown> {
  status: number;
  data: Data;
  meta?: { is_authenticated?: boolean; [name: string]: unknown };
}

interface Refusal {
  errors?: { message: string; code: string; param?: string }[];
  data?: { flows?: Pending[] };
  meta?: { is_authenticated?: boolean };
}

/** Steps that allauth asks for before going on; not an error. */
export class Unfinished extends Error {
  constructor(readonly pending: Pending[]) {
    super("There is one more step.");
    this.name = "Unfinished";
  }
}

/** One is logged in, but what is asked for needs a fresh proof: "reauthenticate", "mfa_reauthenticate". */
export class ProveAgain extends Error {
  constructor(readonly ways: Pending[]) {
    super("Prove once more that it is you.");
    this.name = "ProveAgain";
  }
}

/** Call allauth. Throws Unfinished when it asks for another step, ProveAgain for a fresh proof, ApiError when it refuses. */
export async function account<Data>(method: string, path: string, body?: unknown): Promise<Answer<Data>> {
  const headers: Record<string, string> = { Accept: "application/json", "X-CSRFToken": cookie("csrftoken") };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(`${ROOT}${path}`, { method, headers, credentials: "same-origin", body: body === undefined ? undefined : JSON.stringify(body) });
  const said = (await answer.json().catch(() => ({}))) as Answer<Data> & Refusal;
  if (answer.ok) return said;
  const flows = (said.data as { flows?: Pending[] } | undefined)?.flows ?? [];
  const pending = flows.filter((flow) => flow.is_pending);
  if (answer.status === 401 && pending.length > 0) throw new Unfinished(pending);
  if (answer.status === 401 && said.meta?.is_authenticated) throw new ProveAgain(flows);
  const first = said.errors?.[0];
  const detail = answer.status === 429 ? "Too many attempts. Wait a few minutes, then try again." : (first?.message ?? "Try again.");
  throw new ApiError(answer.status, first?.code ?? "", "This did not work", detail, first?.param ?? null);
}

export async function logIn(email: string, password: string): Promise<void> {
  await account("POST", "/auth/login", { email, password });
}

/** Ends the session. allauth answers 401 to say that nobody is logged in any more. */
export async function logOut(): Promise<void> {
  try {
    await account("DELETE", "/auth/session");
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
  }
}
