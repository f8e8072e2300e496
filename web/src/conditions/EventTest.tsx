// One test of an event's property, with what its metric's events carry.
import classes from "./conditions.module.css";
import { useEditing } from "./editing";
import type { PropertyTest } from "./language";
import { PropertyFields } from "./PropertyFields";
import { useEventProperties } from "./vocabulary";

interface Props {
  node: PropertyTest;
  onChange: (node: PropertyTest) => void;
}

export function EventTest({ node, onChange }: Props) {
  const { metric, startedBy = "" } = useEditing();
  const properties = useEventProperties(metric);
  const started = useEventProperties(startedBy);
  return <div className={classes.sentence}><PropertyFields test={node} onChange={onChange} properties={properties} started={started} /></div>;
}
