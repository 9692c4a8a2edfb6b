// The page's own script. Calls made before Waypost is there wait in this queue; nothing here waits for it.
const waypost = (window.waypost = window.waypost || []);
const say = (...call) => waypost.push(call);

const user = JSON.parse(localStorage.user ?? "null");
if (user) say("identify", user.id, { first_name: user.firstName });

document.querySelector("#sign-up")?.addEventListener("submit", (event) => {
  const firstName = new FormData(event.target).get("first_name");
  const id = crypto.randomUUID();
  localStorage.user = JSON.stringify({ id, firstName });
  say("identify", id, { first_name: firstName });
  say("track", "Signed Up");
});

document.querySelector("#add-domain")?.addEventListener("submit", (event) => {
  say("track", "Domain Added", { domain: new FormData(event.target).get("domain") });
});

document.querySelector("#check")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const domain = new URLSearchParams(location.search).get("domain");
  const isVerified = new FormData(event.target).has("added");
  say("track", isVerified ? "Domain Verified" : "DNS Check Failed", { domain });
  document.querySelector("#outcome").textContent = isVerified ? `${domain} is verified.` : "We found no records yet.";
});
