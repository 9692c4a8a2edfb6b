// The page's own script, as plain as a customer's; a strict policy allows it as a file of the page.
if (location.search.includes("dark")) document.documentElement.dataset.look = "dark";
document.getElementById("broken").addEventListener("click", () => {
  throw new TypeError("records is undefined");
});
document.getElementById("verify").addEventListener("click", (event) => {
  event.target.textContent = "Checking…";
});
