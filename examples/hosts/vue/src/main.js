// Postbird on Vue. Waypost hears changes of route by itself; nothing is loaded by a tag.
import { createApp } from "vue";
import { createRouter, createWebHistory, RouterView } from "vue-router";
import AddDomain from "./AddDomain.vue";
import SignUp from "./SignUp.vue";
import VerifyDomain from "./VerifyDomain.vue";
import { waypostPlugin } from "./waypost";

const routes = [
  { path: "/", component: SignUp },
  { path: "/domains/new", component: AddDomain },
  { path: "/domains/:domain", component: VerifyDomain, props: true },
];

createApp(RouterView)
  .use(createRouter({ history: createWebHistory(), routes }))
  .use(waypostPlugin, { host: import.meta.env.VITE_WAYPOST_URL, key: import.meta.env.VITE_WAYPOST_PUBLIC_KEY })
  .mount("#root");
