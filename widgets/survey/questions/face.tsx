import { h, type VNode } from "preact";

/** A face for one point of a scale: `mood` 0 is the worst, 1 the best. */
export function Face({ mood }: { mood: number }): VNode {
  const bend = (mood - 0.5) * 8;
  const y = 15.4 - bend / 3;
  return (
    <svg class="icon face" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="9.25" />
      <path d={`M8.2 ${y}q3.8 ${bend} 7.6 0`} />
      <path class="eyes" d="M9 9.6v.01M15 9.6v.01" />
    </svg>
  );
}
