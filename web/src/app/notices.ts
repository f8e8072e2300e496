// Short notices of what was done, or was refused.
import { notifications } from "@mantine/notifications";

import { ApiError } from "@/api/client";

export function tellDone(message: string): void {
  notifications.show({ message, color: "water.7", withCloseButton: true, closeButtonProps: { "aria-label": "Close" }, autoClose: 4000 });
}

export function tellRefused(error: unknown): void {
  const said = error instanceof ApiError ? error : null;
  notifications.show({ title: said?.title ?? "It did not work", message: said?.detail || "Nothing was changed.", color: "red", closeButtonProps: { "aria-label": "Close" }, autoClose: 8000 });
}
