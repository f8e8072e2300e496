// What jsdom lacks and Mantine asks for.
import { vi } from "vitest";

window.matchMedia ??= vi.fn().mockImplementation((media: string) => ({
  matches: false,
  media,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
  addListener: () => undefined,
  removeListener: () => undefined,
}));
window.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};
