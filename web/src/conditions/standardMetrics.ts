// The events that every brand has or will have, by the names that Headwater gives them: offered before the first one has come.
export const STANDARD_METRICS = [
  "Placed Order", "Started Checkout", "Added to Cart", "Viewed Product", "Active on Site", "Opened Email", "Clicked Email", "Bounced Email",
  "Marked Email as Spam", "Unsubscribed", "Coupon Assigned", "Entered Segment", "Left Segment", "Price Dropped", "Low in Stock", "Started Flow",
] as const;
