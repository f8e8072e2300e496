// An email of the flow.
import type { DrawerProps } from "../drawer";
import type { Email } from "../steps";
import { EmailFields } from "./EmailFields";

export function EmailDrawer({ step, put, problems }: DrawerProps<Email>) {
  return <EmailFields email={step} put={put} problems={problems} path="" />;
}
