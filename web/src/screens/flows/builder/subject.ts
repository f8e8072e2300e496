// The subjects of the brand's emails, asked for once for a whole flow.
import { query } from "@/api/client";

import type { Email } from "./steps";
import { subjectWords } from "./subjectWords";

function useEmails() {
  return query.useQuery("get", "/api/v1/templates", { params: { query: { limit: 1000 } } }, { staleTime: 60_000 }).data?.data;
}

/** The subject of an email in words; undefined: not known, or not yet. */
export function useSubject({ template_id, email }: Pick<Email, "template_id" | "email">): string | undefined {
  const found = useEmails()?.find((one) => (template_id ? one.id === template_id : one.name === email));
  return found && subjectWords(found.subject);
}

/** The saved email that a step names: by its id, or, where a file or the API wrote the step, by its name. */
export function useTemplateId({ template_id, email }: Pick<Email, "template_id" | "email">): number | null {
  const named = useEmails()?.find((one) => one.name === email);
  return template_id ?? (email ? (named?.id ?? null) : null);
}
