// The API as the app calls it: typed by our OpenAPI description, in the brand of the page, with the session's token.
import createFetchClient, { type Middleware } from "openapi-fetch";
import createQueryClient from "openapi-react-query";

import type { paths } from "./schema";

/** What the API says when it refuses: words for the person who can act on them. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    readonly title: string,
    readonly detail: string,
    readonly field: string | null = null,
    readonly step: string | null = null,
  ) {
    super(detail || title);
    this.name = "ApiError";
  }
}

let brand: string | null = null;

/** From now on calls are about this brand. */
export function speakFor(slug: string | null): void {
  brand = slug;
}

export function cookie(name: string): string {
  const found = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/** The headers that a call of the app carries, for the few calls that are no JSON (uploads, streams). */
export function headers(): Record<string, string> {
  return { "X-CSRFToken": cookie("csrftoken"), ...(brand ? { "X-Workspace": brand } : {}) };
}

/** An address of the API for a plain link, such as a download. */
export function link(path: string): string {
  const joined = path.includes("?") ? "&" : "?";
  return brand ? `${path}${joined}workspace=${encodeURIComponent(brand)}` : path;
}

/** The refusal in an answer. */
export async function refusal(answer: Response): Promise<ApiError> {
  const said = await answer.json().catch(() => ({}));
  const title = said.title ?? answer.statusText ?? "Something went wrong";
  return new ApiError(answer.status, said.type ?? "", title, said.detail ?? "", said.field ?? null, said.step ?? null);
}

const session: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(headers())) request.headers.set(name, value);
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await refusal(response);
    return response;
  },
  onError({ error }) {
    if (error instanceof ApiError || (error instanceof DOMException && error.name === "AbortError")) return error;
    return new ApiError(0, "unreachable", "Headwater cannot be reached", "Check the connection, then try again. Nothing was lost.");
  },
};

/** For calls in event handlers: `await api.POST("/api/v1/lists", { body: { name } })`. Throws ApiError. */
export const api = createFetchClient<paths>({ baseUrl: "/", credentials: "same-origin" });
api.use(session);

/** For components: `query.useQuery("get", "/api/v1/lists")`, `query.useMutation("post", …)`. */
export const query = createQueryClient(api);
