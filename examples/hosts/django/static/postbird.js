// What happens in the browser is told from the browser; calls wait in the queue until Waypost is there.
const waypost = (window.waypost = window.waypost || []);
// Who the user is, as base.html has it from the server.
for (const call of JSON.parse(document.querySelector("#waypost-calls").textContent)) waypost.push(call);

const track = (event, properties) => waypost.push(["track", event, properties]);

if (location.search === "?signed-up") {
  track("Signed Up");
  history.replaceState(null, "", location.pathname);
}

document.querySelector("#add-domain")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const domain = new FormData(event.target).get("domain");
  track("Domain Added", { domain });
  location.assign(`/domains/${encodeURIComponent(domain)}`);
});

document.querySelector("#check")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { action, dataset } = event.target;
  const answer = await fetch(action, { method: "POST", body: new FormData(event.target) });
  const { verified } = await answer.json();
  track(verified ? "Domain Verified" : "DNS Check Failed", { domain: dataset.domain });
  document.querySelector("#outcome").textContent = verified
    ? `${dataset.domain} is verified.`
    : "We found no records yet.";
});
