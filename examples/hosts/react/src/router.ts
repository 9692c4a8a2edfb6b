import { useEffect, useState } from "react";

/** The path of the page, and how to go elsewhere. A real application takes a router here; Waypost works with any. */
export function usePath(): [path: string, go: (path: string) => void] {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const follow = () => setPath(location.pathname);
    addEventListener("popstate", follow);
    return () => removeEventListener("popstate", follow);
  }, []);
  const go = (to: string) => {
    history.pushState(null, "", to);
    setPath(to);
  };
  return [path, go];
}
