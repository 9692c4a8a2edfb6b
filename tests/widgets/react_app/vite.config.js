import { defineConfig } from "vite";

export default defineConfig({
  // The development form of React, in which Strict Mode runs every effect twice.
  mode: "development",
  define: { "process.env.NODE_ENV": JSON.stringify("development") },
  build: {
    minify: false,
    rollupOptions: { input: ["src/main.tsx", "src/plain.ts"], output: { entryFileNames: "[name].js" } },
  },
});
