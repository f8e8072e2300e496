export function FlowPeopleScreen() {
  return null;
}
