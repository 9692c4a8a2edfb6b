// Shows the piece that the page was made for, as a preview: nothing of it is recorded, or kept for the next page.
const decision = JSON.parse(document.currentScript.dataset.decision);
(window.waypost ??= []).push(["show", decision]);
