// A flow's steps in the server's words, branches set in below what splits people up.
import type { components } from "@/api/schema";

import { capital, withoutFiles } from "./flow";
import classes from "./flows.module.css";

type Line = components["schemas"]["StepLine"];

export function StepsInWords({ lines }: { lines: readonly Line[] }) {
  return (
    <ul className={classes.lines}>
      {lines.map((line, index) => (
        <li key={index}>
          {capital(withoutFiles(line.text))}
          {line.below.length > 0 && <StepsInWords lines={line.below} />}
        </li>
      ))}
    </ul>
  );
}
