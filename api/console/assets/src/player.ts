// The page between the console and a recording: it holds nothing of what was recorded, and hands on what is said.
//
// What was recorded is shown in a page of its own, without an origin: it can reach neither the console nor the network.
// That page comes as text in its address (`data:`), because a frame whose origin is taken away by `sandbox` could not
// look into the frame in which the player builds the recorded page.
const { dataset } = document.documentElement;

function absolute(address: string | undefined): string {
  return new URL(address ?? "", document.baseURI).href;
}

const words = [
  "<!doctype html>",
  `<html lang="en" data-theme="${dataset.theme === "dark" ? "dark" : "light"}">`,
  '<meta charset="utf-8"><title>Recorded page</title>',
  `<link rel="stylesheet" href="${absolute(dataset.stageStyle)}">`,
  '<main id="stage" aria-label="Recorded page"></main>',
  `<script src="${absolute(dataset.stageScript)}"></script>`,
  "</html>",
].join("\n");

const frame = document.createElement("iframe");
frame.title = "Recorded page";
frame.setAttribute("sandbox", "allow-scripts allow-same-origin");
frame.src = `data:text/html;charset=utf-8,${encodeURIComponent(words)}`;
document.body.append(frame);

window.addEventListener("message", (event) => {
  if (event.source === window.parent && event.origin === location.origin) frame.contentWindow?.postMessage(event.data, "*");
  else if (event.source === frame.contentWindow) window.parent.postMessage(event.data, location.origin);
});
