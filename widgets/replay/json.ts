/** JSON of what may be large: the browser writes it at once, but where a page has taught lists to write themselves. */
import { toJson } from "../snippet/json";

export function asJson(value: unknown): string {
  return "toJSON" in Array.prototype ? toJson(value) : JSON.stringify(value);
}
