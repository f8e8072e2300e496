// Saves a definition by itself, one save at a time: a moment after each change, again after a failure, and not over what
// somebody else has saved. Knows nothing of the page; who wants to know what became of it listens.
import { ApiError } from "@/api/client";

import type { Problem } from "./builder";
import type { Definition } from "./steps";

export type SaveState = { kind: "saved"; at: string } | { kind: "waiting" } | { kind: "saving" } | { kind: "conflict" } | { kind: "failed"; why: string };

export interface Answer {
  revision: string;
  updated_at: string;
  problems: readonly Problem[];
}

export interface Outcome {
  state: SaveState;
  problems: readonly Problem[];
}

export const PAUSE = 700;
export const AGAIN = 6000;

export class Saver {
  outcome: Outcome;
  revision: string;
  private present: Definition;
  private saved: Definition | null;
  private running: Promise<boolean> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  /** `saved`: whether the server has this already. */
  constructor(
    private readonly put: (definition: Definition, revision: string) => Promise<Answer>,
    present: Definition,
    begins: Answer,
    saved: boolean,
    private readonly settled: () => void,
  ) {
    this.present = present;
    this.saved = saved ? present : null;
    this.revision = begins.revision;
    this.outcome = { state: saved ? { kind: "saved", at: begins.updated_at } : { kind: "waiting" }, problems: begins.problems };
    if (!saved) this.schedule(PAUSE);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly look = (): Outcome => this.outcome;

  change(definition: Definition): void {
    this.present = definition;
    if (this.outcome.state.kind === "saved" || this.outcome.state.kind === "failed") this.say({ kind: "waiting" });
    if (this.outcome.state.kind !== "conflict") this.schedule(PAUSE);
  }

  /** Saves now what is not saved yet. False: it could not. */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    if (this.running) await this.running;
    if (this.saved === this.present) return true;
    if (this.outcome.state.kind === "conflict") return false;
    this.running = this.save().finally(() => (this.running = null));
    return (await this.running) && this.flush();
  }

  /** Go on from what the server has. */
  restart(definition: Definition, answer: Answer): void {
    clearTimeout(this.timer);
    this.present = this.saved = definition;
    this.take(answer);
    this.settled();
  }

  /** Save what is here over what somebody else has saved. */
  async overwrite(revision: string): Promise<boolean> {
    this.revision = revision;
    this.saved = null;
    this.say({ kind: "waiting" });
    return this.flush();
  }

  private async save(): Promise<boolean> {
    const sent = this.present;
    this.say({ kind: "saving" });
    try {
      const answer = await this.put(sent, this.revision);
      this.saved = sent;
      this.take(answer);
      if (this.present !== sent) this.say({ kind: "waiting" });
      else this.settled();
      return true;
    } catch (error) {
      const said = error instanceof ApiError ? error : null;
      if (said?.status === 409) this.say({ kind: "conflict" });
      else {
        this.say({ kind: "failed", why: said?.detail || "The server could not be reached." });
        this.schedule(AGAIN);
      }
      return false;
    }
  }

  private take({ revision, updated_at, problems }: Answer): void {
    this.revision = revision;
    this.outcome = { ...this.outcome, problems };
    this.say({ kind: "saved", at: updated_at });
  }

  private schedule(after: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), after);
  }

  private say(state: SaveState): void {
    this.outcome = { ...this.outcome, state };
    for (const listener of this.listeners) listener();
  }
}
