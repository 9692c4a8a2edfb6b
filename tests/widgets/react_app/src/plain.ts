/** The package without React: what a page calls, and its own drawing tested with the mock. */
import waypost from "@waypost/js";
import { createMock } from "@waypost/js/mock";

Object.assign(window, { fromPackage: waypost, createMock });
