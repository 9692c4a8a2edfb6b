// The landing page: how many reach each step of the journey, and the rule in colour.

import { count, fetched, h, percent, styled } from "./dom.js";

const journey = await fetched("/demo/steps");
const list = document.querySelector("[data-drop]");
if (journey === null) list.replaceChildren(h("li.empty", null, "The records cannot be read right now."));
else {
  const { steps } = journey;
  const first = Math.max(1, steps[0].counts.entered);
  const lost = steps.map((step) => step.counts.entered - step.counts.completed);
  const worst = lost.indexOf(Math.max(...lost));
  list.replaceChildren(
    ...steps.flatMap((step, index) => {
      const share = step.counts.entered / first;
      const fill = styled(h("div.fill"), { width: `${100 * share}%` });
      return [
        h("li.step", null, h("b", null, step.label), h("span", null, count(step.counts.entered)), h("div.bar", null, fill)),
        h(`li.lost${index === worst ? ".worst" : ""}`, null, `${count(lost[index])} went no further (${percent(lost[index] / Math.max(1, step.counts.entered))})`),
      ];
    }),
  );
}

const code = document.querySelector("[data-way]");
const pieces = code.textContent.split(/("""[\s\S]*?"""|"[^"\n]*")/).map((piece, index) => {
  if (index % 2) return [h("span.text", null, piece)];
  // The word that begins a clause; where a line begins with a text there is none.
  return piece.split(index === 0 ? /((?:^|\n) *[a-z]+(?= ))/ : /(\n *[a-z]+(?= ))/).map((part, place) => (place % 2 ? h("span.word", null, part) : part));
});
code.replaceChildren(...pieces.flat());
