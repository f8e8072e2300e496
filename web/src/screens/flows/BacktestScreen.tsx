export function BacktestScreen() {
  return null;
}
