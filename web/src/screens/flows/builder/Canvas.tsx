// The flow as a drawing that can be moved about. The definition is the only state; positions are derived from it.
import "@xyflow/react/dist/base.css";

import { useComputedColorScheme } from "@mantine/core";
import { Background, Controls, MiniMap, type Node, Position, ReactFlow, type ReactFlowInstance } from "@xyflow/react";
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState } from "react";

import { isHead, useBuilder } from "./builder";
import { CanvasNode } from "./CanvasNode";
import classes from "./canvas.module.css";
import { find, neighbour, placeOf } from "./document";
import { FlowLine, type LineEdge } from "./FlowLine";
import { LOOKS } from "./kinds";
import { END, layout, type Spot, TRIGGER, WIDTH } from "./layout";
import { sizesFor } from "./sizes";
import { kindOf } from "./steps";

const NODES = { step: CanvasNode, trigger: CanvasNode, join: CanvasNode, end: CanvasNode };
const EDGES = { line: FlowLine };
const ZOOM = 0.9;
const TOP = 28;
/** What stays free below a step that is shown: the map is there. */
const BELOW = 170;

function asNode({ id, kind, x, y, height: given }: Spot): Node {
  const height = given || 1;
  const handle = (type: "source" | "target", at: Position, top: number) => ({ type, position: at, x: WIDTH / 2, y: top, width: 1, height: 1 });
  return {
    id: id || "trigger",
    type: kind,
    position: { x: x - WIDTH / 2, y },
    data: { step: id },
    width: WIDTH,
    height,
    measured: { width: WIDTH, height },
    handles: [handle("target", Position.Top, 0), handle("source", Position.Bottom, height)],
    selectable: false,
    focusable: false,
    // Nodes that can be neither chosen nor dragged let clicks through; ours hold buttons.
    style: { pointerEvents: kind === "join" ? "none" : "all" },
  };
}

export function Canvas() {
  const { flow, numbers, problems, selected, select, editable, askToRemove } = useBuilder();
  const scheme = useComputedColorScheme("light");
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<ReactFlowInstance<Node, LineEdge>>(null);
  const [ready, setReady] = useState(false);
  const sheet = useMemo(() => layout(flow, sizesFor(flow, numbers, problems)), [flow, numbers, problems]);
  const nodes = useMemo(() => sheet.spots.map(asNode), [sheet]);
  const edges = useMemo(() => sheet.lines.map((line): LineEdge => ({ id: line.id, type: "line", source: line.from || "trigger", target: line.to, data: { line }, focusable: false, selectable: false })), [sheet]);

  const open = useCallback((instance: ReactFlowInstance<Node, LineEdge>) => {
    canvas.current = instance;
    void instance.setViewport({ x: (frame.current?.clientWidth ?? 900) / 2, y: TOP, zoom: ZOOM });
    setReady(true);
  }, []);

  // A step that was chosen by key, or has just been put in, comes into sight.
  const spot = selected === null ? undefined : sheet.spots.find((one) => one.id === (isHead(selected) ? TRIGGER : selected));
  const look = useEffectEvent(() => {
    if (spot && frame.current && canvas.current) bringIntoSight(spot, frame.current, canvas.current);
  });
  useEffect(() => {
    if (selected === null || !ready) return;
    const timer = window.setTimeout(() => look(), 30);
    return () => window.clearTimeout(timer);
  }, [selected, ready]);

  /** The line on which a step after this one would be put. */
  const below = (here: string) => {
    const place = placeOf(flow, here);
    const wanted = here === TRIGGER ? { owner: null, side: "", index: 0 } : place && { ...place, index: place.index + 1 };
    return sheet.lines.find(({ place: one }) => wanted && one.owner === wanted.owner && one.side === wanted.side && one.index === wanted.index);
  };
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (selected === null || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const here = isHead(selected) ? TRIGGER : selected;
    if (event.key.startsWith("Arrow")) {
      const next = neighbour(flow, here, event.key as "ArrowUp");
      event.preventDefault();
      if (next === undefined) return;
      select(next);
      frame.current?.querySelector<HTMLElement>(`[data-step="${CSS.escape(next)}"]`)?.focus({ preventScroll: true });
    } else if (event.key === "Escape") select(null);
    else if (editable && (event.key === "Delete" || event.key === "Backspace")) {
      const step = find(flow, here);
      if (step) askToRemove(step);
    } else if (editable && (event.key === "+" || event.key === "a")) {
      const line = below(here);
      event.preventDefault();
      // By its own button, so that the menu gives the focus back to it; after this key, which would close it again.
      const button = line && frame.current?.querySelector<HTMLElement>(`[data-line="${CSS.escape(line.id)}"]`);
      if (button) {
        button.focus({ preventScroll: true });
        window.setTimeout(() => button.click());
      }
    }
  });
  useEffect(() => {
    const room = frame.current;
    const listen = (event: KeyboardEvent) => onKeyDown(event);
    room?.addEventListener("keydown", listen);
    return () => room?.removeEventListener("keydown", listen);
  }, []);

  return (
    <div ref={frame} className={classes.canvas} role="region" aria-label="The flow. Arrow keys move between steps, A adds one below, Delete removes.">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODES}
        edgeTypes={EDGES}
        onInit={open}
        colorMode={scheme}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        panOnScroll
        zoomOnDoubleClick={false}
        minZoom={0.2}
        maxZoom={1.5}
        onPaneClick={() => select(null)}
        attributionPosition="bottom-right"
      >
        <Background gap={20} size={1.4} />
        <Controls showInteractive={false} position="bottom-left" aria-label="Zoom" fitViewOptions={{ padding: 0.1, maxZoom: 1 }} />
        <MiniMap position="bottom-right" pannable zoomable ariaLabel="Map of the flow" nodeColor={(node) => colorOf(node.data.step as string)} nodeBorderRadius={8} style={{ width: 168, height: 120, bottom: 14 }} />
      </ReactFlow>
    </div>
  );

  function colorOf(id: string): string {
    const step = find(flow, id);
    const kind = step && kindOf(step);
    if (id === TRIGGER) return "var(--mantine-color-water-5)";
    if (!kind) return id === END ? "var(--mantine-color-gray-5)" : "transparent";
    return id === selected ? "var(--mantine-color-water-filled)" : `var(--mantine-color-${LOOKS[kind].color}-4)`;
  }
}

function bringIntoSight(spot: Spot, room: HTMLElement, instance: ReactFlowInstance<Node, LineEdge>): void {
  const { x, y, zoom } = instance.getViewport();
  const box = { left: x + (spot.x - WIDTH / 2) * zoom, right: x + (spot.x + WIDTH / 2) * zoom, top: y + spot.y * zoom, bottom: y + (spot.y + spot.height) * zoom };
  const margin = 24;
  const dx = box.left < margin ? margin - box.left : Math.min(0, room.clientWidth - margin - box.right);
  const dy = box.top < margin ? margin - box.top : Math.min(0, room.clientHeight - BELOW - box.bottom);
  if (dx !== 0 || dy !== 0) void instance.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: 200 });
}
