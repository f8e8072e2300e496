export function FlowsScreen() {
  return null;
}
