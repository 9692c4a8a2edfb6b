// Postbird, the product: forms, pages, and a DNS host that is played in the browser. What a customer of Waypost would
// write is in `tell`: the calls of the snippet, nothing else.

const STORE = "postbird";
const STEPS = ["account", "domain", "verify", "send"];

/** @returns {Record<string, any>} what this visitor has done so far */
function read() {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? "{}");
  } catch {
    return {};
  }
}

function keep(change) {
  const account = { ...read(), ...change };
  localStorage.setItem(STORE, JSON.stringify(account));
  return account;
}

/** Call the snippet. It loads asynchronously, so calls made before it is there wait in its queue. */
function tell(verb, ...parts) {
  const waiting = (window.waypost ??= []);
  if (Array.isArray(waiting)) waiting.push([verb, ...parts]);
  else waiting[verb](...parts);
}

const all = (selector) => document.querySelectorAll(selector);
const one = (selector) => document.querySelector(selector);
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const write = (selector, text) => all(selector).forEach((element) => (element.textContent = text));
const dnsPage = (domain) => `/domains/${encodeURIComponent(domain)}/dns`;

/** The two records that prove a domain; the token depends on the domain alone. */
function expected(domain) {
  let sum = 7;
  for (const letter of domain) sum = (sum * 31 + letter.charCodeAt(0)) % 0xffffff;
  return [
    { type: "CNAME", name: "pb1._domainkey", value: "dkim.pb.example" },
    { type: "TXT", name: "_postbird", value: `pb-${sum.toString(16).padStart(6, "0")}` },
  ];
}

/** Why the check fails, in the words that have confused so many; null when both records are there. */
function fault(zone, domain) {
  const found = (wanted) => zone.find((row) => row.type === wanted.type && row.name === wanted.name);
  const [cname, txt] = expected(domain).map((wanted) => ({ wanted, row: found(wanted) }));
  if (!cname.row && !txt.row) return { reason: "NXDOMAIN", text: "RCODE 3 (NXDOMAIN) · QTYPE=TXT · 0 answers" };
  if (!cname.row) return { reason: "CNAME missing", text: "RCODE 0 · ANSWER 0 · delegation absent" };
  if (!txt.row) return { reason: "TXT missing", text: "RCODE 0 · ANSWER 0 · token absent" };
  if (cname.row.value.replace(/\.$/, "") !== cname.wanted.value) return { reason: "CNAME mismatch", text: "RCODE 0 · RDATA mismatch (CNAME)" };
  if (txt.row.value !== txt.wanted.value) return { reason: "TXT mismatch", text: "RCODE 0 · RDATA mismatch (TXT)" };
  return null;
}

const pages = {
  signup() {
    if (new URLSearchParams(location.search).has("new")) {
      localStorage.removeItem(STORE);
      tell("reset");
      history.replaceState(null, "", "/signup");
    }
    one("[data-form]").addEventListener("submit", (event) => {
      event.preventDefault();
      const form = new FormData(event.target);
      const large = form.get("plan") === "pro";
      const id = `u_${crypto.getRandomValues(new Uint32Array(2)).join("")}`;
      const name = String(form.get("first_name")).trim();
      keep({ id, name, done: ["account"], attempts: 0, zone: null, domain: null });
      tell("identify", id, {
        first_name: name,
        email: form.get("email"),
        plan: form.get("plan"),
        seats: large ? 80 : 5,
        sales_assisted: large,
        signed_up_at: new Date().toISOString(),
      });
      tell("track", "Signed Up", { plan: form.get("plan") });
      location.assign("/domains/new");
    });
  },

  domain() {
    one("[data-form]").addEventListener("submit", (event) => {
      event.preventDefault();
      const form = new FormData(event.target);
      const domain = String(form.get("domain")).trim().toLowerCase();
      keep({ domain, provider: form.get("provider"), zone: null, attempts: 0, done: ["account", "domain"] });
      tell("track", "Domain Added", { domain, provider: form.get("provider") });
      location.assign(dnsPage(domain));
    });
  },

  dns() {
    const domain = one("[data-domain]").textContent;
    const account = keep({ domain });
    const form = one("[data-form]");
    const result = one("[data-result]");
    if (account.provider && account.provider !== "unknown") write("[data-provider]", account.provider);
    if (account.done?.includes("verify")) return showVerified();
    (account.zone ?? []).forEach((row, index) => {
      for (const part of ["type", "name", "value"]) form.elements[`${part}${index + 1}`].value = row[part];
    });
    if (account.filled) {
      result.className = "result good";
      result.textContent = "Both records are in your zone now.";
      keep({ filled: false });
    }
    let checking = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (checking) return;
      checking = true;
      const zone = [1, 2].map((row) => ({
        type: form.elements[`type${row}`].value,
        name: form.elements[`name${row}`].value.trim(),
        value: form.elements[`value${row}`].value.trim(),
      }));
      const attempts = (read().attempts ?? 0) + 1;
      keep({ zone, attempts });
      form.querySelector(".primary").setAttribute("aria-disabled", "true");
      result.className = "result busy";
      result.textContent = "Resolving …";
      await pause(450);
      checking = false;
      form.querySelector(".primary").removeAttribute("aria-disabled");
      const wrong = fault(zone, domain);
      if (wrong) {
        result.className = "result";
        result.textContent = `Verification failed. ${wrong.text}`;
        tell("track", "DNS Check Failed", { domain, reason: wrong.reason, attempt: attempts });
      } else {
        keep({ done: ["account", "domain", "verify"] });
        showVerified();
        tell("track", "Domain Verified", { domain });
      }
    });
  },

  help() {
    const { domain, provider } = read();
    if (domain) {
      write("[data-domain]", domain);
      one("[data-back]").href = dnsPage(domain);
    }
    if (provider && provider !== "unknown") write("[data-provider]", provider);
    const records = expected(domain ?? "");
    records.forEach((record, index) => {
      for (const part of ["name", "value"]) one(`[data-record="${index + 1}"] [data-part="${part}"]`).textContent = record[part];
    });
    one("[data-fill]").addEventListener("click", () => {
      if (!domain) return location.assign("/signup");
      keep({ zone: records, filled: true });
      location.assign(dnsPage(domain));
    });
  },

  campaign() {
    const { domain } = read();
    if (domain) write("[data-domain]", domain);
    const form = one("[data-form]");
    const preview = () => {
      write('[data-preview="subject"]', form.elements.subject.value || "Your subject");
      write('[data-preview="body"]', form.elements.body.value || "What you write appears here, the way it arrives.");
    };
    if (new URLSearchParams(location.search).get("template") === "welcome") {
      form.elements.subject.value = "Good to have you here";
      form.elements.body.value = "Hello,\n\nthis is the first letter from us. There will be one a month, and never more.\n\nSee you soon";
      form.elements.recipients.value = "1";
      preview();
    }
    form.addEventListener("input", preview);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const recipients = Number(form.elements.recipients.value);
      keep({ done: STEPS });
      tell("track", "Campaign Sent", { recipients });
      write("[data-recipients]", recipients === 1 ? "one" : recipients.toLocaleString("en"));
      if (recipients === 1) one(".sent .lead").textContent = "Your first campaign is on its way to one person. That is the whole journey.";
      one("[data-writing]").hidden = true;
      one("[data-sent]").hidden = false;
      progress();
    });
  },
};

function showVerified() {
  one("[data-unverified]").hidden = true;
  one("[data-verified]").hidden = false;
  progress();
}

/** The four steps in the bar: what is done, and where this page is. */
function progress() {
  const here = { signup: "account", domain: "domain", dns: "verify", help: "verify", campaign: "send" }[document.body.dataset.page];
  const { done = [], name } = read();
  for (const step of all("[data-step]")) {
    const { step: id } = step.dataset;
    step.classList.toggle("done", done.includes(id));
    step.classList.toggle("here", id === here && !done.includes(id));
    step.toggleAttribute("aria-current", id === here);
    step.querySelector(".dot").textContent = done.includes(id) ? "✓" : String(STEPS.indexOf(id) + 1);
  }
  const who = one("[data-who]");
  who.hidden = !name;
  who.textContent = name ?? "";
}

pages[document.body.dataset.page]?.();
progress();
