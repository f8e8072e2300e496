// Saving by itself: in order, not over somebody else, and never giving up what was typed.
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { ApiError } from "@/api/client";

import { AGAIN, type Answer, PAUSE, Saver } from "./saver";
import type { Definition } from "./steps";

const flow = (name: string): Definition => ({ flow: "f", name, trigger: { manual: {} }, steps: [] });
const answer = (revision: string): Answer => ({ revision, updated_at: "2026-03-01T12:00:00Z", problems: [] });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function begin(put: (definition: Definition, revision: string) => Promise<Answer>, settled = () => undefined) {
  return new Saver(put, flow("first"), answer("r0"), true, settled);
}

it("saves once when typing pauses, with the revision that it began with", async () => {
  const put = vi.fn(async () => answer("r1"));
  const saver = begin(put);
  for (const name of ["a", "ab", "abc"]) saver.change(flow(name));
  expect(saver.look().state.kind).toBe("waiting");

  await vi.advanceTimersByTimeAsync(PAUSE);
  expect(put.mock.calls).toEqual([[flow("abc"), "r0"]]);
  expect(saver.look().state).toEqual({ kind: "saved", at: "2026-03-01T12:00:00Z" });
});

it("saves what was typed during a save afterwards, on top of it", async () => {
  const done: ((answer: Answer) => void)[] = [];
  const put = vi.fn(() => new Promise<Answer>((resolve) => done.push(resolve)));
  const settled = vi.fn();
  const saver = begin(put, settled as never);
  saver.change(flow("one"));
  const flushed = saver.flush();
  saver.change(flow("two"));
  done[0]!(answer("r1"));
  await vi.advanceTimersByTimeAsync(0);
  expect(settled).not.toHaveBeenCalled();
  done[1]!(answer("r2"));

  expect(await flushed).toBe(true);
  expect(put.mock.calls).toEqual([[flow("one"), "r0"], [flow("two"), "r1"]]);
  expect(settled).toHaveBeenCalledTimes(1);
});

it("tries again by itself when the server cannot be reached", async () => {
  const put = vi.fn<() => Promise<Answer>>().mockRejectedValueOnce(new ApiError(0, "", "Away", "Check the connection.")).mockResolvedValue(answer("r1"));
  const saver = begin(put);
  saver.change(flow("one"));
  await vi.advanceTimersByTimeAsync(PAUSE);
  expect(saver.look().state).toEqual({ kind: "failed", why: "Check the connection." });

  await vi.advanceTimersByTimeAsync(AGAIN);
  expect(saver.look().state.kind).toBe("saved");
});

it("stops at somebody else's change until it is decided whose stays", async () => {
  const put = vi.fn<(definition: Definition, revision: string) => Promise<Answer>>().mockRejectedValueOnce(new ApiError(409, "", "Changed", "")).mockResolvedValue(answer("r9"));
  const saver = begin(put);
  saver.change(flow("mine"));
  await vi.advanceTimersByTimeAsync(PAUSE);
  saver.change(flow("mine too"));
  await vi.advanceTimersByTimeAsync(AGAIN * 2);
  expect(saver.look().state.kind).toBe("conflict");
  expect(await saver.flush()).toBe(false);
  expect(put).toHaveBeenCalledTimes(1);

  expect(await saver.overwrite("r8")).toBe(true);
  expect(put.mock.lastCall).toEqual([flow("mine too"), "r8"]);
});

it("goes on from what the server has", () => {
  const put = vi.fn(async () => answer("r1"));
  const saver = begin(put);
  saver.change(flow("mine"));
  saver.restart(flow("theirs"), answer("r5"));
  vi.advanceTimersByTime(AGAIN);
  expect(put).not.toHaveBeenCalled();
  expect(saver.revision).toBe("r5");
});
