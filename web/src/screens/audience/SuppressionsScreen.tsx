export function SuppressionsScreen() {
  return null;
}
