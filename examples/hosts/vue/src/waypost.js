// All that a Vue application needs for Waypost: a plugin, and two composables.
import waypost from "@waypost/js";
import { inject, onMounted } from "vue";

const PLACE = Symbol("waypost");

export const waypostPlugin = {
  install(app, options) {
    waypost.init(options);
    const user = JSON.parse(localStorage.user ?? "null");
    if (user) waypost.identify(user.id, { first_name: user.firstName });
    app.provide(PLACE, waypost);
  },
};

export const useWaypost = () => inject(PLACE);

/** The user is looking at this step of a journey once the component is there. */
export function useStep(step) {
  const here = useWaypost();
  onMounted(() => here.step(step));
}
