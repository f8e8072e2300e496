export function FlowVersionsScreen() {
  return null;
}
