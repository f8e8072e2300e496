export function FlowReviewScreen() {
  return null;
}
