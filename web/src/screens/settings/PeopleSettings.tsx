export function PeopleSettings() {
  return null;
}
