// What the roadmap does in the browser: the matrix, the board, its forms, taking one in.
import { board } from "../roadmap/board";
import { fields } from "../roadmap/fields";
import { matrix } from "../roadmap/matrix";
import { taking } from "../roadmap/taking";

export function start(root: HTMLElement): void {
  fields(root);
  for (const each of root.querySelectorAll<HTMLElement>("[data-matrix]")) matrix(each);
  for (const each of root.querySelectorAll<HTMLElement>("[data-board]")) board(each);
  for (const each of root.querySelectorAll<HTMLFormElement>("form[data-import]")) taking(each);
}
