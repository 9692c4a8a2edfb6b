/** Postbird on React. Waypost hears changes of route by itself; nothing is loaded by a tag. */
import { WaypostProvider } from "@waypost/react";
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { AddDomain, SignUp, Verify } from "./screens";
import { usePath } from "./router";

const options = { host: import.meta.env.VITE_WAYPOST_URL, key: import.meta.env.VITE_WAYPOST_PUBLIC_KEY };

interface User {
  id: string;
  firstName: string;
}

function App() {
  const [user, setUser] = useState<User | null>(() => JSON.parse(localStorage.user ?? "null"));
  const [path, go] = usePath();

  const signUp = (firstName: string) => {
    const made = { id: crypto.randomUUID(), firstName };
    localStorage.user = JSON.stringify(made);
    setUser(made);
    go("/domains/new");
  };
  const domain = path.match(/^\/domains\/(?!new$)(.+)$/)?.[1];
  return (
    <WaypostProvider options={options} user={user && { id: user.id, traits: { first_name: user.firstName } }}>
      {domain ? (
        <Verify domain={decodeURIComponent(domain)} />
      ) : path === "/domains/new" ? (
        <AddDomain onAdded={(name) => go(`/domains/${encodeURIComponent(name)}`)} />
      ) : (
        <SignUp onSignedUp={signUp} />
      )}
    </WaypostProvider>
  );
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
