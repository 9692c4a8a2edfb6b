// The record of one step, drawn: who came and left, friction with its weights, emotion, and their own words.

import { count, h, percent, signed, styled, words } from "./dom.js";

const STATES = [
  ["completed", "completed"],
  ["in_progress", "in progress"],
  ["dropped", "dropped"],
  ["skipped", "skipped"],
];

/** How much a figure has moved since this visitor began, as a small mark; nothing when it has not. */
function moved(now, before, digits = 0) {
  const change = Number((now - (before ?? now)).toFixed(digits));
  if (!Number.isFinite(change) || change === 0) return null;
  const text = digits ? signed(change, digits) : `${change > 0 ? "+" : "−"}${count(Math.abs(change))}`;
  return h("span.delta", { title: "since you began" }, text);
}

/** The same for a figure of which more is better. */
function improved(now, before, digits) {
  const mark = moved(now, before, digits);
  mark?.classList.add(now > before ? "better" : "worse");
  return mark;
}

/** The steps of the journey as tabs, each with the share that completed it. */
export function drawRail(steps, chosen, choose) {
  return steps.map((step) =>
    h(
      "button",
      { type: "button", "aria-current": String(step.name === chosen), onClick: () => choose(step.name) },
      h("span.share", null, percent(step.counts.entered ? step.counts.completed / step.counts.entered : null)),
      step.label,
    ),
  );
}

export function drawRecord(step, before) {
  return [drawCounts(step, before), drawFriction(step, before), drawEmotion(step, before), drawVerbatims(step, before)];
}

function drawCounts(step, before) {
  const { counts } = step;
  const stack = h("div.stack", { "aria-hidden": "true" });
  const list = h("dl.counts");
  for (const [key, label] of STATES) {
    if (counts[key] > 0) stack.append(styled(h(`span.${key}`), { "flex-grow": String(counts[key]) }));
    list.append(
      h("div", null, h("dt", null, h(`i.${key}`), label), h("dd", null, count(counts[key]), " ", moved(counts[key], before?.counts[key]))),
    );
  }
  return h(
    "section",
    null,
    h("h2.step-name", null, step.label, h("span.n", null, `${count(counts.entered)} entered `, moved(counts.entered, before?.counts.entered))),
    h("p.where", null, [step.touchpoints.join(", "), step.expected && `a smooth user needs at most ${step.expected}`].filter(Boolean).join(" · ")),
    stack,
    list,
  );
}

function drawFriction(step, before) {
  const { score, entrants, signals } = step.friction;
  const title = h("h2", null, "Friction", h("span.n", null, "0 is smooth, 1 is a wall"));
  if (score === null || entrants === 0) return h("section", null, title, h("p.empty", null, "Nobody has entered this step yet."));
  const seen = signals.filter((signal) => signal.count > 0);
  const old = new Map((before?.friction.signals ?? []).map((signal) => [signal.name, signal.count]));
  const rows = seen.map((signal) =>
    h(
      before && signal.count !== (old.get(signal.name) ?? 0) ? "tr.moved" : "tr",
      null,
      h("td", null, words(signal.name)),
      h("td", null, moved(signal.count, before ? (old.get(signal.name) ?? 0) : undefined), " ", count(signal.count)),
      h("td", null, signal.rate.toFixed(2)),
      h("td", null, signal.weight.toFixed(2)),
    ),
  );
  const heads = ["Signal", "Count", "Per entrant", "Weight"].map((text) => h("th", { scope: "col" }, text));
  return h(
    "section",
    null,
    title,
    h("div.score", null, h("b", null, score.toFixed(3)), moved(score, before?.friction.score ?? undefined, 4), h("span.meter", { "aria-hidden": "true" }, styled(h("i"), { left: `${100 * score}%` }))),
    seen.length ? h("table.signals", null, h("thead", null, h("tr", null, ...heads)), h("tbody", null, ...rows)) : h("p.empty", null, "No signal so far: nobody raged, nobody hesitated."),
  );
}

const place = (valence) => `${(50 * (valence + 1)).toFixed(2)}%`;

function drawEmotion(step, before) {
  const { mean, n, interval } = step.emotion;
  const title = h("h2", null, "Emotion", h("span.n", null, `n = ${count(n)} `, moved(n, before?.emotion.n)));
  if (mean === null) {
    const text = n === 0 ? "Nobody has been asked at this step yet." : `Not enough answers: ${n} of the 5 that a mean needs.`;
    return h("section", null, title, h("p.empty", null, text));
  }
  const scale = h("div.scale", { "aria-hidden": "true" });
  if (interval) {
    const [low, high] = interval;
    scale.append(styled(h("span.range"), { left: place(low), width: `${(50 * (high - low)).toFixed(2)}%` }));
  }
  scale.append(styled(h("span.dot"), { left: place(mean) }));
  const range = interval ? `95 % interval ${signed(interval[0])} to ${signed(interval[1])}` : "";
  return h(
    "section",
    null,
    title,
    h("p.mean", null, h("b", { "data-mean": mean }, signed(mean, 3)), improved(mean, before?.emotion.mean ?? undefined, 3), h("span", null, range)),
    scale,
    h("p.ends", { "aria-hidden": "true" }, h("span", null, "frustrated"), h("span", null, "neutral"), h("span", null, "delighted")),
  );
}

function drawVerbatims(step, before) {
  const began = before?.began ?? "9999-01-01T00:00:00Z";
  const items = step.verbatims.map((said) => {
    const mood = said.valence === null || Math.abs(said.valence) < 0.15 ? "" : said.valence > 0 ? ".good" : ".bad";
    const yours = Date.parse(said.time) >= Date.parse(began);
    const about = [yours ? "you, just now" : ago(said.time), said.feeling, said.survey].filter(Boolean).join(" · ");
    return h(`li${mood}${yours ? ".yours" : ""}`, null, h("q", null, said.text), h("small", null, about));
  });
  const total = step.responses;
  return h(
    "section",
    null,
    h("h2", null, "In their words", h("span.n", null, `${count(total)} people answered `, moved(total, before?.responses))),
    items.length ? h("ul.verbatims", null, ...items) : h("p.empty", null, "No words yet. They appear here as soon as somebody writes some."),
  );
}

function ago(time) {
  const minutes = Math.max(0, (Date.now() - Date.parse(time)) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${Math.round(minutes)} min ago`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h ago` : `${Math.round(minutes / 1440)} days ago`;
}
