// Who someone is: a property or a date, the lists and segments they are in, where they live, a random share of all.
import classes from "../conditions.module.css";
import { choices, Choice, NumberField, TextField } from "../fields";
import { type Amount, type ListCondition, type NearCondition, type PropertyTest, type RegionCondition, REGIONS, type SampleCondition, type SegmentCondition, WORDS } from "../language";
import { ListSelect, SegmentSelect } from "../memberships";
import { PropertyFields } from "../PropertyFields";
import { useProfileProperties } from "../vocabulary";
import { WindowInput } from "../WindowInput";
import type { LeafProps } from "./leaf";

/** "is on" or "is not on": the condition, or its opposite. */
function Is({ yes, no, negated, onTurn }: { yes: string; no: string; negated: boolean; onTurn: () => void }) {
  return <Choice label="Is it so, or not" value={negated ? "no" : "yes"} data={[{ value: "yes", label: yes }, { value: "no", label: no }]} onChange={(next) => (next === "no") !== negated && onTurn()} />;
}

export function PropertyLeaf({ node, onChange }: LeafProps<PropertyTest>) {
  const properties = useProfileProperties();
  return <div className={classes.sentence}><PropertyFields test={node} onChange={onChange} properties={properties} /></div>;
}

export function ListLeaf({ node, onChange, ...turning }: LeafProps<ListCondition>) {
  return (
    <div className={classes.sentence}>
      <Is yes="is on the list" no="is not on the list" {...turning} />
      <ListSelect value={node.list} onChange={(list) => onChange({ ...node, list })} error={!node.list} />
      <Joined verb="and joined it" windowed={Object.keys(node).length > 1} />
      <WindowInput node={node} onChange={onChange} always="at any time" />
    </div>
  );
}

export function SegmentLeaf({ node, onChange, ...turning }: LeafProps<SegmentCondition>) {
  return (
    <div className={classes.sentence}>
      <Is yes="is in the segment" no="is not in the segment" {...turning} />
      <SegmentSelect value={node.segment} onChange={(segment) => onChange({ ...node, segment })} error={!node.segment} />
      <Joined verb="and entered it" windowed={Object.keys(node).length > 1} />
      <WindowInput node={node} onChange={onChange} always="at any time" />
    </div>
  );
}

function Joined({ verb, windowed }: { verb: string; windowed: boolean }) {
  return windowed ? <span>{verb}</span> : null;
}

export function RegionLeaf({ node, onChange, ...turning }: LeafProps<RegionCondition>) {
  return (
    <div className={classes.sentence}>
      <Is yes="lives in" no="does not live in" {...turning} />
      <Choice label="Region" value={node.region} data={REGIONS.map((value) => ({ value, label: WORDS[value]! }))} onChange={(region) => onChange({ region })} />
    </div>
  );
}

const DISTANCES = { km: "km", miles: "miles" };

export function NearLeaf({ node, onChange, ...turning }: LeafProps<NearCondition>) {
  const { near } = node;
  const unit = "km" in near ? "km" : "miles";
  const { latitude, longitude } = near;
  const put = (distance: Amount, of: "km" | "miles", place = { latitude, longitude }) => onChange({ near: { ...place, [of]: distance } });
  const distance = near[unit] ?? null;
  return (
    <div className={classes.sentence}>
      <Is yes="is within" no="is not within" {...turning} />
      <NumberField label="Distance" value={distance} onChange={(next) => put(next, unit)} min={0} max={20_100} />
      <Choice label="Unit of distance" value={unit} data={choices(DISTANCES)} onChange={(next) => put(distance, next as "km" | "miles")} />
      <span>of latitude</span>
      <NumberField label="Latitude" value={latitude} onChange={(next) => put(distance, unit, { latitude: next, longitude })} min={-90} max={90} step={0.1} width={104} />
      <span>longitude</span>
      <NumberField label="Longitude" value={longitude} onChange={(next) => put(distance, unit, { latitude, longitude: next })} min={-180} max={180} step={0.1} width={104} />
    </div>
  );
}

export function SampleLeaf({ node, onChange, ...turning }: LeafProps<SampleCondition>) {
  const salted = (salt: string) => {
    const { salt: _salt, ...rest } = node;
    onChange(salt ? { ...node, salt } : rest);
  };
  return (
    <div className={classes.sentence}>
      <Is yes="is in a random" no="is not in a random" {...turning} />
      <NumberField label="Share in percent" value={node.sample} onChange={(sample) => onChange({ ...node, sample })} min={0} max={100} suffix=" %" />
      <span>of all, drawn as</span>
      <TextField label="Name of the draw: another name draws other people" value={node.salt ?? ""} onChange={salted} placeholder="this segment’s own" width="22ch" />
    </div>
  );
}
