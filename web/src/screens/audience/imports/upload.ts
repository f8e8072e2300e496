// A file on its way to the server, with how much of it is there: fetch cannot tell, XMLHttpRequest can.
import { ApiError, headers } from "@/api/client";
import type { components } from "@/api/schema";

export type Uploaded = components["schemas"]["Uploaded"];

interface Written {
  delimiter?: string;
  encoding?: string;
}

export function upload(file: File, written: Written, onProgress: (share: number) => void, signal: AbortSignal): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/imports");
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress(event.loaded / event.total));
    request.addEventListener("load", () => {
      const said = parsed(request.responseText);
      if (request.status === 201) resolve(said as Uploaded);
      else reject(new ApiError(request.status, String(said.type ?? ""), String(said.title ?? "The file was not taken"), String(said.detail ?? ""), said.field ? String(said.field) : null));
    });
    request.addEventListener("error", () => reject(new ApiError(0, "unreachable", "Headwater cannot be reached", "Check the connection, then try again.")));
    request.addEventListener("abort", () => reject(new DOMException("The upload was stopped.", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    const form = new FormData();
    form.append("file", file);
    for (const [name, value] of Object.entries(written)) if (value) form.append(name, value);
    request.send(form);
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
