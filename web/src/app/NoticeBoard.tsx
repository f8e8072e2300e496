// Where notices appear. It comes after the page: what is told before waits for it.
import "@mantine/notifications/styles.layer.css";

import { Notifications } from "@mantine/notifications";

export default function NoticeBoard() {
  return <Notifications position="bottom-right" limit={4} />;
}
