export function TestWalkScreen() {
  return null;
}
