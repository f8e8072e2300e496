export function WebhookSettings() {
  return null;
}
