export function KeySettings() {
  return null;
}
