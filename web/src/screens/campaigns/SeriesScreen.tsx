export function SeriesScreen() {
  return null;
}
