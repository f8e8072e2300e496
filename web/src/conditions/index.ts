// The public face of conditions.
export { ConditionEditor } from "./ConditionEditor";
export { ConditionSummary } from "./ConditionSummary";
export { FilterEditor } from "./FilterEditor";
export { MetricSelect } from "./MetricSelect";
export { ListSelect, SegmentSelect } from "./memberships";
export { useMetrics } from "./vocabulary";
export type { Context, Filter, Tree } from "./language";
export { type Problem, problemsOf, unfinished } from "./problems";
