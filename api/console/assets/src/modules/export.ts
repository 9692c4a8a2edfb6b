// An answer of the interface as a file: asked for with the page's own project, which a link cannot say.
import { ask, tellRefusal } from "../asking";

export function start(element: HTMLElement): void {
  for (const button of element.querySelectorAll<HTMLButtonElement>("[data-export]")) {
    button.addEventListener("click", () => {
      void (async () => {
        const answer = await ask("GET", button.dataset.export ?? "");
        if (!answer.ok) {
          tellRefusal(answer);
          return;
        }
        const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body, null, 2);
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
        link.download = button.dataset.name ?? "export.json";
        link.click();
        URL.revokeObjectURL(link.href);
      })();
    });
  }
}
